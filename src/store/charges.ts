import type { TenantId } from '../base/ids.ts';
import type { Transaction } from './database.ts';
import type { LockedRow } from './lock.ts';
import { rowColumns } from './masking.ts';

/**
 * Those of these members who have a charge that Footbridge cut, whatever its status. `type || ''` keeps the plan off the key's index, by
 * which it would read every ChargeItem of the tenant where statistics are older than they.
 */
export async function chargedMembers(
  tx: Transaction,
  tenant: TenantId,
  patients: readonly string[],
): Promise<readonly string[]> {
  const rows = await tx.query<{ patient: string }>(
    `select distinct r.patient from resource r where r.tenant = $1 and r.patient = any($2::text[]) and r.type || '' = 'ChargeItem'
      and r.content like '%/charge-basis"%' and not r.deleted order by r.patient`,
    [tenant, patients],
  );
  return rows.map(({ patient }) => patient);
}

/**
 * The members' Tasks with a derived id, under lock and tombstones included: those that Footbridge may have opened. What is derived has an
 * id of UUID version 5, so one that somebody deleted is not taken for one that never was.
 */
export function derivedTasks(tx: Transaction, tenant: TenantId, patients: readonly string[]): Promise<LockedRow[]> {
  return tx.query<LockedRow>(
    `select ${rowColumns('r')}, r.keys, r.mixed, r.audience, true as visible, true as writable from resource r
      where r.tenant = $1 and r.patient = any($2::text[]) and r.type || '' = 'Task' and r.id like '________-____-5___-____-____________'
      order by r.id for update of r`,
    [tenant, patients],
  );
}
