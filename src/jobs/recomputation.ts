import type { TenantId } from '../base/ids.ts';
import type { Services } from '../service/context.ts';
import { doCoachesAnew, noticeRulesets } from '../service/recompute-work.ts';
import { parkCoach, parkMember } from '../store/outbox.ts';
import {
  advanceRecomputation,
  claimRecomputation,
  coachesToRecompute,
  firstCoach,
  isAmongCoaches,
  membersToRecompute,
  type Recomputing,
  releaseRecomputation,
} from '../store/recomputation.ts';
import { Fenced } from '../store/schedule.ts';
import { allTenants } from '../store/tenants.ts';
import { type Doing, type Hands, handsFor } from './batches.ts';
import { inChunks } from './chunks.ts';

/** Members, or coaches, looked up together: how far an interrupted recomputation has to go again. */
const page = 2_000;

/** Tenants whose rulesets this process has compared with its own. */
const noticed = new WeakMap<Services, Set<TenantId>>();

/**
 * Does what full recomputations wait, tenant by tenant.
 *
 * @param many who does the members where there are many
 */
export async function runRecomputations(services: Services, stopped: () => boolean, many?: Hands): Promise<void> {
  const tenants = await allTenants(services.db);
  if (!tenants.ok) return;
  for (const tenant of tenants.value) if (!stopped()) await runRecomputation({ services, stopped, many }, tenant);
}

/**
 * Does the full recomputation that a tenant waits for, from where an interrupted one stood. A process that comes up with other
 * rulesets than the tenant's answers rest on asks for one itself.
 */
async function runRecomputation(by: Doing, tenant: TenantId): Promise<void> {
  const { services } = by;
  const seen = noticed.get(services) ?? new Set();
  noticed.set(services, seen);
  if (!seen.has(tenant)) {
    const compared = await noticeRulesets(services, tenant);
    if (!compared.ok) return;
    seen.add(tenant);
  }
  const claimed = await claimRecomputation(services.db, tenant);
  if (!claimed.ok || !claimed.value) return;
  try {
    const done = await recomputeAll(by, claimed.value);
    if (!done) await releaseRecomputation(services.db, claimed.value);
  } catch (error) {
    // Somebody else goes on with it.
    if (!(error instanceof Fenced)) throw error;
  }
}

/** @returns whether everyone is done: the members, whose payers a coach's alerts rest on, and then the coaches */
async function recomputeAll(by: Doing, claimed: Recomputing): Promise<boolean> {
  if (isAmongCoaches(claimed)) return coachesDone(by, claimed);
  const done = await membersDone(by, claimed);
  return done && coachesDone(by, { ...claimed, cursor: firstCoach });
}

async function membersDone({ many, services, stopped }: Doing, claimed: Recomputing): Promise<boolean> {
  for (let at = claimed; ; ) {
    const members = await membersToRecompute(services.db, at, page);
    if (!members.ok) return false;
    const patients = members.value.map(({ patient }) => patient);
    const hands = handsFor(services, many, patients.length);
    const done = await inChunks(
      patients,
      stopped,
      (some) => hands.do({ kind: 'anew', job: claimed, patients: some }),
      (patient, reason) => parkMember(services.db, claimed.tenant, patient, reason),
      hands,
    );
    const last = patients.at(-1);
    if (!done || !(await advanceRecomputation(services.db, claimed, patients.length, last ?? firstCoach)).ok)
      return false;
    if (last === undefined) return true;
    at = { ...at, cursor: last };
  }
}

async function coachesDone({ services, stopped }: Doing, from: Recomputing): Promise<boolean> {
  for (let at = from; ; ) {
    const found = await coachesToRecompute(services.db, at, page);
    if (!found.ok) return false;
    const coaches = found.value.map(({ coach }) => coach);
    const done = await inChunks(
      coaches,
      stopped,
      (some) => doCoachesAnew(services, from, some),
      (coach, reason) => parkCoach(services.db, from.tenant, coach, reason),
    );
    const last = coaches.at(-1);
    const cursor = last === undefined ? undefined : `${firstCoach}${last}`;
    if (!done || !(await advanceRecomputation(services.db, from, 0, cursor)).ok) return false;
    if (cursor === undefined) return true;
    at = { ...at, cursor };
  }
}
