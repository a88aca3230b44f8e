import { describe, expect, test } from 'vitest';
import { addDays, localDate } from '../../../src/base/time.ts';
import { accountsOf } from '../../../src/domain/accounts.ts';
import { seriesOf } from '../../../src/domain/caseload.ts';
import type { NotificationFact } from '../../../src/domain/facts/authorizations.ts';
import { type Contact, type MemberFacts, noDetails } from '../../../src/domain/facts/facts.ts';
import { type MeasureFacts, measureItems } from '../../../src/domain/measure-items.ts';
import {
  coach,
  coachFacts,
  contact,
  employer,
  episode,
  memberFacts,
  payer,
  qualification,
  rulesets,
} from '../../support/facts.ts';

const start = localDate('2025-01-01');
const knownAt = '2025-06-01T12:00:00Z';
const papers = [qualification('diploma', { start: '2020-01-01' }), qualification('academy', { start: '2020-01-01' })];

/** A connection that a case rate counts: it has a purpose. */
function connection(day: number, more: Partial<Contact> = {}): Contact {
  return contact(addDays(start, day - 1), { details: { ...noDetails, purposes: ['advocacy'] }, ...more });
}

function facts(product: string, days: readonly number[], more: Partial<MemberFacts> = {}): MemberFacts {
  const { qualifications } = coachFacts();
  return memberFacts({
    episodes: [{ reference: episode, organization: employer, careManager: [], start, end: undefined }],
    coverages: [{ reference: 'Coverage/1', payer, product, planType: undefined, start, end: undefined }],
    contacts: days.map((day) => connection(day)),
    coaches: new Map([[coach, coachFacts({ qualifications: [...qualifications, ...papers] })]]),
    ...more,
  });
}

function items(
  rule: string,
  known: MemberFacts,
  period: readonly [string, string],
  notifications: readonly NotificationFact[] = [],
  more: Partial<MeasureFacts> = {},
): string[] {
  const asked: MeasureFacts = {
    facts: known,
    notifications,
    goals: [],
    plans: [],
    stages: [],
    modes: [],
    series: seriesOf(known, rulesets, knownAt),
    accounts: accountsOf(known, rulesets, knownAt),
    knownAt,
    ...more,
  };
  const between = { start: localDate(period[0]), end: localDate(period[1]) };
  return measureItems(rule, asked, between).map(({ outcome: { result } }) => result);
}

const year = ['2025-01-01', '2025-12-31'] as const;

describe('T-2: the periods of thirty dates', () => {
  const five = [1, 7, 14, 21, 30];

  test('each that ended in the measurement period and by then: met with five, not met with four', () => {
    const known = facts('tufts-commercial', [...five, 31, 40, 50, 60]);
    // From 1 January: through 30 January, 1 March, 31 March, 30 April, 30 May; the next has not ended on 1 June.
    expect(items('T-2', known, year)).toEqual(['met', 'not-met', 'not-met', 'not-met', 'not-met']);
    expect(items('T-2', known, ['2025-01-01', '2025-01-30'])).toEqual(['met']);
    expect(items('T-2', known, ['2025-01-01', '2025-01-29'])).toEqual([]);
    expect(items('T-2', known, ['2025-01-31', '2025-03-01'])).toEqual(['not-met']);
  });

  test('a pending contact that would be enough leaves the period open', () => {
    const pending = connection(30, { documentation: [] });
    const known = facts('tufts-commercial', []);
    const contacts = [...five.slice(0, 4).map((day) => connection(day)), pending];
    expect(items('T-2', { ...known, contacts }, ['2025-01-01', '2025-01-31'])).toEqual(['indeterminate']);
  });

  test('a period on whose last day the member was not covered is not counted, nor one after the episode', () => {
    const known = facts('tufts-commercial', five);
    const [coverage] = known.coverages as [MemberFacts['coverages'][number]];
    expect(items('T-2', { ...known, coverages: [{ ...coverage, end: '2025-02-28' }] }, year)).toEqual(['met']);
    const [one] = known.episodes as [MemberFacts['episodes'][number]];
    const ended = { ...known, episodes: [{ ...one, end: '2025-02-05' }] };
    expect(items('T-2', ended, year)).toEqual(['met', 'not-met']);
  });

  test('a ruleset without the rule has none; an episode without a start leaves it open', () => {
    expect(items('T-2', facts('masshealth-mco', five), year)).toEqual([]);
    const known = facts('tufts-commercial', five);
    const [one] = known.episodes as [MemberFacts['episodes'][number]];
    expect(items('T-2', { ...known, episodes: [{ ...one, start: undefined }] }, year)).toEqual(['indeterminate']);
  });
});

