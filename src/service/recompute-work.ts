import { createHash } from 'node:crypto';
import type { Failure } from '../base/failure.ts';
import type { TenantId } from '../base/ids.ts';
import { ok, type Result } from '../base/result.ts';
import { fanOut, lockMembers, takeWork } from '../store/outbox.ts';
import { holdRecomputation, type Recomputing, requestRecomputation } from '../store/recomputation.ts';
import { holdRun, type Run } from '../store/schedule.ts';
import { readSetting, writeSetting } from '../store/settings.ts';
import { tenantNow } from '../store/tenant-clock.ts';
import { recomputeCoaches } from './coach-due.ts';
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

/** Turns changes to coaches into work for their members, and into alerts about the coaches themselves. */
export function doCoachWork(services: Services, tenant: TenantId): Promise<Result<void, Failure>> {
  return services.db.transaction(tenant, async (tx) => {
    const coaches = await fanOut(tx, tenant);
    const now = await tenantNow(tx, tenant, services.wallClock);
    return ok(await recomputeCoaches(services, tx, { tenant, coaches, now }));
  });
}

/** The coaches of a nightly run whose alerts change, as of the run's date, behind its fence. */
export function doNightlyCoaches(
  services: Services,
  run: Run,
  coaches: readonly string[],
): Promise<Result<void, Failure>> {
  const { date, tenant, zone } = run;
  return services.db.transaction(tenant, async (tx) => {
    const now = await tenantNow(tx, tenant, services.wallClock);
    await recomputeCoaches(services, tx, { tenant, coaches, now, asOf: { zone, date } });
    return ok(await holdRun(tx, run, 0));
  });
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

/** Some members of a full recomputation, behind its fence: all of them or none. */
export function doMembersAnew(
  services: Services,
  job: Recomputing,
  patients: readonly string[],
): Promise<Result<Written, Failure>> {
  const { tenant } = job;
  return services.db.transaction(tenant, async (tx) => {
    const [, now] = await Promise.all([lockMembers(tx, tenant, patients), tenantNow(tx, tenant, services.wallClock)]);
    const written = await recomputeMembers(services, tx, { tenant, patients, now });
    const changed = [...written.values()].filter((count) => count > 0).length;
    await holdRecomputation(tx, job, changed);
    return ok(written);
  });
}

/** The alerts about some coaches in a full recomputation, behind its fence: all of them or none. */
export function doCoachesAnew(
  services: Services,
  job: Recomputing,
  coaches: readonly string[],
): Promise<Result<void, Failure>> {
  const { tenant } = job;
  return services.db.transaction(tenant, async (tx) => {
    const now = await tenantNow(tx, tenant, services.wallClock);
    await recomputeCoaches(services, tx, { tenant, coaches, now });
    return ok(await holdRecomputation(tx, job, 0));
  });
}

/** Name of the setting that says on which rulesets a tenant's stored answers rest. */
const rulesetsSetting = 'rulesets';

/**
 * Asks for a full recomputation where this process holds other rulesets than the tenant's answers rest on. The first process of a new
 * tenant only notes its own: there is nothing to compute anew.
 */
export function noticeRulesets(services: Services, tenant: TenantId): Promise<Result<void, Failure>> {
  const ours = createHash('sha256').update(JSON.stringify(services.rulesets)).digest('hex');
  return services.db.transaction(tenant, async (tx) => {
    const theirs = await readSetting(tx, tenant, rulesetsSetting);
    if (theirs === ours) return ok(undefined);
    await writeSetting(tx, tenant, rulesetsSetting, ours);
    const at = await tenantNow(tx, tenant, services.wallClock);
    if (theirs !== undefined)
      await requestRecomputation(tx, tenant, { reason: 'ruleset-change', by: 'footbridge', at });
    return ok(undefined);
  });
}
