import type { Encounter, Observation, Resource } from '@medplum/fhirtypes';
import { derivedId, type TenantId } from '../base/ids.ts';
import { type LocalDate, localDateOf } from '../base/time.ts';
import { type Spell, seriesOf, spellsOf } from '../domain/caseload.ts';
import { pairedContacts } from '../domain/ct-2-message-pairs.ts';
import type { MemberFacts, Recorded } from '../domain/facts/facts.ts';
import { factsFrom } from '../domain/facts/from-fhir.ts';
import { ruleInputTypes } from '../domain/rules.ts';
import { canonicalOf, type Ruleset } from '../domain/ruleset.ts';
import { parseReference } from '../fhir/references.ts';
import {
  computedResources,
  type RosterRow,
  type SeriesRow,
  saveRoster,
  saveSeries,
  seriesOfMember,
} from '../store/caseload.ts';
import type { Transaction } from '../store/database.ts';
import { memberRows } from '../store/facts.ts';
import type { LockedRow } from '../store/lock.ts';
import { applyWrites, type Write } from '../store/write.ts';
import { spellObservation, takenBack } from './caseload-observation.ts';
import type { Services } from './context.ts';
import { pairEncounter } from './pair-encounter.ts';
import { prepare, toWrite } from './prepare.ts';

/** Who is recomputed, and for which day. */
export interface Recomputation {
  readonly tenant: TenantId;
  readonly patient: string;
  /** the tenant's clock: recorded time of what is written */
  readonly now: Date;
  /** a missed night is caught up as of its own date in its zone, with what is known now; absent: today */
  readonly asOf?: { readonly zone: string; readonly date: LocalDate };
}

/** Name under which our own writes stand in the audit. */
const self = 'footbridge';

/**
 * Brings a member's caseload in line with the facts: spells as Observations, roster rows, the Encounters of message pairs and each
 * series' next transition. Writes nothing where it finds no difference. The caller holds the member's lock in this transaction.
 *
 * @returns how many resources were written
 */
export async function recomputeMember(services: Services, tx: Transaction, what: Recomputation): Promise<number> {
  const { asOf, patient, tenant } = what;
  const [known, statuses, pairs, rows] = await Promise.all([
    seriesOfMember(tx, tenant, patient),
    computedResources(tx, tenant, patient, 'status'),
    computedResources(tx, tenant, patient, 'pair'),
    memberRows(tx, tenant, patient, ruleInputTypes),
  ]);
  const now = notBefore(what.now, rows);
  const saved: SeriesRow[] = [];
  const changes: Change[] = [];
  const roster: RosterRow[] = [];
  const kept = new Map(known.map((series) => [keyOf(series), series]));
  const done = new Set<string>();
  for (const [owner, facts] of factsByOwner(patient, rows, services.rulesets)) {
    for (const series of seriesOf(facts, services.rulesets, now.toISOString())) {
      if (series.ruleset.contactDefinition !== 'binds') continue;
      const day = asOf?.zone === series.ruleset.zone ? asOf.date : localDateOf(what.now, series.ruleset.zone);
      const { nextTransition, spells } = spellsOf(facts, series, now.toISOString(), day);
      const row: SeriesRow = {
        episode: idOf(series.episode.reference),
        coach: idOf(series.coach),
        ruleset: canonicalOf(series.ruleset),
        payer: idOf(series.payer),
        patient,
        owner,
        zone: series.ruleset.zone,
        spells: 0,
        next_transition: nextTransition ?? null,
      };
      const key = keyOf(row);
      done.add(key);
      const own = statuses.filter((status) => keyOf(seriesOfStatus(status)) === key);
      const matched = matchSpells(tenant, row, kept.get(key)?.spells ?? 0, spells, own);
      for (const { id, spell } of matched.spells) {
        changes.push({
          resource: spellObservation(id, facts.patient, series, spell),
          owner,
          audience: row.payer,
          before: own.find((status) => status.id === id),
        });
        if (spell.status === 'on' && spell.end !== undefined) roster.push(toRoster(row, spell.start, spell.end, id));
      }
      changes.push(...matched.disproved.map((before) => taken(before)));
      const counted = { ...row, spells: matched.count };
      if (differs(counted, kept.get(key))) saved.push(counted);
    }
    changes.push(...pairChanges(pairs, owner, facts, services.rulesets));
  }
  // A series whose contacts or coverage are gone: nothing that it said holds any more.
  const orphaned = statuses.filter((status) => !done.has(keyOf(seriesOfStatus(status))));
  changes.push(...orphaned.map((before) => taken(before)));
  for (const [key, series] of kept)
    if (!done.has(key) && series.next_transition !== null) saved.push({ ...series, next_transition: null });
  const [written] = await Promise.all([
    writeChanges(services, tx, tenant, now, changes),
    saveRoster(tx, tenant, patient, roster),
    ...saved.map((row) => saveSeries(tx, tenant, row)),
  ]);
  return written;
}

/** What is stored is known: a process whose clock is behind must not take a signature of this minute for one to come (F28). */
function notBefore(now: Date, rows: readonly Recorded[]): Date {
  const latest = rows.reduce((most, { recordedAt }) => Math.max(most, Date.parse(recordedAt)), now.getTime());
  return new Date(latest);
}

/**
 * What one organisation's answer rests on: its own records, the tenant's directory, and the person, who may have been shared with it.
 * Another organisation's records never decide, or show in, this one's status.
 */
export function factsByOwner(
  patient: string,
  rows: readonly Recorded[],
  rulesets: readonly Ruleset[],
): Map<string, MemberFacts> {
  const zone = rulesets[0]?.zone ?? 'America/New_York';
  const owners = new Set(
    rows.flatMap(({ owner, resource }) => (resource.resourceType === 'EpisodeOfCare' ? [owner] : [])),
  );
  return new Map(
    [...owners].sort().map((owner) => {
      return [owner, factsFrom(patient, rowsOfOwner(rows, owner), zone)];
    }),
  );
}

