import { closeMembers, planClosings } from '../service/close-billing.ts';
import type { Services } from '../service/context.ts';
import { membersToClose } from '../store/billing-close.ts';
import { parkMember } from '../store/outbox.ts';
import { advanceRun, type Run } from '../store/schedule.ts';
import { inChunks } from './chunks.ts';

/** Members looked up together, in the order of their ids: how far an interrupted run has to look again. */
const page = 200;
/** Members in one transaction: each may be charged for a quarter of a year (docs/charges.md). */
const together = 10;

/**
 * Closes the billing periods that are due on a run's date, member by member (docs/charges.md). Where no organisation has asked for it,
 * that is two short transactions a day.
 *
 * @returns whether all is done; the store may have gone away, or the process been asked to stop
 */
export async function closeBilling(services: Services, run: Run, stopped: () => boolean): Promise<boolean> {
  const planned = await planClosings(services, run);
  if (!planned.ok) return false;
  const { closings, cursor } = planned.value;
  const organizations = [...new Set(closings.map(({ organization }) => organization))];
  const [first] = closings.map(({ start }) => start).sort();
  if (first === undefined) return true;
  for (let at = { ...run, cursor }; ; ) {
    const members = await membersToClose(services.db, at, organizations, first, page);
    if (!members.ok) return false;
    const patients = members.value.map(({ patient }) => patient);
    const last = patients.at(-1);
    if (last === undefined) return true;
    const done = await inChunks(
      patients,
      stopped,
      (some) => closeMembers(services, run, closings, some),
      (patient, reason) =>
        parkMember(services.db, run.tenant, patient, `the billing close of ${run.date} failed: ${reason}`),
      { together },
    );
    if (!done || !(await advanceRun(services.db, run, last)).ok) return false;
    at = { ...at, cursor: last };
  }
}
