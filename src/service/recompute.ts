import type { Encounter } from '@medplum/fhirtypes';
import type { TenantId } from '../base/ids.ts';
import { pairedContacts } from '../domain/ct-2-message-pairs.ts';
import type { MemberFacts, Recorded } from '../domain/facts/facts.ts';
import { ruleInputTypes } from '../domain/rules.ts';
import type { Ruleset } from '../domain/ruleset.ts';
import {
  type RosterRow,
  rosterOfMembers,
  type SeriesRow,
  saveRoster,
  saveSeries,
  seriesOfMembers,
} from '../store/caseload.ts';
import { compartmentsOf, isStatus, ownAnswers, type StandingRow } from '../store/compartment.ts';
import type { Transaction } from '../store/database.ts';
import { dueResources, saveWakes, wakesOf } from '../store/due.ts';
import { withDirectory } from '../store/facts.ts';
import { type LockedRow, resourceIn } from '../store/lock.ts';
import type { Write } from '../store/write.ts';
import { caseloadOf, idOf, type NightOf } from './caseload-series.ts';
import { chargeCorrections } from './charge-corrections.ts';
import { type Change, storeComputed, writesOf } from './computed.ts';
import type { Services } from './context.ts';
import { dueChangesOf, dueIdsOf, type MemberDue, memberDue } from './member-due.ts';
import { factsByOwner } from './owned-facts.ts';
import { pairEncounter } from './pair-encounter.ts';

/** Who is recomputed, and for which day. */
export interface Recomputation {
  readonly tenant: TenantId;
  readonly patients: readonly string[];
  /** the tenant's clock: recorded time of what is written */
  readonly now: Date;
  /** absent: today */
  readonly asOf?: NightOf;
}

/** How many resources each member's recomputation wrote, by patient. */
export type Written = ReadonlyMap<string, number>;

/**
 * Brings members' caseloads in line with the facts: spells as Observations, roster rows, the Encounters of message pairs and each
 * series' next transition. Writes nothing where it finds no difference. Many members cost the round trips of one. The caller holds
 * the members' locks in this transaction.
 */
export async function recomputeMembers(services: Services, tx: Transaction, what: Recomputation): Promise<Written> {
  const { patients, tenant } = what;
  const subjects = patients.map((patient) => `Patient/${patient}`);
  const [series, roster, wakes, standing] = await Promise.all([
    seriesOfMembers(tx, tenant, patients),
    rosterOfMembers(tx, tenant, patients),
    wakesOf(tx, tenant, subjects),
    compartmentsOf(tx, tenant, patients, ruleInputTypes),
  ]);
  const factsOf = await withDirectory(tx, tenant, factRows(standing), ruleInputTypes);
  const before = {
    series: Map.groupBy(series, ({ patient }) => patient),
    roster: Map.groupBy(roster, ({ patient }) => patient),
  };
  const planned = patients.map((patient) =>
    planMember(services, what, patient, factsOf(patient), {
      ...ownAnswers(standing.get(patient) ?? []),
      series: before.series.get(patient) ?? [],
      roster: before.roster.get(patient) ?? [],
    }),
  );
  const [due, corrections] = await Promise.all([
    dueWrites(services, tx, tenant, planned),
    chargeCorrections(services, tx, { tenant, patients, now: what.now, ...(what.asOf && { asOf: what.asOf }) }),
  ]);
  const writes = [...planned.flatMap((plan) => plan.writes), ...due, ...writesOf(services, what.now, corrections)];
  await Promise.all([
    storeComputed(tx, tenant, writes),
    saveWakes(
      tx,
      tenant,
      wakes,
      planned.flatMap(({ due: { wakes: after } }) => after),
    ),
    saveRoster(
      tx,
      tenant,
      planned.flatMap(({ removed }) => removed),
      planned.flatMap(({ added }) => added),
    ),
    saveSeries(
      tx,
      tenant,
      planned.flatMap((plan) => plan.series),
    ),
  ]);
  const written = Map.groupBy(writes, ({ patient }) => patient);
  return new Map(patients.map((patient) => [patient, written.get(patient)?.length ?? 0]));
}