test('T-3: each week that ended, with a connection, without one, or with a pending one', () => {
  const known = facts('tufts-commercial', [7, 8]);
  const contacts = [...known.contacts, connection(15, { documentation: [] })];
  expect(items('T-3', { ...known, contacts }, ['2025-01-01', '2025-01-31'])).toEqual([
    'met',
    'met',
    'indeterminate',
    'not-met',
  ]);
  expect(items('T-3', known, ['2025-01-08', '2025-01-14'])).toEqual(['met']);
  expect(items('T-3', known, ['2025-01-08', '2025-01-13'])).toEqual([]);
  expect(items('T-3', { ...known, deceased: '2025-01-15' }, year)).toEqual(['met', 'met']);
});

describe('A-1: the admissions whose notification fell due', () => {
  const sent = (sentAt: string | undefined, payers = [payer]): NotificationFact => ({
    reference: 'Task/1',
    kind: 'notification-of-admission',
    episode,
    payers,
    sentAt,
    acknowledgedAt: undefined,
  });
  const known = facts('masshealth-mco', []);

  test.each([
    ['on the due date', [sent('2025-01-15')], ['met']],
    ['a day late', [sent('2025-01-16')], ['not-met']],
    ['never', [], ['not-met']],
    ['to nobody knows whom', [sent('2025-01-10', [])], ['indeterminate']],
  ] as const)('sent %s', (_, notifications, expected) => {
    expect(items('A-1', known, year, notifications)).toEqual(expected);
  });

  test('only in the measurement period in which it fell due, and under a coverage of those days', () => {
    expect(items('A-1', known, ['2025-01-16', '2025-12-31'])).toEqual([]);
    expect(items('A-1', known, ['2025-01-01', '2025-01-14'])).toEqual([]);
    const [coverage] = known.coverages as [MemberFacts['coverages'][number]];
    expect(items('A-1', { ...known, coverages: [{ ...coverage, start: '2025-02-01' }] }, year)).toEqual([]);
    expect(items('A-1', { ...known, coverages: [{ ...coverage, start: '2025-01-15' }] }, year)).toEqual(['not-met']);
  });

  test('what is not due yet is not counted', () => {
    const [one] = known.episodes as [MemberFacts['episodes'][number]];
    const recent = { ...known, episodes: [{ ...one, start: '2025-05-18' }] };
    // Due on 1 June, which is today.
    expect(items('A-1', recent, year)).toEqual([]);
  });
});

