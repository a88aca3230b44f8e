import { addDays, type LocalDate, startOfLocalDate } from '../base/time.ts';
import { isLongerThanADay } from './at-once.ts';
import { servicesAtOnce, type WrongTime, wrongActivities } from './contradicting-times.ts';
import { type DateSpan, dateIn, instantOf, isReversed, spanIn } from './dating.ts';
import { overlapping } from './episodes.ts';
import type { Contact, CoverageFact, Episode, MemberFacts, Span } from './facts/facts.ts';
import { applicableRulesets, type Ruleset } from './ruleset.ts';

export type ContradictionCode =
  | WrongTime['code']
  | 'contact-after-death'
  | 'contact-before-episode'
  | 'contact-end-before-start'
  | 'contact-in-the-future'
  | 'contact-longer-than-a-day'
  | 'contact-without-date'
  | 'coverage-end-before-start'
  | 'coverage-gap'
  | 'death-without-date'
  | 'employment-end-before-start'
  | 'episode-end-before-start'
  | 'two-episodes-at-once'
  | 'unknown-plan';

/** Facts that cannot all be right, or that say nothing until somebody completes them. */
export interface Contradiction {
  readonly code: ContradictionCode;
  /** the code, with the value that no ruleset knows where there is one */
  readonly reason: string;
  /** literal references of what contradicts, sorted: with the code and the episode they name the contradiction for good */
  readonly evidence: readonly string[];
  /** EpisodeOfCare reference, where one is concerned */
  readonly episode: string | undefined;
  /** what is wrong, and what to correct */
  readonly text: string;
}

/**
 * Every contradiction among a member's facts as they were known at K (domain model 1: missing input is never met). The rules answer
 * `indeterminate` where one of them would decide: a contact that cannot have been so is pending (CT-1), a death without a date leaves
 * the days after the latest accepted contact open (CL-1, B-2), and of two episodes at once no day is billable (B-2). What a contact says
 * of its own episode stands, so the status goes on in both. A coverage that says no plan that is known, or no days, brings no rule to
 * bear and so has no status to say it: it is said here.
 *
 * @param knownAt instant K
 * @returns sorted; each once, whatever ruleset or coach it is seen under
 */
export function contradictionsOf(facts: MemberFacts, rulesets: readonly Ruleset[], knownAt: string): Contradiction[] {
  const scene: Scene = { facts, rulesets, knownAt, zones: zonesOf(facts, rulesets, knownAt) };
  const found = [
    ...ofContacts(scene),
    ...ofTimes(scene),
    ...ofEpisodes(scene),
    ...ofCoverages(scene),
    ...coverageGaps(scene),
    ...ofPeople(scene),
  ];
  const keyOf = ({ code, episode, evidence }: Contradiction): string => [code, episode ?? '', ...evidence].join(' ');
  return [...new Map(found.map((one) => [keyOf(one), one])).entries()]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, one]) => one);
}

interface Scene {
  readonly facts: MemberFacts;
  readonly rulesets: readonly Ruleset[];
  readonly knownAt: string;
  /** in which dates are compared: a contradiction under one of the member's rulesets is one */
  readonly zones: readonly string[];
}

/** Zones of the rulesets that apply to the member; where none does, of those that there are. */
function zonesOf(facts: MemberFacts, rulesets: readonly Ruleset[], knownAt: string): string[] {
  const applying = facts.coverages.flatMap((coverage) =>
    applicableRulesets(rulesets, coverage, knownAt).map(({ ruleset }) => ruleset),
  );
  return [...new Set((applying.length > 0 ? applying : rulesets).map(({ zone }) => zone))];
}

function contradiction(
  code: ContradictionCode,
  evidence: readonly string[],
  text: string,
  more: { readonly episode?: string | undefined; readonly value?: string } = {},
): Contradiction {
  return {
    code,
    reason: more.value === undefined ? code : `${code}: ${more.value}`,
    evidence: [...new Set(evidence)].sort(),
    episode: more.episode,
    text,
  };
}

/** Encounter statuses of a contact that is said to have begun; what is planned or cancelled contradicts nothing. */
const begun: ReadonlySet<string> = new Set(['in-progress', 'onleave', 'finished']);

/** Clocks and zones differ by hours and not by a day. */
const futureToleranceMs = 24 * 60 * 60_000;

