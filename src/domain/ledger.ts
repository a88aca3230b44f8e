import { addDays, daysBetween, type LocalDate } from '../base/time.ts';
import type { RuleAnswer } from './answer.ts';
import {
  type Caseload,
  type CaseloadAnswer,
  type CaseloadStatus,
  caseloadOn,
  prepareCaseload,
  type Series,
} from './cl-1-caseload.ts';
import type { MemberFacts } from './facts/facts.ts';

/** Consecutive days on which one series has the same answer for the same reason. */
export interface LedgerSpan {
  readonly series: Series;
  readonly start: LocalDate;
  readonly end: LocalDate;
  readonly status: CaseloadStatus | 'not-applicable';
  readonly answer: CaseloadAnswer | undefined;
  readonly reason: string;
  /** what would change the answer, as a sentence; absent where nothing that a person does would */
  readonly change: string | undefined;
}

/** Consecutive days of one payer and ruleset that may be billed, or may not, for the same reasons. */
export interface BillingSpan {
  readonly series: Series;
  readonly start: LocalDate;
  readonly end: LocalDate;
  readonly answer: RuleAnswer;
}

export interface Period {
  readonly start: LocalDate;
  readonly end: LocalDate;
}

/** The days of a period, both ends included. */
export function daysOf({ end, start }: Period): LocalDate[] {
  return Array.from({ length: daysBetween(start, end) + 1 }, (_, index) => addDays(start, index));
}

/**
 * For each (coach, ruleset, payer) of an episode the status on every day of a period, as spans: the deciding contact, the last day and
 * what would change it (domain model, section 5, item 1). Days are judged one by one, so a span says the same on each of its days.
 */
export function caseloadSpans(
  facts: MemberFacts,
  series: readonly Series[],
  knownAt: string,
  period: Period,
): LedgerSpan[] {
  return series.flatMap((one) => {
    const caseload = prepareCaseload(facts, one, knownAt);
    const spans: LedgerSpan[] = [];
    for (const date of daysOf(period)) {
      const day = dayOf(caseload, date);
      const last = spans.at(-1);
      if (last && sameAnswer(last, day)) spans[spans.length - 1] = { ...last, end: date };
      else spans.push({ ...day, series: one, start: date, end: date });
    }
    return spans;
  });
}

type Day = Pick<LedgerSpan, 'status' | 'answer' | 'reason' | 'change'>;

function dayOf(caseload: Caseload, date: LocalDate): Day {
  const { ruleset } = caseload.series;
  const open = { status: 'not-applicable' as const, answer: undefined, change: undefined };
  if (ruleset.contactDefinition !== 'binds') return { ...open, reason: 'caseload-definition-does-not-bind' };
  const answer = caseloadOn(caseload, date);
  if (!answer) return { ...open, reason: 'no-coverage' };
  return { status: answer.status, answer, reason: answer.reason, change: changeOf(answer, caseload) };
}

function sameAnswer(span: LedgerSpan, day: Day): boolean {
  return (
    span.status === day.status &&
    span.reason === day.reason &&
    span.change === day.change &&
    span.answer?.lastDay === day.answer?.lastDay &&
    span.answer?.contact?.contact.reference === day.answer?.contact?.contact.reference
  );
}

/** Reasons of CT-1, CL-1 and B-5 after which the member may be off as well, once the fact is right. */
const contradicted =
  /end-before-start|contact-(after-death|before-episode|in-the-future)|date of death|episode-|before-the-contact|modality|contact-type/;

/** What a person could do about the answer: the sentence names the fact and the day, never more than the caller was told already. */
function changeOf(answer: CaseloadAnswer, { coach, series }: Caseload): string | undefined {
  const window = series.ruleset.parameters.windowDays.value;
  const until = (day: LocalDate): string => `A documented contact by ${day} keeps the member on`;
  switch (answer.status) {
    case 'on': {
      const byContact = answer.contact && addDays(answer.contact.date, window);
      if (answer.lastDay === undefined) return undefined;
      return answer.lastDay === byContact
        ? `${until(answer.lastDay)}.`
        : `${until(answer.lastDay)} for as long as what ends on that day is renewed: ${answer.reason}.`;
    }
    case 'indeterminate':
      return contradicted.test(answer.reason)
        ? `Correct what cannot be right, and the day is decided: ${answer.reason}.`
        : `Supply what is open and the member is on: ${answer.reason}.`;
    case 'off': {
      if (/^(deceased|episode-)/.test(answer.reason)) return undefined;
      const [, missing] = /^coach-not-qualified: (.*)$/.exec(answer.reason) ?? [];
      if (missing !== undefined)
        return coach && `A contact counts again once the coach is qualified, or with another coach: ${missing}.`;
      return `A new contact, or one of the ${window} days before that is not documented yet, puts the member on.`;
    }
  }
}

/** Joins the days of one payer and ruleset that were judged alike. */
export function billingSpans(days: readonly { series: Series; date: LocalDate; answer: RuleAnswer }[]): BillingSpan[] {
  const spans: BillingSpan[] = [];
  for (const { answer, date, series } of days) {
    const last = spans.at(-1);
    const joins =
      last?.series.ruleset === series.ruleset &&
      last.series.payer === series.payer &&
      addDays(last.end, 1) === date &&
      JSON.stringify(last.answer) === JSON.stringify(answer);
    if (last && joins) spans[spans.length - 1] = { ...last, end: date };
    else spans.push({ series, start: date, end: date, answer });
  }
  return spans;
}
