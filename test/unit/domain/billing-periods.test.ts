import { describe, expect, test } from 'vitest';
import { localDate } from '../../../src/base/time.ts';
import { type BillingPeriod, closingsDue, periodOf } from '../../../src/domain/billing-periods.ts';
import type { Ruleset } from '../../../src/domain/ruleset.ts';
import { ruleset } from '../../support/facts.ts';

const because = { basis: 'decision', reason: 'as the test asks' } as const;

function closing(value: BillingPeriod, days: number, more: Partial<Ruleset> = {}): Ruleset {
  const held = ruleset('masshealth-mce');
  return {
    ...held,
    ...more,
    parameters: {
      ...held.parameters,
      billingPeriod: { value, ...because },
      closeAfterDays: { value: days, ...because },
    },
  };
}

function due(
  rulesets: readonly Ruleset[],
  date: string,
  more: { since?: string; until?: string; through?: string } = {},
): string[] {
  const { since = '2026-01-01', through, until } = more;
  const through_ = through === undefined ? undefined : localDate(through);
  return closingsDue(rulesets, [{ id: 'org', start: since, end: until }], () => through_, {
    zone: 'America/New_York',
    date: localDate(date),
  }).map(({ end, start }) => `${start} ${end}`);
}

describe('billing periods', () => {
  test.each<[BillingPeriod, string, string, string]>([
    ['month', '2026-02-14', '2026-02-01', '2026-02-28'],
    ['month', '2024-02-29', '2024-02-01', '2024-02-29'],
    ['month', '2026-12-31', '2026-12-01', '2026-12-31'],
    ['half-month', '2026-02-15', '2026-02-01', '2026-02-15'],
    ['half-month', '2026-02-16', '2026-02-16', '2026-02-28'],
    ['week', '2026-11-27', '2026-11-23', '2026-11-29'],
    ['week', '2026-11-23', '2026-11-23', '2026-11-29'],
    ['week', '2026-11-29', '2026-11-23', '2026-11-29'],
    ['week', '1969-12-31', '1969-12-29', '1970-01-04'],
  ])('a %s that holds %s', (kind, date, start, end) => {
    expect(periodOf(kind, localDate(date))).toEqual({ start, end });
  });

  test('a period is due closeAfterDays after its last day, and not a day earlier', () => {
    const month = [closing('month', 10)];
    expect(due(month, '2026-02-09')).toEqual([]);
    expect(due(month, '2026-02-10')).toEqual(['2026-01-01 2026-01-31']);
    expect(due([closing('week', 1)], '2026-01-12', { since: '2026-01-05' })).toEqual(['2026-01-05 2026-01-11']);
  });

  test('those that nothing closed are due together, from where it stood; what is closed is not due again', () => {
    const month = [closing('month', 10)];
    expect(due(month, '2026-03-15')).toEqual(['2026-01-01 2026-01-31', '2026-02-01 2026-02-28']);
    expect(due(month, '2026-03-15', { through: '2026-01-31' })).toEqual(['2026-02-01 2026-02-28']);
    expect(due(month, '2026-03-15', { through: '2026-02-28' })).toEqual([]);
  });

  test('a long arrear is closed a quarter a night', () => {
    const month = [closing('month', 10)];
    const first = due(month, '2026-12-15', { since: '2025-01-01' });
    expect([first.length, first.at(-1)]).toEqual([3, '2025-03-01 2025-03-31']);
    expect(due(month, '2026-12-15', { since: '2025-01-01', through: '2025-03-31' })[0]).toBe('2025-04-01 2025-04-30');
  });

  test('an organisation’s own days bound it: from the day it begins, through the day it ends', () => {
    const month = [closing('month', 10)];
    expect(due(month, '2026-04-15', { since: '2026-01-20', until: '2026-02-11' })).toEqual([
      '2026-01-20 2026-01-31',
      '2026-02-01 2026-02-11',
    ]);
    // What ends with it is not closed before its period would be.
    expect(due(month, '2026-03-01', { since: '2026-02-01', until: '2026-02-11' })).toEqual([]);
    expect(due(month, '2026-04-15', { since: '2026-05-01' })).toEqual([]);
  });

  test('other periods go on after the last closed day, whatever it was: no day is closed twice and none is left out', () => {
    expect(due([closing('week', 1)], '2026-04-13', { through: '2026-03-31' })).toEqual([
      '2026-04-01 2026-04-05',
      '2026-04-06 2026-04-12',
    ]);
    expect(due([closing('month', 3)], '2026-04-04', { through: '2026-03-15' })).toEqual(['2026-03-16 2026-03-31']);
  });

  test('two versions of a ruleset each close their own days', () => {
    const versions = [
      closing('month', 10, { effectiveTo: localDate('2026-01-15') }),
      closing('month', 10, { version: '2.0.0', effectiveFrom: localDate('2026-01-16') }),
    ];
    expect(due(versions, '2026-02-10')).toEqual(['2026-01-01 2026-01-15', '2026-01-16 2026-01-31']);
  });

  test('a ruleset of another zone, or one that says no period, closes nothing', () => {
    const { billingPeriod: _, closeAfterDays: __, ...parameters } = ruleset('masshealth-mce').parameters;
    const silent = { ...ruleset('masshealth-mce'), parameters };
    expect(due([silent, closing('month', 10, { zone: 'America/Detroit' })], '2026-03-15')).toEqual([]);
  });

  test('the period of a leap year’s February and of the year’s end are whole', () => {
    expect(due([closing('month', 1)], '2024-03-01', { since: '2024-02-01' })).toEqual(['2024-02-01 2024-02-29']);
    expect(due([closing('half-month', 1)], '2026-01-01', { since: '2025-12-16' })).toEqual(['2025-12-16 2025-12-31']);
  });
});
