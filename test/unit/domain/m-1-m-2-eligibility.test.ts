import { describe, expect, test } from 'vitest';
import type { Criterion, Eligibility } from '../../../src/domain/facts/michigan-eligibility.ts';
import { m1Eligible, m2Criteria } from '../../../src/domain/m-1-m-2-eligibility.ts';
import { indeterminate, met, notMet } from '../../../src/domain/outcome.ts';
import { eligibility, michigan, withoutRules } from '../../support/michigan.ts';

const yes = (...evidence: string[]): Criterion => ({ said: true, evidence });
const no: Criterion = { said: false, evidence: [] };
const unsaid: Criterion = { said: undefined, evidence: [] };
const m1 = (...responses: Eligibility[]) => m1Eligible(michigan(), responses);

test.each(['c2', 'c3', 'c4', 'c5'] as const)('M-1, M-2: agreement, c1 and %s alone are enough', (id) => {
  const response = eligibility({ c2: no, [id]: yes('a documented reason') });
  expect(m1(response)).toEqual({
    rule: 'M-1',
    outcome: { result: 'met' },
    evidence: ['QuestionnaireResponse/1'],
    figures: {},
  });
  const told = m2Criteria(michigan(), [response]);
  expect(told.outcome).toEqual({ result: 'met' });
  expect(told.figures).toEqual({ c2: 'not-met', c3: 'not-met', c4: 'not-met', c5: 'not-met', [id]: 'met' });
});

test.each([
  ['no agreement', eligibility({}, { agreement: false }), 'not-met', ['no-agreement']],
  ['nothing said of the agreement', eligibility({}, { agreement: undefined }), 'indeterminate', ['missing: agreement']],
  ['no to c1', eligibility({ c1: no }), 'not-met', ['c1-not-present']],
  ['nothing said of c1', eligibility({ c1: unsaid }), 'indeterminate', ['missing: c1']],
  [
    'no to all others',
    eligibility({ c2: no }),
    'not-met',
    ['c2-not-present', 'c3-not-present', 'c4-not-present', 'c5-not-present'],
  ],
  ['a yes that rests on nothing', eligibility({ c2: yes() }), 'indeterminate', ['missing: evidence of c2']],
  ['nothing said of c5 alone', eligibility({ c2: no, c5: unsaid }), 'indeterminate', ['missing: c5']],
] as const)('M-1: %s', (_, response, result, reasons) => {
  expect(m1(response).outcome).toEqual({ result, reasons });
});

test('M-2: agreement and c1 are not its business', () => {
  const told = m2Criteria(michigan(), [eligibility({ c1: no, c2: no, c3: yes() }, { agreement: false })]);
  expect(told.outcome).toEqual({ result: 'indeterminate', reasons: ['missing: evidence of c3'] });
  expect(told.figures).toEqual({ c2: 'not-met', c3: 'indeterminate', c4: 'not-met', c5: 'not-met' });
});

test.each([
  ['2025-03-05', 'met'],
  ['2025-03-06', 'indeterminate'],
  ['2025-03-06T04:59:00Z', 'met'],
  ['2025-03-06T05:00:00Z', 'indeterminate'],
  [undefined, 'indeterminate'],
] as const)('M-1, M-2: a response of %s is %s on 5 March', (authored, result) => {
  const responses = [eligibility({}, { authored })];
  expect(m1Eligible(michigan(), responses).outcome.result).toBe(result);
  expect(m2Criteria(michigan(), responses).outcome.result).toBe(result);
});

test('M-1: what was written after K is not known yet', () => {
  const responses = [eligibility({}, { authored: '2025-03-05T14:00:00Z' })];
  const at = (knownAt: string) => m1Eligible(michigan('2025-03-05', { knownAt }), responses).outcome.result;
  expect(at('2025-03-05T13:59:59Z')).toBe('indeterminate');
  expect(at('2025-03-05T14:00:00Z')).toBe('met');
});

