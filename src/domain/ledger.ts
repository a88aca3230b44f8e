import { addDays, daysBetween, type LocalDate, localDateOf } from '../base/time.ts';
import type { RuleAnswer } from './answer.ts';
import { changeOf } from './change.ts';
import {
  type Caseload,
  type CaseloadAnswer,
  type CaseloadStatus,
  caseloadOn,
  prepareCaseload,
  type Series,
} from './cl-1-caseload.ts';
import type { MemberFacts } from './facts/facts.ts';
import type { Reasons } from './reasons.ts';
import { type Hearer, type ToldCaseload, toldCaseload } from './told-caseload.ts';

/** Consecutive days on which one series has the same answer for the same reason, as far as the hearer is told. */
export interface LedgerSpan {
  readonly series: Series;
  readonly start: LocalDate;
  readonly end: LocalDate;
  readonly status: CaseloadStatus | 'not-applicable';
  readonly told: ToldCaseload | undefined;
  readonly reason: string;
  /** what would change the answer, as a sentence; absent where nothing that the hearer does would */
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

/** For whom, and in which words, a ledger is drawn up. */
export interface LedgerView {
  readonly hearer: Hearer;
  readonly reasons: Reasons;
}

/**
 * For each (coach, ruleset, payer) of an episode the status on every day of a period, as spans: the deciding contact, the last day and
 * what would change it (domain model, section 5, item 1). Days are judged one by one, so a span says the same on each of its days; days
 * are joined by what is told of them, so that where a span begins tells a plan nothing either.
 */
export function caseloadSpans(
  facts: MemberFacts,
  series: readonly Series[],
  knownAt: string,
  period: Period,
  view: LedgerView,
): LedgerSpan[] {
  return series.flatMap((one) => {
    const caseload = prepareCaseload(facts, one, knownAt);
    const spans: Open[] = [];
    for (const date of daysOf(period)) {
      const day = dayOf(caseload, date, view);
      const last = spans.at(-1);
      if (last && sameAnswer(last.day, day)) spans[spans.length - 1] = { ...last, end: date };
      else spans.push({ day, start: date, end: date });
    }
    const today = localDateOf(knownAt, one.ruleset.zone);
    return spans.map(({ day: { answer, reason, status, told }, end, start }): LedgerSpan => {
      const change = answer && changeOf(answer, caseload, { ...view, isPast: end < today, today });
      return { series: one, start, end, status, told, reason, change };
    });
  });
}

interface Day {
  readonly status: CaseloadStatus | 'not-applicable';
  readonly answer: CaseloadAnswer | undefined;
  readonly told: ToldCaseload | undefined;
  readonly reason: string;
}

interface Open {
  readonly day: Day;
  readonly start: LocalDate;
  readonly end: LocalDate;
}

function dayOf(caseload: Caseload, date: LocalDate, { hearer, reasons }: LedgerView): Day {
  const { ruleset } = caseload.series;
  const none = { status: 'not-applicable', answer: undefined, told: undefined } as const;
  if (ruleset.contactDefinition !== 'binds') return { ...none, reason: 'caseload-definition-does-not-bind' };
  const answer = caseloadOn(caseload, date);
  if (!answer) return { ...none, reason: 'no-coverage' };
  const told = toldCaseload(answer, ruleset, reasons, hearer);
  return { status: told.status, answer, told, reason: told.reason };
}

/** Whether two days are told alike; what is not told of them parts no span. */
function sameAnswer(one: Day, other: Day): boolean {
  const of = ({ reason, status, told }: Day): string =>
    [status, reason, told?.lastDay, told?.contact?.date, told?.contact?.reference].join(' ');
  return of(one) === of(other);
}

/** Joins the days of one payer and ruleset that were judged alike; figures of a day that nobody is told part none. */
export function billingSpans(days: readonly { series: Series; date: LocalDate; answer: RuleAnswer }[]): BillingSpan[] {
  const spans: BillingSpan[] = [];
  for (const { answer, date, series } of days) {
    const last = spans.at(-1);
    const joins =
      last?.series.ruleset === series.ruleset &&
      last.series.payer === series.payer &&
      addDays(last.end, 1) === date &&
      billingOf(last.answer) === billingOf(answer);
    if (last && joins) spans[spans.length - 1] = { ...last, end: date };
    else spans.push({ series, start: date, end: date, answer });
  }
  return spans;
}

function billingOf({ evidence, figures, outcome, rule }: RuleAnswer): string {
  return JSON.stringify([rule, outcome, evidence, toldFigures(figures)]);
}

/** What of an answer's figures a ledger tells: what is open beside a contradiction, and what a person should look at. */
export function toldFigures(figures: RuleAnswer['figures']): readonly (readonly [name: string, text: string])[] {
  return Object.entries(figures).flatMap(([name, value]): [string, string][] => {
    if (name === 'open') return [[name, String(value)]];
    return name === 'warning' || name.endsWith('-warning') ? [['warning', String(value)]] : [];
  });
}
