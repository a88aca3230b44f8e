import type { TenantId } from '../base/ids.ts';
import type { Transaction } from './database.ts';

/** A setting that every node of a tenant shares, as text. */
export async function readSetting(tx: Transaction, tenant: TenantId, name: string): Promise<string | undefined> {
  const [row] = await tx.query<{ value: Buffer }>('select value from setting where tenant = $1 and name = $2', [
    tenant,
    name,
  ]);
  return row?.value.toString('utf8');
}

export async function writeSetting(tx: Transaction, tenant: TenantId, name: string, value: string): Promise<void> {
  await tx.query(
    'insert into setting values ($1, $2, $3) on conflict (tenant, name) do update set value = excluded.value',
    [tenant, name, Buffer.from(value)],
  );
}
