import { remembered } from '../base/remembered.ts';
import { addDays, type LocalDate } from '../base/time.ts';
import { type Asked, type Qualified, qualifiedOn } from './b-5-coach-qualified.ts';
import { lastDayOf } from './cl-1-last-day.ts';
import { aheadOfK, type Judged, judgeContact, type Surroundings } from './ct-1-documented-contact.ts';
import { pairedContacts } from './ct-2-message-pairs.ts';
import { type DateSpan, dateIn, isReversed, spanIn } from './dating.ts';
import { statusDates, statusDoubt } from './episode-status.ts';
import { type CoachFacts, type Contact, type Episode, holds, type MemberFacts } from './facts/facts.ts';
import type { Ruleset } from './ruleset.ts';

/** R4 types that CL-1 and CL-2 read. */
export const inputTypes = [
  'Encounter',
  'Communication',
  'Patient',
  'Coverage',
  'EpisodeOfCare',
  'Practitioner',
  'PractitionerRole',
] as const;

export type CaseloadStatus = 'on' | 'off' | 'indeterminate';

/**
 * What decides an answer: on, what binds the last day; off or open, what keeps the member so. `window`: the days that a contact counts,
 * or that there is none in them; `contact`: what CT-1 says of the contacts that there are; `coach`: B-5.
 */
export type Cause =
  | 'contact'
  | 'coach'
  | 'coverage'
  | 'death'
  | 'death-undated'
  | 'episode-end'
  | 'episode-start'
  | 'episode-status'
  | 'window';

/** The answer for one day, with the evidence. */
export interface CaseloadAnswer {
  readonly status: CaseloadStatus;
  readonly contact: Judged | undefined;
  /** on only: the last covered day as known at K */
  readonly lastDay: LocalDate | undefined;
  readonly cause: Cause;
  /** the reasons of CT-1 or B-5 one by one, where one of them decides; on: those of B-5 on the day after the last one */
  readonly because: readonly string[];
  /** on: what binds the last day; otherwise why not */
  readonly reason: string;
}

/** Whose caseload, under which ruleset and payer. */
export interface Series {
  readonly episode: Episode;
  /** Practitioner reference */
  readonly coach: string;
  readonly ruleset: Ruleset;
  /** Organization reference */
  readonly payer: string;
  /** days on which this coverage puts the member under the ruleset */
  readonly coverage: readonly CoverageDays[];
  /** where the bulletin bills the days: the episode's series under the payer's own specification, with any coach */
  readonly beside?: readonly Series[];
  /** rulesets of the same document that were asked with, its own among them; absent: it alone */
  readonly alike?: readonly Ruleset[];
}

/** Days under one coverage, with the plan type that it has on them. */
export interface CoverageDays extends DateSpan {
  readonly planType: string | undefined;
  /** nobody has said from when it covers: on none of the days is it known to */
  readonly undated?: boolean;
}

/** Everything that CL-1 needs for one series, judged once and asked for many days. */
export interface Caseload {
  readonly series: Series;
  readonly asked: Asked;
  readonly coach: CoachFacts | undefined;
  readonly qualified: Qualified;
  /** those that may keep the member on this coach's caseload, newest first */
  readonly contacts: readonly Judged[];
  /** without days where it ends before it begins: its contacts are pending then */
  readonly episode: DateSpan;
  readonly death: LocalDate | undefined;
  /** a death that nobody has dated: known to be alive through this day, if through any */
  readonly undatedDeath: { readonly aliveUntil: LocalDate | undefined } | undefined;
  /** date of the latest contact with any coach of the episode that is accepted; only where a fact without a date asks for it */
  readonly served: LocalDate | undefined;
}

/**
 * Judges the contacts of a series: the coach's own, or under `caseloadUnit: organization` those of every coach in the episode, each by
 * its own coach's qualification on its date, so that a new coach inherits the clock [D].
 */
export function prepareCaseload(facts: MemberFacts, series: Series, knownAt: string): Caseload {
  return preparedFor(series, facts, knownAt);
}