test('M-1: a client takes the agreement back, and gives it anew, without the criteria being answered again', () => {
  const full = eligibility();
  const alone = (id: string, authored: string, agreement: boolean) =>
    eligibility(
      { c1: unsaid, c2: unsaid },
      { reference: `QuestionnaireResponse/${id}`, authored, agreement, isAgreementAlone: true },
    );
  const back = alone('back', '2025-02-01', false);
  expect(m1(full, back)).toEqual({
    rule: 'M-1',
    outcome: notMet('no-agreement'),
    evidence: ['QuestionnaireResponse/1', 'QuestionnaireResponse/back'],
    figures: {},
  });
  expect(m1(full, back, alone('anew', '2025-02-02', true)).outcome).toEqual(met);
  expect(m1(full, alone('before', '2025-01-09', false)).outcome).toEqual(met);
  expect(m1(alone('yes', '2025-02-01', true)).outcome).toEqual(indeterminate('missing: eligibility response'));
  expect(m2Criteria(michigan(), [full, back]).outcome).toEqual(met);
});

test.each([
  ['2025-01-10', '2025-02-10'],
  ['2025-02-10T10:00:00Z', '2025-02-10T11:00:00Z'],
  ['2025-02-09T23:00:00-05:00', '2025-02-10'],
  ['2025-02-10', '2025-02-10T08:00:00-05:00'],
])('M-1: of two responses, %s and %s, the later decides', (earlier, later) => {
  const withdrawn = eligibility({}, { reference: 'QuestionnaireResponse/2', authored: later, agreement: false });
  const first = eligibility({}, { authored: earlier });
  for (const order of [
    [first, withdrawn],
    [withdrawn, first],
  ]) {
    expect(m1(...order)).toMatchObject({ outcome: { result: 'not-met' }, evidence: ['QuestionnaireResponse/2'] });
  }
});

test('M-1, M-2: no response leaves them open, and without the rule they do not apply', () => {
  const open = { result: 'indeterminate', reasons: ['missing: eligibility response'] };
  expect(m1().outcome).toEqual(open);
  expect(m2Criteria(michigan(), []).outcome).toEqual(open);
  expect(m1Eligible(withoutRules(), [eligibility()]).outcome.result).toBe('not-applicable');
  expect(m2Criteria(withoutRules(), [eligibility()]).outcome.result).toBe('not-applicable');
});

describe('c2 "a documented need in at least one domain"', () => {
  const coded = (said: boolean | undefined, ...codes: string[]): Criterion => ({ said, evidence: codes, codes });
  const m2 = (c2: Criterion, question = michigan()) => m2Criteria(question, [eligibility({ c2 })]).outcome;
  const open = indeterminate('missing: c2');

  test.each(['living-skills', 'health-care', 'housing', 'employment', 'financial', 'education', 'other'])(
    'the domain %s is one, with a yes and without',
    (code) => {
      expect(m2(coded(undefined, code))).toEqual(met);
      expect(m2(coded(true, code))).toEqual(met);
      expect(m2(coded(false, code)).result).toBe('not-met');
    },
  );

  test('a code outside the list is none', () => {
    expect(m2(coded(undefined, 'none'))).toEqual(open);
    expect(m2(coded(true, 'none'))).toEqual(indeterminate('missing: evidence of c2'));
    expect(m2(coded(undefined, 'none', 'housing'))).toEqual(met);
  });

  test('words are evidence beside a yes and no yes of themselves', () => {
    expect(m2({ said: undefined, evidence: ['no need at all'] })).toEqual(open);
    expect(m2({ said: true, evidence: ['About to lose the flat'] })).toEqual(met);
    expect(m2({ said: true, evidence: ['none', 'Parenting'], codes: ['none'] })).toEqual(met);
  });

  test('which domains count is the ruleset’s to say', () => {
    const question = michigan();
    const { needDomains: _, ...parameters } = question.ruleset.parameters;
    const unset = { ...question, ruleset: { ...question.ruleset, parameters } };
    expect(m2(coded(undefined, 'housing'), unset)).toEqual(indeterminate('missing-parameter: needDomains'));
  });
});

test.each(['c3', 'c4', 'c5'] as const)('%s needs its yes: what is written beside it is read by people', (id) => {
  const written: Criterion = { said: undefined, evidence: ['never', 'heroin'], codes: ['heroin'] };
  const of = (said: boolean | undefined) =>
    m2Criteria(michigan(), [eligibility({ c2: no, [id]: { ...written, said } })]).outcome;
  expect(of(undefined)).toEqual(indeterminate(`missing: ${id}`));
  expect(of(true)).toEqual(met);
});
