import { type LocalDate, localDateOf, parseLocalDate } from '../base/time.ts';
import type { Span } from './facts/facts.ts';

/**
 * The calendar date of what a sender wrote, in a ruleset's zone. A date is taken as it is; of a year or month the first day counts at
 * a start and the last at an end; an instant without an offset has no date (domain model, section 1).
 */
export function dateIn(
  zone: string,
  value: string | undefined,
  side: 'start' | 'end' = 'start',
): LocalDate | undefined {
  if (value === undefined) return undefined;
  if (value.length <= 10) return wholeDate(value, side);
  return /(Z|[+-]\d\d:\d\d)$/.test(value) ? localDateOf(value, zone) : undefined;
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
