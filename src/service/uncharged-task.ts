import type { Task, TaskInput } from '@medplum/fhirtypes';
import type { Chargeable } from '../domain/charges.ts';
import type { Period } from '../domain/ledger.ts';
import { canonicalOf } from '../domain/ruleset.ts';
import { codeSystem, rulesetSystem } from '../fhir/canonical.ts';
import { type LockedRow, resourceIn } from '../store/lock.ts';

/** A period of an episode of which something is not charged. */
export interface UnchargedPeriod {
  /** id of the Organization whose episode it is */
  readonly owner: string;
  readonly patient: string;
  /** id of the EpisodeOfCare */
  readonly episode: string;
  readonly period: Period;
}

/** The Task for the biller about days and contacts of a closed period that are not charged; `input` names them, and under what they may be. */
export function unchargedTask(
  id: string,
  { episode, owner, patient, period }: UnchargedPeriod,
  charges: readonly Chargeable[],
  said: {
    readonly code: string;
    readonly display: string;
    readonly description: string;
    /** ISO instant */
    readonly authoredOn: string;
  },
): Task {
  const { authoredOn, code, description, display } = said;
  const each = new Map(charges.map((one) => [one.service ?? one.date, one]));
  return {
    resourceType: 'Task',
    id,
    status: 'requested',
    intent: 'order',
    priority: 'routine',
    code: { coding: [{ system: codeSystem('task-code'), code, display }] },
    description,
    focus: { reference: `EpisodeOfCare/${episode}` },
    for: { reference: `Patient/${patient}` },
    authoredOn,
    requester: { display: 'Footbridge' },
    owner: { reference: `Organization/${owner}` },
    restriction: { period: { start: period.start, end: period.end } },
    input: [...[...each.values()].map(whatOf), ...underOf(charges)],
  };
}

/** What such a Task names: dates, and references of contacts. */
export function namedIn(task: Task): ReadonlySet<string> {
  return new Set(
    (task.input ?? []).flatMap(({ valueDate, valueReference }) => valueDate ?? valueReference?.reference ?? []),
  );
}

/** Whether a row is a Task of Footbridge's code. */
export function hasTaskCode(row: LockedRow, code: string): boolean {
  if (row.deleted) return false;
  const { code: concept } = resourceIn(row) as Task;
  return concept?.coding?.some((one) => one.system === codeSystem('task-code') && one.code === code) === true;
}

/** How many days or contacts, and which. */
export function inWords(charges: readonly Chargeable[]): string {
  const names = [...new Set(charges.map(({ date, service }) => service ?? date))].sort();
  const many = names.length === 1 ? '1 day or contact' : `${names.length} days or contacts`;
  return `${many}, ${names[0]}${names.length > 1 ? ` to ${names.at(-1)}` : ''}`;
}

/** The rulesets and payers that a day or contact may be charged under, in words. */
export function choicesOf(charges: readonly Chargeable[]): string {
  const names = charges.map(({ account }) => `${account.ruleset.name} for ${account.payer}`);
  return [...new Set(names)].sort().join(' and ');
}

function whatOf({ date, service }: Chargeable): TaskInput {
  return service === undefined
    ? { type: { text: 'day' }, valueDate: date }
    : { type: { text: 'contact' }, valueReference: { reference: service } };
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
