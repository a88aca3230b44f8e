import type { ChargeItem, Task } from '@medplum/fhirtypes';
import { derivedId, type TenantId } from '../base/ids.ts';
import { type Correction, correctionsOf } from '../domain/charge-corrections.ts';
import { type CutCharge, cutCharges, isCut } from '../domain/facts/cut-charges.ts';
import type { Recorded } from '../domain/facts/facts.ts';
import { codeSystem, correctionTagSystem } from '../fhir/canonical.ts';
import { chargedMembers, derivedTasks } from '../store/charges.ts';
import type { Transaction } from '../store/database.ts';
import { rowsOfMembers } from '../store/facts.ts';
import type { LockedRow } from '../store/lock.ts';
import { conflictsEnded, isConflict } from './charge-conflicts.ts';
import type { Change } from './computed.ts';
import type { Services } from './context.ts';
import { chargeInputTypes, knownBy, sourcesOf } from './cut-charges.ts';
import { isOurs, signed } from './own-task.ts';
import { rowsOfOwner } from './owned-facts.ts';

/*
 * The life of a correction Task:
 *
 *     nothing ──a charge is wrong──► requested ──it is right again, or withdrawn──► cancelled
 *                                       ▲  │                                           │
 *                                       └──┼──────────the same cause again─────────────┘
 *                                          └── a person edits it ──► theirs
 *
 * Its id is of the charge and the cause. Whose it is, own-task.ts says.
 */

/** Whose charges are looked at anew. */
export interface Corrected {
  readonly tenant: TenantId;
  readonly patients: readonly string[];
  /** the tenant's clock */
  readonly now: Date;
}

/**
 * The correction Tasks of these members as they should stand: for each charge that the facts no longer bear out one that says what
 * changed, and for each that does not need it any more its end; and the end of Tasks about conflicts. What stands so already is among them; the writer leaves it out. Members
 * without a charge that Footbridge cut cost one question together. The caller holds the members' locks in this transaction.
 */
export async function chargeCorrections(
  services: Pick<Services, 'rulesets'>,
  tx: Transaction,
  { now, patients, tenant }: Corrected,
): Promise<Change[]> {
  const charged = await chargedMembers(tx, tenant, patients);
  if (charged.length === 0) return [];
  const [rows, tasks] = await Promise.all([
    rowsOfMembers(tx, tenant, charged, chargeInputTypes),
    derivedTasks(tx, tenant, charged),
  ]);
  return charged.flatMap((patient) =>
    changesOf(
      services,
      tenant,
      patient,
      now,
      rows.get(patient) ?? [],
      tasks.filter((row) => row.patient === patient),
    ),
  );
}

function changesOf(
  services: Pick<Services, 'rulesets'>,
  tenant: TenantId,
  patient: string,
  now: Date,
  rows: readonly Recorded[],
  tasks: readonly LockedRow[],
): Change[] {
  const cut = rows.filter(
    (row): row is Recorded<ChargeItem> => row.resource.resourceType === 'ChargeItem' && isCut(row.resource),
  );
  return [...Map.groupBy(cut, ({ owner }) => owner)].flatMap(([owner, items]) => {
    const own = rowsOfOwner(rows, owner);
    const known = knownBy(now, own).toISOString();
    const charges = cutCharges(items);
    const corrections = [...Map.groupBy(charges, ({ episode }) => episode)].flatMap(([episode, same]) =>
      correctionsOf(sourcesOf(services, patient, own, known, episode), same),
    );
    const [conflicts, standing] = divided(tasks.filter((row) => row.owner === owner));
    return [
      ...taskChanges({ tenant, patient, owner, known }, corrections, charges, standing),
      ...conflictsEnded(conflicts, (episode) => sourcesOf(services, patient, own, known, episode)),
    ];
  });
}

function divided(tasks: readonly LockedRow[]): [conflicts: LockedRow[], others: LockedRow[]] {
  const conflicts = tasks.filter(isConflict);
  return [conflicts, tasks.filter((row) => !conflicts.includes(row))];
}

interface Whose {
  readonly tenant: TenantId;
  readonly patient: string;
  readonly owner: string;
  readonly known: string;
}

function taskChanges(
  whose: Whose,
  corrections: readonly Correction[],
  charges: readonly CutCharge[],
  standing: readonly LockedRow[],
): Change[] {
  const wanted = new Map(corrections.map((one) => [idOf(whose.tenant, one), one]));
  const opened = [...wanted].flatMap(([id, correction]): Change[] => {
    const before = standing.find((row) => row.id === id);
    if (before && !isOurs(before, correctionTagSystem)) return [];
    const since = before && (JSON.parse(before.content) as Task).authoredOn;
    const resource = signed(correctionTask(id, whose, correction, since ?? whose.known), correctionTagSystem);
    return [{ resource, owner: whose.owner, audience: undefined, before }];
  });
  const closed = standing.flatMap((before): Change[] => {
    if (wanted.has(before.id) || !isOurs(before, correctionTagSystem)) return [];
    const task = JSON.parse(before.content) as Task;
    if (task.status !== 'requested') return [];
    const charge = charges.find(({ reference }) => reference === task.focus?.reference);
    const statusReason = { text: endOf(charge, corrections) };
    const resource = signed({ ...task, status: 'cancelled', statusReason }, correctionTagSystem);
    return [{ resource, owner: whose.owner, audience: undefined, before }];
  });
  return [...opened, ...closed];
}

function idOf(tenant: TenantId, { cause, charge }: Correction): string {
  return derivedId(tenant, 'charge-correction', charge.reference, cause);
}

function correctionTask(id: string, { owner, patient }: Whose, correction: Correction, authoredOn: string): Task {
  const { cause, charge, evidence, sentence } = correction;
  const remedy = `Set the status of ${charge.reference} to what has become of it, or complete this Task with the reason why the charge stands.`;
  return {
    resourceType: 'Task',
    id,
    status: 'requested',
    intent: 'order',
    priority: charge.status === 'billed' ? 'urgent' : 'routine',
    code: {
      coding: [{ system: codeSystem('task-code'), code: 'charge-correction', display: 'Charge correction' }],
    },
    description: `${sentence} ${remedy}`,
    focus: { reference: charge.reference },
    for: { reference: `Patient/${patient}` },
    authoredOn,
    requester: { display: 'Footbridge' },
    owner: { reference: `Organization/${owner}` },
    reasonCode: { text: cause },
    ...(evidence.length > 0 && {
      input: evidence.map((reference) => ({ type: { text: 'evidence' }, valueReference: { reference } })),
    }),
  };
}

function endOf(charge: CutCharge | undefined, corrections: readonly Correction[]): string {
  if (charge && charge.status !== 'billable' && charge.status !== 'billed')
    return `The charge was withdrawn: it is ${charge.status}.`;
  return corrections.some((one) => one.charge.reference === charge?.reference)
    ? 'Something else is wrong about the charge now; another Task says what.'
    : 'The answer is again what was charged.';
}