const preparedFor = remembered((series: Series, facts: MemberFacts, knownAt: string): Caseload => {
  const { coach, episode, payer, ruleset } = series;
  const { parameters, zone } = ruleset;
  const asked: Asked = { ruleset, payer, organization: episode.organization };
  const pairs = pairedContacts(facts, parameters.reciprocityDays.value, zone);
  const ofEpisode = [...facts.contacts, ...pairs].filter((contact) => contact.episode === episode.reference);
  const surroundings: Surroundings = { knownAt, episode, deceased: facts.deceased };
  const known = new Map<string, Qualified>();
  const qualified = (of: string): Qualified => {
    const found = known.get(of) ?? qualifiedOn(facts.coaches.get(of), asked);
    known.set(of, found);
    return found;
  };
  const judge = (contacts: readonly Contact[]): Judged[] =>
    contacts
      .map((contact) => judgeContact(contact, qualified(contact.coach), ruleset, surroundings))
      .filter((contact) => contact !== undefined)
      .sort(newestFirst);
  const own =
    parameters.caseloadUnit?.value === 'organization'
      ? onePerEncounter(judge(ofEpisode))
      : judge(ofEpisode.filter((contact) => contact.coach === coach));
  const asksWhoServed = facts.deceasedWithoutDate === true || episode.undatedStatus !== undefined;
  const served = asksWhoServed ? judge(ofEpisode).find(({ outcome }) => outcome.result === 'met')?.date : undefined;
  return {
    series,
    asked,
    coach: facts.coaches.get(coach),
    qualified: qualified(coach),
    contacts: own,
    episode: isReversed(zone, episode) ? { start: undefined, end: undefined } : spanIn(zone, episode),
    death: dateIn(zone, facts.deceased, 'end'),
    undatedDeath: facts.deceasedWithoutDate
      ? { aliveUntil: latest(served, dayBefore(zone, facts.deceased)) }
      : undefined,
    served,
  };
});

/** Who died in a year or a month lived until it began. */
function dayBefore(zone: string, deceased: string | undefined): LocalDate | undefined {
  const first = dateIn(zone, deceased);
  return first === undefined ? undefined : addDays(first, -1);
}

function latest(one: LocalDate | undefined, other: LocalDate | undefined): LocalDate | undefined {
  return one !== undefined && (other === undefined || one > other) ? one : other;
}

/** Two coaches in one Encounter are one contact of their organisation: whose part is accepted stands for it. */
function onePerEncounter(contacts: readonly Judged[]): Judged[] {
  const ranks = { met: 2, indeterminate: 1, 'not-met': 0, 'not-applicable': 0 };
  const found = new Map<string, Judged>();
  for (const contact of contacts) {
    const other = found.get(contact.contact.reference);
    if (!other || ranks[contact.outcome.result] > ranks[other.outcome.result])
      found.set(contact.contact.reference, contact);
  }
  return [...found.values()];
}

/** The contacts of several caseloads of one episode: what an organisation's unit has in each of them is there once. */
export function contactsOf(caseloads: readonly Caseload[]): Judged[] {
  const contacts = caseloads.flatMap((caseload) => caseload.contacts);
  return [...new Map(contacts.map((one) => [`${one.contact.reference} ${one.contact.coach}`, one])).values()].sort(
    newestFirst,
  );
}

/**
 * CL-1 "on the Peer Recovery Coach's caseload if the Peer Recovery Coach has had documented contact with the member within the past
 * 21 days" (MassHealth bulletin, Billing): 0 ≤ D−C ≤ 21, so day 21 is on and day 22 off. The latest contact decides; when a fact
 * takes it away, the next older one within the window does (domain model 8.2). What is pending or missing and would make it on
 * leaves the day indeterminate (3.1).
 *
 * @returns undefined when no coverage puts the member under the ruleset on D: not applicable
 */
export function caseloadOn(caseload: Caseload, date: LocalDate): CaseloadAnswer | undefined {
  const standing = standingOn(caseload, date);
  if (!standing || !('coverage' in standing)) return standing;
  const { contact, coverage } = standing;
  return { status: 'on', contact, ...lastDayOf(caseload, contact, coverage, date) };
}

/** The status alone, for who asks about many days: the last day is the dearer half of an answer. */
export function statusOn(caseload: Caseload, date: LocalDate): CaseloadStatus | undefined {
  return standingOn(caseload, date)?.status;
}

/** An answer, or of a day that is on what its last day follows from. */
type Standing = CaseloadAnswer | { readonly status: 'on'; readonly contact: Judged; readonly coverage: CoverageDays };

function standingOn(caseload: Caseload, date: LocalDate): Standing | undefined {
  const { death, episode, series } = caseload;
  const coverage = coverageOn(series, date);
  if (!coverage) return undefined;
  if (!holds(episode, date))
    return episode.end !== undefined && date > episode.end
      ? off('episode-end', 'episode-ended')
      : off('episode-start', 'episode-not-begun');
  const window = series.ruleset.parameters.windowDays.value;
  const oldest = addDays(date, -window);
  const inWindow = caseload.contacts.filter((contact) => contact.date <= date && contact.date >= oldest);
  if (death !== undefined && date > death) {
    const contradicting = inWindow.find(isGoodButAfterDeath);
    return contradicting && caseload.qualified.on(date).result !== 'not-met'
      ? open('contact', contradicting, reasonsOf(contradicting))
      : off('death', 'deceased');
  }
  if (inWindow.length === 0) return off('window', `no contact within ${window} days`);
  const today = caseload.qualified.on(date);
  if (today.result === 'not-met') return off('coach', 'coach-not-qualified', inWindow[0], today.reasons);
  const accepted = inWindow.find(({ outcome }) => outcome.result === 'met');
  if (accepted && today.result === 'met') {
    const [first, ...more] = doubtsOn(caseload, coverage, date);
    if (!first) return { status: 'on', contact: accepted, coverage };
    return open(first.cause, accepted, [first.reason, ...more.map(({ reason }) => reason)]);
  }
  const pending = accepted ?? inWindow.find(({ outcome }) => outcome.result === 'indeterminate');
  if (!pending) return off('contact', `no accepted contact within ${window} days`, inWindow[0], reasonsOf(inWindow[0]));
  return accepted && today.result === 'indeterminate'
    ? open('coach', pending, today.reasons)
    : open('contact', pending, reasonsOf(pending));
}

