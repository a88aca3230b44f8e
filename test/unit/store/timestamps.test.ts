import pg from 'pg';
import { expect, test } from 'vitest';
import { fastTypes } from '../../../src/store/timestamps.ts';

const { INT4, TIMESTAMPTZ } = pg.types.builtins;

test.each([
  '2026-11-09 03:00:00+00',
  '2026-11-09 03:00:00.5+00',
  '2026-11-09 03:00:00.123+00',
  '2024-02-29 23:59:59.999+00',
  // microseconds, other zones of the session, years that need more or fewer than four digits, and what is no instant
  '2026-11-09 03:00:00.123456+00',
  '2026-11-08 22:00:00-05',
  '2026-11-09 08:30:00+05:30',
  '12026-11-09 03:00:00+00',
  '0044-03-15 12:00:00+00 BC',
  '0099-03-15 12:00:00+00',
  'infinity',
  '-infinity',
])('an instant is read as node-postgres reads it: %s', (text) => {
  const usual: unknown = pg.types.getTypeParser(TIMESTAMPTZ)(text);
  const ours: unknown = fastTypes.getTypeParser(TIMESTAMPTZ, 'text')(text);
  expect(ours).toEqual(usual);
});

test('all other types are read by node-postgres itself', () => {
  expect(fastTypes.getTypeParser(INT4, 'text')).toBe(pg.types.getTypeParser(INT4));
});
