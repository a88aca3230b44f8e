import { DateTime } from 'luxon';
import { expect, test } from 'vitest';
import { localDate } from '../../../src/base/time.ts';
import { dateIn } from '../../../src/domain/dating.ts';
import type { Recorded } from '../../../src/domain/facts/facts.ts';
import { provider } from '../../support/caseload.ts';
import { computedFrom } from '../../support/computed.ts';
import { messageSet } from '../../support/message-sets.ts';
import { random } from '../../support/random.ts';

// T84: nobody moves a status by the offset in which an instant is written, or by a time that no calendar has.
const today = localDate('2025-03-20');
const knownAt = '2025-03-21T16:00:00Z';
const instant = /^\d{4}-\d\d-\d\dT.*(?:Z|[+-]\d\d:\d\d)$/;
/** In minutes: whole hours, half and quarter hours, and the ends of what is in use. */
const offsets = [-720, -570, -300, -240, 0, 60, 330, 345, 765, 840];

function rowsOf(seed: number): Recorded[] {
  const rows = new Map<string, Recorded>();
  for (const { id, resource, type } of messageSet(seed, 'member', today)) {
    if (resource) rows.set(`${type}/${id}`, { resource, owner: provider, recordedAt: `${today}T12:00:00Z` });
    else rows.delete(`${type}/${id}`);
  }
  return [...rows.values()];
}

/** The same rows with every instant in another offset. */
function reworded(rows: readonly Recorded[], next: () => number): { rows: Recorded[]; instants: number } {
  let instants = 0;
  const text = JSON.stringify(
    rows.map(({ resource }) => resource),
    (_key, value: unknown) => {
      if (typeof value !== 'string' || !instant.test(value)) return value;
      instants++;
      const minutes = offsets[Math.floor(next() * offsets.length)] ?? 0;
      return DateTime.fromISO(value)
        .setZone(DateTime.utc().setZone(`UTC${sign(minutes)}`).zone)
        .toISO();
    },
  );
  const resources = JSON.parse(text) as Recorded['resource'][];
  return { instants, rows: rows.map((row, index) => ({ ...row, resource: resources[index] as Recorded['resource'] })) };
}

function sign(minutes: number): string {
  const most = Math.abs(minutes);
  return `${minutes < 0 ? '-' : '+'}${Math.floor(most / 60)}:${String(most % 60).padStart(2, '0')}`;
}

test('300 histories with every instant written in another offset: the same is computed', { timeout: 60_000 }, () => {
  let instants = 0;
  let dates = 0;
  for (let seed = 1; seed <= 300; seed++) {
    const rows = rowsOf(seed);
    const other = reworded(rows, random(seed));
    instants += other.instants;
    const written = (all: readonly Recorded[]): string[] => JSON.stringify(all).match(/\d{4}-\d\d-\d\d(?=T)/g) ?? [];
    const before = written(rows);
    dates += written(other.rows).filter((date, index) => date !== before[index]).length;
    expect(computedFrom(other.rows, 'member', knownAt), `seed ${seed}`).toEqual(computedFrom(rows, 'member', knownAt));
  }
  // Many were written with another date than before.
  expect(instants).toBeGreaterThan(3_000);
  expect(dates).toBeGreaterThan(300);
});

test('a leap second belongs to the day that it ends', () => {
  expect(dateIn('America/New_York', '2016-12-31T18:59:60-05:00')).toBe('2016-12-31');
  expect(dateIn('America/New_York', '2017-01-01T04:59:60Z')).toBe('2016-12-31');
});

test.each([
  ['after the last year that a date can name', '9999-12-31T23:59:59-12:00'],
  ['before the first', '0001-01-01T00:00:00+14:00'],
  ['a 61st second', '2025-03-08T12:00:61Z'],
  ['a 25th hour', '2025-03-08T25:00:00Z'],
  ['a 30th of February', '2025-02-30T12:00:00Z'],
  ['without an offset', '2025-03-08T12:00:00'],
])('%s: no date, and no error', (_what, value) => {
  expect(dateIn('America/New_York', value)).toBeUndefined();
});
