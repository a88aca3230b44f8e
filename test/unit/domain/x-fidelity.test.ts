import { expect, test } from 'vitest';
import { localDate } from '../../../src/base/time.ts';
import { type ContactDetails, noDetails } from '../../../src/domain/facts/facts.ts';
import { met } from '../../../src/domain/outcome.ts';
import type { Ruleset } from '../../../src/domain/ruleset.ts';
import { earlyEngagement, fidelity } from '../../../src/domain/x-fidelity.ts';
import { contact, ruleset } from '../../support/facts.ts';

const basis = { basis: 'decision', reason: 'what this test asks' } as const;
const mce = ruleset('masshealth-mce');
const one: Ruleset = {
  ...mce,
  rules: { 'X-1': basis, 'X-2': basis },
  parameters: {
    ...mce.parameters,
    earlyEngagementDays: { value: 90, ...basis },
    earlyEngagementPercent: { value: 50, ...basis },
  },
};
const judged = (date: string, details: Partial<ContactDetails>) => ({
  contact: contact(date, { details: { ...noDetails, ...details } }),
  date: localDate(date),
  outcome: met,
});
const cancelled = (date: string, details: Partial<ContactDetails>) => {
  const one = judged(date, details);
  return { ...one, contact: { ...one.contact, status: 'cancelled' } };
};
const none: Ruleset = { ...one, rules: {} };
const tagged = (...fidelityTags: ContactDetails['fidelityTags']) =>
  fidelity({ ruleset: one, date: localDate('2025-03-31'), contacts: [judged('2025-03-31', { fidelityTags })] }).outcome;

test('X-1: transport is fit only while temporary and with a transition plan; a chaperone never is', () => {
  const plan = { tag: 'transition-plan', temporary: undefined };
  expect(tagged({ tag: 'transport', temporary: true }, plan).result).toBe('met');
  expect(tagged({ tag: 'transport', temporary: true }).result).toBe('indeterminate');
  expect(tagged({ tag: 'transport', temporary: undefined }, plan)).toMatchObject({ reasons: ['missing: temporary'] });
  expect(tagged({ tag: 'transport', temporary: false }, plan).result).toBe('not-met');
  expect(tagged({ tag: 'chaperone', temporary: true })).toMatchObject({ reasons: ['unfit-activity: chaperone'] });
});

test('X-2: exactly the percentage is fit, one coaching contact more is not; the 91st date back does not count', () => {
  const role = { coachRole: 'early-engagement' };
  const coaching = { ...role, purposes: ['mentoring'] };
  const ask = (date: string) =>
    earlyEngagement({
      ruleset: one,
      date: localDate(date),
      contacts: [judged('2025-03-31', coaching), judged('2025-01-01', role)],
    });
  expect(ask('2025-03-31')).toMatchObject({ outcome: { result: 'met' }, figures: { contacts: 2, coaching: 1 } });
  expect(ask('2025-04-01').outcome.result).toBe('not-met');
  expect(earlyEngagement({ ruleset: mce, date: localDate('2025-03-31'), contacts: [] }).outcome.result).toBe(
    'not-applicable',
  );
});

test('X-1: clinical and custodial acts are unfit whatever else is tagged, and all are named', () => {
  expect(tagged({ tag: 'clinical', temporary: undefined }, { tag: 'custodial', temporary: true })).toEqual({
    result: 'not-met',
    reasons: ['unfit-activity: clinical', 'unfit-activity: custodial'],
  });
  expect(tagged({ tag: 'transition-plan', temporary: undefined })).toEqual(met);
});

test('X-1: a contact after D, without tags or called off is no evidence', () => {
  const fidelityTags = [{ tag: 'clinical', temporary: undefined }];
  const ask = (date: string, contacts = [judged('2025-03-31', { fidelityTags }), judged('2025-03-01', {})]) =>
    fidelity({ ruleset: one, date: localDate(date), contacts });
  expect(ask('2025-03-30')).toMatchObject({ outcome: met, evidence: [], figures: { tagged: 0 } });
  expect(ask('2025-03-31')).toMatchObject({ evidence: ['Encounter/2025-03-31'], figures: { tagged: 1 } });
  expect(ask('2025-03-31', [cancelled('2025-03-31', { fidelityTags })]).outcome).toEqual(met);
  expect(fidelity({ ruleset: none, date: localDate('2025-03-31'), contacts: [] }).outcome.result).toBe(
    'not-applicable',
  );
});

test('X-2: only early engagement that took place by D is looked at', () => {
  const coaching = { coachRole: 'early-engagement', purposes: ['sharing-experience'] };
  const ask = (date: string, contacts: ReturnType<typeof judged>[]) =>
    earlyEngagement({ ruleset: one, date: localDate(date), contacts }).outcome;
  expect(ask('2025-03-31', [judged('2025-03-31', coaching)])).toEqual({
    result: 'not-met',
    reasons: ['too-much-coaching'],
  });
  const nothing = { result: 'not-applicable', reasons: ['no-early-engagement-contact'] };
  expect(ask('2025-03-30', [judged('2025-03-31', coaching)])).toEqual(nothing);
  expect(ask('2025-03-31', [cancelled('2025-03-31', coaching)])).toEqual(nothing);
  expect(ask('2025-03-31', [judged('2025-03-31', { ...coaching, coachRole: 'traditional' })])).toEqual(nothing);
});

test('X-2: without the days or the percentage it is open', () => {
  const ask = (parameters: Ruleset['parameters']) =>
    earlyEngagement({ ruleset: { ...one, parameters }, date: localDate('2025-03-31'), contacts: [] }).outcome;
  const { earlyEngagementDays: _, ...noDays } = one.parameters;
  const { earlyEngagementPercent: __, ...noPercent } = one.parameters;
  expect(ask(noDays)).toMatchObject({ reasons: ['missing-parameter: earlyEngagementDays'] });
  expect(ask(noPercent)).toMatchObject({ reasons: ['missing-parameter: earlyEngagementPercent'] });
});