export function rowsOfOwner(rows: readonly Recorded[], owner: string): readonly Recorded[] {
  return rows.filter((row) => row.owner === owner || row.owner === '' || row.resource.resourceType === 'Patient');
}

interface Change {
  readonly resource: Resource & { id?: string };
  readonly owner: string;
  readonly audience: string | undefined;
  readonly before: LockedRow | undefined;
}

/**
 * Gives each spell the Observation that said so already, by status and overlap of days, and the next ordinal to a new one. Ids stay
 * when a start moves; what no spell claims was disproved (architecture, section 5).
 */
function matchSpells(
  tenant: TenantId,
  row: SeriesRow,
  written: number,
  spells: readonly Spell[],
  existing: readonly LockedRow[],
): { spells: { id: string; spell: Spell }[]; disproved: LockedRow[]; count: number } {
  const standing = existing.map((before) => ({ before, observation: JSON.parse(before.content) as Observation }));
  const open = standing.filter(({ observation }) => observation.status !== 'entered-in-error');
  const taken = new Set<string>();
  let count = written;
  const found = spells.map((spell) => {
    const match = open.find(
      ({ before, observation }) =>
        !taken.has(before.id) && statusOf(observation) === spell.status && overlaps(observation, spell),
    );
    const id = match?.before.id ?? derivedId(tenant, row.episode, row.coach, row.ruleset, row.payer, ++count);
    taken.add(id);
    return { id, spell };
  });
  return { spells: found, disproved: open.map(({ before }) => before).filter(({ id }) => !taken.has(id)), count };
}

function statusOf({ valueCodeableConcept }: Observation): string {
  return valueCodeableConcept?.coding?.[0]?.code ?? 'indeterminate';
}

function overlaps({ effectivePeriod }: Observation, { end, start }: Spell): boolean {
  const { end: otherEnd, start: otherStart = '' } = effectivePeriod ?? {};
  return (end === undefined || otherStart <= end) && (otherEnd === undefined || start <= otherEnd);
}

function keyOf({ coach, episode, payer, ruleset }: Pick<SeriesRow, 'coach' | 'episode' | 'payer' | 'ruleset'>): string {
  return [episode, coach, ruleset, payer].join(' ');
}

function seriesOfStatus({ audience, content }: LockedRow): Pick<SeriesRow, 'coach' | 'episode' | 'payer' | 'ruleset'> {
  const { component, focus, performer } = JSON.parse(content) as Observation;
  return {
    episode: idOf(focus?.[0]?.reference),
    coach: idOf(performer?.[0]?.reference),
    ruleset: component?.[0]?.valueCodeableConcept?.coding?.[0]?.code ?? '',
    payer: audience ?? '',
  };
}

function idOf(reference: string | undefined): string {
  return parseReference(reference ?? '')?.id ?? '';
}

function toRoster(series: SeriesRow, starts: LocalDate, ends: LocalDate, statusId: string): RosterRow {
  const { coach, episode, owner, patient, payer, ruleset } = series;
  return { payer, coach, patient, episode, ruleset, owner, starts, ends, status_id: statusId };
}

function taken(before: LockedRow): Change {
  const observation = JSON.parse(before.content) as Observation;
  return { resource: takenBack(observation), owner: before.owner, audience: before.audience ?? undefined, before };
}

function differs(row: SeriesRow, before: SeriesRow | undefined): boolean {
  return !before || (Object.keys(row) as (keyof SeriesRow)[]).some((column) => row[column] !== before[column]);
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
      resource: { ...(JSON.parse(before.content) as Encounter), status: 'entered-in-error' as const },
      owner,
      audience: undefined,
      before,
    })),
  ];
}

/** Writes what differs from what stands, through the same preparation as any resource. Nothing here asks for work again. */
async function writeChanges(
  services: Services,
  tx: Transaction,
  tenant: TenantId,
  now: Date,
  changes: readonly Change[],
): Promise<number> {
  const writes: Write[] = [];
  for (const { audience, before, owner, resource } of changes) {
    const { id = '', resourceType: type } = resource;
    const current = before && (JSON.parse(before.content) as Resource);
    const prepared = prepare(services, resource, { type, id, fhirBase: '', ...(current && { before: current }) });
    if (!prepared.ok)
      throw new Error(
        `Footbridge would write an invalid ${type}: ${prepared.error.issues.map(({ text }) => text).join(' ')}`,
      );
    if (current && contentOf(current) === contentOf(prepared.value.resource)) continue;
    writes.push(toWrite(prepared.value, { now, owner, audience, before }));
  }
  const audits = writes.map(({ id, patient, type, version }) => ({
    clientId: self,
    interaction: version === 1 ? 'create' : 'update',
    type,
    entity: [`${type}/${id}/_history/${version}`],
    patients: patient === undefined ? [] : [patient],
    outcome: version === 1 ? 201 : 200,
  }));
  await applyWrites(tx, tenant, writes, [], audits);
  return writes.length;
}

/** What a version says, whatever the store called it, in one order of elements. */
function contentOf(resource: Resource): string {
  const { meta, ...rest } = resource;
  const { lastUpdated: _updated, versionId: _version, ...labels } = meta ?? {};
  return canonical({ ...rest, meta: labels });
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, child: unknown) =>
    typeof child === 'object' && child !== null && !Array.isArray(child)
      ? Object.fromEntries(Object.entries(child).sort(([a], [b]) => (a < b ? -1 : 1)))
      : child,
  );
}
