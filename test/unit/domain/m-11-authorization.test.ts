import { expect, test } from 'vitest';
import { m11Authorization } from '../../../src/domain/m-11-authorization.ts';
import { authorization, michigan, withoutRules } from '../../support/michigan.ts';

const on = (start: string | undefined) => ({ start, evidence: ['Encounter/1'] });
const noon = on('2025-03-05T12:00:00-05:00');

test.each([
  ['2024-12-31', 'not-met'],
  ['2025-01-01', 'met'],
  ['2025-06-30', 'met'],
  ['2025-07-01', 'not-met'],
  ['2025-01-01T04:59:00Z', 'not-met'],
  ['2025-01-01T05:00:00Z', 'met'],
  ['2025-07-01T03:59:00Z', 'met'],
  ['2025-07-01T04:00:00Z', 'not-met'],
])('M-11: a service of %s is %s under an authorization of January to June', (start, result) => {
  expect(m11Authorization(michigan(), on(start), [authorization()]).outcome.result).toBe(result);
});

test('M-11: met tells the number, the request and its answer', () => {
  expect(m11Authorization(michigan(), noon, [authorization()])).toEqual({
    rule: 'M-11',
    outcome: { result: 'met' },
    evidence: ['Claim/1', 'ClaimResponse/1', 'Encounter/1'],
    figures: { preAuthRef: 'PA-1' },
  });
});

test.each([
  ['no reasons', { justification: [] }, 'indeterminate', 'missing: justification'],
  ['no progress of a re-authorization', { prior: 'Claim/0' }, 'indeterminate', 'missing: goal progress'],
  ['no items', { items: [] }, 'indeterminate', 'missing: authorized services'],
  ['therapy only', { items: [{ code: '90834', units: 4 }] }, 'not-met', 'authorization-of-other-services'],
  ['no answer', { decision: undefined, number: undefined }, 'indeterminate', 'authorization-pending'],
  ['a queued answer', { decision: 'queued', number: undefined }, 'indeterminate', 'authorization-pending'],
  ['an approval without a number', { number: undefined }, 'not-met', 'authorization-denied'],
  ['no period', { authorized: { start: undefined, end: undefined } }, 'indeterminate', 'missing: authorized period'],
  ['no end', { authorized: { start: '2025-01-01', end: undefined } }, 'indeterminate', 'missing: authorized period'],
] as const)('M-11: with %s it is not met', (_, more, result, reason) => {
  expect(m11Authorization(michigan(), noon, [authorization(more)]).outcome).toEqual({ result, reasons: [reason] });
});

test('M-11: a re-authorization that shows progress is met, and H0038 alone is a peer service', () => {
  const continued = authorization({
    prior: 'Claim/0',
    progress: ['Two of three goals reached'],
    items: [{ code: 'H0038', units: 8 }],
  });
  expect(m11Authorization(michigan(), noon, [continued]).outcome).toEqual({ result: 'met' });
});

test('M-11: a request that waits for other days leaves nothing open', () => {
  const later = authorization({ decision: undefined, requested: { start: '2025-03-06', end: '2025-09-05' } });
  expect(m11Authorization(michigan(), noon, [later]).outcome).toEqual({
    result: 'not-met',
    reasons: ['authorization-not-in-force'],
  });
});

test('M-11: one authorization in force is enough beside a denied one, and only it is evidence', () => {
  const denied = authorization({ reference: 'Claim/2', response: 'ClaimResponse/2', number: undefined });
  const told = m11Authorization(michigan(), noon, [denied, authorization()]);
  expect(told.outcome).toEqual({ result: 'met' });
  expect(told.evidence).toEqual(['Claim/1', 'ClaimResponse/1', 'Encounter/1']);
});

test('M-11: without any authorization, or a day of service, it is open; without the rule it does not apply', () => {
  expect(m11Authorization(michigan(), noon, []).outcome).toMatchObject({ reasons: ['missing: authorization'] });
  expect(m11Authorization(michigan(), on(undefined), [authorization()]).outcome).toEqual({
    result: 'indeterminate',
    reasons: ['missing: date of service'],
  });
  expect(m11Authorization(withoutRules(), noon, [authorization()]).outcome.result).toBe('not-applicable');
});
