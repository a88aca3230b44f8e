import { expect, test } from 'vitest';
import type { Question } from '../../../src/domain/answer.ts';
import type { CoachFacts, Qualification } from '../../../src/domain/facts/facts.ts';
import type { PeerRole } from '../../../src/domain/facts/michigan-episode.ts';
import type { Supervision } from '../../../src/domain/facts/supervision.ts';
import { m12Supervised } from '../../../src/domain/m-12-supervision.ts';
import { m13Recovery } from '../../../src/domain/m-13-recovery.ts';
import { m25Associate } from '../../../src/domain/m-25-associate.ts';
import { m30Engagement } from '../../../src/domain/m-30-engagement.ts';
import { indeterminate, met, notMet } from '../../../src/domain/outcome.ts';
import { coach, coachFacts, qualification } from '../../support/facts.ts';
import { as, michigan, withoutRules } from '../../support/michigan.ts';
import { judged, parameter } from '../../support/questions.ts';

const people = (...qualifications: Qualification[]): ReadonlyMap<string, CoachFacts> =>
  new Map([[coach, coachFacts({ qualifications })]]);
const withParameters = (date: string, change: (all: Question['ruleset']['parameters']) => void): Question => {
  const question = michigan(date);
  const parameters = { ...question.ruleset.parameters };
  change(parameters);
  return { ...question, ruleset: { ...question.ruleset, parameters } };
};

const attested = (asOf: string | undefined, months?: number, end?: string) =>
  qualification('recovery-attestation', {
    attestedAsOf: asOf,
    end,
    ...(months === undefined ? {} : { attestedMonths: months }),
  });
const m13 = (date: string, role: PeerRole, ...held: Qualification[]) =>
  m13Recovery(michigan(date), coach, as(role), people(...held));

test.each([
  ['coach', 24, 'met'],
  ['coach', 23, 'not-met'],
  ['coach', 60, 'met'],
  ['coach', undefined, 'met'],
  ['associate', 6, 'met'],
  ['associate', 5, 'not-met'],
  ['associate', undefined, 'met'],
] as const)('M-13: a %s attested with at least %s months on the day itself is %s', (role, months, result) => {
  expect(m13('2025-03-05', role, attested('2025-03-05', months)).outcome.result).toBe(result);
});

test.each([
  ['2024-08-31', 18, '2025-02-27', 'not-met'],
  ['2024-08-31', 18, '2025-02-28', 'indeterminate'],
  ['2023-08-31', 18, '2024-02-28', 'not-met'],
  ['2023-08-31', 18, '2024-02-29', 'indeterminate'],
  ['2024-03-05', 12, '2025-03-04', 'not-met'],
  ['2024-03-05', 12, '2025-03-05', 'indeterminate'],
] as const)(
  'M-13: a coach attested on %s with %i months is, on %s, %s: months go on, the attestation does not',
  (asOf, months, date, result) => {
    const { outcome } = m13(date, 'coach', attested(asOf, months));
    expect(outcome).toEqual(
      result === 'not-met' ? notMet('recovery-too-short') : indeterminate('recovery-attestation-to-renew'),
    );
  },
);

test('M-13: an attestation speaks from its day until it ends; another in force carries on', () => {
  const ended = attested('2024-01-01', 24, '2025-03-04');
  expect(m13('2025-03-04', 'coach', ended).outcome).toEqual(met);
  expect(m13('2025-03-05', 'coach', ended).outcome).toEqual(notMet('recovery-attestation-ended'));
  expect(m13('2025-03-05', 'coach', ended, attested('2025-03-05', 24)).outcome).toEqual(met);
  expect(m13('2025-03-05', 'coach', attested('2025-03-06', 24)).outcome).toEqual(notMet('recovery-not-attested'));
});