/** The coverage that puts the member under the ruleset on a day: one whose days are known before one whose are not. */
function coverageOn({ coverage }: Series, date: LocalDate): CoverageDays | undefined {
  return coverage.find((span) => !span.undated && holds(span, date)) ?? coverage.find((span) => holds(span, date));
}

function off(cause: Cause, reason: string, contact?: Judged, because: readonly string[] = []): CaseloadAnswer {
  const told = because.length > 0 ? `${reason}: ${because.join(', ')}` : reason;
  return { status: 'off', contact, lastDay: undefined, cause, because, reason: told };
}

function open(cause: Cause, contact: Judged, because: readonly string[]): CaseloadAnswer {
  return { status: 'indeterminate', contact, lastDay: undefined, cause, because, reason: because.join(', ') };
}

/** What is not known of a day that would be on: whether the member lived, was covered and was served. */
function doubtsOn(
  caseload: Caseload,
  coverage: CoverageDays,
  date: LocalDate,
): { readonly cause: Cause; readonly reason: string }[] {
  const { served, series } = caseload;
  const status = statusDoubt(series.episode, date, series.ruleset.zone, served);
  return [
    ...(isKnownAlive(caseload, date) ? [] : [{ cause: 'death-undated' as const, reason: 'missing: date of death' }]),
    ...(coverage.undated ? [{ cause: 'coverage' as const, reason: undatedCoverage }] : []),
    ...(status === undefined ? [] : [{ cause: 'episode-status' as const, reason: status }]),
  ];
}

/** Why a day under a coverage that nobody has dated is open. */
export const undatedCoverage = 'missing: Coverage.period.start';

/** A contact that only the date of death speaks against: one of the two is wrong, so the day is neither on nor off. */
function isGoodButAfterDeath(judged: Judged): boolean {
  return judged.outcome.result === 'indeterminate' && reasonsOf(judged).join() === 'contact-after-death';
}

/** Without a date of death a member may have died on any day after the latest accepted contact. */
export function isKnownAlive({ undatedDeath }: Pick<Caseload, 'undatedDeath'>, date: LocalDate): boolean {
  return !undatedDeath || (undatedDeath.aliveUntil !== undefined && date <= undatedDeath.aliveUntil);
}

function reasonsOf(judged: Judged | undefined): readonly string[] {
  return judged && 'reasons' in judged.outcome ? judged.outcome.reasons : [];
}

/** Every date on which the answer can change by itself, with what is known: the days between two of them are alike. */
export const transitionDates = remembered((caseload: Caseload): readonly LocalDate[] => {
  const { contacts, death, episode, served, series, undatedDeath } = caseload;
  const window = series.ruleset.parameters.windowDays.value;
  const spans = [...series.coverage, episode];
  const signed = contacts.flatMap(({ contact }) =>
    contact.documentation.map(({ signedAt }) => dateIn(series.ruleset.zone, signedAt)),
  );
  const dates = [
    ...contacts.flatMap(({ date }) => [date, addDays(date, window + 1)]),
    // One that lies ahead on its own day counts once its instant is past: at the latest at the midnight after it.
    ...contacts.flatMap((contact) => (reasonsOf(contact).includes(aheadOfK) ? [addDays(contact.date, 1)] : [])),
    ...statusDates(series.episode, series.ruleset.zone, served),
    // A signature that lies ahead counts once its instant is past: at the latest at the midnight after it.
    ...signed.map((date) => (date === undefined ? undefined : addDays(date, 1))),
    ...spans.map(({ start }) => start),
    ...[...spans.map(({ end }) => end), death, undatedDeath?.aliveUntil].map((date) =>
      date === undefined ? undefined : addDays(date, 1),
    ),
    ...caseload.qualified.changes,
  ];
  return [...new Set(dates.filter((date) => date !== undefined))].sort();
});

/** Order of contacts: the newest first, by reference and coach where two began at once. */
export function newestFirst(a: Judged, b: Judged): number {
  return (
    compare(b.date, a.date) ||
    Date.parse(b.contact.start) - Date.parse(a.contact.start) ||
    compare(b.contact.reference, a.contact.reference) ||
    compare(a.contact.coach, b.contact.coach)
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
