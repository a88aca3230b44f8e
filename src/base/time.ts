import { DateTime } from 'luxon';
import { plainInstant } from './instants.ts';

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
  return dayNumber(text) === undefined ? undefined : (text as LocalDate);
}

/**
 * A date as days since 1970-01-01; undefined for what is no date. Calendars are luxon's business, and the dearest step of a rule: the
 * few thousand dates that are in use are each asked for once.
 */
function dayNumber(text: string): number | undefined {
  const known = dayNumbers.get(text);
  if (known !== undefined) return known;
  const date = datePattern.test(text) ? DateTime.fromISO(text, { zone: 'utc' }) : undefined;
  if (!date?.isValid) return undefined;
  const day = Math.round(date.diff(firstDay, 'days').days);
  if (dayNumbers.size >= mostKnown) dayNumbers.clear();
  dayNumbers.set(text, day);
  return day;
}

function dateOfDay(day: number): LocalDate {
  let date = datesOfDays.get(day);
  if (date === undefined) {
    date = firstDay.plus({ days: day }).toISODate() as LocalDate;
    if (datesOfDays.size >= mostKnown) datesOfDays.clear();
    datesOfDays.set(day, date);
  }
  return date;
}

const firstDay = DateTime.fromISO('1970-01-01', { zone: 'utc' });
const mostKnown = 50_000;
const dayNumbers = new Map<string, number>();
const datesOfDays = new Map<number, LocalDate>();

/** A date that the program itself wrote; throws on anything else. */
export function localDate(text: string): LocalDate {
  const date = parseLocalDate(text);
  if (!date) throw new RangeError(`not a calendar date: ${text}`);
  return date;
}

/** The calendar date of an instant in an IANA zone: `ld(t)` of the domain model, section 1. */
export function localDateOf(instant: Date | string | number, zone: string): LocalDate {
  const ms =
    typeof instant === 'string' ? plainInstant(instant) : typeof instant === 'number' ? instant : instant.getTime();
  const slot = ms === undefined || ms < fullQuartersSince ? undefined : Math.floor(ms / quarterHourMs);
  const known = slot === undefined ? undefined : datesOfSlots.get(zone)?.get(slot);
  if (known !== undefined) return known;
  const at =
    typeof instant === 'string' ? DateTime.fromISO(instant, { setZone: true }) : DateTime.fromJSDate(new Date(instant));
  const date = at.setZone(zone).toISODate() as LocalDate | null;
  if (!date) throw new RangeError(`not an instant or not a zone: ${String(instant)} in ${zone}`);
  if (slot !== undefined) {
    const dates = datesOfSlots.get(zone) ?? new Map<number, LocalDate>();
    datesOfSlots.set(zone, dates);
    if (dates.size >= mostKnown) dates.clear();
    dates.set(slot, date);
  }
  return date;
}

/**
 * Since 1973 every zone's offset is a multiple of a quarter hour and changes at one (Liberia was the last to differ, until 1972-05-01),
 * so all instants of a quarter hour have one date.
 */
const quarterHourMs = 15 * 60_000;
const fullQuartersSince = Date.UTC(1973, 0, 1);
const datesOfSlots = new Map<string, Map<number, LocalDate>>();

/** Calendar addition of days; never milliseconds, so that DST days have one length. */
export function addDays(date: LocalDate, days: number): LocalDate {
  return dateOfDay((dayNumber(date) ?? Number.NaN) + days);
}

/** Calendar addition of months, clamped to the month's end: 31 August and six months is the last day of February. */
export function addMonths(date: LocalDate, months: number): LocalDate {
  return DateTime.fromISO(date, { zone: 'utc' }).plus({ months }).toISODate() as LocalDate;
}

/** Calendar addition of years; 29 February becomes 28 February in a common year. */
export function addYears(date: LocalDate, years: number): LocalDate {
  const moved = `${String(Number(date.slice(0, 4)) + years).padStart(4, '0')}${date.slice(4)}`;
  return parseLocalDate(moved) ?? (moved.replace('-02-29', '-02-28') as LocalDate);
}

/** Whole calendar days from `from` to `to`; negative when `to` is earlier. */
export function daysBetween(from: LocalDate, to: LocalDate): number {
  return (dayNumber(to) ?? Number.NaN) - (dayNumber(from) ?? Number.NaN);
}

/** First valid instant of a local date: 00:00, or the end of the gap where DST removes midnight. */
export function startOfLocalDate(date: LocalDate, zone: string): Date {
  const name = `${zone} ${date}`;
  const known = starts.get(name) ?? DateTime.fromISO(date, { zone }).startOf('day').toMillis();
  if (starts.size >= mostKnown) starts.clear();
  starts.set(name, known);
  return new Date(known);
}

const starts = new Map<string, number>();

export function earliest(...dates: (LocalDate | undefined)[]): LocalDate | undefined {
  return dates.filter((date) => date !== undefined).sort()[0];
}
