import { expect, test } from 'vitest';
import type { Contact, SupportActivity } from '../../../src/domain/facts/facts.ts';
import { m16Lost } from '../../../src/domain/m-16-lost.ts';
import { indeterminate, notMet, type Outcome } from '../../../src/domain/outcome.ts';
import { coach, employer } from '../../support/facts.ts';
import { michigan, withoutRules } from '../../support/michigan.ts';
import { judged } from '../../support/questions.ts';

const last = (date: string, more: Partial<Contact> = {}, outcome?: Outcome) =>
  michigan(date, { contacts: [judged('2025-02-28', more, outcome)] });
const outreach = (start: string, more: Partial<SupportActivity> = {}): SupportActivity => ({
  reference: `Procedure/${start}`,
  coaches: [coach],
  organization: employer,
  start,
  end: undefined,
  status: 'completed',
  category: 'outreach',
  partyType: undefined,
  clientPresent: undefined,
  purposes: [],
  outcome: [],
  ...more,
});
const consent = {
  reference: 'Consent/1',
  parties: ['RelatedPerson/1', 'emergency-contact'],
  start: '2025-01-01',
  end: '2025-03-22',
};

test('M-16: 21 days after the last contact nobody is lost, on day 22 the client is', () => {
  expect(m16Lost(last('2025-03-21'), [], [])).toMatchObject({
    outcome: { result: 'met' },
    figures: { days: 21, lost: false },
  });
  expect(m16Lost(last('2025-03-22'), [], [])).toMatchObject({
    outcome: { result: 'not-met', reasons: ['lost-without-outreach'] },
    figures: { days: 22, lost: true, attempts: 0, emergencyContact: false },
  });
});

test.each([
  ['2025-02-27', 'not-met'],
  ['2025-02-28', 'met'],
  ['2025-03-22', 'met'],
  ['2025-03-23', 'not-met'],
])('M-16: an outreach of %s, asked on 22 March, is %s', (start, result) => {
  expect(m16Lost(last('2025-03-22'), [outreach(start)], []).outcome.result).toBe(result);
});

test('M-16: attempts are counted; what was not done, other work and what lies after K are none', () => {
  const told = m16Lost(
    { ...last('2025-03-22'), knownAt: '2025-03-22T12:00:00Z' },
    [
      outreach('2025-03-10'),
      outreach('2025-03-22T12:00:00Z'),
      outreach('2025-03-22T12:00:01Z'),
      outreach('2025-03-11', { status: 'not-done' }),
      outreach('2025-03-12', { category: 'collateral' }),
    ],
    [],
  );
  expect(told.figures).toMatchObject({ attempts: 2 });
  expect(told.evidence).toEqual(['Procedure/2025-03-10', 'Procedure/2025-03-22T12:00:00Z']);
});

test('M-16: the emergency contact may be asked while a consent that names it is in force', () => {
  const asked = (date: string, parties = consent.parties) =>
    m16Lost(last(date), [], [{ ...consent, parties }]).figures['emergencyContact'];
  expect(asked('2025-03-22')).toBe(true);
  expect(asked('2025-03-23')).toBe(false);
  expect(asked('2025-03-22', ['RelatedPerson/1'])).toBe(false);
});

test('M-16: a contact that does not count finds nobody again; without any the episode’s begin counts', () => {
  expect(m16Lost(last('2025-03-01', {}, indeterminate('no-documentation')), [], []).outcome).toEqual(
    notMet('lost-without-outreach'),
  );
  const begun = (date: string) => {
    const question = michigan(date);
    return m16Lost({ ...question, episode: { ...question.episode, start: '2025-02-28' } }, [], []).outcome.result;
  };
  expect(begun('2025-03-21')).toBe('met');
  expect(begun('2025-03-22')).toBe('not-met');
});

test('M-16: without a begin or the parameter it is open; an ended episode does not come under it', () => {
  const question = michigan('2025-03-22');
  const during = (start: string | undefined, end: string | undefined) =>
    m16Lost({ ...question, episode: { ...question.episode, start, end } }, [], []).outcome;
  expect(during(undefined, undefined)).toEqual(indeterminate('missing: begin of the episode'));
  expect(during('2025-01-01', '2025-03-22').result).toBe('not-met');
  expect(during('2025-01-01', '2025-03-21').result).toBe('not-applicable');
  const { lostAfterDays: _, ...parameters } = question.ruleset.parameters;
  expect(m16Lost({ ...question, ruleset: { ...question.ruleset, parameters } }, [], []).outcome).toEqual(
    indeterminate('missing-parameter: lostAfterDays'),
  );
  expect(m16Lost(withoutRules(), [], []).outcome.result).toBe('not-applicable');
});