test('M-13: without attestation, date, facts, role or number it is open; another qualification attests nothing', () => {
  const missing = indeterminate('missing: recovery-attestation');
  expect(m13('2025-03-05', 'coach').outcome).toEqual(missing);
  expect(m13('2025-03-05', 'coach', attested(undefined, 24)).outcome).toEqual(missing);
  expect(m13('2025-03-05', 'coach', qualification('carc', { attestedAsOf: '2020-01-01' })).outcome).toEqual(missing);
  expect(m13Recovery(michigan(), coach, as('coach'), new Map()).outcome).toEqual(
    indeterminate('missing: Practitioner'),
  );
  for (const roles of [[], as('coach', { organization: 'Organization/other' }), as('coach', { end: '2025-03-04' })])
    expect(m13Recovery(michigan(), coach, roles, people(attested('2020-01-01'))).outcome).toEqual(
      indeterminate('missing: role at the organisation'),
    );
  const unset = withParameters('2025-03-05', (all) => delete all.coachRecoveryMonths);
  expect(m13Recovery(unset, coach, as('coach'), people(attested('2020-01-01'))).outcome).toEqual(
    indeterminate('missing-parameter: coachRecoveryMonths'),
  );
  expect(m13Recovery(unset, coach, as('associate'), people(attested('2020-01-01'))).outcome).toEqual(met);
  expect(m13Recovery(withoutRules(), coach, as('coach'), new Map()).outcome.result).toBe('not-applicable');
});

test('M-13: a bare attestation means two years, so it does not meet a ruleset that asks for three', () => {
  const three = withParameters('2025-03-05', (all) => {
    all.coachRecoveryMonths = parameter(36);
  });
  const ask = (...held: Qualification[]) => m13Recovery(three, coach, as('coach'), people(...held)).outcome;
  expect(ask(attested('2025-01-01'))).toEqual(notMet('recovery-too-short'));
  expect(ask(attested('2025-01-01', 36))).toEqual(met);
});

test('M-13: no answer tells more of a recovery than what was asked for', () => {
  const told = m13('2025-03-05', 'coach', attested('2021-06-17', 37));
  expect(told.figures).toEqual({ role: 'coach', months: 24 });
  expect(JSON.stringify(told)).not.toMatch(/37|2021/);
});

const topics = ['community-resources', 'listening', 'non-judgment', 'confidentiality', 'boundaries', 'many-paths'];
const training = (start: string | undefined, of = topics) => qualification('associate-training', { start, topics: of });
const recovering = (asOf = '2025-03-05', end?: string) => qualification('own-recovery', { attestedAsOf: asOf, end });
const m25 = (...held: Qualification[]) => m25Associate(michigan(), coach, as('associate'), people(...held));

test('M-25: the attestation and all six topics are enough, in one training or in several', () => {
  expect(m25(recovering(), training('2025-03-05'))).toMatchObject({ outcome: met, figures: {} });
  const parts = [training('2024-01-01', topics.slice(0, 4)), training('2024-06-01', topics.slice(4))];
  expect(m25(recovering(), ...parts).outcome).toEqual(met);
});

test.each(topics)('M-25: a training without %s leaves it open and lists it', (topic) => {
  const told = m25(
    recovering(),
    training(
      '2025-01-01',
      topics.filter((one) => one !== topic),
    ),
  );
  expect(told).toMatchObject({
    outcome: indeterminate(`missing: topic ${topic}`),
    figures: { missing: topic },
  });
});

test('M-25: a training of the next day, or of no day, has taught nothing yet', () => {
  for (const start of ['2025-03-06', undefined])
    expect(m25(recovering(), training(start)).figures['missing']).toBe(topics.join(' '));
});

test.each([
  [undefined, undefined, indeterminate('missing: own-recovery')],
  ['2025-03-05', undefined, met],
  ['2025-03-06', undefined, notMet('own-recovery-not-attested')],
  ['2024-03-05', '2025-03-05', met],
  ['2024-03-05', '2025-03-04', notMet('own-recovery-not-attested')],
] as const)('M-25: an own recovery attested from %s to %s on 5 March', (asOf, end, outcome) => {
  const held = asOf === undefined ? [] : [recovering(asOf, end)];
  expect(m25(training('2025-01-01'), ...held).outcome).toEqual(outcome);
});

test('M-25: time in recovery, attested for M-13, is not the own recovery process', () => {
  expect(m25(training('2025-01-01'), attested('2025-01-01', 6)).outcome).toEqual(
    indeterminate('missing: own-recovery'),
  );
  expect(m25(training('2025-01-01'), qualification('own-recovery')).outcome).toEqual(
    indeterminate('missing: own-recovery'),
  );
});