function ofContacts(scene: Scene): Contradiction[] {
  const { facts, zones } = scene;
  const encounters = facts.contacts.filter(({ status }) => status !== 'entered-in-error' && status !== 'cancelled');
  return [
    ...encounters.flatMap((contact) => ofEncounter(scene, contact)),
    ...facts.messages
      .filter(({ automatic, fromMember }) => fromMember && !automatic)
      .flatMap(({ reference, sent }) => [
        ...(liesAhead(scene, sent) ? [future(reference, sent, 'sent')] : []),
        ...(zones.some((zone) => isAfter(zone, sent, facts.deceased)) ? [afterDeath(scene, reference, sent)] : []),
      ]),
  ];
}

function ofEncounter(scene: Scene, { details, episode, reference, start, status }: Contact): Contradiction[] {
  const { facts, zones } = scene;
  if (zones.every((zone) => dateIn(zone, start) === undefined))
    return [
      contradiction(
        'contact-without-date',
        [reference],
        `${reference} begins at ${start}, which is no date and no instant with an offset. Correct period.start.`,
      ),
    ];
  const found: Contradiction[] = [];
  if (zones.some((zone) => isReversed(zone, { start, end: details.end })))
    found.push(
      contradiction(
        'contact-end-before-start',
        [reference],
        `${reference} ends at ${details.end}, before it begins at ${start}. Correct period.start or period.end.`,
      ),
    );
  if (found.length === 0 && zones.some((zone) => isLongerThanADay(zone, { start, end: details.end })))
    found.push(
      contradiction(
        'contact-longer-than-a-day',
        [reference],
        `${reference} lasts from ${start} to ${details.end}, longer than a day. Correct period.start or period.end, or send an Encounter for each contact.`,
      ),
    );
  if (!begun.has(status)) return found;
  if (liesAhead(scene, start)) found.push(future(reference, start, 'period.start'));
  if (zones.some((zone) => isAfter(zone, start, facts.deceased))) found.push(afterDeath(scene, reference, start));
  const own = facts.episodes.find((one) => one.reference === episode);
  if (own && zones.some((zone) => isAfter(zone, own.start, start)))
    found.push(
      contradiction(
        'contact-before-episode',
        [reference, episode],
        `${reference} took place at ${start}, before ${episode} begins on ${own.start}. Correct the contact's date or episodeOfCare, or the episode's period.start.`,
        { episode },
      ),
    );
  return found;
}

function liesAhead({ knownAt, zones }: Scene, at: string): boolean {
  const limit = Date.parse(knownAt) + futureToleranceMs;
  const instant = instantOf(at);
  if (instant !== undefined) return instant > limit;
  return zones.some((zone) => {
    const date = dateIn(zone, at);
    return date !== undefined && startOfLocalDate(date, zone).getTime() > limit;
  });
}

function isAfter(zone: string, at: string | undefined, limit: string | undefined): boolean {
  const date = dateIn(zone, at);
  const last = dateIn(zone, limit);
  return date !== undefined && last !== undefined && date > last;
}

function future(reference: string, at: string, element: string): Contradiction {
  return contradiction(
    'contact-in-the-future',
    [reference],
    `${reference} is said to have taken place at ${at}, more than a day ahead. Correct ${element}, or send it as planned.`,
  );
}

function afterDeath({ facts }: Scene, reference: string, at: string): Contradiction {
  return contradiction(
    'contact-after-death',
    [reference, facts.patient],
    `${reference} took place at ${at}, after the member's death on ${facts.deceased}. Correct the contact's date, or Patient.deceased.`,
  );
}

function ofTimes({ facts, knownAt, rulesets, zones }: Scene): Contradiction[] {
  const charging = facts.coverages
    .flatMap((coverage) => applicableRulesets(rulesets, coverage, knownAt))
    .find(({ ruleset }) => 'M-5' in ruleset.rules)?.ruleset;
  const found = [...wrongActivities(facts, zones), ...(charging ? servicesAtOnce(facts, charging.zone) : [])];
  return found.map(({ code, evidence, text }) => contradiction(code, evidence, text));
}

function ofEpisodes({ facts: { episodes }, zones }: Scene): Contradiction[] {
  return episodes.flatMap((episode) => {
    const { end, organization, reference, start } = episode;
    if (zones.some((zone) => isReversed(zone, episode)))
      return [
        contradiction(
          'episode-end-before-start',
          [reference],
          `${reference} ends on ${end}, before it begins on ${start}. Correct period.start or period.end.`,
          { episode: reference },
        ),
      ];
    return zones
      .flatMap((zone) => overlapping(episode, episodes, zone))
      .map((other) => {
        const [first, second] = [reference, other.reference].sort() as [string, string];
        return contradiction(
          'two-episodes-at-once',
          [first, second],
          `${first} and ${second} run at the same time at ${organization}. End one, or mark one entered-in-error, and name the episode in each contact.`,
          { episode: first },
        );
      });
  });
}

