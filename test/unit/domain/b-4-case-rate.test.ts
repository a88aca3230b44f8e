import { describe, expect, test } from 'vitest';
import { localDate } from '../../../src/base/time.ts';
import { planRegistration } from '../../../src/domain/a-6-registration.ts';
import { answer } from '../../../src/domain/answer.ts';
import { caseRateDay, chargeCode, minimumRate } from '../../../src/domain/b-4-case-rate.ts';
import { evidenceOfPeriod, stagesOfNotes } from '../../../src/domain/d-1-documentation.ts';
import { indeterminate, met, notMet } from '../../../src/domain/outcome.ts';
import { episode, payer } from '../../support/facts.ts';
import { judged, parameter, question, rulesetWith } from '../../support/questions.ts';

const charge = parameter({ code: 'H2016', modifiers: ['HM'], unit: 'day' as const });
const day = {
  coverage: [{ start: localDate('2025-01-01'), end: undefined }],
  death: undefined,
  soloBan: answer('OR-1', met),
  approval: answer('A-2', met),
  charges: [],
};

test('B-1 takes the code from the ruleset, and none where it says none', () => {
  expect(chargeCode(question(rulesetWith({ 'B-1': {} }, { charge }), '2025-01-05')).figures).toEqual({
    code: 'H2016',
    modifiers: 'HM',
    unit: 'day',
  });
  expect(chargeCode(question(rulesetWith({ 'B-1': {} }), '2025-01-05')).outcome).toEqual(
    indeterminate('missing-parameter: charge'),
  );
});

describe('B-3', () => {
  const asked = (rate?: number, minimum?: number, of = payer) =>
    question(
      rulesetWith(
        { 'B-3': {} },
        {
          ...(rate !== undefined && { contractDayRates: parameter([{ payer: of, perDay: rate }]) }),
          ...(minimum !== undefined && { minimumDayRate: parameter(minimum) }),
        },
      ),
      '2025-01-05',
    );

  test('warns under the minimum, not at it', () => {
    expect(minimumRate(asked(20, 20)).outcome).toEqual(met);
    const under = minimumRate(asked(19.99, 20));
    expect(under.outcome).toEqual(notMet('rate-under-minimum'));
    expect(under.figures).toEqual({ mode: 'advisory', rate: 19.99, minimum: 20, warning: 'rate-under-minimum' });
  });

  test('says which amount is missing; another payer’s contract is none', () => {
    expect(minimumRate(asked(20)).outcome).toEqual(indeterminate('missing: minimum rate'));
    expect(minimumRate(asked(undefined, 20)).outcome).toEqual(indeterminate('missing: contract rate'));
    expect(minimumRate(asked(20, 20, 'Organization/other')).outcome).toEqual(indeterminate('missing: contract rate'));
    expect(minimumRate(asked()).outcome).toEqual(indeterminate('missing: contract rate', 'missing: minimum rate'));
  });
});

test('B-4: a day needs the contract’s configuration and the payer’s gates; a measure decides nothing', () => {
  const asked = question(rulesetWith({ 'B-4': {} }, { charge }), '2025-01-05');
  const minimum = (mode: string) => answer('T-2', notMet('connections: 4 of 5'), [], { mode });
  expect(caseRateDay(asked, { ...day, minima: [minimum('measure')] }).outcome).toEqual(met);
  expect(caseRateDay(asked, { ...day, minima: [minimum('gate')] }).outcome).toEqual(notMet('T-2 connections: 4 of 5'));
  const unset = question(rulesetWith({ 'B-4': {} }), '2025-01-05');
  expect(caseRateDay(unset, { ...day, minima: [] }).outcome).toEqual(indeterminate('no-rate-config'));
  expect(
    caseRateDay(asked, { ...day, minima: [], coverage: [{ start: localDate('2025-01-06'), end: undefined }] }).outcome,
  ).toEqual(notMet('coverage-not-active'));
});

test('B-4 leaves the day to B-2 where the bulletin’s billing binds', () => {
  const asked = question(rulesetWith({ 'B-4': { mode: 'gate', measureFor: ['mco'] } }, { charge }), '2025-01-05');
  expect(caseRateDay(asked, { ...day, minima: [] }).outcome).toEqual({
    result: 'not-applicable',
    reasons: ['bulletin-billing-binds'],
  });
  expect(caseRateDay({ ...asked, planType: 'commercial' }, { ...day, minima: [] }).outcome).toEqual(met);
});

test('A-6 is asked only where the plan asks, is never not-met, and blocks nothing', () => {
  const plan = (value?: 'none' | 'notification' | 'registration') =>
    question(rulesetWith({ 'A-6': {} }, value ? { registration: parameter(value) } : {}), '2025-06-01');
  const sent = {
    reference: 'Task/1',
    kind: 'registration' as const,
    episode,
    payers: [payer],
    sentAt: '2025-06-01',
    acknowledgedAt: undefined,
  };
  expect(planRegistration(plan(), []).outcome.result).toBe('indeterminate');
  expect(planRegistration(plan('none'), []).outcome.result).toBe('not-applicable');
  expect(planRegistration(plan('registration'), []).outcome).toEqual(indeterminate('registration-due'));
  expect(planRegistration(plan('registration'), [sent]).outcome).toEqual(met);
  expect(planRegistration(plan('notification'), [sent]).outcome).toEqual(indeterminate('notification-due'));
});

test('D-1: each final note has one stage; a preliminary note asks for none', () => {
  const first = judged('2025-01-02');
  const asked = question(rulesetWith({ 'D-1': {} }), '2025-01-05', { contacts: [first, judged('2025-01-06')] });
  const stage = {
    reference: 'Observation/1',
    encounter: first.contact.reference,
    at: undefined,
    stage: 'not-assessed',
  };
  expect(stagesOfNotes(asked, [stage]).outcome).toEqual(met);
  expect(stagesOfNotes(asked, []).outcome).toEqual(indeterminate('missing: stage of change'));
  expect(stagesOfNotes(asked, [stage, { ...stage, stage: '134411008' }]).outcome).toEqual(
    indeterminate('several-stages-of-one-note'),
  );
  expect(stagesOfNotes({ ...asked, date: localDate('2025-01-01') }, []).outcome).toEqual(
    indeterminate('missing: final note'),
  );
});

test('D-2 names each minimum that is not documented', () => {
  const asked = question(rulesetWith({ 'D-2': {} }, { connectionPeriodDays: parameter(30) }), '2025-01-05');
  expect(evidenceOfPeriod(asked, [answer('T-1', met, ['Encounter/1'])])).toMatchObject({
    outcome: met,
    evidence: ['Encounter/1'],
    figures: { periodEnd: '2025-01-30' },
  });
  expect(evidenceOfPeriod(asked, [answer('T-2', notMet('x'))]).outcome).toEqual(indeterminate('undocumented: T-2'));
  expect(evidenceOfPeriod(asked, []).outcome.result).toBe('indeterminate');
});