test('M-25: a coach is not asked; nobody in a role and no list of topics leave it open', () => {
  const all = people(recovering(), training('2025-01-01'));
  expect(m25Associate(michigan(), coach, as('coach'), all).outcome.result).toBe('not-applicable');
  expect(m25Associate(michigan(), coach, [], all).outcome).toEqual(indeterminate('missing: role at the organisation'));
  expect(m25Associate(michigan(), coach, as('associate'), new Map()).outcome.result).toBe('indeterminate');
  const unset = withParameters('2025-03-05', (some) => delete some.associateTopics);
  expect(m25Associate(unset, coach, as('associate'), all).outcome).toEqual(
    indeterminate('missing-parameter: associateTopics'),
  );
  expect(m25Associate(withoutRules(), coach, as('associate'), all).outcome.result).toBe('not-applicable');
});

const lead = 'Practitioner/lead';
const certified = new Map([[lead, coachFacts({ qualifications: [qualification('mcbap', { start: '2020-01-01' })] })]]);
const session = (start: string, more: Partial<Supervision> = {}): Supervision => ({
  reference: `Appointment/${start}`,
  supervisors: [lead],
  coaches: [coach],
  start,
  fulfilled: true,
  kind: 'non-clinical',
  ...more,
});
const m30 = (role: PeerRole, sessions: Supervision[], more: { engagement?: string; start?: string } = {}) =>
  m30Engagement(michigan(), coach, as(role, { engagement: 'paid', ...more }), sessions, certified);

test.each([
  ['paid', 'met'],
  ['volunteer', 'met'],
  ['intern', 'indeterminate'],
  [undefined, 'indeterminate'],
] as const)('M-30: a coach whose role says %s is %s, and needs no associate’s supervision', (engagement, result) => {
  const told = m30Engagement(michigan(), coach, as('coach', { engagement }), [], certified);
  expect(told.outcome.result).toBe(result);
  expect(told.figures).toEqual({ role: 'coach', ...(engagement ? { engagement } : {}) });
});

test.each([
  ['2025-02-03', 'met'],
  ['2025-02-02', 'not-met'],
  ['2025-03-05', 'met'],
  ['2025-03-06', 'not-met'],
  ['2025-02-03T04:59:00Z', 'not-met'],
  ['2025-02-03T05:00:00Z', 'met'],
])('M-30: an associate supervised last on %s is %s on 5 March', (start, result) => {
  expect(m30('associate', [session(start)]).outcome.result).toBe(result);
});

test('M-30: only a session that took place, of this associate, by a certified supervisor counts', () => {
  const overdue = notMet('supervision-overdue');
  expect(m30('associate', []).outcome).toEqual(overdue);
  expect(m30('associate', [session('2025-03-01', { fulfilled: false })]).outcome).toEqual(overdue);
  expect(m30('associate', [session('2025-03-01', { coaches: ['Practitioner/other'] })]).outcome).toEqual(overdue);
  expect(m30('associate', [session('2025-03-01', { supervisors: [] })]).outcome).toEqual(
    indeterminate('missing: supervisor'),
  );
  const early = { ...michigan(), knownAt: '2025-03-01T14:59:59Z' };
  const roles = as('associate', { engagement: 'paid' });
  expect(m30Engagement(early, coach, roles, [session('2025-03-01T15:00:00Z')], certified).outcome).toEqual(overdue);
  expect(m30('associate', [session('2025-03-01'), session('2025-02-10')]).figures).toMatchObject({
    lastSupervision: '2025-03-01',
  });
});

test('M-30: an associate younger than the interval is not late yet', () => {
  expect(m30('associate', [], { start: '2025-02-04' }).outcome).toEqual(indeterminate('supervision-due'));
  expect(m30('associate', [], { start: '2025-02-03' }).outcome).toEqual(notMet('supervision-overdue'));
});

test('M-30: without an interval, a role or the rule', () => {
  const unset = withParameters('2025-03-05', (all) => delete all.associateSupervisionDays);
  const roles = as('associate', { engagement: 'volunteer' });
  expect(m30Engagement(unset, coach, roles, [session('2025-03-01')], certified).outcome).toEqual(
    indeterminate('missing-parameter: associateSupervisionDays'),
  );
  expect(m30Engagement(michigan(), coach, [], [], certified).outcome.result).toBe('indeterminate');
  expect(m30Engagement(withoutRules(), coach, roles, [], certified).outcome.result).toBe('not-applicable');
});

test('M-12: the weekly supervision is a coach’s; an associate has M-30’s interval', () => {
  const question = michigan('2025-03-10', { contacts: [judged('2025-03-05')] });
  const told = (role: PeerRole) => m12Supervised(question, coach, [], certified, as(role)).outcome.result;
  expect([told('coach'), told('associate')]).toEqual(['not-met', 'not-applicable']);
});
