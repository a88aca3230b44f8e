import type { Task, TaskInput } from '@medplum/fhirtypes';
import { derivedId, type TenantId } from '../base/ids.ts';
import { parseLocalDate } from '../base/time.ts';
import { type Chargeable, type ChargeSources, chargeables } from '../domain/charges.ts';
import type { Period } from '../domain/ledger.ts';
import { canonicalOf } from '../domain/ruleset.ts';
import { codeSystem, correctionTagSystem, rulesetSystem } from '../fhir/canonical.ts';
import { type LockedRow, resourceIn } from '../store/lock.ts';
import type { Change } from './computed.ts';
import { isOurs, signed } from './own-task.ts';

const code = 'charge-conflict';

/** What may be charged under several payers or rulesets, by the day or contact: of them nobody but a person can choose. */
export type Conflicts = ReadonlyMap<string, readonly Chargeable[]>;

/** One unit for (organisation, member, D), and one charge for a contact. */
export function conflictsIn(wanted: readonly Chargeable[]): Conflicts {
  const same = Map.groupBy(wanted, ({ date, service }) => service ?? date);
  return new Map([...same].filter(([, charges]) => charges.length > 1));
}

/** The rulesets and payers that a day or contact may be charged under, in words. */
export function choicesOf(charges: readonly Chargeable[]): string {
  const names = charges.map(({ account }) => `${account.ruleset.name} for ${account.payer}`);
  return [...new Set(names)].sort().join(' and ');
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
    const named = new Set(task.input?.map(({ valueDate, valueReference }) => valueDate ?? valueReference?.reference));
    if (left.some(({ date, service }) => named.has(service ?? date))) return [];
    const statusReason = { text: 'What it names is charged, or can be charged under no ruleset any more.' };
    const resource = signed({ ...task, status: 'cancelled', statusReason }, correctionTagSystem);
    return [{ resource, owner: before.owner, audience: undefined, before }];
  });
}

/** Whether a row is such a Task. */
export function isConflict(row: LockedRow): boolean {
  if (row.deleted) return false;
  const { code: concept } = resourceIn(row) as Task;
  return concept?.coding?.some((one) => one.system === codeSystem('task-code') && one.code === code) === true;
}

function conflictTask(disputed: Disputed, authoredOn: string): Task {
  const { conflicts, episode, owner, patient, period } = disputed;
  const all = [...conflicts.values()].flat();
  const many = conflicts.size === 1 ? '1 day or contact' : `${conflicts.size} days or contacts`;
  const names = [...conflicts.keys()].sort();
  return {
    resourceType: 'Task',
    id: conflictId(disputed),
    status: 'requested',
    intent: 'order',
    priority: 'routine',
    code: { coding: [{ system: codeSystem('task-code'), code, display: 'Charge conflict' }] },
    description: `The billing period ${period.start} to ${period.end} was closed without ${many}, ${names[0]}${names.length > 1 ? ` to ${names.at(-1)}` : ''}, which may be charged under ${choicesOf(all)} and are charged once. Ask for EpisodeOfCare/${episode}/$charge with ruleset and payer, or correct the Coverage that does not hold and ask for it then.`,
    focus: { reference: `EpisodeOfCare/${episode}` },
    for: { reference: `Patient/${patient}` },
    authoredOn,
    requester: { display: 'Footbridge' },
    owner: { reference: `Organization/${owner}` },
    restriction: { period: { start: period.start, end: period.end } },
    input: [...[...conflicts].map(([, [first]]) => whatOf(first)).filter((one) => one !== undefined), ...underOf(all)],
  };
}

function whatOf(charge: Chargeable | undefined): TaskInput | undefined {
  if (!charge) return undefined;
  return charge.service === undefined
    ? { type: { text: 'day' }, valueDate: charge.date }
    : { type: { text: 'contact' }, valueReference: { reference: charge.service } };
}

function underOf(charges: readonly Chargeable[]): TaskInput[] {
  const rulesets = new Set(charges.map(({ account }) => canonicalOf(account.ruleset)));
  const payers = new Set(charges.map(({ account }) => account.payer));
  return [
    ...[...rulesets].sort().map((name) => ({
      type: { text: 'ruleset' },
      valueCodeableConcept: { coding: [{ system: rulesetSystem, code: name }] },
    })),
    ...[...payers].sort().map((reference) => ({ type: { text: 'payer' }, valueReference: { reference } })),
  ];
}
