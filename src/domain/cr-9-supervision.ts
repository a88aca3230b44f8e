import { daysBetween, type LocalDate } from '../base/time.ts';
import { answer, notApplicable, type RuleAnswer } from './answer.ts';
import { dateIn } from './dating.ts';
import type { Supervision } from './facts/supervision.ts';
import { indeterminate, met, notMet } from './outcome.ts';
import type { Ruleset } from './ruleset.ts';

/** R4 types that CR-9 reads. */
export const inputTypes = ['Appointment', 'Practitioner', 'PractitionerRole'] as const;

/**
 * CR-9 "must receive direct supervision from a supervisor" (Tufts, Optum, Staffing 4): days since the coach's last session that took
 * place by D and K with a named supervisor. No document says how often, so the interval is a setting and the answer advises [D].
 *
 * @param coach Practitioner reference
 */
export function lastSupervision(
  coach: string,
  supervisions: readonly Supervision[],
  { date, knownAt, ruleset }: { readonly date: LocalDate; readonly knownAt: string; readonly ruleset: Ruleset },
): RuleAnswer {
  if (!('CR-9' in ruleset.rules)) return notApplicable('CR-9', 'rule-not-in-ruleset');
  const held = supervisions.flatMap((session) => {
    const on = dateIn(ruleset.zone, session.start);
    const isLed = session.supervisors.some((supervisor) => supervisor !== coach);
    const counts = session.fulfilled && isLed && session.coaches.includes(coach);
    const past = session.start !== undefined && Date.parse(session.start) <= Date.parse(knownAt);
    return counts && past && on !== undefined && on <= date ? [{ on, session }] : [];
  });
  const last = held.toSorted((a, b) => (a.on < b.on ? 1 : a.on > b.on ? -1 : 0))[0];
  if (!last) return answer('CR-9', indeterminate('missing: supervision'));
  const days = daysBetween(last.on, date);
  const most = ruleset.parameters.supervisionDays?.value;
  const outcome =
    most === undefined
      ? indeterminate('missing-parameter: supervisionDays')
      : days <= most
        ? met
        : notMet('supervision-overdue');
  return answer('CR-9', outcome, [last.session.reference], { last: last.on, days });
}
