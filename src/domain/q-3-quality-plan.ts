import type { LocalDate } from '../base/time.ts';
import { answer, notApplicable, type RuleAnswer } from './answer.ts';
import { dateIn, spanIn } from './dating.ts';
import { holds } from './facts/facts.ts';
import type { QualityPlan, SurveyFact } from './facts/quality.ts';
import { indeterminate, met, notMet } from './outcome.ts';
import type { Ruleset } from './ruleset.ts';

/** R4 types that Q-3 reads. */
export const inputTypes = ['DocumentReference', 'QuestionnaireResponse'] as const;

interface Asked {
  readonly ruleset: Ruleset;
  readonly date: LocalDate;
  readonly knownAt: string;
}

/**
 * Q-3 "will develop and maintain a quality management plan" (Optum, Quality Management 1): a plan dated by D and K, and in force on D
 * where it names its days. Surveys are counted only: the process "may include outcome measures and satisfaction surveys". Advisory.
 */
export function qualityPlan(asked: Asked, plans: readonly QualityPlan[], surveys: readonly SurveyFact[]): RuleAnswer {
  const { date, ruleset } = asked;
  if (!('Q-3' in ruleset.rules)) return notApplicable('Q-3', 'rule-not-in-ruleset');
  const figures = { surveys: surveys.filter(({ on }) => isPast(asked, on)).length };
  const made = plans.filter(({ on }) => isPast(asked, on));
  if (made.length === 0) return answer('Q-3', indeterminate('missing: quality management plan'), [], figures);
  const inForce = made.filter((plan) => holds(spanIn(ruleset.zone, plan), date));
  const outcome = inForce.length > 0 ? met : notMet('quality-plan-not-in-force');
  const evidence = (inForce.length > 0 ? inForce : made).map(({ reference }) => reference);
  return answer('Q-3', outcome, evidence, figures);
}

function isPast({ date, knownAt, ruleset }: Asked, at: string | undefined): boolean {
  const on = dateIn(ruleset.zone, at);
  const today = dateIn(ruleset.zone, knownAt);
  return on !== undefined && on <= date && today !== undefined && on <= today;
}
