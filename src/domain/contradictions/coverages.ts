import { addDays, type LocalDate } from '../../base/time.ts';
import { type DateSpan, isReversed, spanIn } from '../dating.ts';
import type { CoverageFact, Episode, OpenCoverage, Span } from '../facts/facts.ts';
import { applicableRulesets, type Ruleset } from '../ruleset.ts';
import { type Contradiction, contradiction, type Scene } from './scene.ts';

export function ofCoverages({ facts, knownAt, rulesets, zones }: Scene): Contradiction[] {
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
    if (!facts.episodes.some((one) => meet(coverage, one, zones))) return [];
    if (isKnownPlan(coverage, rulesets, knownAt)) return start === undefined ? [withoutStart(reference)] : [];
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

function withoutStart(reference: string): Contradiction {
  return contradiction(
    'coverage-without-start',
    [reference],
    `${reference} does not say from when it covers, so none of its days is known to be covered. Send period.start.`,
  );
}

const wrongs: Readonly<Record<OpenCoverage['problem'], string>> = {
  'coverage-cancelled-without-end': 'is cancelled, and nobody says from when. Send period.end, its last day',
  'coverage-not-active':
    'is a draft, and no other coverage is under a ruleset. Send it as active, or the coverage that is',
  'coverage-without-payer':
    'names no Organization that pays, and no other coverage is under a ruleset. Name the plan in payor as a reference to its Organization',
};

/** Coverages that cover nothing as they are, while an episode goes on that nothing else covers; a cancellation needs its day anyway. */
export function ofOpenCoverages({ facts, knownAt, rulesets, zones }: Scene): Contradiction[] {
  return (facts.openCoverages ?? []).flatMap(({ problem, reference, ...span }) => {
    const needed = facts.episodes.some(
      (episode) =>
        meet(span, episode, zones) &&
        (problem === 'coverage-cancelled-without-end' ||
          !facts.coverages.some(
            (other) => applicableRulesets(rulesets, other, knownAt).length > 0 && meet(other, episode, zones),
          )),
    );
    return needed ? [contradiction(problem, [reference], `${reference} ${wrongs[problem]}.`)] : [];
  });
}

/**
 * Two plans under one document that bills by the day, of two payers or of one: a member is enrolled with one of them at a time [D]. Of one
 * payer two coverages under the same file say no other plan.
 */
export function ofPayers({ facts, knownAt, rulesets, zones }: Scene): Contradiction[] {
  const all = facts.coverages.flatMap((coverage) =>
    applicableRulesets(rulesets, coverage, knownAt).map(({ days, ruleset }) => ({ coverage, days, ruleset })),
  );
  return all.flatMap((one, index) =>
    all.slice(index + 1).flatMap((other) => {
      const isOfOne = one.coverage.payer === other.coverage.payer;
      const isSame =
        one.ruleset.seed.file !== other.ruleset.seed.file ||
        (isOfOne && (one.coverage === other.coverage || one.ruleset.url === other.ruleset.url));
      const byDay = [one, other].some(({ ruleset }) => 'B-2' in ruleset.rules || 'B-4' in ruleset.rules);
      const days = between(one.days, other.days);
      if (isSame || !byDay || days === undefined || !facts.episodes.some((episode) => meet(days, episode, zones)))
        return [];
      const [first, second] = [one.coverage.reference, other.coverage.reference].sort() as [string, string];
      if (isOfOne)
        return [
          contradiction(
            'two-plans-at-once',
            [first, second],
            `${first} and ${second} put the member under two plans of ${one.coverage.payer} on the same days, and only one can hold. End the one that does not with period.end.`,
          ),
        ];
      return [
        contradiction(
          'two-payers-at-once',
          [first, second],
          `${first} of ${one.coverage.reference === first ? one.coverage.payer : other.coverage.payer} and ${second} of ${one.coverage.reference === first ? other.coverage.payer : one.coverage.payer} cover the same days, and one plan pays a day. End the one that does not hold with period.end.`,
        ),
      ];
    }),
  );
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
export function coverageGaps({ facts, knownAt, rulesets, zones: [zone] }: Scene): Contradiction[] {
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