/** Facts are rows of the types that a rule reads which nobody has deleted; no rule reads the statuses that are computed here. */
function factRows(standing: ReadonlyMap<string, readonly StandingRow[]>): Map<string, readonly StandingRow[]> {
  const types: ReadonlySet<string> = new Set(ruleInputTypes);
  return new Map(
    [...standing].map(([patient, rows]) => [
      patient,
      rows.filter((row) => !row.deleted && types.has(row.type) && !isStatus(row)),
    ]),
  );
}

interface Plan {
  readonly patient: string;
  readonly now: Date;
  readonly due: MemberDue;
  /** Flags and Tasks that stand */
  readonly work: readonly LockedRow[];
  readonly writes: readonly Write[];
  readonly series: readonly SeriesRow[];
  readonly removed: readonly RosterRow[];
  readonly added: readonly RosterRow[];
}

interface Before {
  readonly series: readonly SeriesRow[];
  readonly statuses: readonly LockedRow[];
  readonly roster: readonly RosterRow[];
  readonly pairs: readonly LockedRow[];
  readonly work: readonly LockedRow[];
}

function planMember(
  services: Services,
  { asOf, now: today, tenant }: Recomputation,
  patient: string,
  rows: readonly Recorded[],
  before: Before,
): Plan {
  const { rulesets } = services;
  const known = [...rows.map(({ recordedAt }) => Date.parse(recordedAt)), ...before.statuses.map(updated)];
  const now = notBefore(today, known);
  const facts = factsByOwner(patient, rows, rulesets);
  const caseload = caseloadOf(tenant, patient, facts, before, { rulesets, now, today, ...(asOf && { asOf }) });
  const pairs = [...facts].flatMap(([owner, known]) => pairChanges(before.pairs, owner, known, rulesets));
  const due = memberDue(patient, facts, rows, { rulesets, now, ...(asOf && { asOf }) });
  return {
    ...caseload,
    patient,
    now,
    due,
    work: before.work,
    writes: writesOf(services, now, [...caseload.changes, ...pairs]),
  };
}

/** The Flags and Tasks of each member, compared with what stands under their ids, whoever put it there. */
async function dueWrites(
  services: Services,
  tx: Transaction,
  tenant: TenantId,
  planned: readonly Plan[],
): Promise<Write[]> {
  const known = new Set(planned.flatMap(({ work }) => work.map(({ id }) => id)));
  const missing = planned.flatMap(({ due }) => dueIdsOf(tenant, due)).filter((id) => !known.has(id));
  const others = missing.length > 0 ? await dueResources(tx, tenant, missing) : [];
  return planned.flatMap(({ due, now, work }) =>
    writesOf(services, now, dueChangesOf(tenant, due, [...work, ...others])),
  );
}

/** What is stored is known: a process whose clock is behind must not take a signature of this minute for one to come (F28). */
function notBefore(now: Date, known: readonly number[]): Date {
  return new Date(known.reduce((most, at) => Math.max(most, at), now.getTime()));
}

function updated({ last_updated }: LockedRow): number {
  return last_updated.getTime();
}

/** One Encounter for each reciprocated pair; one whose messages were retracted is entered in error. */
function pairChanges(
  pairs: readonly LockedRow[],
  owner: string,
  facts: MemberFacts,
  rulesets: readonly Ruleset[],
): Change[] {
  const [ruleset] = rulesets;
  if (!ruleset) return [];
  const standing = pairs.filter((row) => row.owner === owner);
  if (facts.messages.length === 0 && standing.length === 0) return [];
  const contacts = Map.groupBy(
    pairedContacts(facts, ruleset.parameters.reciprocityDays.value, ruleset.zone),
    ({ reference }) => reference,
  );
  const changes = [...contacts].map(([reference, [contact, ...others]]): Change | undefined => {
    if (!contact) return undefined;
    const messages = facts.messages.filter((message) => contact.evidence.includes(message.reference));
    const id = idOf(reference);
    const resource = pairEncounter(
      id,
      facts.patient,
      contact,
      [contact.episode, ...others.map(({ episode }) => episode)],
      messages,
    );
    return { resource, owner, audience: undefined, before: standing.find((row) => row.id === id) };
  });
  const gone = standing.filter((row) => !contacts.has(`Encounter/${row.id}`));
  return [
    ...changes.filter((change) => change !== undefined),
    ...gone.map((before) => ({
      resource: { ...(resourceIn(before) as Encounter), status: 'entered-in-error' as const },
      owner,
      audience: undefined,
      before,
    })),
  ];
}
