import { expect, test } from 'vitest';
import type { Question } from '../../../src/domain/answer.ts';
import { m10SameDates, m20Allowance } from '../../../src/domain/m-10-m-20-requests.ts';
import { indeterminate } from '../../../src/domain/outcome.ts';
import { authorization, michigan, withoutRules } from '../../support/michigan.ts';
import { parameter } from '../../support/questions.ts';

const parent = authorization({ reference: 'Claim/parent', response: 'ClaimResponse/parent' });
const added = (start: string | undefined, end: string | undefined) =>
  authorization({ reference: 'Claim/2', parent: 'Claim/parent', requested: { start, end } });
const m10 = (start: string | undefined, end: string | undefined, question: Question = michigan()) =>
  m10SameDates(question, added(start, end), [parent]).outcome;

test.each([
  ['2025-01-01', '2025-06-30', 'met', undefined],
  ['2025-01-02', '2025-06-30', 'not-met', ['begin-differs']],
  ['2025-01-01', '2025-06-29', 'not-met', ['end-differs']],
  ['2025-02-01', '2025-07-31', 'not-met', ['begin-differs', 'end-differs']],
  [undefined, '2025-06-30', 'indeterminate', ['missing: begin of the request']],
  ['2025-01-01', undefined, 'indeterminate', ['missing: end of the request']],
] as const)('M-10: from %s to %s beside January to June is %s', (start, end, result, reasons) => {
  expect(m10(start, end)).toEqual(reasons ? { result, reasons } : { result });
});

test('M-10: the other reading asks for the end only', () => {
  const base = michigan();
  const parameters = { ...base.ruleset.parameters, separateRequestDates: parameter('end' as const) };
  const question = { ...base, ruleset: { ...base.ruleset, parameters } };
  expect(m10('2025-03-01', '2025-06-30', question)).toEqual({ result: 'met' });
  expect(m10('2025-03-01', '2025-07-01', question).result).toBe('not-met');
});

test('M-10: what the payer authorized goes before what the parent requested', () => {
  const shortened = { ...parent, authorized: { start: '2025-01-01', end: '2025-05-31' } };
  const unanswered = { ...parent, response: undefined, authorized: { start: undefined, end: undefined } };
  expect(m10SameDates(michigan(), added('2025-01-01', '2025-06-30'), [shortened]).outcome.result).toBe('not-met');
  expect(m10SameDates(michigan(), added('2025-01-01', '2025-06-30'), [unanswered])).toMatchObject({
    outcome: { result: 'met' },
    evidence: ['Claim/2', 'Claim/parent'],
  });
});

test('M-10: an unknown parent, dates or parameter leave it open; a request of its own does not come under it', () => {
  const request = added('2025-01-01', '2025-06-30');
  const base = michigan();
  const { separateRequestDates: _, ...parameters } = base.ruleset.parameters;
  const bare = { ...base, ruleset: { ...base.ruleset, parameters } };
  const undated = {
    ...parent,
    authorized: { start: undefined, end: undefined },
    requested: { start: '2025', end: undefined },
  };
  expect(m10SameDates(base, request, []).outcome).toEqual(indeterminate('missing: parent authorization'));
  expect(m10SameDates(base, request, [undated]).outcome).toEqual(indeterminate('missing: end of the parent'));
  expect(m10SameDates(bare, request, [parent]).outcome).toEqual(
    indeterminate('missing-parameter: separateRequestDates'),
  );
  expect(m10SameDates(base, parent, [parent]).outcome.result).toBe('not-applicable');
  expect(m10SameDates(withoutRules(), request, [parent]).outcome.result).toBe('not-applicable');
});

const therapy = (units: number | undefined) => [
  { code: 'T1012', units: 30 },
  { code: '90834', units },
];

test.each([
  [9, { remaining: 1 }],
  [10, { remaining: 0 }],
])('M-20: 30 units beside %i of therapy are within an allowance of 40', (units, figures) => {
  const told = m20Allowance(michigan(), authorization({ items: therapy(units), justification: [] }));
  expect(told).toMatchObject({ outcome: { result: 'met' }, figures });
});

test('M-20: one unit over the allowance needs a justification', () => {
  const told = (justification: string[]) =>
    m20Allowance(michigan(), authorization({ items: therapy(11), justification }));
  expect(told([])).toMatchObject({
    outcome: { result: 'not-met', reasons: ['over-allowance-without-justification'] },
    figures: { units: 41, allowance: 40, over: 1 },
  });
  expect(told(['Three relapses within a month'])).toMatchObject({ outcome: { result: 'met' }, figures: { over: 1 } });
});

test('M-20: without services, units or an allowance it is open; without the rule it does not apply', () => {
  const of = (more: Parameters<typeof authorization>[0]) => m20Allowance(michigan(), authorization(more)).outcome;
  expect(of({ items: [] })).toEqual(indeterminate('missing: requested services'));
  expect(of({ items: therapy(undefined) })).toEqual(indeterminate('missing: units of 90834'));
  expect(of({ allowance: undefined })).toEqual(indeterminate('missing: allowance'));
  expect(m20Allowance(withoutRules(), authorization()).outcome.result).toBe('not-applicable');
});
