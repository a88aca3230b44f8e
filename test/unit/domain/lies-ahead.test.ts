import type { Coverage, Encounter, Resource } from '@medplum/fhirtypes';
import { describe, expect, test } from 'vitest';
import { firstAhead } from '../../../src/domain/lies-ahead.ts';
import { recorded } from '../../support/recorded.ts';

const zone = 'America/New_York';
const knownAt = '2026-03-10T16:00:00Z';
const first = (...resources: Resource[]) =>
  firstAhead(
    resources.map((one) => recorded(one)),
    zone,
    knownAt,
  );

function coverage(start: string, end?: string): Coverage {
  return {
    resourceType: 'Coverage',
    id: 'c',
    status: 'active',
    beneficiary: { reference: 'Patient/p' },
    payor: [{ reference: 'Organization/o' }],
    period: { start, ...(end !== undefined && { end }) },
  };
}

describe('the first date on which something comes true that lay ahead', () => {
  test('is none where all of it is past, of today or no date at all', () => {
    expect(first(coverage('2026-01-01', '2026-03-10'))).toBeUndefined();
    expect(first({ ...coverage('2026-01-01'), subscriberId: '2026-12-31 or later' })).toBeUndefined();
    expect(first()).toBeUndefined();
  });

  test('a day comes true at its own midnight, of a month or a year the first day and the last', () => {
    expect(first(coverage('2026-01-01', '2026-12-31'))).toBe('2026-12-31');
    expect(first(coverage('2026-04'))).toBe('2026-04-01');
    expect(first(coverage('2026-03'))).toBe('2026-03-31');
    expect(first(coverage('2026'))).toBe('2026-12-31');
  });

  test('an instant comes true at the midnight after its local date at the latest, wherever it was written', () => {
    const until = (end: string) => first(coverage('2026-01-01', end));
    expect(until('2026-03-10T15:59:59Z')).toBeUndefined();
    expect(until('2026-03-10T16:00:01Z')).toBe('2026-03-11');
    expect(until('2026-03-13T03:30:00Z')).toBe('2026-03-13');
    expect(until('2026-03-13T10:30:00+14:00')).toBe('2026-03-13');
  });

  test('is the first of all that the records say, inside of extensions too', () => {
    const contact: Encounter = {
      resourceType: 'Encounter',
      id: 'e',
      status: 'finished',
      class: { code: 'VR' },
      period: { start: '2026-03-09T12:00:00Z' },
      extension: [{ url: 'u', extension: [{ url: 'signedAt', valueInstant: '2026-03-20T12:00:00Z' }] }],
    };
    expect(first(coverage('2026-01-01', '2026-12-31'), contact)).toBe('2026-03-21');
  });
});
