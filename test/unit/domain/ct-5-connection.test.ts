import { describe, expect, test } from 'vitest';
import { localDate } from '../../../src/base/time.ts';
import { connectionsOf, isConnection } from '../../../src/domain/ct-5-connection.ts';
import { replacesNoConnection } from '../../../src/domain/ct-6-no-replacement.ts';
import { supportsGoals } from '../../../src/domain/ct-7-purpose.ts';
import { noDetails, type SupportActivity } from '../../../src/domain/facts/facts.ts';
import { indeterminate, met, notMet } from '../../../src/domain/outcome.ts';
import { serviceComponents, sharedLanguage } from '../../../src/domain/sc-1-service-components.ts';
import { weeklyContacts } from '../../../src/domain/t-3-weekly.ts';
import { supportWork } from '../../../src/domain/t-4-support-work.ts';
import { coach, employer } from '../../support/facts.ts';
import { judged, parameter, question, rulesetWith } from '../../support/questions.ts';

const rules = rulesetWith(
  { 'CT-5': {}, 'CT-6': {}, 'CT-7': {}, 'T-3': {}, 'T-4': {}, 'SC-2': {} },
  { connectionPeriodDays: parameter(30) },
);
const asked = question(rules, '2025-01-15');
const nothing = question(rulesetWith({}), '2025-01-15');

describe('CT-5 "in person, over the phone, or by text"', () => {
  test.each([
    ['in-person', undefined],
    ['phone', undefined],
    ['text', undefined],
    ['email', 'modality-not-listed'],
    ['video', 'modality-not-listed'],
    ['remote', 'modality-not-stated'],
  ] as const)('%s is kept, with warning %s', (modality, warning) => {
    const answer = isConnection(asked, judged('2025-01-10', { modality }));
    expect([answer.outcome, answer.figures['warning']]).toEqual([met, warning]);
  });

  test('what is refused or pending as a contact is so as a connection', () => {
    for (const outcome of [notMet('member-not-engaged'), indeterminate('missing: memberEngaged')])
      expect(isConnection(asked, judged('2025-01-10', {}, outcome)).outcome).toEqual(outcome);
    expect(isConnection(nothing, judged('2025-01-10')).outcome.result).toBe('not-applicable');
  });
});

describe('CT-7 "working towards the goals"', () => {
  test('a goal or a purpose is enough, neither is pending', () => {
    for (const more of [{ goals: ['Goal/1'] }, { purposes: ['advocacy'] }])
      expect(supportsGoals(asked, judged('2025-01-10', { details: { ...noDetails, ...more } })).outcome).toEqual(met);
    expect(supportsGoals(asked, judged('2025-01-10')).outcome).toEqual(indeterminate('no-purpose'));
  });

  test('a connection without a purpose is pending only where the ruleset asks for one', () => {
    const contacts = [judged('2025-01-10')];
    expect(connectionsOf({ ...asked, contacts })[0]?.outcome).toEqual(indeterminate('no-purpose'));
    expect(connectionsOf({ ...nothing, contacts })[0]?.outcome).toEqual(met);
  });
});

const work: SupportActivity = {
  reference: 'Procedure/1',
  coaches: [coach],
  organization: employer,
  start: '2025-01-30T22:00:00-05:00',
  end: '2025-01-30T22:20:30-05:00',
  status: 'completed',
  category: 'support-without-member',
  partyType: undefined,
  clientPresent: undefined,
  purposes: ['system-navigation'],
  outcome: [],
};

test('CT-6: a contact that rests on support work is refused', () => {
  expect(replacesNoConnection(asked, work).outcome).toEqual(met);
  const contacts = [judged('2025-01-30', { evidence: ['Encounter/1', 'Procedure/1'] })];
  expect(replacesNoConnection({ ...asked, contacts }, work).outcome.result).toBe('not-met');
});

