import type { ClaimResponse, Resource, Task } from '@medplum/fhirtypes';
import { derivedId, type TenantId } from '../../src/base/ids.ts';
import { addDays, daysBetween, type LocalDate, localDate } from '../../src/base/time.ts';
import {
  coachRole,
  contact,
  coverage,
  episode,
  organization,
  patient,
  practitioner,
} from '../../src/cli/sandbox/people.ts';
import type { Spell } from '../../src/domain/caseload.ts';
import type { Series } from '../../src/domain/cl-1-caseload.ts';
import { canonicalOf, type Ruleset } from '../../src/domain/ruleset.ts';
import { codeSystem } from '../../src/fhir/canonical.ts';
import { spellObservation } from '../../src/service/caseload-observation.ts';
import { labelled } from '../../src/service/labels.ts';
import { keyOf } from '../../src/store/search/keys.ts';
import { copyRow } from './copy.ts';

/** The night that is measured, and the evening before it, on which the world stands. */
export const night = localDate('2026-11-10');
export const evening = addDays(night, -1);

const provider = 'bench-provider';
const payer = 'bench-payer';
const hired = '2025-01-06';
const begun = localDate('2025-01-13');
const membersOfCoach = 50;
const window = 21;
/** Of a hundred members: whose last covered day is the evening, and who has been off for weeks. */
const duePercent = 3;
const lapsedPercent = 12;

