import type { TenantId } from '../base/ids.ts';
import type { Services } from '../service/context.ts';
import { doMembersAnew, noticeRulesets } from '../service/recompute-work.ts';
import { parkMember } from '../store/outbox.ts';
import {
  advanceRecomputation,
  claimRecomputation,
  membersToRecompute,
  type Recomputing,
  releaseRecomputation,
} from '../store/recomputation.ts';
import { Fenced } from '../store/schedule.ts';
import { allTenants } from '../store/tenants.ts';
import { inChunks } from './chunks.ts';

/** Members looked up together: how far an interrupted recomputation has to go again. */
const page = 1_000;

/** Tenants whose rulesets this process has compared with its own. */
const noticed = new WeakMap<Services, Set<TenantId>>();

/** Does what full recomputations wait, tenant by tenant. */
export async function runRecomputations(services: Services, stopped: () => boolean): Promise<void> {
  const tenants = await allTenants(services.db);
  if (!tenants.ok) return;
  for (const tenant of tenants.value) if (!stopped()) await runRecomputation(services, tenant, stopped);
}

/**
 * Does the full recomputation that a tenant waits for, from where an interrupted one stood. A process that comes up with other
 * rulesets than the tenant's answers rest on asks for one itself.
 */
async function runRecomputation(services: Services, tenant: TenantId, stopped: () => boolean): Promise<void> {
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
    const done = await recomputeAll(services, claimed.value, stopped);
    if (!done) await releaseRecomputation(services.db, claimed.value);
  } catch (error) {
    // Somebody else goes on with it.
    if (!(error instanceof Fenced)) throw error;
  }
}

/** @returns whether everyone is done */
async function recomputeAll(services: Services, claimed: Recomputing, stopped: () => boolean): Promise<boolean> {
  for (let at = claimed; ; ) {
    const members = await membersToRecompute(services.db, at, page);
    if (!members.ok) return false;
    const patients = members.value.map(({ patient }) => patient);
    const done = await inChunks(
      patients,
      stopped,
      (some) => doMembersAnew(services, claimed, some),
      (patient, reason) => parkMember(services.db, claimed.tenant, patient, reason),
    );
    const last = patients.at(-1);
    if (!done || !(await advanceRecomputation(services.db, claimed, patients.length, last)).ok) return false;
    if (last === undefined) return true;
    at = { ...at, cursor: last };
  }
}
