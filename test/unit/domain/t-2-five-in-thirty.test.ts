import { describe, expect, test } from 'vitest';
import { addDays, localDate } from '../../../src/base/time.ts';
import type { Question } from '../../../src/domain/answer.ts';
import type { Judged } from '../../../src/domain/ct-1-documented-contact.ts';
import { indeterminate } from '../../../src/domain/outcome.ts';
import { fiveInThirty } from '../../../src/domain/t-2-five-in-thirty.ts';
import { judged, parameter, question, rulesetWith } from '../../support/questions.ts';

const parameters = { connectionPeriodDays: parameter(30), connectionsPerPeriod: parameter(5) };
const rules = rulesetWith({ 'T-2': { mode: 'gate', measureFor: ['acpp'] } }, parameters);
const at = (...dates: string[]): Judged[] => dates.map((date) => judged(`${date}T10:00:00-05:00`));
const five = at('2025-01-01', '2025-01-08', '2025-01-15', '2025-01-22', '2025-01-30');
const ask = (date: string, contacts: Judged[], more: Partial<Question> = {}) =>
  fiveInThirty(question(rules, date, { contacts, ...more }));

describe('T-2 "at least five (5) connections … over a thirty (30) day period"', () => {
  test('the first and the thirtieth date count, and decide every day of the period alike', () => {
    for (const date of ['2025-01-01', '2025-01-30'])
      expect(ask(date, five)).toMatchObject({
        outcome: { result: 'met' },
        figures: { count: 5, periodEnd: '2025-01-30' },
      });
    expect(ask('2025-01-31', five)).toMatchObject({ outcome: { result: 'not-met' }, figures: { period: 2, count: 0 } });
  });

  test('two connections on one date are one; four dates fail the whole period (8.3.7)', () => {
    const four = [...five.slice(0, 4), ...at('2025-01-22')];
    expect(ask('2025-01-05', four).outcome).toEqual({ result: 'not-met', reasons: ['connections: 4 of 5'] });
  });

  test('a pending connection that would be enough leaves it open', () => {
    const pending = judged('2025-01-28', {}, indeterminate('no-documentation'));
    expect(ask('2025-01-05', [...five.slice(0, 4), pending]).outcome.result).toBe('indeterminate');
    expect(ask('2025-01-05', [...five.slice(0, 3), pending]).outcome.result).toBe('not-met');
  });

  test('a gate is decided when the period has ended; a measure as soon as it is reached', () => {
    const early = { knownAt: '2025-01-31T04:59:59Z' };
    expect(ask('2025-01-05', five, early).outcome).toEqual({ result: 'indeterminate', reasons: ['period-not-ended'] });
    expect(ask('2025-01-05', five, { knownAt: '2025-01-31T05:00:00Z' }).outcome.result).toBe('met');
    expect(ask('2025-01-05', five, { ...early, planType: 'acpp' })).toMatchObject({
      outcome: { result: 'met' },
      figures: { mode: 'measure' },
    });
  });

  test.each([
    ['2025-01-06', 1],
    ['2025-01-12', 2],
    ['2025-01-29', 4],
    ['2025-01-30', 5],
    ['2025-01-01', 1],
  ])('an episode that ends on %s asks for %i', (end, needed) => {
    const episode = { ...question(rules, '2025-01-01').episode, end };
    expect(ask('2025-01-01', [], { episode }).figures).toMatchObject({ needed, periodEnd: end });
  });

  test('death ends the last period too', () => {
    const asked = question(rules, '2025-02-01', { contacts: at('2025-02-02') });
    expect(fiveInThirty(asked, localDate('2025-02-05'))).toMatchObject({
      outcome: { result: 'met' },
      figures: { needed: 1, period: 2 },
    });
  });

  test('the rolling figure looks back over 30 dates, the day itself among them', () => {
    expect(ask('2025-01-30', five).figures['rolling']).toBe(5);
    expect(ask('2025-01-31', five).figures['rolling']).toBe(4);
    expect(ask(addDays(localDate('2025-01-30'), 30), five).figures['rolling']).toBe(0);
  });

  test('where the ruleset asks for a purpose a connection without one is pending', () => {
    const strict = rulesetWith({ 'T-2': {}, 'CT-7': {} }, parameters);
    expect(fiveInThirty(question(strict, '2025-01-05', { contacts: five })).figures).toMatchObject({
      count: 0,
      pending: 5,
    });
  });

  test('without the rule, a parameter or the start there is no answer', () => {
    expect(fiveInThirty(question(rulesetWith({}), '2025-01-05')).outcome.result).toBe('not-applicable');
    for (const missing of ['connectionPeriodDays', 'connectionsPerPeriod'] as const) {
      const { [missing]: _, ...rest } = parameters;
      expect(fiveInThirty(question(rulesetWith({ 'T-2': {} }, rest), '2025-01-05')).outcome).toEqual({
        result: 'indeterminate',
        reasons: [`missing-parameter: ${missing}`],
      });
    }
    const episode = { ...question(rules, '2025-01-01').episode, start: undefined };
    expect(ask('2025-01-05', five, { episode }).outcome.result).toBe('indeterminate');
  });
});
