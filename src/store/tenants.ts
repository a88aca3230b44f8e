import type { Failure } from '../base/failure.ts';
import type { TenantId } from '../base/ids.ts';
import { ok, type Result } from '../base/result.ts';
import type { Clock } from '../base/time.ts';
import type { Database } from './database.ts';

/** The tenant that a name points to at this moment; a reset points it to a new one. */
export async function findTenant(db: Database, name: string): Promise<Result<TenantId | undefined, Failure>> {
  const found = await db.unscoped<{ tenant: TenantId }>('select tenant from tenant_name where name = $1', [name]);
  return found.ok ? ok(found.value[0]?.tenant) : found;
}

/**
 * The tenant of a name, made where there is none or only `insteadOf`: by one process, whoever asks at the same time.
 *
 * @param insteadOf a tenant that is given up
 */
export async function tenantNamed(
  db: Database,
  name: string,
  domainAt: Date,
  wall: Clock,
  { insteadOf, running }: { readonly running: boolean; readonly insteadOf?: TenantId },
): Promise<Result<{ readonly tenant: TenantId; readonly made: boolean }, Failure>> {
  const found = await db.unscoped<{ tenant: TenantId; made: boolean }>(
    'select * from tenant_named($1, $2, $3, $4, $5)',
    [name, insteadOf ?? null, domainAt, wall.now(), running],
  );
  if (!found.ok) return found;
  const [answer] = found.value;
  if (!answer) throw new Error('tenant_named answered nothing');
  return ok(answer);
}

/** Makes a tenant and points the name to it; `domainAt` is where its clock stands, or from where it runs. */
export async function createTenant(
  db: Database,
  name: string,
  domainAt: Date,
  wall: Clock,
  running: boolean,
): Promise<Result<TenantId, Failure>> {
  const made = await db.unscoped<{ tenant: TenantId }>('select create_tenant($1, $2, $3, $4) as tenant', [
    name,
    domainAt,
    wall.now(),
    running,
  ]);
  return made.ok ? ok(made.value[0]?.tenant as TenantId) : made;
}

/** Every tenant that a name points to: a reset sandbox's former one asks for nothing any more. */
export async function allTenants(db: Database): Promise<Result<TenantId[], Failure>> {
  const found = await db.unscoped<{ tenant: TenantId }>('select all_tenants() as tenant');
  return found.ok ? ok(found.value.map(({ tenant }) => tenant)) : found;
}

/** Names this installation where it shares something with others, e.g. a Redis. */
export async function installationId(db: Database): Promise<Result<string, Failure>> {
  const found = await db.unscoped<{ id: string }>('select id from installation');
  return found.ok ? ok(found.value[0]?.id ?? '') : found;
}
