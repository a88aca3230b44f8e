import type { LocalDate } from '../base/time.ts';
import { answer, notApplicable, type Question, type RuleAnswer } from './answer.ts';
import { isLongerThanADay } from './at-once.ts';
import { modeOf } from './binding.ts';
import { dateIn } from './dating.ts';
import type { SupportActivity } from './facts/facts.ts';
import { indeterminate, met, notMet, type Outcome } from './outcome.ts';
import { periodOn, type ServicePeriod } from './service-period.ts';

/** R4 types that T-4 reads. */
export const inputTypes = ['Procedure', 'EpisodeOfCare', 'Patient'] as const;

/**
 * T-4 "sufficient time must be spent on case related work without Enrollee present" (Optum 18c; Tufts, case rate 2): at least one
 * support activity with purpose and duration in the period. No document says how much is sufficient, so the minutes only inform; that
 * there is none contradicts where the rule gates (8.2).
 */
export function supportWork(question: Question, activities: readonly SupportActivity[], death?: LocalDate): RuleAnswer {
  if (!question.ruleset.rules['T-4']) return notApplicable('T-4', 'rule-not-in-ruleset');
  const period = periodOn(question, death);
  if ('result' in period) return answer('T-4', period, [question.episode.reference]);
  const own = activities.filter((activity) => isOwn(question, activity, period));
  const complete = own.filter(({ purposes, ...activity }) => purposes.length > 0 && minutesOf(activity, question) > 0);
  return answer(
    'T-4',
    outcomeOf(period, own.length, complete.length),
    (complete.length > 0 ? complete : own).map(({ reference }) => reference),
    {
      mode: modeOf(question, 'T-4'),
      minutes: complete.reduce((total, activity) => total + minutesOf(activity, question), 0),
      activities: complete.length,
      periodStart: period.start,
      periodEnd: period.end,
    },
  );
}

function outcomeOf({ ended }: ServicePeriod, own: number, complete: number): Outcome {
  if (complete > 0) return met;
  if (own > 0) return indeterminate('missing: purpose or duration of support work');
  return ended ? notMet('no-support-work-in-period') : indeterminate('period-not-ended');
}

/** Outreach and work with the member present are other things; an organisation that was said must be the episode's. */
function isOwn({ episode, knownAt, ruleset }: Question, activity: SupportActivity, period: ServicePeriod): boolean {
  const { category, clientPresent, organization, start, status } = activity;
  const date = dateIn(ruleset.zone, start);
  if (date === undefined || start === undefined || date < period.start || date > period.end) return false;
  const past = start.length <= 10 || Date.parse(start) <= Date.parse(knownAt);
  const isWork = category !== 'outreach' && clientPresent !== true && status === 'completed';
  return past && isWork && (organization === undefined || organization === episode.organization);
}

/** Whole minutes between two instants; dates alone have no duration, and neither has what cannot have been so long. */
function minutesOf({ end, start }: Pick<SupportActivity, 'start' | 'end'>, { ruleset }: Question): number {
  if (isLongerThanADay(ruleset.zone, { start, end })) return 0;
  if (start === undefined || end === undefined || start.length <= 10 || end.length <= 10) return 0;
  return Math.max(0, Math.floor((Date.parse(end) - Date.parse(start)) / 60_000));
}
