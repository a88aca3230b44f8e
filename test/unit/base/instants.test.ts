import { DateTime } from 'luxon';
import { describe, expect, test } from 'vitest';
import { plainInstant } from '../../../src/base/instants.ts';
import { random } from '../../support/random.ts';

describe('plainInstant', () => {
  test('reads 20,000 instants as luxon does, whatever the fraction and the offset', () => {
    const next = random(7);
    const upTo = (most: number): number => Math.floor(next() * most);
    for (let count = 0; count < 20_000; count++) {
      const at = DateTime.fromMillis(upTo(250_000_000_000_000) - 30_000_000_000_000, {
        zone: `UTC${upTo(2) ? '+' : '-'}${upTo(14)}:${String(upTo(60)).padStart(2, '0')}`,
      });
      const text = at.toFormat(
        ["yyyy-MM-dd'T'HH:mm:ss.SSSZZ", "yyyy-MM-dd'T'HH:mm:ssZZ", "yyyy-MM-dd'T'HH:mm:ss.S"][upTo(3)] ?? '',
      );
      const written = /[+-]\d\d:\d\d$|Z$/.test(text) ? text : `${text.slice(0, 21)}Z`;
      expect(plainInstant(written), written).toBe(DateTime.fromISO(written).toMillis());
    }
  });

  test.each([
    '2026-02-29T10:00:00Z',
    '2026-04-31T10:00:00Z',
    '2100-02-29T10:00:00Z',
    '2026-00-10T10:00:00Z',
    '2026-13-10T10:00:00Z',
    '2026-01-00T10:00:00Z',
    '2026-01-10T24:00:00Z',
    '2026-01-10T10:60:00Z',
    '2026-01-10T10:00:60Z',
    '2026-01-10T10:00:00',
    '2026-01-10T10:00:00.Z',
    '2026-01-10T10:00:00.1234Z',
    '2026-01-10T10:00:00.1 Z',
    '2026-01-10T10:00Z',
    '2026-01-10 10:00:00Z',
    '2026-01-10T10:00:00+24:00',
    '2026-01-10T10:00:00+01:60',
    '2026-01-10T10:00:00+0100',
    '2026-01-10T10:00:00*01:00',
    '2026/01/10T10:00:00Z',
    '+026-01-10T10:00:00Z',
    '0999-01-10T10:00:00Z',
    '2026-01-1xT10:00:00Z',
    '2026-01-10',
    '',
  ])('leaves %j to somebody else', (text) => {
    expect(plainInstant(text)).toBeUndefined();
  });

  test('takes 29 February of a leap year, and the last second of a day', () => {
    expect(plainInstant('2024-02-29T23:59:59.999Z')).toBe(Date.UTC(2024, 1, 29, 23, 59, 59, 999));
    expect(plainInstant('2000-02-29T00:00:00.5-05:30')).toBe(Date.UTC(2000, 1, 29, 5, 30, 0, 500));
  });
});
