import { remembered } from '../base/remembered.ts';
import { addDays, earliest, type LocalDate, localDateOf } from '../base/time.ts';
import {
  type Caseload,
  type CaseloadAnswer,
  type CaseloadStatus,
  type CoverageDays,
  caseloadOn,
  prepareCaseload,
  type Series,
  statusOn,
  transitionDates,
} from './cl-1-caseload.ts';
import { spanIn } from './dating.ts';
import type { MemberFacts } from './facts/facts.ts';
import { applicableRulesets, canonicalOf, coverageDays, type Ruleset } from './ruleset.ts';

/** A run of days with one status: what one caseload-status Observation says. */
export interface Spell {
  readonly status: CaseloadStatus;
  readonly start: LocalDate;
  /** on: the last covered day as known now; indeterminate: its last day once that is past; off: the last day once it is past */
  readonly end: LocalDate | undefined;
  /** the answer on the spell's latest day that is not in the future */
  readonly answer: CaseloadAnswer;
}

export interface SeriesSpells {
  readonly series: Series;
  readonly spells: readonly Spell[];
  /** the next date on which the answer changes by itself */
  readonly nextTransition: LocalDate | undefined;
}

/**
 * Every (episode, coach, ruleset, payer) that a member's coaches and coverages make: a coach is who had a contact, wrote a message or
 * is the episode's care manager. Without a coverage under any ruleset there is none: the rules have nothing to say.
 */
export const seriesOf = remembered(
  (facts: MemberFacts, rulesets: readonly Ruleset[], knownAt: string): readonly Series[] => {
    const served = new Map(
      [
        ...facts.contacts.map(({ coach, episode }) => ({ coach, episode })),
        ...facts.messages.flatMap(({ coach, episodes }) => episodes.map((episode) => ({ coach, episode }))),
        ...facts.episodes.flatMap(({ careManager, reference }) =>
          careManager.map((coach) => ({ coach, episode: reference })),
        ),
      ].map((pair) => [`${pair.episode} ${pair.coach}`, pair]),
    );
    const made = new Map<string, Series & { coverage: CoverageDays[] }>();
    for (const { coach, episode: reference } of served.values()) {
      const episode = facts.episodes.find((one) => one.reference === reference);
      if (!episode) continue;
      for (const coverage of facts.coverages) {
        for (const applicable of applicableRulesets(rulesets, coverage, knownAt)) {
          const { ruleset } = applicable;
          const key = [reference, coach, canonicalOf(ruleset), coverage.payer].join(' ');
          const series = made.get(key) ?? { episode, coach, ruleset, payer: coverage.payer, coverage: [] };
          series.coverage.push(coverageDays(applicable));
          made.set(key, series);
        }
      }
    }
    const all = [...made.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, series]) => series);
    return all.map((series) => withSpecification(series, all, rulesets));
  },
);

/**
 * What narrows an answer to one ruleset or payer must lose neither the other files of its document, whose payers may cover the same days,
 * nor, beside the bulletin's billing, the payer's own case rate of the episode.
 */
function withSpecification(narrow: Series, all: readonly Series[], rulesets: readonly Ruleset[]): Series {
  const alike = rulesets.filter(({ seed }) => seed.file === narrow.ruleset.seed.file);
  const series = { ...narrow, alike };
  if (!('B-2' in series.ruleset.rules)) return series;
  const beside = all.filter(
    ({ episode, payer, ruleset }) =>
      'B-4' in ruleset.rules && payer === series.payer && episode.reference === series.episode.reference,
  );
  return beside.length > 0 ? { ...series, beside } : series;
}

/**
 * The spells of a series from its first contact to today, each as it is known at K. It looks only at the dates on which the answer can
 * change, so its cost does not grow with the days.
 *
 * @param today the day up to which they run; K's own date in the ruleset's zone unless a missed night is caught up
 */
export function spellsOf(
  facts: MemberFacts,
  series: Series,
  knownAt: string,
  today: LocalDate = localDateOf(knownAt, series.ruleset.zone),
): SeriesSpells {
  const caseload = prepareCaseload(facts, series, knownAt);
  const first = firstDay(caseload);
  const dates = transitionDates(caseload);
  const starts =
    first === undefined || first > today ? [] : [first, ...dates.filter((date) => date > first && date <= today)];
  return { series, spells: spellsFrom(caseload, starts, today), nextTransition: dates.find((date) => date > today) };
}

/** Days of one status are one spell, whatever contact decides each of them; days without a rule part spells. */
interface Run {
  readonly status: CaseloadStatus;
  readonly start: LocalDate;
  last: LocalDate;
}

/** @param starts in order: the days from one of them to the next are alike */
function spellsFrom(caseload: Caseload, starts: readonly LocalDate[], today: LocalDate): Spell[] {
  const runs: Run[] = [];
  let current: Run | undefined;
  for (const [index, start] of starts.entries()) {
    const next = starts[index + 1];
    const last = next === undefined ? today : addDays(next, -1);
    const status = statusOn(caseload, last);
    if (current && status === current.status) current.last = last;
    else if (status === undefined) current = undefined;
    else {
      current = { status, start, last };
      runs.push(current);
    }
  }
  return runs.flatMap(({ last, start, status }): Spell[] => {
    const answer = caseloadOn(caseload, last);
    if (!answer) return [];
    const isOver = last < today;
    return [{ status, start, end: isOver ? last : answer.lastDay, answer }];
  });
}

/** The day of the oldest contact; where it may be another coach's, not before the coach whose caseload it is was hired. */
function firstDay({ asked, coach, contacts, series }: Caseload): LocalDate | undefined {
  const oldest = contacts.at(-1)?.date;
  if (series.ruleset.parameters.caseloadUnit?.value !== 'organization' || !coach) return oldest;
  const hires = coach.roles
    .filter(({ organization }) => organization === asked.organization)
    .map((role) => spanIn(series.ruleset.zone, role).start);
  const hired = hires.includes(undefined) ? undefined : earliest(...hires);
  return oldest !== undefined && hired !== undefined && hired > oldest ? hired : oldest;
}
