import { expect, test } from 'vitest';
import { localDate } from '../../../src/base/time.ts';
import { met } from '../../../src/domain/outcome.ts';
import { qualityPlan } from '../../../src/domain/q-3-quality-plan.ts';
import type { Ruleset } from '../../../src/domain/ruleset.ts';
import { ruleset } from '../../support/facts.ts';

const basis = { basis: 'decision', reason: 'what this test asks' } as const;
const one: Ruleset = { ...ruleset('masshealth-mce'), rules: { 'Q-3': basis } };
const plan = {
  reference: 'DocumentReference/1',
  on: '2025-03-02T02:00:00Z' as string | undefined,
  start: undefined as string | undefined,
  end: '2025-03-31' as string | undefined,
};
const ask = (date: string, plans = [plan], more: { ruleset?: Ruleset; knownAt?: string } = {}) =>
  qualityPlan({ ruleset: one, date: localDate(date), knownAt: '2025-12-31T12:00:00Z', ...more }, plans, [
    { reference: 'QuestionnaireResponse/1', on: '2025-03-31' },
    { reference: 'QuestionnaireResponse/2', on: undefined },
  ]);

test('a plan holds from its local date through its last day; surveys are counted up to D', () => {
  expect(['2025-02-28', '2025-03-01', '2025-03-31', '2025-04-01'].map((date) => ask(date).outcome.result)).toEqual([
    'indeterminate',
    'met',
    'met',
    'not-met',
  ]);
  expect(ask('2025-03-30').figures).toEqual({ surveys: 0 });
  expect(ask('2025-03-31')).toMatchObject({ evidence: ['DocumentReference/1'], figures: { surveys: 1 } });
});

test('a plan without days holds on; one without a date, of after K or none at all leaves it open', () => {
  const open = { result: 'indeterminate', reasons: ['missing: quality management plan'] };
  expect(ask('2030-01-01', [{ ...plan, end: undefined }], { knownAt: '2030-01-01T12:00:00Z' }).outcome).toEqual(met);
  expect(ask('2025-03-31', [{ ...plan, on: undefined }]).outcome).toEqual(open);
  expect(ask('2025-03-31', [plan], { knownAt: '2025-03-01T04:59:59Z' }).outcome).toEqual(open);
  expect(ask('2025-03-31', []).outcome).toEqual(open);
});

test('without the rule it does not apply', () => {
  expect(ask('2025-03-31', [plan], { ruleset: { ...one, rules: {} } }).outcome.result).toBe('not-applicable');
});