function ofCoverages({ facts, knownAt, rulesets, zones }: Scene): Contradiction[] {
  return facts.coverages.flatMap((coverage) => {
    const { end, planType, product, reference, start } = coverage;
    if (zones.some((zone) => isReversed(zone, coverage)))
      return [
        contradiction(
          'coverage-end-before-start',
          [reference],
          `${reference} ends on ${end}, before it begins on ${start}: it covers no day. Correct period.start or period.end.`,
        ),
      ];
    if (isKnownPlan(coverage, rulesets, knownAt) || !facts.episodes.some((one) => meet(coverage, one, zones)))
      return [];
    const value = [product, planType].filter((one) => one !== undefined).join(', ') || 'none';
    return [
      contradiction(
        'unknown-plan',
        [reference],
        `${reference} says plan ${value.slice(0, 100)}, for which no ruleset is known, so nothing can be said of its days. Correct Coverage.class of type plan or the plan type, or add the plan to a file of rulesets/.`,
        { value: value.slice(0, 100) },
      ),
    ];
  });
}

/** Whether a ruleset that was known at K speaks of the plan, on whichever days. */
function isKnownPlan({ planType, product }: CoverageFact, rulesets: readonly Ruleset[], knownAt: string): boolean {
  return rulesets.some(
    ({ planTypes, products, publishedAt }) =>
      Date.parse(publishedAt) <= Date.parse(knownAt) &&
      ((planType !== undefined && planTypes.includes(planType)) || products.some(({ value }) => value === product)),
  );
}

function meet(one: Span, other: Span, zones: readonly string[]): boolean {
  return zones.some((zone) => between(spanIn(zone, one), spanIn(zone, other)) !== undefined);
}

/** The days that two spans share. */
function between(one: DateSpan, other: DateSpan): DateSpan | undefined {
  const start = [one.start, other.start]
    .filter((date) => date !== undefined)
    .sort()
    .at(-1);
  const end = [one.end, other.end].filter((date) => date !== undefined).sort()[0];
  return start !== undefined && end !== undefined && end < start ? undefined : { start, end };
}

/**
 * Days of an episode that lie between two coverages under a ruleset. Contacts carry over them and no ruleset holds on them (8.3.10), so
 * they are neither on nor off: somebody must say whether the member was covered.
 */
function coverageGaps({ facts, knownAt, rulesets, zones: [zone] }: Scene): Contradiction[] {
  if (zone === undefined) return [];
  const spans = facts.coverages
    .filter((coverage) => applicableRulesets(rulesets, coverage, knownAt).length > 0)
    .map((coverage) => ({ reference: coverage.reference, ...spanIn(zone, coverage) }))
    .sort((a, b) => ((a.start ?? '') < (b.start ?? '') ? -1 : 1));
  const gaps: { start: LocalDate; end: LocalDate; evidence: string[] }[] = [];
  let last = spans[0];
  for (const span of spans.slice(1)) {
    if (last?.end === undefined) break;
    const start = addDays(last.end, 1);
    if (span.start !== undefined && span.start > start)
      gaps.push({ start, end: addDays(span.start, -1), evidence: [last.reference, span.reference] });
    if (span.end === undefined || span.end > last.end) last = span;
  }
  return gaps.flatMap(({ evidence, ...gap }) =>
    facts.episodes.flatMap((episode) => {
      const days = isReversed(zone, episode) ? undefined : between(gap, spanIn(zone, episode));
      return days === undefined ? [] : [gapIn(episode, days, evidence)];
    }),
  );
}

function gapIn({ reference: episode }: Episode, { end, start }: DateSpan, evidence: readonly string[]): Contradiction {
  return contradiction(
    'coverage-gap',
    evidence,
    `No coverage under a ruleset holds from ${start} to ${end}, while ${episode} goes on. Correct the period of ${evidence.join(' or ')}, add the coverage of those days, or leave it where the member had none.`,
    { episode },
  );
}

function ofPeople({ facts, zones }: Scene): Contradiction[] {
  const roles = [...facts.coaches.values()].flatMap((coach) => coach.roles);
  return [
    ...(facts.deceasedWithoutDate
      ? [
          contradiction(
            'death-without-date',
            [facts.patient],
            `${facts.patient} is said to have died, and not when. Send the date as Patient.deceasedDateTime; the days after the latest accepted contact are open until then.`,
          ),
        ]
      : []),
    ...roles
      .filter((role) => zones.some((zone) => isReversed(zone, role)))
      .map(({ end, reference, start }) =>
        contradiction(
          'employment-end-before-start',
          [reference],
          `${reference} ends on ${end}, before the hire on ${start}. Correct period.start or period.end.`,
        ),
      ),
  ];
}
