import { addDays, type LocalDate, localDateOf } from '../../base/time.ts';
import type { Question } from '../answer.ts';
import { seriesOf } from '../caseload.ts';
import { type Caseload, type CoverageDays, contactsOf, prepareCaseload } from '../cl-1-caseload.ts';
import type { Contradiction } from '../contradictions.ts';
import { type DateSpan, dateIn, isReversed, spanIn } from '../dating.ts';
import { type Episode, holds, type MemberFacts } from '../facts/facts.ts';
import { applicableRulesets, canonicalOf, coverageDays, type Ruleset } from '../ruleset.ts';
import type { DueFacts } from './facts.ts';

/** Of whom it is asked what is due: one member at one organisation, on a day, from what was known at K. */
export interface DueInput {
  /** Organization reference of the organisation whose records these are */
  readonly organization: string;
  readonly facts: MemberFacts;
  readonly more: DueFacts;
  readonly rulesets: readonly Ruleset[];
  /** those of `contradictionsOf` for the same facts */
  readonly contradictions: readonly Contradiction[];
  /** ISO instant */
  readonly knownAt: string;
  /** D in one zone, for a missed night; elsewhere, and absent, D is K's own date in the ruleset's zone */
  readonly asOf?: { readonly zone: string; readonly date: LocalDate } | undefined;
}

/** An episode under one payer's ruleset, with every coach in it: what is owed to a payer is owed whoever coaches. */
export interface Account {
  readonly episode: Episode;
  readonly span: DateSpan;
  readonly payer: string;
  readonly ruleset: Ruleset;
  readonly coverage: readonly CoverageDays[];
  readonly caseloads: readonly Caseload[];
  readonly question: Question;
}

/** Of an episode that ends before it begins no day is known. */
const noDays: DateSpan = { start: undefined, end: undefined };

export interface DueContext extends DueInput {
  readonly accounts: readonly Account[];
}

/** Judges the contacts once for both questions, what is due and when that changes. An episode without a coach is asked, too. */
export function dueContext(input: DueInput): DueContext {
  const { facts, knownAt, rulesets } = input;
  const caseloads = seriesOf(facts, rulesets, knownAt).map((series) => prepareCaseload(facts, series, knownAt));
  const covered = new Map<string, { episode: Episode; ruleset: Ruleset; payer: string; coverage: CoverageDays[] }>();
  for (const episode of facts.episodes) {
    for (const coverage of facts.coverages) {
      for (const applicable of applicableRulesets(rulesets, coverage, knownAt)) {
        const { ruleset } = applicable;
        const key = accountKey(episode.reference, coverage.payer, ruleset);
        const found = covered.get(key) ?? { episode, ruleset, payer: coverage.payer, coverage: [] };
        found.coverage.push(coverageDays(applicable));
        covered.set(key, found);
      }
    }
  }
  const accounts = [...covered.entries()]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, { coverage, episode, payer, ruleset }]): Account => {
      const own = caseloads.filter(
        ({ series }) => accountKey(series.episode.reference, series.payer, series.ruleset) === key,
      );
      const date = dueDay(input, ruleset.zone);
      const planType = coverage.find((days) => holds(days, date))?.planType;
      const question: Question = { ruleset, planType, payer, episode, date, knownAt, contacts: contactsOf(own) };
      const span = isReversed(ruleset.zone, episode) ? noDays : spanIn(ruleset.zone, episode);
      return { episode, payer, ruleset, coverage, span, caseloads: own, question };
    });
  return { ...input, accounts };
}

/** D in a zone. */
export function dueDay({ asOf, knownAt }: Pick<DueInput, 'asOf' | 'knownAt'>, zone: string): LocalDate {
  return asOf?.zone === zone ? asOf.date : localDateOf(knownAt, zone);
}

/** Why nothing of this account is to be done any more: said where the member, the episode or the coverage is gone. */
export function whyOver({ coverage, question, ruleset, span }: Account, { facts }: DueContext): string | undefined {
  const death = dateIn(ruleset.zone, facts.deceased, 'end');
  if (death !== undefined && question.date > death) return `The member died on ${death}.`;
  if (facts.deceasedWithoutDate) return 'The member has died; the date is missing.';
  if (span.end !== undefined && question.date > span.end) return `The episode ended on ${span.end}.`;
  if (!coverage.some((days) => holds(days, question.date))) return 'No coverage puts the member under this ruleset.';
  return undefined;
}

/** Dates on which `whyOver` changes, and the episode's first day. */
export function endings({ coverage, ruleset, span }: Account, { facts }: DueContext): LocalDate[] {
  const ends = [...coverage.map(({ end }) => end), span.end, dateIn(ruleset.zone, facts.deceased, 'end')];
  return [
    span.start,
    ...coverage.map(({ start }) => start),
    ...ends.map((end) => (end === undefined ? undefined : addDays(end, 1))),
  ].filter((date) => date !== undefined);
}

function accountKey(episode: string, payer: string, ruleset: Ruleset): string {
  return [episode, canonicalOf(ruleset), payer].join(' ');
}
