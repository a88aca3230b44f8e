import type { LocalDate } from '../base/time.ts';
import { answer, notApplicable, type RuleAnswer } from './answer.ts';
import { spanIn } from './dating.ts';
import { type CoachFacts, holds } from './facts/facts.ts';
import { indeterminate, met, notMet, type Outcome } from './outcome.ts';
import type { Ruleset } from './ruleset.ts';

/** R4 types that CR-7 reads. */
export const inputTypes = ['Practitioner', 'PractitionerRole'] as const;

/**
 * CR-7 "must have at least a high school diploma or a GED, except in cases where a reasonable exception can be made" (Tufts, Optum,
 * Staffing 2): a diploma, or the documented exception. A diploma without a date holds on every day.
 */
export function diplomaOn(coach: CoachFacts | undefined, date: LocalDate, ruleset: Ruleset): RuleAnswer {
  if (!('CR-7' in ruleset.rules)) return notApplicable('CR-7', 'rule-not-in-ruleset');
  if (!coach) return answer('CR-7', indeterminate('missing: Practitioner'));
  return answer('CR-7', hasDiploma(coach, date, ruleset), coach.evidence);
}

export function hasDiploma({ qualifications }: CoachFacts, date: LocalDate, { zone }: Ruleset): Outcome {
  const held = qualifications.filter(({ code }) => code === 'diploma' || code === 'diploma-exception');
  if (held.length === 0) return indeterminate('missing: diploma');
  return held.some((one) => holds(spanIn(zone, one), date)) ? met : notMet('CR-7 no-diploma-or-exception-in-force');
}
