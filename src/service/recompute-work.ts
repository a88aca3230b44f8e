import type { Failure } from '../base/failure.ts';
import type { TenantId } from '../base/ids.ts';
import { ok, type Result } from '../base/result.ts';
import { fanOut, lockMembers, takeWork } from '../store/outbox.ts';
import { holdRun, type Run } from '../store/schedule.ts';
import { tenantNow } from '../store/tenant-clock.ts';
import type { Services } from './context.ts';
import { recomputeMembers, type Written } from './recompute.ts';

/** Does the work that waits for members: taking it, computing and writing are one transaction. */
export function doMembersWork(
  services: Services,
  tenant: TenantId,
  patients: readonly string[],
): Promise<Result<Written, Failure>> {
  return services.db.transaction(tenant, async (tx) => {
    // Sent together and done in this order: each round trip saved is two wake-ups of a process.
    const [, taken, now] = await Promise.all([
      lockMembers(tx, tenant, patients),
      takeWork(tx, tenant, patients),
      tenantNow(tx, tenant, services.wallClock),
    ]);
    if (taken.length === 0) return ok<Written>(new Map());
    return ok(await recomputeMembers(services, tx, { tenant, patients: taken, now }));
  });
}

/** Turns changes to coaches into work for their members. */
export function doCoachWork(services: Services, tenant: TenantId): Promise<Result<void, Failure>> {
  return services.db.transaction(tenant, async (tx) => ok(await fanOut(tx, tenant)));
}

/** Some members of a nightly run, as of the run's date, behind its fence: all of them or none. */
export function doNightlyMembers(
  services: Services,
  run: Run,
  patients: readonly string[],
): Promise<Result<Written, Failure>> {
  const { date, tenant, zone } = run;
  return services.db.transaction(tenant, async (tx) => {
    const [, now] = await Promise.all([lockMembers(tx, tenant, patients), tenantNow(tx, tenant, services.wallClock)]);
    const written = await recomputeMembers(services, tx, { tenant, patients, now, asOf: { zone, date } });
    // Last, since the run's row is what its transactions meet at; whoever lost the run rolls all of this back.
    await holdRun(tx, run, patients.length);
    return ok(written);
  });
}
