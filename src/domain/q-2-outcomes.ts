import type { LocalDate } from '../base/time.ts';
import { answer, notApplicable, type Question, type RuleAnswer } from './answer.ts';
import { hasHappened } from './binding.ts';
import { dateIn } from './dating.ts';
import type { GoalFact, StageFact } from './facts/care-plans.ts';
import type { Span } from './facts/facts.ts';
import type { EpisodeMode } from './facts/michigan-episode.ts';
import { indeterminate, met, type Outcome } from './outcome.ts';

/** R4 types that Q-2 reads, beside those of the rules whose answers it counts. */
export const inputTypes = ['EpisodeOfCare', 'Goal', 'Observation'] as const;

type Asked = Pick<Question, 'date' | 'knownAt' | 'ruleset'>;

/** What a report needs of one member: the episode, what came of it, and the answers of the service's own rules on D. */
export interface MemberOutcomes {
  readonly episode: Span & Pick<EpisodeMode, 'episode' | 'endReason'>;
  readonly goals: readonly GoalFact[];
  readonly stages: readonly StageFact[];
  /** O-1, O-2, T-4 and others: the "performance specifications of this service" */
  readonly answers: readonly RuleAnswer[];
}

/** One row of the report: a population of a MeasureReport. Of `unknown` nobody can say whether they belong to the numerator. */
export interface OutcomeMeasure {
  readonly code: string;
  readonly numerator: number;
  readonly denominator: number;
  readonly unknown: number;
}

/** From precontemplation to maintenance; relapse is none of them. */
const order = ['134414000', '134413006', '134412001', '134411008', '134410009'];
const relapse = '134409004';
const dropped: ReadonlySet<string> = new Set(['proposed', 'planned', 'cancelled', 'rejected', 'entered-in-error']);

/**
 * Q-2 "Clinical outcomes data must be made available to Optum upon request and must be consistent with the performance specifications of
 * this service" (Optum, Quality Management 3), over the members that were asked about and the days from `since` to D. The document names no
 * measure; ours are stages, goals, ends and the service's own rules [D]. `met` where every measure is known for every member.
 */
export function clinicalOutcomes(question: Asked, members: readonly MemberOutcomes[], since: LocalDate): RuleAnswer {
  if (!question.ruleset.rules['Q-2']) return notApplicable('Q-2', 'rule-not-in-ruleset');
  if (members.length === 0) return answer('Q-2', indeterminate('missing: members'));
  const measures = outcomeMeasures(question, members, since);
  const gaps = measures.filter(({ unknown }) => unknown > 0);
  const figures = measures.flatMap(({ code, denominator, numerator, unknown }) => [
    [code, numerator] as const,
    [`${code}.of`, denominator] as const,
    [`${code}.unknown`, unknown] as const,
  ]);
  const outcome: Outcome =
    gaps.length === 0 ? met : indeterminate(...gaps.map(({ code, unknown }) => `missing: ${code} of ${unknown}`));
  return answer('Q-2', outcome, evidenceOf(members), { members: members.length, ...Object.fromEntries(figures) });
}

/** The rows of the report, each for all of the members; what does not apply to a member is in no denominator. */
export function outcomeMeasures(
  question: Asked,
  members: readonly MemberOutcomes[],
  since: LocalDate,
): OutcomeMeasure[] {
  const moves = members.map(({ stages }) => moveOf(stagesIn(question, stages, since)));
  const ends = members.filter(({ episode }) => hasEndedIn(question, episode, since));
  const goals = members.flatMap((member) => member.goals).filter((goal) => !dropped.has(goal.lifecycleStatus));
  const rules = [...new Set(members.flatMap(({ answers }) => answers.map(({ rule }) => rule)))].sort();
  return [
    count('stage-advanced', moves, (move) => (move === undefined ? undefined : move > 0)),
    count('stage-held', moves, (move) => (move === undefined ? undefined : move === 0)),
    count('goal-achieved', goals, ({ achievement }) =>
      achievement === undefined ? undefined : achievement === 'achieved',
    ),
    count('episode-completed', ends, ({ episode: { endReason } }) =>
      endReason === undefined ? undefined : endReason === 'completed',
    ),
    ...rules.map((rule) =>
      count(
        rule,
        members.flatMap(({ answers }) => answers.filter((one) => one.rule === rule)).filter(isAsked),
        ({ outcome: { result } }) => (result === 'indeterminate' ? undefined : result === 'met'),
      ),
    ),
  ];
}

function isAsked({ outcome }: RuleAnswer): boolean {
  return outcome.result !== 'not-applicable';
}

function count<T>(code: string, of: readonly T[], belongs: (one: T) => boolean | undefined): OutcomeMeasure {
  const told = of.map(belongs);
  const known = told.filter((one) => one !== undefined);
  return {
    code,
    numerator: known.filter(Boolean).length,
    denominator: known.length,
    unknown: told.length - known.length,
  };
}

/** Assessed stages of the period, the earliest first. */
function stagesIn(question: Asked, stages: readonly StageFact[], since: LocalDate): string[] {
  return stages
    .filter(({ at, stage }) => {
      const on = dateIn(question.ruleset.zone, at);
      return stage !== 'not-assessed' && on !== undefined && on >= since && hasHappened(question, at);
    })
    .sort((a, b) => Date.parse(a.at ?? '') - Date.parse(b.at ?? ''))
    .map(({ stage }) => stage);
}

/** Steps from the first stage to the last; a relapse at the end is a step back from wherever. One stage alone shows no move. */
function moveOf(stages: readonly string[]): number | undefined {
  const [first] = stages;
  const last = stages.at(-1);
  if (first === undefined || last === undefined || stages.length < 2) return undefined;
  const rank = (stage: string): number => (stage === relapse ? -1 : order.indexOf(stage));
  return rank(last) - rank(first);
}

function hasEndedIn({ date, ruleset }: Pick<Question, 'date' | 'ruleset'>, { end }: Span, since: LocalDate): boolean {
  const on = dateIn(ruleset.zone, end, 'end');
  return on !== undefined && on >= since && on <= date;
}

function evidenceOf(members: readonly MemberOutcomes[]): string[] {
  return members.flatMap(({ answers, episode, goals, stages }) => [
    episode.episode,
    ...goals.map(({ reference }) => reference),
    ...stages.map(({ reference }) => reference),
    ...answers.flatMap(({ evidence }) => evidence),
  ]);
}