describe('Q-2: outcomes of a member of Optum', () => {
  const known = facts('optum-commercial', [140, 150]);
  const quarter = ['2025-03-01', '2025-05-31'] as const;
  const ask = (code: string, more: Partial<MeasureFacts>, of = known) => items(code, of, quarter, [], more);
  const stage = (at: string, code: string) => ({
    reference: `Observation/${at}`,
    encounter: undefined,
    at,
    stage: code,
  });
  const goal = (achievement: string | undefined) => ({
    reference: `Goal/${achievement}`,
    lifecycleStatus: 'active',
    achievement,
    setAt: undefined,
  });

  test('a stage that advanced, one that held, and one that was assessed once', () => {
    const twice = [stage('2025-03-05', '134413006'), stage('2025-05-05', '134412001')];
    expect(ask('stage-advanced', { stages: twice })).toEqual(['met']);
    expect(ask('stage-held', { stages: twice })).toEqual(['not-met']);
    expect(ask('stage-advanced', { stages: twice.slice(0, 1) })).toEqual(['indeterminate']);
  });

  test('each goal by itself; one without a word on its achievement is open', () => {
    const goals = ['achieved', 'in-progress', undefined].map(goal);
    expect(ask('goal-achieved', { goals })).toEqual(['met', 'not-met', 'indeterminate']);
  });

  test('an episode that ended in the period, by its reason; one that goes on is not counted', () => {
    const [one] = known.episodes as [MemberFacts['episodes'][number]];
    const ended = { ...known, episodes: [{ ...one, end: '2025-05-20' }] };
    const mode = (endReason: string) => [{ episode, mode: undefined, acuteCareEnd: undefined, endReason }];
    expect(ask('episode-completed', { modes: mode('completed') }, ended)).toEqual(['met']);
    expect(ask('episode-completed', { modes: mode('moved') }, ended)).toEqual(['not-met']);
    expect(ask('episode-completed', {}, ended)).toEqual(['indeterminate']);
    expect(ask('episode-completed', { modes: mode('completed') })).toEqual([]);
  });

  test('the payer’s own specifications on the last day: one connection in 21 days', () => {
    // Day 150 is 30 May.
    expect(ask('O-1', {})).toEqual(['met']);
    expect(ask('O-1', {}, facts('optum-commercial', [100]))).toEqual(['not-met']);
  });

  test('a member with two episodes and two payers is one person, with the word of the later episode', () => {
    const [one] = known.episodes as [MemberFacts['episodes'][number]];
    const [coverage] = known.coverages as [MemberFacts['coverages'][number]];
    const earlier = { ...one, end: '2025-04-10' };
    const later = { ...one, reference: 'EpisodeOfCare/2', start: '2025-05-01' };
    const other = { ...coverage, reference: 'Coverage/2', payer: 'Organization/other' };
    const contacts = [connection(150, { episode: later.reference })];
    const twice = { ...known, episodes: [earlier, later], coverages: [coverage, other], contacts };
    const stages = [stage('2025-03-05', '134413006'), stage('2025-05-05', '134412001')];
    const ends = (reference: string, endReason: string) => ({
      episode: reference,
      mode: undefined,
      acuteCareEnd: undefined,
      endReason,
    });
    expect(ask('stage-advanced', { stages }, twice)).toEqual(['met']);
    expect(ask('goal-achieved', { goals: [goal('achieved')] }, twice)).toEqual(['met']);
    expect(ask('O-1', {}, twice)).toEqual(['met']);
    expect(ask('O-1', {}, { ...twice, contacts: [connection(90)] })).toEqual(['not-met']);
    const closed = { ...twice, episodes: [earlier, { ...later, end: '2025-05-30' }] };
    const modes = [ends(episode, 'completed'), ends(later.reference, 'moved')];
    expect(ask('episode-completed', { modes }, closed)).toEqual(['met', 'not-met']);
  });

  test('the payer’s specifications are asked of the members of the last day: whose episode or coverage ended before is none', () => {
    const [one] = known.episodes as [MemberFacts['episodes'][number]];
    const [coverage] = known.coverages as [MemberFacts['coverages'][number]];
    const until = (end: string) => ask('O-1', {}, { ...known, episodes: [{ ...one, end }] });
    expect([until('2025-05-30'), until('2025-05-31')]).toEqual([[], ['met']]);
    expect(ask('O-1', {}, { ...known, coverages: [{ ...coverage, end: '2025-05-30' }] })).toEqual([]);
  });

  test('who was not served or covered in the period is in no denominator, nor is another payer’s member', () => {
    const [one] = known.episodes as [MemberFacts['episodes'][number]];
    expect(ask('O-1', {}, { ...known, episodes: [{ ...one, end: '2025-02-28' }] })).toEqual([]);
    const [coverage] = known.coverages as [MemberFacts['coverages'][number]];
    expect(ask('O-1', {}, { ...known, coverages: [{ ...coverage, end: '2025-02-28' }] })).toEqual([]);
    expect(ask('O-1', {}, facts('tufts-commercial', [150]))).toEqual([]);
  });
});

test('a rule without a measure is refused', () => {
  expect(() => items('B-2', facts('tufts-commercial', []), year)).toThrow('B-2');
});
