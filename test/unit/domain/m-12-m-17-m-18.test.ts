import { expect, test } from 'vitest';
import type { StageFact } from '../../../src/domain/facts/care-plans.ts';
import type { EpisodeMode, PartyConsent, TaskFact } from '../../../src/domain/facts/michigan-episode.ts';
import type { Supervision } from '../../../src/domain/facts/supervision.ts';
import { m12Supervised } from '../../../src/domain/m-12-supervision.ts';
import { m17Relapse } from '../../../src/domain/m-17-relapse.ts';
import { m18FamilyConsent } from '../../../src/domain/m-18-family-consent.ts';
import { indeterminate, notMet } from '../../../src/domain/outcome.ts';
import { coach, coachFacts, qualification } from '../../support/facts.ts';
import { michigan, service, withoutRules } from '../../support/michigan.ts';
import { judged } from '../../support/questions.ts';

const lead = 'Practitioner/lead';
const certified = (start = '2020-01-01', end?: string) =>
  new Map([[lead, coachFacts({ qualifications: [qualification('mcbap', { start, end })] })]]);
const session = (start: string | undefined, more: Partial<Supervision> = {}): Supervision => ({
  reference: `Appointment/${start}`,
  supervisors: [lead],
  coaches: [coach],
  start,
  fulfilled: true,
  kind: 'clinical',
  ...more,
});
// 3 March 2025 is a Monday.
const week = (date: string, contacts = ['2025-03-05']) =>
  michigan(date, { contacts: contacts.map((one) => judged(one)) });
const m12 = (sessions: Supervision[], people = certified(), question = week('2025-03-10')) =>
  m12Supervised(question, coach, sessions, people);

test.each([
  ['2025-03-02', 'not-met'],
  ['2025-03-03', 'met'],
  ['2025-03-09', 'met'],
  ['2025-03-10', 'not-met'],
  ['2025-03-03T04:59:00Z', 'not-met'],
  ['2025-03-03T05:00:00Z', 'met'],
  ['2025-03-10T03:59:00Z', 'met'],
  ['2025-03-10T04:00:00Z', 'not-met'],
])('M-12: a session of %s makes the week from 3 to 9 March %s', (start, result) => {
  expect(m12([session(start)]).outcome.result).toBe(result);
});

test('M-12: a week is judged from the Monday after it, and a week without a contact asks for nothing', () => {
  expect(m12([], certified(), week('2025-03-09'))).toMatchObject({
    outcome: { result: 'met' },
    figures: { weeks: 0, gaps: 0 },
  });
  expect(m12([session('2025-03-04')], certified(), week('2025-04-01'))).toMatchObject({
    outcome: { result: 'met' },
    figures: { weeks: 1, gaps: 0 },
  });
});

test('M-12: gaps are counted by week, over the turn of the year too', () => {
  const question = week('2025-03-10', ['2024-12-30', '2025-01-05', '2025-01-06', '2025-03-05']);
  expect(m12([session('2025-01-02')], certified(), question)).toMatchObject({
    outcome: { result: 'not-met', reasons: ['week-without-supervision'] },
    figures: { weeks: 3, gaps: 2, firstGap: '2025-01-06' },
  });
});

test.each([
  ['2025-03-04', 'met'],
  ['2025-03-03', 'not-met'],
])('M-12: a certificate until %s on a session of 4 March is %s', (end, result) => {
  expect(m12([session('2025-03-04')], certified('2020-01-01', end)).outcome.result).toBe(result);
});

test('M-12: no supervisor or no certificate leaves it open; sessions of others, planned or of later do not count', () => {
  expect(m12([session('2025-03-04', { supervisors: [] })]).outcome).toEqual(indeterminate('missing: supervisor'));
  expect(m12([session('2025-03-04')], new Map()).outcome).toEqual(indeterminate('missing: mcbap of the supervisor'));
  const gap = notMet('week-without-supervision');
  expect(m12([session('2025-03-04', { coaches: ['Practitioner/other'] })]).outcome).toEqual(gap);
  expect(m12([session('2025-03-04', { fulfilled: false })]).outcome).toEqual(gap);
  expect(m12([session(undefined)]).outcome).toEqual(gap);
  const early = { ...week('2025-03-10'), knownAt: '2025-03-04T14:59:59Z' };
  expect(m12([session('2025-03-04T15:00:00Z')], certified(), early).outcome).toEqual(gap);
  expect(m12Supervised(withoutRules(), coach, [], new Map()).outcome.result).toBe('not-applicable');
});

const stage = (at: string | undefined, code = '134409004'): StageFact => ({
  reference: `Observation/${at}`,
  encounter: undefined,
  at,
  stage: code,
});
const review = (date: string, more: Partial<TaskFact> = {}): TaskFact => ({
  reference: `Task/${date}`,
  code: 'intensity-review',
  date,
  status: 'requested',
  ...more,
});
const ended = (endReason: string | undefined): EpisodeMode => ({
  episode: 'EpisodeOfCare/1',
  mode: undefined,
  acuteCareEnd: undefined,
  endReason,
});
const m17 = (stages: StageFact[], tasks: TaskFact[], endReason?: string) =>
  m17Relapse(michigan('2025-03-05'), ended(endReason), stages, tasks);

