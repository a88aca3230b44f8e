import { describe, expect, test } from 'vitest';
import { approvalOn } from '../../../src/domain/a-2-first-ninety-days.ts';
import type { AuthorizationFact } from '../../../src/domain/facts/authorizations.ts';
import { employer, payer } from '../../support/facts.ts';
import { parameter, question, rulesetWith } from '../../support/questions.ts';

const plan = (postExemption?: 'none' | 'concurrent-review' | 'prior-auth') =>
  rulesetWith(
    { 'A-2': {} },
    {
      exemptDays: parameter(90),
      exemptAlertDay: parameter(60),
      ...(postExemption ? { postExemption: parameter(postExemption) } : {}),
    },
  );
const decided = (more: Partial<AuthorizationFact> = {}): AuthorizationFact => ({
  reference: 'ClaimResponse/1',
  request: 'Claim/1',
  payer,
  organization: employer,
  decision: 'approved',
  created: '2025-03-20',
  units: undefined,
  start: '2025-04-01',
  end: '2025-04-30',
  ...more,
});
const on = (date: string, setting?: Parameters<typeof plan>[0], facts: AuthorizationFact[] = []) =>
  approvalOn(question(plan(setting), date), facts);

describe('A-2 "at least the first 90 days of service to occur without prior approval"', () => {
  test('start 1 January: 31 March is the 90th day and exempt, 1 April is not', () => {
    expect(on('2025-03-31', 'prior-auth')).toMatchObject({ outcome: { result: 'met' }, figures: { serviceDay: 90 } });
    expect(on('2025-04-01', 'prior-auth').outcome).toEqual({ result: 'not-met', reasons: ['no-authorization'] });
    expect(on('2024-12-31', 'prior-auth').outcome.result).toBe('not-met');
  });

  test('29 February is one of the 90', () => {
    const episode = { ...question(plan('prior-auth'), '2024-03-01').episode, start: '2024-01-01' };
    const leap = (date: string) => approvalOn(question(plan('prior-auth'), date, { episode }), []).outcome.result;
    expect([leap('2024-03-30'), leap('2024-03-31')]).toEqual(['met', 'not-met']);
  });

  test('the end is announced from day 60 on, not on day 59, and not where the plan asks for nothing', () => {
    expect(on('2025-02-28', 'prior-auth').figures['alert']).toBeUndefined();
    expect(on('2025-03-01', 'prior-auth').figures).toMatchObject({ alert: 'exemption-ends', daysLeft: 30 });
    expect(on('2025-03-01', 'none').figures['alert']).toBeUndefined();
  });

  test('afterwards the plan’s setting decides; an unknown one leaves the day open', () => {
    expect(on('2025-04-01').outcome).toEqual({ result: 'indeterminate', reasons: ['plan-config'] });
    expect(on('2025-04-01', 'none').outcome.result).toBe('met');
    expect(on('2025-04-01', 'concurrent-review').outcome.result).toBe('indeterminate');
  });

  test('the plan’s last word on a request stands: a refusal takes its approval back, an appeal the refusal', () => {
    const refusal = (created: string, more: Partial<AuthorizationFact> = {}) =>
      decided({ reference: 'ClaimResponse/2', decision: 'denied', created, start: undefined, end: undefined, ...more });
    const result = (...facts: AuthorizationFact[]) => on('2025-04-10', 'prior-auth', facts).outcome;
    expect(result(decided(), refusal('2025-04-05'))).toEqual({ result: 'not-met', reasons: ['authorization-denied'] });
    expect(result(decided(), refusal('2025-03-20')).result).toBe('not-met');
    expect(result(decided(), refusal('2025-03-19')).result).toBe('met');
    const hours = ['2025-03-20T10:00:00-04:00', '2025-03-20T15:00:00Z'] as const;
    expect(result(decided({ created: hours[1] }), refusal(hours[0])).result).toBe('met');
    // Of another request, or of other days, it says nothing.
    expect(result(decided(), refusal('2025-04-05', { request: 'Claim/2' })).result).toBe('met');
    expect(result(decided(), refusal('2025-04-05', { start: '2025-04-11', end: '2025-04-30' })).result).toBe('met');
  });

  test.each(['prior-auth', 'concurrent-review'] as const)(
    '%s: an approval covers its period to the last day',
    (setting) => {
      expect(on('2025-04-30', setting, [decided()])).toMatchObject({
        outcome: { result: 'met' },
        figures: { status: 'covered' },
      });
      expect(on('2025-05-01', setting, [decided()]).outcome.result).not.toBe('met');
    },
  );

  test('an approval without a period, of another plan, for another organisation or not yet known covers nothing', () => {
    for (const more of [
      { start: undefined, end: undefined },
      { payer: 'Organization/other' },
      { organization: 'Organization/other' },
      { created: '2027-01-01' },
    ])
      expect(on('2025-04-10', 'prior-auth', [decided(more)]).outcome.result).toBe('not-met');
  });

  test('a refusal contradicts, a pending request leaves open until it is decided', () => {
    const pending = decided({ reference: 'ClaimResponse/0', decision: 'pending', start: undefined, end: undefined });
    const denied = decided({ decision: 'denied' });
    expect(on('2025-04-10', 'concurrent-review', [denied]).outcome).toEqual({
      result: 'not-met',
      reasons: ['authorization-denied'],
    });
    expect(on('2025-04-10', 'prior-auth', [pending]).outcome.result).toBe('indeterminate');
    expect(on('2025-04-10', 'prior-auth', [pending, denied]).outcome.result).toBe('not-met');
  });

  test('without the rule or the parameter there is no answer', () => {
    expect(approvalOn(question(rulesetWith({}), '2025-02-01'), []).outcome.result).toBe('not-applicable');
    expect(approvalOn(question(rulesetWith({ 'A-2': {} }), '2025-02-01'), []).outcome.result).toBe('indeterminate');
  });
});
