import type { TenantId } from '../base/ids.ts';
import { ok } from '../base/result.ts';
import { type LocalDate, localDateOf } from '../base/time.ts';
import { finishClosings } from '../service/close-billing.ts';
import type { Services } from '../service/context.ts';
import { doNightlyCoaches } from '../service/recompute-work.ts';
import { parkMember } from '../store/outbox.ts';
import {
  advanceRun,
  claimRun,
  dueCoaches,
  dueMembers,
  Fenced,
  finishRun,
  purgeExpired,
  type Run,
  type Schedule,
} from '../store/schedule.ts';
import { soberClock, tenantNow } from '../store/tenant-clock.ts';
import { allTenants } from '../store/tenants.ts';
import { type Doing, type Hands, handsFor } from './batches.ts';
import { inChunks } from './chunks.ts';
import { closeBilling } from './closing.ts';

/** Members looked up together, in the order of their ids: how far an interrupted run has to look again. */
const page = 2_000;

/**
 * Runs what is due in every tenant and zone, date by date, until nothing is. Others may do the same at the same time.
 *
 * @param many who does the members of a long night; a short one is done by this thread
 */
export async function runSchedules(services: Services, stopped: () => boolean, many?: Hands): Promise<void> {
  const by: Doing = { services, stopped, many };
  await forEachTenant(services, async (tenant, { now, wallNow }) => {
    for (const zone of zonesOf(services)) await runDates(by, { tenant, job: 'caseload', zone }, localDateOf(now, zone));
    await runDates(by, { tenant, job: 'purge', zone: 'UTC' }, localDateOf(wallNow, 'UTC'));
  });
}

/**
 * Closes the billing periods that are due in every tenant and zone. Beside the nights, which must not wait for it.
 *
 * @returns whether a close was broken off, to go on with soon
 */
export async function runClosings(services: Services, stopped: () => boolean): Promise<boolean> {
  await forEachTenant(services, async (tenant, { now }) => {
    for (const zone of zonesOf(services))
      await runDates({ services, stopped }, { tenant, job: 'charges', zone }, localDateOf(now, zone));
  });
  return [...(brokenOff.get(services)?.values() ?? [])].some(({ job }) => job === 'charges');
}

function zonesOf({ rulesets }: Services): Set<string> {
  return new Set(rulesets.map(({ zone }) => zone));
}

async function forEachTenant(
  services: Services,
  run: (tenant: TenantId, clocks: { readonly now: Date; readonly wallNow: Date }) => Promise<void>,
): Promise<void> {
  const tenants = await allTenants(services.db);
  if (!tenants.ok) return;
  for (const tenant of tenants.value) {
    const read = await services.db.transaction(tenant, async (tx) => {
      const wall = await soberClock(tx, services.wallClock);
      return ok({ wallNow: wall.now(), now: await tenantNow(tx, tenant, wall) });
    });
    if (read.ok) await run(tenant, read.value);
  }
}

async function runDates(by: Doing, schedule: Schedule, today: LocalDate): Promise<void> {
  const { services, stopped } = by;
  const key = `${schedule.tenant} ${schedule.job} ${schedule.zone}`;
  const seen = upToDate.get(services) ?? new Map<string, LocalDate>();
  upToDate.set(services, seen);
  if (seen.get(key) === today) return;
  const own = brokenOff.get(services) ?? new Map<string, Run>();
  brokenOff.set(services, own);
  while (!stopped()) {
    const held = own.get(key);
    const run = held ? ok(held) : await claimRun(services.db, schedule, today);
    if (!run.ok) return;
    if (!run.value) break;
    own.set(key, run.value);
    const end = await finished(by, run.value);
    if (end !== 'broken off') own.delete(key);
    if (end !== 'done') return;
    if (run.value.date !== today) continue;
    seen.set(key, today);
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
async function finished(by: Doing, run: Run): Promise<End> {
  const { services } = by;
  try {
    if (!(await work[run.job](by, run))) return 'broken off';
    const ended = await services.db.transaction(run.tenant, async (tx) => {
      if (run.job === 'purge') await purgeExpired(tx, run.tenant, (await soberClock(tx, services.wallClock)).now());
      return ok(await (run.job === 'charges' ? finishClosings(services, tx, run) : finishRun(tx, run)));
    });
    return ended.ok ? 'done' : 'broken off';
  } catch (error) {
    if (error instanceof Fenced) return 'taken over';
    throw error;
  }
}

/** What each job does beside the transaction that ends its run. */
const work: Readonly<Record<Run['job'], (by: Doing, run: Run) => Promise<boolean>>> = {
  caseload: recomputeDue,
  charges: ({ services, stopped }, run) => closeBilling(services, run, stopped),
  purge: async () => true,
};

async function recomputeDue({ many, services, stopped }: Doing, run: Run): Promise<boolean> {
  let at = run;
  for (;;) {
    const due = await dueMembers(services.db, at, page);
    if (!due.ok) return false;
    const last = due.value.at(-1)?.patient;
    if (last === undefined) return coachesDone(services, run);
    const hands = handsFor(services, many, due.value.length);
    const done = await inChunks(
      due.value.map(({ patient }) => patient),
      stopped,
      (patients) => hands.do({ kind: 'night', run, patients }),
      (patient, reason) => parkMember(services.db, run.tenant, patient, reason),
      hands,
    );
    if (!done || !(await advanceRun(services.db, run, last)).ok) return false;
    at = { ...at, cursor: last };
  }
}

/** Alerts about coaches: few, and each the whole of one transaction's work. */
async function coachesDone(services: Services, run: Run): Promise<boolean> {
  const due = await dueCoaches(services.db, run);
  if (!due.ok) return false;
  const coaches = due.value.map(({ coach }) => coach);
  return coaches.length === 0 || (await doNightlyCoaches(services, run, coaches)).ok;
}