test.each([
  ['2025-02-28', 'not-met'],
  ['2025-03-01', 'met'],
  ['2025-03-05', 'met'],
  ['2025-03-06', 'not-met'],
])('M-17: a relapse of 1 March, asked on the 5th, with a review of %s is %s', (date, result) => {
  expect(m17([stage('2025-03-01')], [review(date)]).outcome.result).toBe(result);
});

test('M-17: a review answers the relapses before it, not the next', () => {
  const both = [stage('2025-02-01'), stage('2025-03-01')];
  expect(m17(both, [review('2025-03-02')])).toMatchObject({
    outcome: { result: 'met' },
    figures: { relapse: '2025-03-01' },
  });
  expect(m17(both, [review('2025-02-02')]).outcome).toEqual(notMet('no-intensity-review'));
});

test('M-17: a cancelled review or another Task is none, and no episode ends for a relapse', () => {
  const relapse = [stage('2025-03-01')];
  expect(m17(relapse, [review('2025-03-02', { status: 'cancelled' })]).outcome.result).toBe('not-met');
  expect(m17(relapse, [review('2025-03-02', { code: 'post-discharge' })]).outcome.result).toBe('not-met');
  expect(m17(relapse, [review('2025-03-02')], 'relapse').outcome).toEqual(notMet('episode-ended-for-relapse'));
  expect(m17([], [], 'relapse').outcome).toEqual(notMet('episode-ended-for-relapse'));
});

test('M-17: without a relapse by D and K it does not apply', () => {
  expect(m17([stage('2025-03-06')], []).outcome.result).toBe('not-applicable');
  expect(m17([stage('2025-03-01', '134412001')], [], 'completed').outcome.result).toBe('not-applicable');
  const early = michigan('2025-03-05', { knownAt: '2025-03-01T11:59:59Z' });
  expect(m17Relapse(early, ended(undefined), [stage('2025-03-01T12:00:00Z')], []).outcome.result).toBe(
    'not-applicable',
  );
  expect(m17Relapse(withoutRules(), undefined, [stage('2025-03-01')], []).outcome.result).toBe('not-applicable');
});

const consent = (more: Partial<PartyConsent> = {}): PartyConsent => ({
  reference: 'Consent/1',
  parties: ['RelatedPerson/1'],
  start: '2025-01-01',
  end: undefined,
  ...more,
});
const call = service({ kind: 'collateral', partyType: 'family', parties: ['RelatedPerson/1'] });
const m18 = (consents: PartyConsent[], of = call) => m18FamilyConsent(michigan(), of, consents).outcome;

test.each([
  ['2025-03-05', '2025-03-05', 'met'],
  ['2025-03-06', undefined, 'not-met'],
  ['2025-01-01', '2025-03-04', 'not-met'],
] as const)('M-18: a consent from %s to %s for a call on 5 March is %s', (start, end, result) => {
  expect(m18([consent({ start, end })]).result).toBe(result);
});

test('M-18: the consent names that person, and every person on the line', () => {
  const open = indeterminate('missing: consent for RelatedPerson/1');
  expect(m18([])).toEqual(open);
  expect(m18([consent({ parties: ['RelatedPerson/2', 'family'] })])).toEqual(open);
  const two = { ...call, parties: ['RelatedPerson/1', 'RelatedPerson/2'] };
  expect(m18([consent()], two)).toEqual(indeterminate('missing: consent for RelatedPerson/2'));
  expect(m18([consent({ parties: two.parties })], two)).toEqual({ result: 'met' });
});

test('M-18: a consent that bears no date says nothing of the day', () => {
  const undated = consent({ start: undefined });
  expect(m18([undated])).toEqual(indeterminate('missing: date of the consent'));
  expect(m18([undated, consent()])).toEqual({ result: 'met' });
  expect(m18([consent({ start: undefined, end: '2025-03-04' })])).toEqual(notMet('consent-not-in-force'));
});

test('M-18: an unnamed family member or day leaves it open; other contacts do not come under it', () => {
  expect(m18([consent()], { ...call, parties: [] })).toEqual(indeterminate('missing: family member'));
  expect(m18([consent()], { ...call, start: undefined })).toEqual(indeterminate('missing: date of service'));
  expect(m18([], { ...call, partyType: 'professional', parties: [] }).result).toBe('not-applicable');
  expect(m18FamilyConsent(withoutRules(), call, []).outcome.result).toBe('not-applicable');
});

test('M-12: a refused contact, or one of another coach, asks for no supervision; an open one does', () => {
  const of = (one: ReturnType<typeof judged>) =>
    m12Supervised(michigan('2025-03-10', { contacts: [one] }), coach, [], certified()).figures;
  expect(of(judged('2025-03-05', {}, notMet('cancelled')))).toEqual({ weeks: 0, gaps: 0 });
  expect(of(judged('2025-03-05', { coach: 'Practitioner/other' }))).toEqual({ weeks: 0, gaps: 0 });
  expect(of(judged('2025-03-05', {}, indeterminate('no-documentation')))).toMatchObject({ weeks: 1, gaps: 1 });
});
