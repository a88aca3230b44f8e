import type { Failure } from '../base/failure.ts';
import type { TenantId } from '../base/ids.ts';
import { ok, type Result } from '../base/result.ts';
import type { Clock } from '../base/time.ts';
import type { Database } from '../store/database.ts';
import { findTenant } from '../store/tenants.ts';
import type { TenantRoot } from './http-context.ts';

/** A reset points a name to a new tenant; a second later at most every process has noticed. */
const rememberedMs = 1_000;
const mostRemembered = 10_000;

/** Finds the tenant that a FHIR URL names: `/fhir/R4/…` is the main one, `/sandbox/{name}/fhir/R4/…` a sandbox. */
export function createFindRoot(
  db: Database,
  publicUrl: () => string,
  wallClock: Clock,
): (pathname: string) => Promise<Result<TenantRoot | undefined, Failure>> {
  const remembered = new Map<string, { tenant: TenantId; until: number }>();
  const tenantOf = async (name: string): Promise<Result<TenantId | undefined, Failure>> => {
    const now = wallClock.now().getTime();
    const known = remembered.get(name);
    if (known && now < known.until) return ok(known.tenant);
    const found = await findTenant(db, name);
    if (found.ok && found.value !== undefined) {
      if (remembered.size > mostRemembered) remembered.clear();
      remembered.set(name, { tenant: found.value, until: now + rememberedMs });
    }
    return found;
  };
  return async (pathname) => {
    const [, root = '', name, rest = ''] =
      /^(|\/sandbox\/([a-z0-9][a-z0-9-]{0,62}))\/fhir\/R4(?:\/(.*))?$/.exec(pathname) ?? [];
    if (!/^(\/sandbox\/[^/]+)?\/fhir\/R4(\/|$)/.test(pathname)) return ok(undefined);
    const tenant = await tenantOf(name ?? 'main');
    if (!tenant.ok) return tenant;
    if (tenant.value === undefined) return ok(undefined);
    const base = `${publicUrl()}${root}`;
    return ok({ tenant: tenant.value, root, fhirBase: `${base}/fhir/R4`, tokenUrl: `${base}/auth/token`, rest });
  };
}
