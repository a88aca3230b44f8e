import type { Task } from '@medplum/fhirtypes';
import { derivedId, type TenantId } from '../base/ids.ts';
import { parseLocalDate } from '../base/time.ts';
import { type Chargeable, type ChargeSources, chargeables } from '../domain/charges.ts';
import type { Period } from '../domain/ledger.ts';
import { correctionTagSystem } from '../fhir/canonical.ts';
import { type LockedRow, resourceIn } from '../store/lock.ts';
import type { Change } from './computed.ts';
import { isOurs, signed } from './own-task.ts';
import { choicesOf, hasTaskCode, inWords, namedIn, unchargedTask } from './uncharged-task.ts';

const code = 'charge-conflict';

/** What may be charged under several payers or rulesets, by the day or contact: of them nobody but a person can choose. */
export type Conflicts = ReadonlyMap<string, readonly Chargeable[]>;

/** One unit for (organisation, member, D), and one charge for a contact. */
export function conflictsIn(wanted: readonly Chargeable[]): Conflicts {
  const same = Map.groupBy(wanted, ({ date, service }) => service ?? date);
  return new Map([...same].filter(([, charges]) => charges.length > 1));
}

/** A closed period of an episode of which something was left uncharged. */
export interface Disputed {
  readonly tenant: TenantId;
  readonly owner: string;
  readonly patient: string;
  /** id of the EpisodeOfCare */
  readonly episode: string;
  readonly period: Period;
  readonly conflicts: Conflicts;
  /** ISO instant */
  readonly known: string;
}

/** The id of the Task for an episode's period: the same thing to do, whichever ruleset closes it. */
export function conflictId({ episode, period, tenant }: Disputed): string {
  return derivedId(tenant, code, episode, period.start, period.end);
}

/**
 * The Task for the biller that a period was closed without days or contacts of which only a person can say under whose rules they are
 * charged. Nothing where somebody has taken the one that stands into their own hands.
 *
 * @param before what stands under its id
 */
export function conflictOpened(disputed: Disputed, before: LockedRow | undefined): Change[] {
  if (before && !isOurs(before, correctionTagSystem)) return [];
  const since = before && (resourceIn(before) as Task).authoredOn;
  const resource = signed(conflictTask(disputed, since ?? disputed.known), correctionTagSystem);
  return [{ resource, owner: disputed.owner, audience: undefined, before }];
}

/** Ends those of these Tasks of ours of whose days and contacts none can be charged any more: a person has chosen, or facts have. */
export function conflictsEnded(
  standing: readonly LockedRow[],
  sourcesOfEpisode: (episode: string) => ChargeSources,
): Change[] {
  return standing.flatMap((before): Change[] => {
    if (!isConflict(before) || !isOurs(before, correctionTagSystem)) return [];
    const task = resourceIn(before) as Task;
    const { end, start } = task.restriction?.period ?? {};
    const [from, to] = [parseLocalDate(start ?? ''), parseLocalDate(end ?? '')];
    if (task.status !== 'requested' || from === undefined || to === undefined) return [];
    const left = chargeables(sourcesOfEpisode(task.focus?.reference ?? ''), { start: from, end: to });
    const named = namedIn(task);
    if (left.some(({ date, service }) => named.has(service ?? date))) return [];
    const statusReason = { text: 'What it names is charged, or can be charged under no ruleset any more.' };
    const resource = signed({ ...task, status: 'cancelled', statusReason }, correctionTagSystem);
    return [{ resource, owner: before.owner, audience: undefined, before }];
  });
}

/** Whether a row is such a Task. */
export function isConflict(row: LockedRow): boolean {
  return hasTaskCode(row, code);
}

function conflictTask(disputed: Disputed, authoredOn: string): Task {
  const { conflicts, episode, period } = disputed;
  const all = [...conflicts.values()].flat();
  return unchargedTask(conflictId(disputed), disputed, all, {
    code,
    display: 'Charge conflict',
    authoredOn,
    description: `The billing period ${period.start} to ${period.end} was closed without ${inWords(all)}, which may be charged under ${choicesOf(all)} and are charged once. Ask for EpisodeOfCare/${episode}/$charge with ruleset and payer, or correct the Coverage that does not hold and ask for it then.`,
  });
}
