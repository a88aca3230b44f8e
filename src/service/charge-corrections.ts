import type { ChargeItem, Task } from '@medplum/fhirtypes';
import { derivedId, type TenantId } from '../base/ids.ts';
import { addDays, localDateOf } from '../base/time.ts';
import type { Closing } from '../domain/billing-periods.ts';
import { type Correction, correctionsOf } from '../domain/charge-corrections.ts';
import { type CutCharge, cutCharges, isCut } from '../domain/facts/cut-charges.ts';
import type { Recorded } from '../domain/facts/facts.ts';
import { missingCharges } from '../domain/missing-charges.ts';
import { codeSystem, correctionTagSystem } from '../fhir/canonical.ts';
import { closedSince } from '../store/billing-close.ts';
import { chargedMembers, derivedTasks } from '../store/charges.ts';
import type { Transaction } from '../store/database.ts';
import { rowsOfMembers } from '../store/facts.ts';
import { type LockedRow, resourceIn } from '../store/lock.ts';
import { accountsDue, saveAccountWakes } from './account-wakes.ts';
import type { NightOf } from './caseload-series.ts';
import { conflictsEnded, isConflict } from './charge-conflicts.ts';
import type { Change } from './computed.ts';
import type { Services } from './context.ts';
import { chargeInputTypes, knownBy, sourcesOf } from './cut-charges.ts';
import { isMissing, missingChanges } from './missing-charges.ts';
import { isOurs, signed } from './own-task.ts';
import { rowsOfOwner } from './owned-facts.ts';
import { namedIn } from './uncharged-task.ts';

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
  /** the night whose run it is; absent: something has changed, or everything is computed anew */
  readonly asOf?: NightOf;
}

/** A year and a day, as $charge cuts at once: what became billable in older days is told nobody. */
const lookBackDays = 367;

/**
 * The Tasks about charges of these members as they should stand: for each charge that the facts no longer bear out one that says what
 * changed, for what became billable after its period was closed one that names it, and for each that is not needed any more its end. What
 * stands so already is among them; the writer leaves it out. Members whom nobody charges cost one question together. The caller holds the
 * members' locks in this transaction.
 *
 * A night changes nothing about days that are past, but where something that lay ahead has come true: it looks at those members alone whose
 * wake says so, since each charged day of a year would be judged anew.
 */
export async function chargeCorrections(
  services: Pick<Services, 'rulesets'>,
  tx: Transaction,
  { asOf, now, patients, tenant }: Corrected,
): Promise<Change[]> {
  const asked = asOf ? await accountsDue(tx, tenant, patients, asOf) : patients;
  const charged = asked.length === 0 ? [] : await chargedMembers(tx, tenant, asked);
  if (charged.length === 0 && (!asOf || asked.length === 0)) return [];
  const [rows, tasks, closed] = await Promise.all([
    rowsOfMembers(tx, tenant, charged, chargeInputTypes),
    derivedTasks(tx, tenant, charged),
    closedSince(tx, tenant, addDays(localDateOf(now, 'UTC'), -lookBackDays)),
  ]);
  await saveAccountWakes(
    services,
    tx,
    { tenant, now },
    new Map(asked.map((patient) => [patient, rows.get(patient) ?? []])),
  );
  return charged.flatMap((patient) => {
    const own = rows.get(patient) ?? [];
    const owners = new Set(own.flatMap((row) => (isBilled(row, closed) ? [row.owner] : [])));
    return [...owners].sort().flatMap((owner) =>
      changesOf(
        services,
        {
          tenant,
          patient,
          owner,
          now,
          closed: closed.filter(({ organization }) => organization === owner),
          tasks: tasks.filter((row) => row.patient === patient && row.owner === owner),
        },
        own,
      ),
    );
  });
}

/** A charge that Footbridge cut, or an episode of an organisation whose books it closes. */
function isBilled({ owner, resource }: Recorded, closed: readonly Closing[]): boolean {
  return resource.resourceType === 'ChargeItem'
    ? isCut(resource)
    : resource.resourceType === 'EpisodeOfCare' && closed.some(({ organization }) => organization === owner);
}

/** One organisation's books of one member. */
interface Books extends Pick<Corrected, 'now' | 'tenant'> {
  readonly patient: string;
  /** id of the Organization */
  readonly owner: string;
  /** its periods that are closed */
  readonly closed: readonly Closing[];
  /** its Tasks with a derived id, tombstones among them */
  readonly tasks: readonly LockedRow[];
}

function changesOf(
  services: Pick<Services, 'rulesets'>,
  { closed, now, owner, patient, tasks, tenant }: Books,
  rows: readonly Recorded[],
): Change[] {
  const own = rowsOfOwner(rows, owner);
  const known = knownBy(now, own).toISOString();
  const whose = { tenant, patient, owner, known };
  const charges = cutCharges(
    own.filter((row): row is Recorded<ChargeItem> => row.resource.resourceType === 'ChargeItem' && isCut(row.resource)),
  );
  const sources = new Map(
    episodesOf(owner, own, charges, closed).map((one) => [one, sourcesOf(services, patient, own, known, one)] as const),
  );
  const ofEpisode = (episode: string): CutCharge[] => charges.filter((one) => one.episode === episode);
  const corrections = [...sources].flatMap(([episode, its]) => correctionsOf(its, ofEpisode(episode)));
  const missing = [...sources].map(([episode, its]) => ({
    episode: episode.slice('EpisodeOfCare/'.length),
    missing: missingCharges(its, ofEpisode(episode), closed),
  }));
  const { conflict = [], correction = [], missing: about = [] } = Object.groupBy(tasks, kindOf);
  const elsewhere = new Set(conflict.flatMap((row) => (isEnded(row) ? [] : [...namedIn(resourceIn(row) as Task)])));
  return [
    ...taskChanges(whose, corrections, charges, correction),
    ...conflictsEnded(conflict, (episode) => sourcesOf(services, patient, own, known, episode)),
    ...missingChanges(whose, missing, [...about, ...correction.filter(({ deleted }) => deleted)], elsewhere),
  ];
}

/** Whether Footbridge has ended its Task; what a person ended is dealt with. */
function isEnded(row: LockedRow): boolean {
  return (resourceIn(row) as Task).status === 'cancelled' && isOurs(row, correctionTagSystem);
}

/** References of the episodes that were charged, and of the owner's own where its books are closed. */
function episodesOf(
  owner: string,
  rows: readonly Recorded[],
  charges: readonly CutCharge[],
  closed: readonly Closing[],
): string[] {
  const own = rows.flatMap((row) =>
    closed.length > 0 && row.owner === owner && row.resource.resourceType === 'EpisodeOfCare'
      ? [`EpisodeOfCare/${row.resource.id}`]
      : [],
  );
  return [...new Set([...charges.map(({ episode }) => episode), ...own])];
}

/** What a Task is about; one that was deleted does not say. */
function kindOf(row: LockedRow): 'conflict' | 'correction' | 'missing' {
  if (isConflict(row)) return 'conflict';
  return isMissing(row) ? 'missing' : 'correction';
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
