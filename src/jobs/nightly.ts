import type { TenantId } from '../base/ids.ts';
import { ok } from '../base/result.ts';
import { type LocalDate, localDateOf } from '../base/time.ts';
import type { Services } from '../service/context.ts';
import { doNightlyMembers } from '../service/recompute-work.ts';
import { parkMember } from '../store/outbox.ts';
import { advanceRun, claimRun, dueMembers, Fenced, finishRun, purgeExpired, type Run } from '../store/schedule.ts';
import { soberClock, tenantNow } from '../store/tenant-clock.ts';
import { allTenants } from '../store/tenants.ts';
import { inChunks } from './chunks.ts';

/** Members looked up together, in the order of their ids: how far an interrupted run has to look again. */
const page = 1_000;

/** Runs what is due in every tenant and zone, date by date, until nothing is. Others may do the same at the same time. */
export async function runSchedules(services: Services, stopped: () => boolean): Promise<void> {
  const tenants = await allTenants(services.db);
  if (!tenants.ok) return;
  for (const tenant of tenants.value) {
    const read = await services.db.transaction(tenant, async (tx) => {
      const wall = await soberClock(tx, services.wallClock);
      return ok({ wallNow: wall.now(), now: await tenantNow(tx, tenant, wall) });
    });
    if (!read.ok) continue;
    const { now, wallNow } = read.value;
    for (const zone of new Set(services.rulesets.map((ruleset) => ruleset.zone)))
      await runDates(services, { tenant, job: 'caseload', zone }, localDateOf(now, zone), stopped);
    await runDates(services, { tenant, job: 'purge', zone: 'UTC' }, localDateOf(wallNow, 'UTC'), stopped);
  }
}

async function runDates(
  services: Services,
  schedule: { tenant: TenantId; job: 'caseload' | 'purge'; zone: string },
  today: LocalDate,
  stopped: () => boolean,
): Promise<void> {
  const key = `${schedule.tenant} ${schedule.job} ${schedule.zone}`;
  const seen = upToDate.get(services);
  if (seen?.get(key) === today) return;
  const own = brokenOff.get(services) ?? new Map<string, Run>();
  brokenOff.set(services, own);
  while (!stopped()) {
    const held = own.get(key);
    const run = held ? ok(held) : await claimRun(services.db, schedule, today);
    if (!run.ok) return;
    if (!run.value) break;
    own.set(key, run.value);
    const end = await finished(services, run.value, stopped);
    if (end !== 'broken off') own.delete(key);
    if (end !== 'done') return;
    if (run.value.date !== today) continue;
    upToDate.set(services, (seen ?? new Map<string, LocalDate>()).set(key, today));
    return;
  }
}

/** Dates that this process knows to be done: it need not ask each second. */
const upToDate = new WeakMap<Services, Map<string, LocalDate>>();

/**
 * Runs that this process holds and broke off, since the store did not answer: it goes on with them in the next round, behind the fence
 * that they have. Else a moment without a connection would cost the night the rest of the lease (F12, F40).
 */
const brokenOff = new WeakMap<Services, Map<string, Run>>();

type End = 'done' | 'taken over' | 'broken off';

/** Brings a run to its end, unless another process has taken it over, the store goes away or this process is to stop. */
async function finished(services: Services, run: Run, stopped: () => boolean): Promise<End> {
  try {
    const done = run.job === 'purge' ? true : await recomputeDue(services, run, stopped);
    if (!done) return 'broken off';
    const ended = await services.db.transaction(run.tenant, async (tx) => {
      if (run.job === 'purge') await purgeExpired(tx, run.tenant, (await soberClock(tx, services.wallClock)).now());
      return ok(await finishRun(tx, run));
    });
    return ended.ok ? 'done' : 'broken off';
  } catch (error) {
    if (error instanceof Fenced) return 'taken over';
    throw error;
  }
}

async function recomputeDue(services: Services, run: Run, stopped: () => boolean): Promise<boolean> {
  let at = run;
  for (;;) {
    const due = await dueMembers(services.db, at, page);
    if (!due.ok) return false;
    const last = due.value.at(-1)?.patient;
    if (last === undefined) return true;
    const done = await inChunks(
      due.value.map(({ patient }) => patient),
      stopped,
      (patients) => doNightlyMembers(services, run, patients),
      (patient, reason) => parkMember(services.db, run.tenant, patient, reason),
    );
    if (!done || !(await advanceRun(services.db, run, last)).ok) return false;
    at = { ...at, cursor: last };
  }
}
