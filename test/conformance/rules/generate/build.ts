import { DateTime } from 'luxon';
import type { Coach, ContactRow, Expectation, History, Result, Waiver } from '../format.ts';
import { type QuoteKey, quotes } from './quotes.ts';

export const newYork = 'America/New_York';
export const detroit = 'America/Detroit';

export type Draft = Pick<History, 'title' | 'rule' | 'contacts' | 'expect'> & Partial<History>;
export type Add = (family: string, quote: QuoteKey, draft: Draft) => void;

/** Numbers the histories of each family and completes them with a member of MassHealth whom coach-a serves. */
export function collect(topics: readonly ((add: Add) => void)[]): History[] {
  const histories: History[] = [];
  const numbers = new Map<string, number>();
  for (const topic of topics)
    topic((family, quote, draft) => {
      const number = (numbers.get(family) ?? 0) + 1;
      numbers.set(family, number);
      histories.push({
        id: `${family}-${String(number).padStart(3, '0')}`,
        ...quotes[quote],
        zone: newYork,
        ruleset: 'masshealth-mce',
        coverage: [{ product: 'masshealth-mco', payer: 'mce', start: '2023-01-01' }],
        coaches: [coach()],
        episode: { start: '2023-01-01' },
        ...draft,
      });
    });
  return histories;
}

export function day(date: string, days: number): string {
  return DateTime.fromISO(date, { zone: 'utc' }).plus({ days }).toISODate() ?? '';
}
/** Months from the date itself, clamped to the end of the month. */
export function month(date: string, months: number): string {
  return DateTime.fromISO(date, { zone: 'utc' }).plus({ months }).toISODate() ?? '';
}
export function at(date: string, time = '12:00', zone: string = newYork): string {
  return DateTime.fromISO(`${date}T${time}`, { zone }).toISO({ suppressMilliseconds: true }) ?? '';
}
/** Minutes that elapse, whatever the clock on the wall does meanwhile. */
export function after(instant: string, minutes: number, zone: string = newYork): string {
  return DateTime.fromISO(instant, { zone }).plus({ minutes }).toISO({ suppressMilliseconds: true }) ?? '';
}
export function utc(instant: string): string {
  return DateTime.fromISO(instant).toUTC().toISO({ suppressMilliseconds: true }) ?? '';
}
export function night(date: string, zone: string = newYork): string {
  return at(date, '23:59:59', zone);
}
export function least(a: string, b: string): string {
  return a < b ? a : b;
}
export function numbers(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}

export const attested = [
  { code: 'recovery-attestation', attestedAsOf: '2020-01-01' },
  { code: 'board-requirements', attestedAsOf: '2020-01-01' },
];
export const carc = { code: 'carc', number: 'C-1', issuer: 'board', start: '2021-01-01' };
export const trainings = ['academy', 'ethics', 'supervision', 'further-training'].map((code) => ({
  code,
  start: '2020-01-01',
}));
/** What a payer approved on the day on which it begins, upon a document. */
export function waiver(payer: string, start: string, end?: string, more: Partial<Waiver> = {}): Waiver {
  return { payer, approved: start, document: 'request-1', start, ...(end === undefined ? {} : { end }), ...more };
}
export const diploma = { code: 'diploma', start: '2020-01-01' };

export function coach(more: Partial<Coach> = {}): Coach {
  return { id: 'coach-a', hire: '2020-06-01', qualifications: [...attested, carc], ...more };
}
/** Optum and Tufts ask for a diploma and an approved training beside the certificate (Staffing 2 and 3). */
export function trainedCoach(more: Partial<Coach> = {}): Coach {
  return coach({ qualifications: [...attested, carc, ...trainings, diploma], ...more });
}

export function contact(
  date: string,
  more: Partial<ContactRow> = {},
  time = '12:00',
  zone: string = newYork,
): ContactRow {
  const instant = at(date, time, zone);
  return {
    externalId: 'c1',
    coachId: 'coach-a',
    startTime: instant,
    kind: 'session',
    modality: 'in-person',
    memberEngaged: true,
    documentedAt: instant,
    signedBy: 'coach-a',
    status: 'final',
    recordedAt: instant,
    ...more,
  };
}
export function text(id: string, date: string, from: 'member' | 'coach', more: Partial<ContactRow> = {}): ContactRow {
  const startTime = at(date, from === 'member' ? '15:00' : '14:00');
  const direction = from === 'member' ? 'from-member' : 'to-member';
  return {
    externalId: id,
    coachId: 'coach-a',
    startTime,
    kind: 'message',
    modality: 'text',
    direction,
    recordedAt: startTime,
    ...more,
  };
}

export type Status = NonNullable<Expectation['status']>;

export function on(asOf: string, lastDay: string, more: Partial<Expectation> = {}): Expectation {
  const daysLeft = Math.round((Date.parse(lastDay) - Date.parse(asOf)) / 86_400_000);
  return { asOf, knownAt: night(asOf), status: 'on', lastDay, daysLeft, ...more };
}
export function is(status: Status, asOf: string, more: Partial<Expectation> = {}): Expectation {
  return { asOf, knownAt: night(asOf), status, ...more };
}
/** Past 21 days: the 21st day after the contact's date is the last. */
export function window(date: string, id = 'c1'): Expectation[] {
  const last = day(date, 21);
  return [0, 20, 21]
    .map((n) => on(day(date, n), last, { contactDate: date, decidingContact: id, reason: '21 days after the contact' }))
    .concat([is('off', day(date, 22), { reason: 'no contact within 21 days' })]);
}

type RuleAnswer = Omit<NonNullable<Expectation['rule']>, 'id' | 'result'>;
/** What a rule answers on a day, at its night unless another instant is said. */
export function rule(
  id: string,
  result: Result,
  asOf: string,
  more: RuleAnswer = {},
  asked: Partial<Expectation> = {},
): Expectation {
  return { asOf, knownAt: night(asOf), ...asked, rule: { id, result, ...more } };
}

type Billing = Omit<NonNullable<Expectation['billing']>, 'rule' | 'result'>;
/** Whether a day may be billed, asked at noon of the next day: a day must have closed. */
export function billing(
  id: 'B-2' | 'B-4',
  result: Result,
  asOf: string,
  more: Billing = {},
  asked: Partial<Expectation> = {},
): Expectation {
  return { asOf, knownAt: at(day(asOf, 1)), ...asked, billing: { rule: id, result, ...more } };
}
