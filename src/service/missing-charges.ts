import type { Task } from '@medplum/fhirtypes';
import { derivedId, type TenantId } from '../base/ids.ts';
import type { MissingCharges } from '../domain/missing-charges.ts';
import { correctionTagSystem } from '../fhir/canonical.ts';
import { type LockedRow, resourceIn } from '../store/lock.ts';
import type { Change } from './computed.ts';
import { isOurs, signed } from './own-task.ts';
import { choicesOf, hasTaskCode, inWords, namedIn, type UnchargedPeriod, unchargedTask } from './uncharged-task.ts';

const code = 'charge-missing';

/*
 * The life of a Task about what became billable after its period was closed, one an episode and period:
 *
 *     nothing ──a day or contact is billable──► requested ──all is charged, or billable no more──► cancelled
 *                                                ▲  │                                               │
 *                                                └──┼─────────────another one is billable───────────┘
 *                                                   └── a person edits it ──► theirs
 *
 * What theirs names is dealt with; of what it does not name a next one is opened. A deleted one names nothing any more: then no other is
 * opened for the period.
 */

/** Of whom it is told. */
interface Whose {
  readonly tenant: TenantId;
  readonly patient: string;
  /** id of the Organization */
  readonly owner: string;
  /** ISO instant */
  readonly known: string;
}

/** What is missing of one episode. */
export interface EpisodeMissing {
  /** id of the EpisodeOfCare */
  readonly episode: string;
  readonly missing: readonly MissingCharges[];
}

/**
 * These Tasks of one member and organisation as they should stand.
 *
 * @param standing rows with a derived id, tombstones among them
 * @param elsewhere what Tasks about conflicts name, which ask for it already
 */
export function missingChanges(
  whose: Whose,
  found: readonly EpisodeMissing[],
  standing: readonly LockedRow[],
  elsewhere: ReadonlySet<string>,
): Change[] {
  const opened = found.flatMap(({ episode, missing }) =>
    missing.flatMap(({ charges, period }) => {
      const left = charges.filter(({ date, service }) => !elsewhere.has(service ?? date));
      return missingOpened(whose, { ...whose, episode, period }, left, standing);
    }),
  );
  const named = new Set(opened.map(({ resource }) => resource.id));
  return [...opened, ...standing.flatMap((before) => (named.has(before.id) ? [] : missingEnded(before)))];
}

/** Whether a row is such a Task. */
export function isMissing(row: LockedRow): boolean {
  return hasTaskCode(row, code);
}

function missingOpened(
  { known, tenant }: Whose,
  about: UnchargedPeriod,
  charges: Parameters<typeof unchargedTask>[2],
  standing: readonly LockedRow[],
): Change[] {
  const { episode, owner, period } = about;
  let left = charges;
  for (let ordinal = 1; left.length > 0; ordinal++) {
    const id = derivedId(tenant, code, episode, period.start, period.end, ordinal);
    const before = standing.find((row) => row.id === id);
    if (before?.deleted) return [];
    if (before && !isOurs(before, correctionTagSystem)) {
      const named = namedIn(resourceIn(before) as Task);
      left = left.filter(({ date, service }) => !named.has(service ?? date));
      continue;
    }
    const since = before && (resourceIn(before) as Task).authoredOn;
    const task = unchargedTask(id, about, left, {
      code,
      display: 'Charge missing',
      authoredOn: since ?? known,
      description: `The billing period ${period.start} to ${period.end} is closed, and by what is known now it lacks ${inWords(left)}, which may be charged under ${choicesOf(left)}. Ask for EpisodeOfCare/${episode}/$charge with its start and end, or complete this Task with the reason why they are not charged.`,
    });
    return [{ resource: signed(task, correctionTagSystem), owner, audience: undefined, before }];
  }
  return [];
}

function missingEnded(before: LockedRow): Change[] {
  if (!isMissing(before) || !isOurs(before, correctionTagSystem)) return [];
  const task = resourceIn(before) as Task;
  if (task.status !== 'requested') return [];
  const statusReason = { text: 'What it names is charged, or is not billable any more.' };
  const resource = signed({ ...task, status: 'cancelled' as const, statusReason }, correctionTagSystem);
  return [{ resource, owner: before.owner, audience: undefined, before }];
}
