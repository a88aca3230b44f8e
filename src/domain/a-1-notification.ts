import { addDays, type LocalDate, startOfLocalDate } from '../base/time.ts';
import { answer, notApplicable, type Question, type RuleAnswer } from './answer.ts';
import { hasHappened, lastKnownDate } from './binding.ts';
import { type DateSpan, dateIn } from './dating.ts';
import type { NotificationFact } from './facts/authorizations.ts';
import { indeterminate, met, notMet } from './outcome.ts';

/** R4 types that A-1 reads. */
export const inputTypes = ['Task', 'EpisodeOfCare'] as const;

/**
 * A-1 "MCEs must allow a 14-day window for providers to submit a notification of admission when members begin services" (MassHealth
 * bulletin, Authorization and Registration of Service). Due on start + 14 at 23:59:59 local; evidence of sending, not the plan's
 * reply, makes it timely (3.3). The reading with the start as day 1 would shorten a provider's right and is rejected [D].
 */
export function notificationOfAdmission(question: Question, facts: readonly NotificationFact[]): RuleAnswer {
  const { episode, ruleset } = question;
  if (!ruleset.rules['A-1']) return notApplicable('A-1', 'rule-not-in-ruleset');
  const days = ruleset.parameters.notificationDays?.value;
  if (days === undefined) return answer('A-1', indeterminate('missing-parameter: notificationDays'));
  const start = dateIn(ruleset.zone, episode.start);
  if (start === undefined) return answer('A-1', indeterminate('missing: EpisodeOfCare.period.start'));
  const due = addDays(start, days);
  const figures = { dueDate: due, dueAt: endOfDay(due, ruleset.zone) };
  const own = facts.filter((one) => one.kind === 'notification-of-admission' && one.episode === episode.reference);
  const sendings = sent(question, own);
  const [first] = sendings;
  if (!first) return notSent(question, due, own, figures);
  if (first.date > due && sendings.some(({ earliest }) => earliest <= due))
    return answer('A-1', indeterminate('missing: day of sending'), [episode.reference, first.fact.reference], {
      ...figures,
      status: 'undated',
    });
  const acknowledged = own.find((one) => isTo(question, one) && hasHappened(question, one.acknowledgedAt));
  const timely = first.date <= due;
  return answer(
    'A-1',
    timely ? met : notMet('notification-late'),
    [episode.reference, first.fact.reference, ...(acknowledged ? [acknowledged.reference] : [])],
    { ...figures, status: timely ? 'timely' : 'late', sentDate: first.date, acknowledged: acknowledged !== undefined },
  );
}

/**
 * A plan is told of an admission when it covers the member on some day of the window; one whose coverage begins later, or ended before,
 * was never to be told [D].
 *
 * @param coverage days on which a coverage of the plan puts the member under the ruleset
 */
export function wasToBeTold(
  { episode, ruleset }: Pick<Question, 'episode' | 'ruleset'>,
  coverage: readonly DateSpan[],
): boolean {
  const days = ruleset.parameters.notificationDays?.value;
  const start = dateIn(ruleset.zone, episode.start);
  if (days === undefined || start === undefined) return true;
  const due = addDays(start, days);
  return coverage.some((one) => (one.start ?? start) <= due && (one.end ?? start) >= start);
}

/** A-1 for the plan of these coverages. */
export function notificationToPlan(
  question: Question,
  coverage: readonly DateSpan[],
  facts: readonly NotificationFact[],
): RuleAnswer {
  if (question.ruleset.rules['A-1'] && !wasToBeTold(question, coverage))
    return notApplicable('A-1', 'not-covered-within-the-window');
  return notificationOfAdmission(question, facts);
}

function isTo({ payer }: Question, { payers }: NotificationFact): boolean {
  return payers.includes(payer);
}

/** A sending that had happened by `date`; not before `earliest`, where only its month or year was said. */
interface Sending {
  readonly fact: NotificationFact;
  readonly date: LocalDate;
  readonly earliest: LocalDate;
}

/** Sendings to the payer that had happened, the earliest first. */
function sent(question: Question, own: readonly NotificationFact[]): Sending[] {
  const { zone } = question.ruleset;
  return own
    .filter((one) => isTo(question, one) && hasHappened(question, one.sentAt))
    .flatMap((fact) => {
      const [earliest, date] = [dateIn(zone, fact.sentAt), dateIn(zone, fact.sentAt, 'end')];
      return date === undefined || earliest === undefined ? [] : [{ fact, date, earliest }];
    })
    .sort((a, b) => (a.date < b.date ? -1 : a.date > b.date ? 1 : 0));
}

function notSent(
  question: Question,
  due: LocalDate,
  own: readonly NotificationFact[],
  figures: RuleAnswer['figures'],
): RuleAnswer {
  const evidence = [question.episode.reference];
  const nameless = own.filter(({ payers, sentAt }) => payers.length === 0 && hasHappened(question, sentAt));
  if (nameless.length > 0)
    return answer(
      'A-1',
      indeterminate('missing: payer of the notification'),
      [...evidence, ...nameless.map(({ reference }) => reference)],
      figures,
    );
  const today = lastKnownDate(question);
  if (today === undefined) return answer('A-1', indeterminate('missing: knownAt'), evidence, figures);
  return today <= due
    ? answer('A-1', indeterminate('notification-due'), evidence, { ...figures, status: 'due' })
    : answer('A-1', notMet('notification-overdue'), evidence, { ...figures, status: 'overdue' });
}

/** 23:59:59 local, on days of 23 and 25 hours too. */
function endOfDay(date: LocalDate, zone: string): string {
  return new Date(startOfLocalDate(addDays(date, 1), zone).getTime() - 1_000).toISOString();
}
