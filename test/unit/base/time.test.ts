import { DateTime } from 'luxon';
import { expect, test } from 'vitest';
import { addDays, daysBetween, localDate } from '../../../src/base/time.ts';

const isoOf = (date: DateTime): string => date.toISODate() ?? '';

test('adding and subtracting days is what the calendar says, over leap years, centuries and the days of a clock change', () => {
  const from = DateTime.fromISO('1899-12-28', { zone: 'utc' });
  for (let step = 0; step < 1_000; step++) {
    const date = localDate(isoOf(from.plus({ days: step * 97 })));
    const days = ((step * 7919) % 40_000) - 20_000;
    const wanted = DateTime.fromISO(date, { zone: 'utc' }).plus({ days });
    expect(addDays(date, days)).toBe(isoOf(wanted));
    expect(daysBetween(date, localDate(isoOf(wanted)))).toBe(days);
  }
});

test.each([
  ['2024-02-28', 1, '2024-02-29'],
  ['2025-02-28', 1, '2025-03-01'],
  ['2100-02-28', 1, '2100-03-01'],
  ['2026-03-07', 2, '2026-03-09'],
  ['2025-11-01', 2, '2025-11-03'],
  ['2025-12-31', 1, '2026-01-01'],
  ['2026-01-01', -1, '2025-12-31'],
  ['0099-12-31', 1, '0100-01-01'],
])('%s and %i days is %s', (from, days, to) => {
  expect(addDays(localDate(from), days)).toBe(to);
  expect(daysBetween(localDate(from), localDate(to))).toBe(days);
});
