import { type LocalDate, localDateOf, parseLocalDate } from '../base/time.ts';
import type { Span } from './facts/facts.ts';

/** An instant as R4 writes it (datatypes.html#dateTime), leap seconds included; seconds may be left out. */
const instantPattern =
  /^\d{4}-\d\d-\d\dT(?:[01]\d|2[0-3]):[0-5]\d(?::(?:[0-5]\d|60)(?:\.\d+)?)?(?:Z|[+-](?:0\d|1[0-4]):[0-5]\d)$/;

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
  return instantPattern.test(value) && parseLocalDate(value.slice(0, 10)) !== undefined
    ? dateOfInstant(value, zone)
    : undefined;
}

/** A leap second belongs to the minute that it ends. What falls out of the years 1 to 9999 in the zone has no date in four digits. */
function dateOfInstant(value: string, zone: string): LocalDate | undefined {
  const date = localDateOf(value.replace(/:60(?=[.Z+-])/, ':59'), zone);
  return date.length === 10 && date >= '0001-01-01' ? date : undefined;
}

function wholeDate(value: string, side: 'start' | 'end'): LocalDate | undefined {
  if (value.length === 10) return parseLocalDate(value);
  const [year = '', month] = value.split('-');
  if (side === 'start') return parseLocalDate(`${year}-${month ?? '01'}-01`);
  return ['31', '30', '29', '28']
    .map((day) => parseLocalDate(`${year}-${month ?? '12'}-${day}`))
    .find((date) => date !== undefined);
}

export interface DateSpan {
  readonly start: LocalDate | undefined;
  readonly end: LocalDate | undefined;
}

export function spanIn(zone: string, { start, end }: Span): DateSpan {
  return { start: dateIn(zone, start, 'start'), end: dateIn(zone, end, 'end') };
}
