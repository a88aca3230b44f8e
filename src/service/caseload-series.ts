import type { Observation } from '@medplum/fhirtypes';
import { derivedId, type TenantId } from '../base/ids.ts';
import { type LocalDate, localDateOf } from '../base/time.ts';
import { type SeriesSpells, type Spell, seriesOf, spellsOf } from '../domain/caseload.ts';
import type { MemberFacts } from '../domain/facts/facts.ts';
import { canonicalOf, type Ruleset } from '../domain/ruleset.ts';
import { parseReference } from '../fhir/references.ts';
import type { RosterRow, SeriesRow } from '../store/caseload.ts';
import { type LockedRow, resourceIn } from '../store/lock.ts';
import { spellObservation, takenBack } from './caseload-observation.ts';
import type { Change } from './computed.ts';

/** A missed night is caught up as of its own date in its zone, with what is known now. */
export interface NightOf {
  readonly zone: string;
  readonly date: LocalDate;
}

/** What stands of a member's caseload. */
export interface CaseloadBefore {
  readonly series: readonly SeriesRow[];
  readonly statuses: readonly LockedRow[];
  readonly roster: readonly RosterRow[];
}

/** What must be written so that it stands as the facts have it. */
export interface CaseloadAfter {
  readonly changes: readonly Change[];
  readonly series: readonly SeriesRow[];
  readonly removed: readonly RosterRow[];
  readonly added: readonly RosterRow[];
}

interface Standing {
  readonly before: LockedRow;
  readonly observation: Observation;
  readonly key: string;
}

/**
 * The spells of every series as Observations, the roster rows of those that are on, and each series' next transition, compared with
 * what stands (architecture, section 5).
 *
 * @param factsByOwner what each organisation knows of the member
 */
export function caseloadOf(
  tenant: TenantId,
  patient: string,
  factsByOwner: ReadonlyMap<string, MemberFacts>,
  before: CaseloadBefore,
  when: { readonly rulesets: readonly Ruleset[]; readonly now: Date; readonly today: Date; readonly asOf?: NightOf },
): CaseloadAfter {
  const { asOf, now, rulesets, today } = when;
  const standing = before.statuses.map(toStanding);
  const known = new Map(before.series.map((series) => [keyOf(series), series]));
  const done = new Set<string>();
  const saved: SeriesRow[] = [];
  const changes: Change[] = [];
  const roster: RosterRow[] = [];
  for (const [owner, facts] of factsByOwner) {
    for (const series of seriesOf(facts, rulesets, now.toISOString())) {
      if (series.ruleset.contactDefinition !== 'binds') continue;
      const day = asOf?.zone === series.ruleset.zone ? asOf.date : localDateOf(today, series.ruleset.zone);
      const found = spellsOf(facts, series, now.toISOString(), day);
      const row = toRow(found, patient, owner);
      const key = keyOf(row);
      done.add(key);
      const own = standing.filter((status) => status.key === key);
      const matched = matchSpells(tenant, row, known.get(key)?.spells ?? 0, found.spells, own);
      for (const { before: current, id, spell } of matched.spells) {
        const resource = spellObservation(id, facts.patient, series, spell, owner);
        changes.push({ resource, owner, audience: row.payer, before: current });
        if (spell.status === 'on' && spell.end !== undefined) roster.push(toRoster(row, spell.start, spell.end, id));
      }
      changes.push(...matched.disproved.map(taken));
      const counted = { ...row, spells: matched.count };
      if (differs(counted, known.get(key))) saved.push(counted);
    }
  }
  // A series whose contacts or coverage are gone: nothing that it said holds any more.
  changes.push(...standing.filter(({ key }) => !done.has(key)).map(taken));
  for (const [key, series] of known)
    if (!done.has(key) && series.next_transition !== null) saved.push({ ...series, next_transition: null });
  return { changes, series: saved, ...compareRoster(before.roster, roster) };
}

function toStanding(before: LockedRow): Standing {
  const observation = resourceIn(before) as Observation;
  return { before, observation, key: keyOf(seriesOfStatus(before, observation)) };
}

function toRow({ nextTransition, series }: SeriesSpells, patient: string, owner: string): SeriesRow {
  return {
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
}

/**
 * Gives each spell the Observation that said so already, by status and overlap of days, and the next ordinal to a new one. Ids stay
 * when a start moves; what no spell claims was disproved.
 */
function matchSpells(
  tenant: TenantId,
  row: SeriesRow,
  written: number,
  spells: readonly Spell[],
  existing: readonly Standing[],
): { spells: { id: string; spell: Spell; before: LockedRow | undefined }[]; disproved: Standing[]; count: number } {
  const open = existing.filter(({ observation }) => observation.status !== 'entered-in-error');
  const claimed = new Set<string>();
  let count = written;
  const found = spells.map((spell) => {
    const match = open.find(
      ({ before, observation }) =>
        !claimed.has(before.id) && statusOf(observation) === spell.status && overlaps(observation, spell),
    );
    const id = match?.before.id ?? derivedId(tenant, row.episode, row.coach, row.ruleset, row.payer, ++count);
    claimed.add(id);
    // An id whose Observation was taken back is used again where the spell counter was lost with its series.
    return { id, spell, before: match?.before ?? existing.find(({ before }) => before.id === id)?.before };
  });
  return { spells: found, disproved: open.filter(({ before }) => !claimed.has(before.id)), count };
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

function seriesOfStatus(
  { audience }: LockedRow,
  { component, focus, performer }: Observation,
): Pick<SeriesRow, 'coach' | 'episode' | 'payer' | 'ruleset'> {
  return {
    episode: idOf(focus?.[0]?.reference),
    coach: idOf(performer?.[0]?.reference),
    ruleset: component?.[0]?.valueCodeableConcept?.coding?.[0]?.code ?? '',
    payer: audience ?? '',
  };
}

/** The id that a literal reference ends in; empty where there is none. */
export function idOf(reference: string | undefined): string {
  return parseReference(reference ?? '')?.id ?? '';
}

function toRoster(series: SeriesRow, starts: LocalDate, ends: LocalDate, statusId: string): RosterRow {
  const { coach, episode, owner, patient, payer, ruleset } = series;
  return { payer, coach, patient, episode, ruleset, owner, starts, ends, status_id: statusId };
}

function taken({ before, observation }: Standing): Change {
  return { resource: takenBack(observation), owner: before.owner, audience: before.audience ?? undefined, before };
}

function differs(row: SeriesRow, before: SeriesRow | undefined): boolean {
  return !before || (Object.keys(row) as (keyof SeriesRow)[]).some((column) => row[column] !== before[column]);
}

function compareRoster(
  before: readonly RosterRow[],
  after: readonly RosterRow[],
): { removed: RosterRow[]; added: RosterRow[] } {
  const textOf = (row: RosterRow): string =>
    [row.payer, row.coach, row.episode, row.ruleset, row.owner, row.starts, row.ends, row.status_id].join(' ');
  const stood = new Set(before.map(textOf));
  const stands = new Set(after.map(textOf));
  return {
    removed: before.filter((row) => !stands.has(textOf(row))),
    added: after.filter((row) => !stood.has(textOf(row))),
  };
}
