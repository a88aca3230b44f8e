import { daysBetween, type LocalDate } from '../base/time.ts';
import { answer, notApplicable, type RuleAnswer } from './answer.ts';
import { type Asked, credentialLimit, isCertified, isWaived, withinTwoYears } from './b-5-coach-qualified.ts';
import type { CoachFacts } from './facts/facts.ts';
import { all, any, indeterminate, met } from './outcome.ts';

/** R4 types that CR-4 reads. */
export const inputTypes = ['Practitioner', 'PractitionerRole'] as const;

/**
 * CR-4 "individuals who have not completed the CARC credentialing within two years of being hired do not continue providing"
 * (MassHealth bulletin, Qualifications): the runway of a coach who is not certified on D. `limit` is the last day of service, `daysLeft`
 * the days to it (0 on it, absent after it), and `alert` the nearest announced distance that is reached [D]. A waiver under CR-5 lets the
 * payer that approved it go on past the limit; the alert stays, since a waiver ends.
 */
export function credentialRunway(coach: CoachFacts | undefined, date: LocalDate, asked: Asked): RuleAnswer {
  const { parameters, rules } = asked.ruleset;
  if (!('CR-4' in rules)) return notApplicable('CR-4', 'rule-not-in-ruleset');
  if (!coach) return answer('CR-4', indeterminate('missing: Practitioner'));
  if (isCertified(coach, date, asked).result === 'met') return answer('CR-4', met, coach.evidence, { certified: true });
  const waived = 'CR-5' in rules ? [isWaived(coach, date, asked)] : [];
  const outcome = any(withinTwoYears(coach, date, asked), ...waived);
  const limit = credentialLimit(coach, asked);
  if (limit === undefined) return answer('CR-4', outcome, coach.evidence, { certified: false });
  const alertDays = parameters.credentialAlertDays?.value;
  const daysLeft = daysBetween(date, limit);
  const alert = alertDays?.filter((days) => daysLeft >= 0 && daysLeft <= days).toSorted((a, b) => a - b)[0];
  const settled = alertDays ? outcome : all(outcome, indeterminate('missing-parameter: credentialAlertDays'));
  return answer('CR-4', settled, coach.evidence, {
    certified: false,
    waived: waived.some(({ result }) => result === 'met'),
    limit,
    ...(daysLeft < 0 ? {} : { daysLeft }),
    ...(alert === undefined ? {} : { alert }),
  });
}
