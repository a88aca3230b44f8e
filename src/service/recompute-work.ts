import type { Failure } from '../base/failure.ts';
import type { TenantId } from '../base/ids.ts';
import { ok, type Result } from '../base/result.ts';
import { fanOut, lockMember, takeWork } from '../store/outbox.ts';
import { holdRun, type Run } from '../store/schedule.ts';
import { tenantNow } from '../store/tenant-clock.ts';
import type { Services } from './context.ts';
import { recomputeMember } from './recompute.ts';

/** Does the work that waits for a member: taking it, computing and writing are one transaction. */
export function doMemberWork(services: Services, tenant: TenantId, patient: string): Promise<Result<number, Failure>> {
  return services.db.transaction(tenant, async (tx) => {
    // Sent together and done in this order: each round trip saved is two wake-ups of a process.
    const [, taken, now] = await Promise.all([
      lockMember(tx, tenant, patient),
      takeWork(tx, tenant, patient),
      tenantNow(tx, tenant, services.wallClock),
    ]);
    if (taken === 0) return ok(0);
    return ok(await recomputeMember(services, tx, { tenant, patient, now }));
  });
}

/** Turns changes to coaches into work for their members. */
export function doCoachWork(services: Services, tenant: TenantId): Promise<Result<void, Failure>> {
  return services.db.transaction(tenant, async (tx) => ok(await fanOut(tx, tenant)));
}

/** One member of a nightly run, as of the run's date, behind its fence. */
export function doNightlyMember(services: Services, run: Run, patient: string): Promise<Result<number, Failure>> {
  return services.db.transaction(run.tenant, async (tx) => {
    await holdRun(tx, run, patient);
    await lockMember(tx, run.tenant, patient);
    const now = await tenantNow(tx, run.tenant, services.wallClock);
    return ok(
      await recomputeMember(services, tx, {
        tenant: run.tenant,
        patient,
        now,
        asOf: { zone: run.zone, date: run.date },
      }),
    );
  });
}
