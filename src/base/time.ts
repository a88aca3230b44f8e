import { DateTime } from 'luxon';

/** A source of the present instant. The wall clock serves tokens, leases and timeouts; a tenant's clock serves domain time. */
export interface Clock {
  now(): Date;
}

export const wallClock: Clock = { now: () => new Date() };

/** A calendar date, `YYYY-MM-DD`. Dates compare as text. */
export type LocalDate = string & { readonly __brand: 'LocalDate' };

const datePattern = /^\d{4}-\d{2}-\d{2}$/;

/** The date if `text` is a real calendar date in the form YYYY-MM-DD, else undefined. */
export function parseLocalDate(text: string): LocalDate | undefined {
  return datePattern.test(text) && DateTime.fromISO(text, { zone: 'utc' }).isValid ? (text as LocalDate) : undefined;
}

/** A date that the program itself wrote; throws on anything else. */
export function localDate(text: string): LocalDate {
  const date = parseLocalDate(text);
  if (!date) throw new RangeError(`not a calendar date: ${text}`);
  return date;
}

/** The calendar date of an instant in an IANA zone: `ld(t)` of the domain model, section 1. */
export function localDateOf(instant: Date | string, zone: string): LocalDate {
  const at = typeof instant === 'string' ? DateTime.fromISO(instant, { setZone: true }) : DateTime.fromJSDate(instant);
  const date = at.setZone(zone).toISODate();
  if (!date) throw new RangeError(`not an instant or not a zone: ${String(instant)} in ${zone}`);
  return date as LocalDate;
}

/**
 * A calendar date as a number of days: its midnight in UTC, where every day has one length. A ledger adds and subtracts dates by the
 * hundred thousand, and luxon takes thirty times as long for it.
 */
function dayNumber(date: LocalDate): number {
  return Date.parse(date) / utcDayMs;
}
const utcDayMs = 86_400_000;

/** Calendar addition of days; never milliseconds of a zone, so that DST days have one length. */
export function addDays(date: LocalDate, days: number): LocalDate {
  return new Date((dayNumber(date) + days) * utcDayMs).toISOString().slice(0, -'T00:00:00.000Z'.length) as LocalDate;
}

/** Calendar addition of months, clamped to the month's end: 31 August and six months is the last day of February. */
export function addMonths(date: LocalDate, months: number): LocalDate {
  return DateTime.fromISO(date, { zone: 'utc' }).plus({ months }).toISODate() as LocalDate;
}

/** Calendar addition of years; 29 February becomes 28 February in a common year. */
export function addYears(date: LocalDate, years: number): LocalDate {
  return DateTime.fromISO(date, { zone: 'utc' }).plus({ years }).toISODate() as LocalDate;
}

/** Whole calendar days from `from` to `to`; negative when `to` is earlier. */
export function daysBetween(from: LocalDate, to: LocalDate): number {
  return dayNumber(to) - dayNumber(from);
}

/** First valid instant of a local date: 00:00, or the end of the gap where DST removes midnight. */
export function startOfLocalDate(date: LocalDate, zone: string): Date {
  return DateTime.fromISO(date, { zone }).startOf('day').toJSDate();
}

export function earliest(...dates: (LocalDate | undefined)[]): LocalDate | undefined {
  return dates.filter((date) => date !== undefined).sort()[0];
}