describe('T-4 "sufficient time … without Enrollee present"', () => {
  test('one activity on the period’s last date meets it, with its whole minutes', () => {
    expect(supportWork(asked, [work])).toMatchObject({ outcome: met, figures: { minutes: 20, mode: 'gate' } });
    expect(supportWork(question(rules, '2025-01-31'), [work]).outcome).toEqual(notMet('no-support-work-in-period'));
  });

  test('without any it is open until the period has ended', () => {
    const at = (knownAt: string) => supportWork(question(rules, '2025-01-15', { knownAt }), []).outcome;
    expect(at('2025-01-31T04:59:59Z')).toEqual(indeterminate('period-not-ended'));
    expect(at('2025-01-31T05:00:00Z')).toEqual(notMet('no-support-work-in-period'));
  });

  test.each([
    ['outreach', { category: 'outreach' as const }, 'not-met'],
    ['with the member present', { clientPresent: true }, 'not-met'],
    ['of another organisation', { organization: 'Organization/other' }, 'not-met'],
    ['that was not done', { status: 'not-done' }, 'not-met'],
    ['without a purpose', { purposes: [] }, 'indeterminate'],
    ['without an end', { end: undefined }, 'indeterminate'],
  ])('work %s does not meet it', (_name, more, result) => {
    expect(supportWork(asked, [{ ...work, ...more }]).outcome.result).toBe(result);
  });
});

describe('T-3 "ongoing weekly contacts"', () => {
  const weekly = rulesetWith({ 'T-3': {} });
  const at = (date: string, ...contacts: string[]) =>
    weeklyContacts(question(weekly, date, { contacts: contacts.map((one) => judged(one)) }));

  test('the share of whole weeks with a connection; a week counts on its last date', () => {
    expect(at('2025-01-06', '2025-01-02').outcome).toEqual(indeterminate('no-week-has-ended'));
    expect(at('2025-01-07', '2025-01-07').outcome).toEqual(met);
    expect(at('2025-01-14', '2025-01-07').figures).toMatchObject({ weeks: 2, percent: 50, mode: 'measure' });
    expect(at('2025-01-14', '2025-01-07', '2025-01-15').outcome.result).toBe('not-met');
  });

  test('a week is not over on its last day itself: a connection can still be made in it', () => {
    const known = (knownAt: string) => weeklyContacts(question(weekly, '2025-01-07', { knownAt })).outcome;
    expect(known('2025-01-08T04:59:59Z')).toEqual(indeterminate('no-week-has-ended'));
    expect(known('2025-01-08T05:00:00Z')).toEqual(notMet('weeks-without-connection'));
  });

  test('a pending connection that would be the week’s leaves it open; a week without any contradicts', () => {
    const pending = judged('2025-01-12', {}, indeterminate('no-documentation'));
    const ask = (date: string) =>
      weeklyContacts(question(weekly, date, { contacts: [judged('2025-01-02'), pending] })).outcome;
    expect(ask('2025-01-14')).toEqual(indeterminate('connection-pending'));
    expect(ask('2025-01-21')).toEqual(notMet('weeks-without-connection'));
  });

  test('no week is counted that was not over when the member died', () => {
    const asked = question(weekly, '2025-02-28', { contacts: [judged('2025-01-05'), judged('2025-01-12')] });
    for (const [death, weeks] of [
      ['2025-01-14', 2],
      ['2025-01-20', 2],
      ['2025-01-21', 3],
    ] as const)
      expect(weeklyContacts(asked, localDate(death)).figures['weeks']).toBe(weeks);
    expect(weeklyContacts(asked, localDate('2025-01-20')).outcome).toEqual(met);
  });
});

test('SC-2 compares languages by their primary tag, and names which side is missing', () => {
  expect(sharedLanguage(asked, ['en-US'], ['es', 'en']).outcome).toEqual(met);
  expect(sharedLanguage(asked, ['pt'], ['en']).figures['warning']).toBe('no-shared-language');
  expect(sharedLanguage(asked, [], ['en']).outcome).toEqual(indeterminate('missing: Patient.communication'));
  expect(sharedLanguage(asked, ['en'], []).outcome).toEqual(indeterminate('missing: Practitioner.communication'));
});

test('SC-1 tells the components that accepted contacts up to D name, each once', () => {
  const tagged = (date: string, ...purposes: string[]) => judged(date, { details: { ...noDetails, purposes } });
  const ask = (...contacts: ReturnType<typeof judged>[]) =>
    serviceComponents(question(rulesetWith({ 'SC-1': {} }), '2025-01-15', { contacts }));
  const counted = [tagged('2025-01-14', 'links', 'advocacy'), tagged('2025-01-15', 'links')];
  const refused = { ...tagged('2025-01-13', 'transport'), outcome: notMet('cancelled') };
  expect(ask(...counted, refused, tagged('2025-01-16', 'life-skills')).figures['components']).toBe('advocacy,links');
  expect(ask(judged('2025-01-14')).outcome).toEqual(indeterminate('missing: service component'));
});
