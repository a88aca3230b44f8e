import { expect, test } from 'vitest';
import { localDate } from '../../../src/base/time.ts';
import { answer } from '../../../src/domain/answer.ts';
import type { GoalFact, StageFact } from '../../../src/domain/facts/care-plans.ts';
import { indeterminate, met, notMet, type Outcome } from '../../../src/domain/outcome.ts';
import { clinicalOutcomes, type MemberOutcomes, outcomeMeasures } from '../../../src/domain/q-2-outcomes.ts';
import { ruleset } from '../../support/facts.ts';
import { question } from '../../support/questions.ts';

const since = localDate('2025-01-01');
const asked = question(ruleset('optum'), '2025-03-31', { knownAt: '2025-04-30T12:00:00Z' });
let made = 0;
const id = () => String(++made);
const stage = (at: string, code: string): StageFact => ({
  reference: `Observation/${id()}`,
  encounter: undefined,
  at,
  stage: code,
});
const goal = (achievement: string | undefined, lifecycleStatus = 'active'): GoalFact => ({
  reference: `Goal/${id()}`,
  lifecycleStatus,
  achievement,
  setAt: undefined,
});
const member = (more: Partial<MemberOutcomes> = {}): MemberOutcomes => ({
  episode: { episode: `EpisodeOfCare/${id()}`, endReason: undefined, start: '2024-06-01', end: undefined },
  goals: [],
  stages: [],
  answers: [],
  ...more,
});
const [contemplation, preparation, action] = ['134413006', '134412001', '134411008'] as const;
const advanced = (more: Partial<MemberOutcomes> = {}) =>
  member({ stages: [stage('2025-01-01', contemplation), stage('2025-03-31', action)], ...more });
const rowOf = (code: string, ...members: MemberOutcomes[]) =>
  outcomeMeasures(asked, members, since).find((row) => row.code === code);

test('stages: who moved on, who stayed, who fell back; one stage alone shows no move', () => {
  const held = member({ stages: [stage('2025-01-05', action), stage('2025-02-05', action)] });
  const relapsed = member({ stages: [stage('2025-01-05', contemplation), stage('2025-02-05', '134409004')] });
  const back = member({ stages: [stage('2025-01-05', action), stage('2025-02-05', preparation)] });
  const once = member({ stages: [stage('2025-01-05', action)] });
  const all = [advanced(), held, relapsed, back, once];
  expect(rowOf('stage-advanced', ...all)).toEqual({
    code: 'stage-advanced',
    numerator: 1,
    denominator: 4,
    unknown: 1,
  });
  expect(rowOf('stage-held', ...all)).toMatchObject({ numerator: 1, denominator: 4, unknown: 1 });
});

test.each([
  ['2024-12-31', '2025-03-31', 0],
  ['2025-01-01', '2025-03-31', 1],
  ['2025-01-01', '2025-04-01', 0],
])('stages of %s and %s show a move within the period: %i', (first, last, known) => {
  const one = member({ stages: [stage(last, action), stage(first, contemplation)] });
  expect(rowOf('stage-advanced', one)).toMatchObject({ numerator: known, denominator: known, unknown: 1 - known });
});

test('a stage that was not assessed, or came to be known after K, is none', () => {
  const unknown = { numerator: 0, denominator: 0, unknown: 1 };
  const skipped = member({ stages: [stage('2025-01-05', contemplation), stage('2025-02-05', 'not-assessed')] });
  expect(rowOf('stage-advanced', skipped)).toMatchObject(unknown);
  const early = { ...asked, knownAt: '2025-03-30T12:00:00Z' };
  expect(outcomeMeasures(early, [advanced()], since)[0]).toMatchObject(unknown);
});

test('goals: achieved of those pursued; one without an achievement is unknown, a dropped one is no goal', () => {
  const one = member({
    goals: [goal('achieved', 'completed'), goal('in-progress'), goal(undefined), goal('achieved', 'cancelled')],
  });
  expect(rowOf('goal-achieved', one, member())).toMatchObject({ numerator: 1, denominator: 2, unknown: 1 });
});

test.each([
  ['2024-12-31', 'completed', { numerator: 0, denominator: 0, unknown: 0 }],
  ['2025-01-01', 'completed', { numerator: 1, denominator: 1, unknown: 0 }],
  ['2025-03-31', 'lost', { numerator: 0, denominator: 1, unknown: 0 }],
  ['2025-03-31', undefined, { numerator: 0, denominator: 0, unknown: 1 }],
  ['2025-04-01', 'completed', { numerator: 0, denominator: 0, unknown: 0 }],
] as const)('an episode that ended on %s as %s', (end, endReason, row) => {
  const one = member({ episode: { episode: 'EpisodeOfCare/1', start: '2024-06-01', end, endReason } });
  expect(rowOf('episode-completed', one)).toMatchObject(row);
});

test('the service’s own rules are counted by their answers; what does not apply is in no denominator', () => {
  const outcomes: Outcome[] = [met, met, notMet('late'), indeterminate('missing: x')];
  const members = [
    ...outcomes.map((outcome) => member({ answers: [answer('O-1', outcome)] })),
    member({ answers: [answer('O-1', { result: 'not-applicable', reasons: ['x'] })] }),
  ];
  expect(rowOf('O-1', ...members)).toEqual({ code: 'O-1', numerator: 2, denominator: 3, unknown: 1 });
});

test('Q-2: met where all is known, open with what is missing, never met about nobody', () => {
  const known = advanced({
    goals: [goal('achieved')],
    answers: [answer('O-1', met, ['Encounter/1'])],
  });
  const told = clinicalOutcomes(asked, [known], since);
  expect(told.outcome).toEqual(met);
  expect(told.figures).toMatchObject({
    members: 1,
    'stage-advanced': 1,
    'stage-advanced.of': 1,
    'stage-advanced.unknown': 0,
    'O-1': 1,
    'goal-achieved': 1,
    'episode-completed.of': 0,
  });
  expect(told.evidence).toEqual(
    [
      known.episode.episode,
      'Encounter/1',
      ...[...known.goals, ...known.stages].map(({ reference }) => reference),
    ].sort(),
  );
  expect(clinicalOutcomes(asked, [known, member()], since).outcome).toEqual(
    indeterminate('missing: stage-advanced of 1', 'missing: stage-held of 1'),
  );
  expect(clinicalOutcomes(asked, [], since).outcome).toEqual(indeterminate('missing: members'));
  expect(clinicalOutcomes({ ...asked, ruleset: ruleset('tufts') }, [known], since).outcome.result).toBe(
    'not-applicable',
  );
});
