import { DateTime } from 'luxon';
import { expect, test } from 'vitest';
import { addDays, daysBetween, localDate, localDateOf, parseLocalDate } from '../../../src/base/time.ts';

/** The remembered answers of src/base/time.ts against luxon itself, asked each time. */
const zones = [
  'America/New_York',
  'America/Detroit',
  'Australia/Lord_Howe',
  'Africa/Casablanca',
  'Pacific/Apia',
  'Asia/Kathmandu',
];

test.each(zones)('in %s every quarter hour around its changes of offset has luxon’s date, asked twice', (zone) => {
  for (const around of ['2011-12-30', '2024-02-29', '2026-03-08', '2026-04-05', '2026-10-04', '2026-11-01']) {
    const from = DateTime.fromISO(around, { zone: 'utc' }).minus({ days: 1 });
    for (let quarter = 0; quarter < 3 * 96; quarter++) {
      const at = from.plus({ minutes: 15 * quarter, seconds: quarter % 900 });
      const expected = at.setZone(zone).toISODate();
      expect(localDateOf(at.toJSDate(), zone)).toBe(expected);
      expect(localDateOf(at.toISO() ?? '', zone), at.toISO() ?? '').toBe(expected);
    }
  }
});

test('an instant before 1973, when offsets had odd minutes and seconds, is dated by luxon', () => {
  // Liberia was 44:30 behind until 1972: 00:44:00Z was still the day before.
  expect(localDateOf('1971-06-02T00:44:00Z', 'Africa/Monrovia')).toBe('1971-06-01');
  expect(localDateOf('1971-06-02T00:45:00Z', 'Africa/Monrovia')).toBe('1971-06-02');
});

test('one instant in other words is one date: offsets, fractions, and the 24th hour', () => {
  const zone = 'America/New_York';
  for (const same of ['2026-03-08T04:59:59Z', '2026-03-07T23:59:59-05:00', '2026-03-08T05:59:59.999+01:00'])
    expect(localDateOf(same, zone), same).toBe('2026-03-07');
  expect(localDateOf('2026-03-07T24:00:00-05:00', zone)).toBe('2026-03-08');
  expect(() => localDateOf('2026-03-07T23:59:60-05:00', zone)).toThrow(RangeError);
});

test('days are added and subtracted as luxon does, over leap days and centuries', () => {
  const start = localDate('1999-12-25');
  for (let days = -800; days < 12_000; days += 7) {
    const expected = DateTime.fromISO(start, { zone: 'utc' }).plus({ days }).toISODate();
    expect(addDays(start, days)).toBe(expected);
    expect(daysBetween(start, localDate(expected ?? ''))).toBe(days);
  }
  expect(addDays(localDate('9999-12-30'), 1)).toBe('9999-12-31');
  expect(addDays(localDate('0001-01-02'), -1)).toBe('0001-01-01');
});

test('what is no calendar date stays none, however often it is asked', () => {
  for (const text of ['2026-02-29', '2026-13-01', '2026-1-1', '', '2026-02-28T00:00:00Z', '0000-00-00']) {
    expect(parseLocalDate(text), text).toBeUndefined();
    expect(parseLocalDate(text), text).toBeUndefined();
  }
});
