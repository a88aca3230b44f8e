import { describe, expect, test } from 'vitest';
import { localDate } from '../../../src/base/time.ts';
import { answer } from '../../../src/domain/answer.ts';
import { billableDay } from '../../../src/domain/b-2-billable-day.ts';
import type { CaseloadAnswer } from '../../../src/domain/cl-1-caseload.ts';
import type { ChargeFact } from '../../../src/domain/facts/authorizations.ts';
import { indeterminate, met, notMet } from '../../../src/domain/outcome.ts';
import { coach, employer, episode } from '../../support/facts.ts';
import { judged, question, rulesetWith } from '../../support/questions.ts';

const rules = rulesetWith({ 'B-2': {} });
const contact = judged('2025-03-01T10:00:00-05:00');
const on: CaseloadAnswer = {
  status: 'on',
  contact,
  lastDay: localDate('2025-03-22'),
  cause: 'window',
  because: [],
  reason: '21 days after the contact',
};
const off: CaseloadAnswer = {
  status: 'off',
  contact: undefined,
  lastDay: undefined,
  cause: 'window',
  because: [],
  reason: 'no contact within 21 days',
};
const facts = {
  coaches: [{ coach, caseload: on as CaseloadAnswer | undefined, qualified: met }],
  coverage: [{ start: localDate('2025-01-01'), end: undefined }] as Parameters<typeof billableDay>[1]['coverage'],
  death: undefined as Parameters<typeof billableDay>[1]['death'],
  soloBan: answer('OR-1', met, [employer]),
  approval: answer('A-2', met),
  charges: [] as ChargeFact[],
};
const charge = (more: Partial<ChargeFact> = {}): ChargeFact => ({
  reference: 'ChargeItem/1',
  status: 'billed',
  organization: employer,
  episode,
  at: '2025-03-05',
  codes: ['H2016'],
  quantity: 1,
  services: [],
  ...more,
});
const ask = (more: Partial<typeof facts> = {}, date = '2025-03-05', knownAt?: string) =>
  billableDay(question(rules, date, knownAt ? { knownAt } : {}), { ...facts, ...more });

describe('B-2 "bill daily for each member on the … caseload"', () => {
  test('a day on the caseload is one unit, with the contact it rests on', () => {
    expect(ask()).toMatchObject({
      outcome: met,
      figures: { quantity: 1, coach },
      evidence: [contact.contact.reference, employer].sort(),
    });
  });

  test('nothing is said of a day before it has closed in the ruleset’s zone (8.3.3)', () => {
    const open = { result: 'indeterminate', reasons: ['day-not-closed'] };
    expect(ask({}, '2025-03-05', '2025-03-06T04:59:59Z').outcome).toEqual(open);
    expect(
      ask({ coaches: [{ coach, caseload: off, qualified: met }] }, '2025-03-05', '2025-03-05T23:00:00Z').outcome,
    ).toEqual(open);
    expect(ask({}, '2025-03-05', '2025-03-06T05:00:00Z').outcome).toEqual(met);
    expect(ask({}, '2025-03-09', '2025-03-10T03:59:59Z')).toMatchObject({
      outcome: open,
      figures: { closesAt: '2025-03-10T04:00:00.000Z' },
    });
  });

  test('every contradiction is told, and what is open beside it', () => {
    const answered = ask({
      coaches: [{ coach, caseload: off, qualified: notMet('coach-not-employed') }],
      soloBan: answer('OR-1', notMet('solo-practitioner')),
      approval: answer('A-2', indeterminate('plan-config')),
      charges: [charge()],
    });
    expect(answered.outcome).toEqual({
      result: 'not-met',
      reasons: [
        'caseload-off: no contact within 21 days',
        'coach-not-employed',
        'OR-1 solo-practitioner',
        'already-charged',
      ],
    });
    expect(answered.figures).toMatchObject({ quantity: 0, open: 'A-2 plan-config' });
  });

  test.each([
    ['a missing Coverage', { coverage: [] }, 'missing: Coverage'],
    ['an approval that is open', { approval: answer('A-2', indeterminate('plan-config')) }, 'A-2 plan-config'],
    [
      'a coach of whom too little is known',
      { coaches: [{ coach, caseload: on, qualified: indeterminate('missing: x') }] },
      'missing: x',
    ],
    [
      'a charge of unknown status',
      { charges: [charge({ status: 'unknown' })] },
      'missing: status or organization of a ChargeItem of the day',
    ],
  ])('%s leaves the day open', (_name, more, reason) => {
    expect(ask(more as Partial<typeof facts>).outcome).toEqual({ result: 'indeterminate', reasons: [reason] });
  });

  test('one qualified coach with the member on the caseload is enough', () => {
    const other = { coach: 'Practitioner/other', caseload: off, qualified: met };
    expect(ask({ coaches: [other, ...facts.coaches] })).toMatchObject({ outcome: met, figures: { coach } });
    expect(ask({ coaches: [] }).outcome.result).toBe('not-met');
  });

  test('coverage counts through its last day, and the date of death bills (8.3.9)', () => {
    const until = [{ start: localDate('2025-01-01'), end: localDate('2025-03-05') }];
    expect(ask({ coverage: until }).outcome).toEqual(met);
    expect(ask({ coverage: until }, '2025-03-06').outcome).toEqual(notMet('coverage-not-active'));
    expect(ask({ death: localDate('2025-03-05') }).outcome).toEqual(met);
    expect(ask({ death: localDate('2025-03-05') }, '2025-03-06').outcome).toEqual(notMet('deceased'));
  });

  test('one unit for organisation, member and day: planned and other days’ charges are none, another organisation’s warns', () => {
    expect(ask({ charges: [charge({ status: 'planned' }), charge({ at: '2025-03-04' })] }).outcome).toEqual(met);
    expect(ask({ charges: [charge({ at: '2025-03-06T03:00:00Z' })] }).outcome).toEqual(notMet('already-charged'));
    expect(ask({ charges: [charge({ organization: 'Organization/other' })] })).toMatchObject({
      outcome: met,
      figures: { warning: 'charged-by-another-organisation' },
    });
  });

  test('a rule that does not bind the product asks for nothing; without B-2 itself there is no answer', () => {
    const exempt = answer('OR-1', { result: 'not-applicable', reasons: ['rule-not-in-ruleset'] });
    expect(ask({ soloBan: exempt }).outcome).toEqual(met);
    expect(billableDay(question(rulesetWith({}), '2025-03-05'), facts).outcome.result).toBe('not-applicable');
  });
});
