import { plainInstant } from '../base/instants.ts';
import { type LocalDate, localDateOf, parseLocalDate } from '../base/time.ts';
import type { Span } from './facts/facts.ts';

/**
 * The calendar date of what a sender wrote, in a ruleset's zone. A date is taken as it is; of a year or month the first day counts at
 * a start and the last at an end; an instant without an offset, or one that no calendar has, has no date (domain model, section 1).
 */
export function dateIn(
  zone: string,
  value: string | undefined,
  side: 'start' | 'end' = 'start',
): LocalDate | undefined {
  if (value === undefined) return undefined;
  if (value.length <= 10) return wholeDate(value, side);
  const plain = plainInstant(value);
  if (plain !== undefined) return dateAt(zone, plain);
  const known = datesIn.get(zone) ?? new Map<string, LocalDate | undefined>();
  datesIn.set(zone, known);
  const found = known.get(value);
  if (found !== undefined || known.has(value)) return found;
  const date = dateOfInstant(zone, value);
  if (known.size >= mostKnown) known.clear();
  known.set(value, date);
  return date;
}

/** What only a general parser reads is dear, and each rule asks anew: as many as some hundred members have are remembered. */
const datesIn = new Map<string, Map<string, LocalDate | undefined>>();
const instants = new Map<string, number | undefined>();
const mostKnown = 20_000;

function dateOfInstant(zone: string, value: string): LocalDate | undefined {
  const at = instantOf(value);
  return at === undefined ? undefined : dateAt(zone, at);
}

function dateAt(zone: string, at: number): LocalDate | undefined {
  const date = localDateOf(at, zone);
  // What falls out of the years 1 to 9999 in the zone has no date in four digits.
  return date.length === 10 && date >= '0001-01-01' ? date : undefined;
}

const hasOffset = /T.*(Z|[+-]\d\d:\d\d)$/;
/** It belongs to the minute that it ends; no clock here can place it otherwise. */
const leapSecond = /:60(?=[.Z+-])/;

function wholeDate(value: string, side: 'start' | 'end'): LocalDate | undefined {
  if (value.length === 10) return parseLocalDate(value);
  const [year = '', month] = value.split('-');
  if (side === 'start') return parseLocalDate(`${year}-${month ?? '01'}-01`);
  return ['31', '30', '29', '28']
    .map((day) => parseLocalDate(`${year}-${month ?? '12'}-${day}`))
    .find((date) => date !== undefined);
}

/** The calendar date of what must be said to the day: a year or a month is none. */
export function dayIn(zone: string, value: string | undefined): LocalDate | undefined {
  return value !== undefined && value.length < 10 ? undefined : dateIn(zone, value);
}

/**
 * Whether something had happened by D that is said to the day, the month or the year: undefined while nobody can say, because the month
 * or year has begun and is not over.
 */
export function hasHappenedBy(zone: string, value: string, date: LocalDate): boolean | undefined {
  const [from, by] = [dateIn(zone, value), dateIn(zone, value, 'end')];
  if (by !== undefined && by <= date) return true;
  return from !== undefined && from <= date ? undefined : false;
}

/** Clocks differ by minutes. */
const clockSkewMs = 5 * 60_000;

/** Whether one lies before another by more than clocks differ: as instants where both are, else by their dates. */
export function isBefore(zone: string, one: string | undefined, other: string | undefined): boolean {
  const [first, second] = [instantOf(one), instantOf(other)];
  if (first !== undefined && second !== undefined) return second - first > clockSkewMs;
  const [date, limit] = [dateIn(zone, one), dateIn(zone, other)];
  return date !== undefined && limit !== undefined && date < limit;
}

export interface DateSpan {
  readonly start: LocalDate | undefined;
  readonly end: LocalDate | undefined;
}

export function spanIn(zone: string, { start, end }: Span): DateSpan {
  return { start: dateIn(zone, start, 'start'), end: dateIn(zone, end, 'end') };
}

/** Whether a span ends before it begins, which none can: instants are compared as instants, anything else by its date. */
export function isReversed(zone: string, { end, start }: Span): boolean {
  const first = instantOf(start);
  const last = instantOf(end);
  if (first !== undefined && last !== undefined) return last < first;
  const span = spanIn(zone, { start, end });
  return span.start !== undefined && span.end !== undefined && span.end < span.start;
}

/** Milliseconds of an instant with an offset; a date has none, and what the calendar or the clock does not have neither. */
export function instantOf(value: string | undefined): number | undefined {
  if (value === undefined || value.length <= 10) return undefined;
  const plain = plainInstant(value);
  if (plain !== undefined) return plain;
  const known = instants.get(value);
  if (known !== undefined || instants.has(value)) return known;
  const at = parseInstant(value);
  if (instants.size >= mostKnown) instants.clear();
  instants.set(value, at);
  return at;
}

function parseInstant(value: string): number | undefined {
  if (!hasOffset.test(value)) return undefined;
  const at = Date.parse(value.replace(leapSecond, ':59'));
  // Date.parse takes 30 February for 2 March.
  const isOnCalendar = value.slice(8, 10) <= '28' || parseLocalDate(value.slice(0, 10)) !== undefined;
  return Number.isNaN(at) || !isOnCalendar ? undefined : at;
}