/** mulberry32: the same member for the same number, whatever was made before. */
function random(seed: number): () => number {
  let state = seed * 2_654_435_761;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

interface Member {
  readonly id: string;
  readonly coach: string;
  /** oldest first */
  readonly contacts: readonly LocalDate[];
}

/** 12 to 28 contacts, twenty on average, back from a last one that puts the member into one of the three groups. */
function memberOf(index: number): Member {
  const next = random(index + 1);
  const group = index % 100;
  const back =
    group < duePercent
      ? window + 1
      : group < duePercent + lapsedPercent
        ? 40 + Math.floor(next() * 40)
        : Math.floor(next() * window) + 1;
  const contacts = [addDays(night, -back)];
  const count = 12 + Math.floor(next() * 17);
  while (contacts.length < count) {
    const gap = next() < 0.05 ? 30 : 1 + Math.floor(next() * 12);
    contacts.unshift(addDays(contacts[0] ?? night, -gap));
  }
  const pad = String(index).padStart(8, '0');
  return { id: `m${pad}`, coach: `c${String(Math.floor(index / membersOfCoach)).padStart(8, '0')}`, contacts };
}

export interface World {
  readonly tenant: TenantId;
  readonly members: number;
  readonly ruleset: Ruleset;
  /** the next date on which an answer changes once no contact counts any more: that of the coach's papers */
  readonly quiet: LocalDate;
}

export const resourceColumns =
  'tenant, type, id, version, last_updated, deleted, owner, patient, mixed, audience, view_version, view_updated, keys, content';
export const seriesColumns = 'tenant, episode, coach, ruleset, payer, patient, owner, zone, spells, next_transition';
export const rosterColumns = 'tenant, payer, coach, patient, episode, ruleset, owner, starts, ends, status_id';
export const wakeColumns = 'tenant, subject, zone, next_date';
export const contactColumns = 'tenant, member, coach, local_date, qualifies';

const recordedAt = `${evening}T03:00:00Z`;

function row(
  world: World,
  resource: Resource & { id?: string },
  member: string | null,
  audience: string | null = null,
): string {
  const { id = '', resourceType } = resource;
  const meta = { ...labelled(resource.meta, member !== null, undefined), versionId: '1', lastUpdated: recordedAt };
  const owner = member === null ? '' : provider;
  const content = JSON.stringify({ ...resource, meta });
  return copyRow([
    world.tenant,
    resourceType,
    id,
    1,
    recordedAt,
    'f',
    owner,
    member,
    'f',
    audience,
    1,
    recordedAt,
    '{}',
    content,
  ]);
}

/** Rows of `resource`, member by member. */
export function* resourceRows(world: World): Generator<string> {
  yield row(world, organization(provider, 'Bench Recovery', 'prov'), null);
  yield row(world, organization(payer, 'Bench Care', 'pay'), null);
  for (let index = 0; index < world.members; index++) {
    const member = memberOf(index);
    if (index % membersOfCoach === 0) yield* coachRows(world, member.coach);
    const person = { id: member.id, given: 'Bench', family: `Member ${index}` };
    yield row(world, patient(person), member.id);
    yield row(world, coverage(`${member.id}-cov`, member.id, payer, 'masshealth-mco', { start: begun }), member.id);
    yield row(world, episode(`${member.id}-ep`, member.id, provider, member.coach, firstDay(member)), member.id);
    yield row(world, notificationOf(member), member.id);
    yield row(world, approvalOf(member), member.id);
    for (const [at, date] of member.contacts.entries()) yield row(world, encounterOf(member, date, at), member.id);
    for (const { id, spell } of spellsOf(world, member))
      yield row(
        world,
        spellObservation(id, `Patient/${member.id}`, seriesOf(world, member), spell, provider),
        member.id,
        payer,
      );
  }
}

function* coachRows(world: World, id: string): Generator<string> {
  const papers = { hired, certified: { until: '2028-01-04' } } as const;
  yield row(world, practitioner({ id, given: 'Bench', family: `Coach ${id}` }, provider, papers), null);
  yield row(world, coachRole(`${id}-role`, id, provider, hired), null);
}

/** What the rules find a coach's roles by. */
export function* coachKeyRows(world: World): Generator<string> {
  for (let index = 0; index < world.members; index += membersOfCoach) {
    const { coach } = memberOf(index);
    yield copyRow([world.tenant, keyOf('PractitionerRole', 'practitioner', `Practitioner/${coach}`), `${coach}-role`]);
  }
}

function encounterOf(member: Member, date: LocalDate, at: number): Resource {
  const id = `${member.id}-${String(at).padStart(2, '0')}`;
  // No two contacts begin in the same second of the day, as in life: what a process remembers of instants must not look better here.
  const seconds = Math.floor(random(Number(member.id.slice(1)) * 32 + at)() * 6 * 3_600);
  const instant = (after: number): string =>
    `${date}T${new Date(14 * 3_600_000 + (seconds + after) * 1_000).toISOString().slice(11, 19)}Z`;
  return contact({
    id,
    patient: member.id,
    episode: `${member.id}-ep`,
    coach: member.coach,
    provider,
    start: instant(0),
    end: instant(40 * 60),
    kind: at % 3 === 0 ? 'phone' : 'in-person',
    signedAt: instant(60 * 60),
  });
}

/** What a plan was told in time, and what it approved past the ninety days: a steady world owes neither. */
function notificationOf(member: Member): Task & { id: string } {
  const sent = `${addDays(firstDay(member), 1)}T15:00:00Z`;
  return {
    resourceType: 'Task',
    id: `${member.id}-noa`,
    status: 'completed',
    intent: 'order',
    code: { coding: [{ system: codeSystem('task-code'), code: 'notification-of-admission' }] },
    focus: { reference: `EpisodeOfCare/${member.id}-ep` },
    for: { reference: `Patient/${member.id}` },
    restriction: { recipient: [{ reference: `Organization/${payer}` }] },
    executionPeriod: { start: sent, end: sent },
  };
}

function approvalOf(member: Member): ClaimResponse & { id: string } {
  return {
    resourceType: 'ClaimResponse',
    id: `${member.id}-ok`,
    status: 'active',
    type: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/claim-type', code: 'professional' }] },
    use: 'preauthorization',
    patient: { reference: `Patient/${member.id}` },
    created: addDays(firstDay(member), 80),
    insurer: { reference: `Organization/${payer}` },
    requestor: { reference: `Organization/${provider}` },
    outcome: 'complete',
    preAuthRef: `OK-${member.id}`,
    preAuthPeriod: { start: addDays(firstDay(member), 90), end: '2027-12-31' },
  };
}

function firstDay(member: Member): LocalDate {
  return member.contacts[0] ?? night;
}

function seriesOf({ ruleset }: World, member: Member): Series {
  const episodeFact = {
    reference: `EpisodeOfCare/${member.id}-ep`,
    organization: `Organization/${provider}`,
    careManager: [`Practitioner/${member.coach}`],
    start: firstDay(member),
    end: undefined,
  };
  return {
    episode: episodeFact,
    coach: `Practitioner/${member.coach}`,
    ruleset,
    payer: `Organization/${payer}`,
    coverage: [],
  };
}

/** What the caseload of a member is on the evening, by arithmetic: runs of contacts at most 22 days apart, and the days between. */
function spellsOf(world: World, member: Member): { id: string; spell: Spell }[] {
  const spells: Spell[] = [];
  for (const [at, date] of member.contacts.entries()) {
    const last = addDays(date, window);
    const contactFact = { contact: { reference: `Encounter/${member.id}-${String(at).padStart(2, '0')}` }, date };
    const reason = `${window} days after the contact`;
    const answer = { status: 'on', contact: contactFact, lastDay: last, cause: 'window', because: [], reason };
    const before = spells.at(-1);
    if (before?.end !== undefined && daysBetween(before.end, date) <= 1) spells.pop();
    else if (before?.end !== undefined) spells.push(off(addDays(before.end, 1), addDays(date, -1)));
    const start = before?.end !== undefined && daysBetween(before.end, date) <= 1 ? before.start : date;
    spells.push({ status: 'on', start, end: last, answer } as unknown as Spell);
  }
  const end = spells.at(-1)?.end;
  if (end !== undefined && end < evening) spells.push(off(addDays(end, 1), undefined));
  const key = [`${member.id}-ep`, member.coach, canonicalOf(world.ruleset), payer] as const;
  return spells.map((spell, index) => ({ id: derivedId(world.tenant, ...key, index + 1), spell }));
}

function off(start: LocalDate, end: LocalDate | undefined): Spell {
  const reason = `no contact within ${window} days`;
  const answer = {
    status: 'off',
    contact: undefined,
    lastDay: undefined,
    cause: 'window',
    because: [],
    reason,
  } as const;
  return { status: 'off', start, end, answer };
}

export function* seriesRows(world: World): Generator<string> {
  for (let index = 0; index < world.members; index++) {
    const member = memberOf(index);
    const last = member.contacts.at(-1) ?? night;
    const falls = addDays(last, window + 1);
    const next = falls > evening ? falls : world.quiet;
    const ruleset = canonicalOf(world.ruleset);
    const spells = spellsOf(world, member).length;
    yield copyRow([
      world.tenant,
      `${member.id}-ep`,
      member.coach,
      ruleset,
      payer,
      member.id,
      provider,
      world.ruleset.zone,
      spells,
      next,
    ]);
  }
}

/**
 * When what is due for a member changes next. For those who fall off on the night that is the evening: the run of that date opens their
 * Task and Flag, the night closes them.
 */
export function* wakeRows(world: World): Generator<string> {
  for (let index = 0; index < world.members; index++) {
    const { contacts, id } = memberOf(index);
    const falls = addDays(contacts.at(-1) ?? night, window + 1);
    const next = falls === night ? evening : falls > night ? falls : world.quiet;
    yield copyRow([world.tenant, `Patient/${id}`, world.ruleset.zone, next]);
  }
}

export function* rosterRows(world: World): Generator<string> {
  for (let index = 0; index < world.members; index++) {
    const member = memberOf(index);
    for (const { id, spell } of spellsOf(world, member))
      if (spell.status === 'on' && spell.end !== undefined)
        yield copyRow([
          world.tenant,
          payer,
          member.coach,
          member.id,
          `${member.id}-ep`,
          canonicalOf(world.ruleset),
          provider,
          spell.start,
          spell.end,
          id,
        ]);
  }
}

/** The narrow rows that a full recomputation is compared with: member, coach, local date, whether it qualifies. */
export function* contactRows(world: World): Generator<string> {
  for (let index = 0; index < world.members; index++) {
    const { coach, contacts, id } = memberOf(index);
    for (const date of contacts) yield copyRow([world.tenant, id, coach, date, 't']);
  }
}
