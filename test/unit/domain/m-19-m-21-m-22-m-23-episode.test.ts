import { expect, test } from 'vitest';
import type { CarePlanFact } from '../../../src/domain/facts/care-plans.ts';
import type { EpisodeMode, ServiceMode, TaskFact } from '../../../src/domain/facts/michigan-episode.ts';
import type { OrganizationFacts } from '../../../src/domain/facts/organizations.ts';
import type { ProviderAttestation } from '../../../src/domain/facts/provider-attestations.ts';
import { m19Coordinated } from '../../../src/domain/m-19-treatment-plan.ts';
import { m21CommunityCapability } from '../../../src/domain/m-21-community-capability.ts';
import { m22Licensed } from '../../../src/domain/m-22-licence.ts';
import { m23Residential } from '../../../src/domain/m-23-residential.ts';
import { indeterminate, met, notMet } from '../../../src/domain/outcome.ts';
import { employer, episode } from '../../support/facts.ts';
import { michigan, withoutRules } from '../../support/michigan.ts';

const mode = (one: ServiceMode | undefined): EpisodeMode => ({
  episode,
  mode: one,
  acuteCareEnd: undefined,
  endReason: undefined,
});
const plan = (id: string, more: Partial<CarePlanFact> = {}): CarePlanFact => ({
  reference: `CarePlan/${id}`,
  kind: 'wellness',
  status: 'active',
  encounter: undefined,
  contributors: [],
  goals: [],
  partOf: [],
  start: '2025-01-01',
  end: undefined,
  ...more,
});
const treatment = plan('t', { kind: 'treatment' });
const m19 = (...plans: CarePlanFact[]) => m19Coordinated(michigan(), mode('supplement'), plans);

test('M-19: a supplement’s plan names the treatment plan by partOf or by basedOn', () => {
  expect(m19(plan('1', { partOf: ['CarePlan/t'] }), treatment)).toEqual({
    rule: 'M-19',
    outcome: met,
    evidence: ['CarePlan/1', 'CarePlan/t', episode],
    figures: {},
  });
  expect(m19(plan('1', { basedOn: ['CarePlan/t'] }), treatment).outcome).toEqual(met);
  expect(m19(plan('1'), treatment).outcome).toEqual(notMet('plan-without-treatment-plan'));
});

test('M-19: what a link leads to must be known to be a treatment plan', () => {
  const linked = plan('1', { partOf: ['CarePlan/t'] });
  expect(m19(linked).outcome).toEqual(indeterminate('missing: CarePlan/t'));
  expect(m19(linked, plan('t', { start: '2020-01-01' })).outcome).toEqual(
    indeterminate('missing: category treatment-plan of CarePlan/t'),
  );
  expect(m19(linked, { ...treatment, kind: 'safe-care' }).outcome).toEqual(notMet('linked-plan-is-no-treatment-plan'));
  expect(m19(linked, { ...treatment, status: 'revoked' }).outcome).toEqual(notMet('treatment-plan-revoked'));
});

test.each([
  ['2025-03-05', undefined, 'active', 'met'],
  ['2025-03-06', undefined, 'active', 'indeterminate'],
  ['2025-01-01', '2025-03-05', 'completed', 'met'],
  ['2025-01-01', '2025-03-04', 'completed', 'indeterminate'],
  ['2025-01-01', undefined, 'draft', 'indeterminate'],
  ['2025-01-01', undefined, 'revoked', 'indeterminate'],
] as const)('M-19: a linked plan from %s to %s that is %s is %s on 5 March', (start, end, status, result) => {
  expect(m19(plan('1', { partOf: ['CarePlan/t'], start, end, status }), treatment).outcome.result).toBe(result);
});

test.each([
  ['2025-03-05', undefined, 'active', met],
  ['2025-03-06', undefined, 'active', notMet('treatment-plan-not-in-force')],
  ['2024-01-01', '2025-03-05', 'completed', met],
  ['2024-01-01', '2025-03-04', 'completed', notMet('treatment-plan-not-in-force')],
  ['2025-01-01', undefined, 'draft', indeterminate('treatment-plan-draft')],
  ['2025-01-01', undefined, 'unknown', indeterminate('treatment-plan-unknown')],
] as const)('M-19: a treatment plan from %s to %s that is %s, on 5 March', (start, end, status, outcome) => {
  expect(m19(plan('1', { partOf: ['CarePlan/t'] }), { ...treatment, start, end, status }).outcome).toEqual(outcome);
});

test('M-19: of two plans in force the later is asked', () => {
  const old = plan('old', { partOf: ['CarePlan/t'], start: '2024-06-01' });
  const late = plan('late', { start: '2025-02-01' });
  for (const order of [
    [old, late, treatment],
    [treatment, late, old],
  ])
    expect(m19(...order).outcome).toEqual(notMet('plan-without-treatment-plan'));
});

test('M-19: a stand-alone service has its own plan; an unknown mode leaves it open', () => {
  const asked = (one: ServiceMode | undefined) => m19Coordinated(michigan(), mode(one), [plan('1')]).outcome;
  expect(asked('stand-alone').result).toBe('not-applicable');
  expect(asked('residential').result).toBe('not-applicable');
  expect(asked(undefined)).toEqual(indeterminate('missing: serviceMode'));
  expect(m19Coordinated(michigan(), undefined, []).outcome).toEqual(indeterminate('missing: serviceMode'));
  expect(m19Coordinated(withoutRules(), mode('supplement'), []).outcome.result).toBe('not-applicable');
});

const capability = (more: Partial<ProviderAttestation> = {}): ProviderAttestation => ({
  reference: 'DocumentReference/1',
  code: 'community-capability',
  organization: employer,
  attester: 'Practitioner/director',
  start: '2025-01-01',
  end: undefined,
  ...more,
});
const reviewed = (...dates: string[]) => plan('1', { needsReviewed: dates });
const m21 = (attestation: ProviderAttestation | undefined, of: CarePlanFact, question = michigan()) =>
  m21CommunityCapability(question, attestation ? [attestation] : [], [of]);

test.each([
  ['2024-12-05', 'met'],
  ['2024-12-04', 'not-met'],
  ['2025-03-05', 'met'],
  ['2025-03-06', 'indeterminate'],
])('M-21: needs reviewed on %s are %s on 5 March', (date, result) => {
  expect(m21(capability(), reviewed(date)).outcome.result).toBe(result);
});

test('M-21: the last review counts, and figures tell it', () => {
  expect(m21(capability(), reviewed('2025-02-01', '2024-01-01'))).toMatchObject({
    outcome: met,
    evidence: ['CarePlan/1', 'DocumentReference/1'],
    figures: { lastReview: '2025-02-01' },
  });
  const safeCare = plan('2', { kind: 'safe-care', needsReviewed: ['2025-02-01'] });
  expect(m21(capability(), safeCare).outcome).toEqual(indeterminate('missing: review of needs'));
});

test.each([
  ['2025-03-05', undefined, met],
  ['2025-03-06', undefined, indeterminate('missing: attestation of community capability')],
  ['2024-03-06', '2025-03-05', met],
  ['2024-03-05', '2025-03-04', notMet('attestation-ended')],
] as const)('M-21: a capability attested from %s to %s on 5 March', (start, end, outcome) => {
  expect(m21(capability({ start, end }), reviewed('2025-03-01')).outcome).toEqual(outcome);
});

test('M-21: the attestation is the episode’s organisation’s own, about this, and somebody’s', () => {
  const open = indeterminate('missing: attestation of community capability');
  expect(m21(undefined, reviewed('2025-03-01')).outcome).toEqual(open);
  expect(m21(capability({ organization: 'Organization/other' }), reviewed('2025-03-01')).outcome).toEqual(open);
  expect(m21(capability({ code: 'quality-management-plan' }), reviewed('2025-03-01')).outcome).toEqual(open);
  expect(m21(capability({ attester: undefined }), reviewed('2025-03-01')).outcome).toEqual(
    indeterminate('missing: attester'),
  );
  const { needsReviewDays: _, ...parameters } = michigan().ruleset.parameters;
  const unset = { ...michigan(), ruleset: { ...michigan().ruleset, parameters } };
  expect(m21(capability(), reviewed('2025-03-01'), unset).outcome).toEqual(
    indeterminate('missing-parameter: needsReviewDays'),
  );
  expect(m21(capability(), reviewed(), withoutRules()).outcome.result).toBe('not-applicable');
});

const licensed = (start: string | undefined, end?: string): OrganizationFacts => ({
  reference: employer,
  active: true,
  types: [],
  licences: [{ number: 'SL-1', services: ['peer-recovery-support'], start, end }],
});

test.each([
  ['2025-03-05', undefined, 'met'],
  ['2025-03-06', undefined, 'not-met'],
  ['2024-01-01', '2025-03-05', 'met'],
  ['2024-01-01', '2025-03-04', 'not-met'],
  [undefined, undefined, 'indeterminate'],
] as const)('M-22: a stand-alone provider’s licence from %s to %s is %s on 5 March', (start, end, result) => {
  for (const one of ['stand-alone', 'residential'] as const)
    expect(m22Licensed(michigan(), mode(one), [licensed(start, end)]).outcome.result).toBe(result);
});

test('M-22: the licence is one for peer support; what nobody said it is for is open, another service’s does not do', () => {
  const licence = (services: readonly string[], end?: string) => ({ number: 'L', services, start: '2024-01-01', end });
  const held = (...licences: ReturnType<typeof licence>[]) =>
    m22Licensed(michigan(), mode('stand-alone'), [{ ...licensed('2024-01-01'), licences }]).outcome;
  const peer = licence(['peer-recovery-support']);
  const other = licence(['substance-use-treatment']);
  const untold = licence([]);
  expect(held(other, peer)).toEqual({ result: 'met' });
  expect(held(other)).toEqual({ result: 'not-met', reasons: ['licence-for-other-services'] });
  expect(held(untold)).toEqual(indeterminate('missing: what the licence is for'));
  expect(held(other, untold)).toEqual(indeterminate('missing: what the licence is for'));
  expect(held({ ...peer, end: '2025-03-04' }, other)).toEqual({ result: 'not-met', reasons: ['licence-not-in-force'] });
  expect(held({ ...peer, end: '2025-03-05' })).toEqual({ result: 'met' });
});

test('M-22: a supplement is not asked; no licence, organisation or mode leaves it open', () => {
  const asked = (one: ServiceMode | undefined, ...organizations: OrganizationFacts[]) =>
    m22Licensed(michigan(), mode(one), organizations).outcome;
  expect(asked('supplement', licensed('2025-01-01')).result).toBe('not-applicable');
  expect(asked('stand-alone', { ...licensed('2025-01-01'), licences: [] })).toEqual(indeterminate('missing: licence'));
  expect(asked('stand-alone', { ...licensed('2025-01-01'), reference: 'Organization/other' })).toEqual(
    indeterminate('missing: Organization'),
  );
  expect(asked(undefined, licensed('2025-01-01'))).toEqual(indeterminate('missing: serviceMode'));
  expect(m22Licensed(withoutRules(), mode('stand-alone'), []).outcome.result).toBe('not-applicable');
});

const task = (code: string, more: Partial<TaskFact> = {}): TaskFact => ({
  reference: `Task/${code}`,
  code,
  date: '2025-01-02',
  status: 'requested',
  episode,
  ...more,
});
const done = (on: string | undefined): Partial<TaskFact> => ({ status: 'completed', done: on });
const m23 = (tasks: TaskFact[], end?: string) => {
  const question = michigan();
  return m23Residential({ ...question, episode: { ...question.episode, end } }, mode('residential'), tasks);
};
const access = (more: Partial<TaskFact> = {}) => task('residential-access', more);
const after = (more: Partial<TaskFact> = {}) => task('post-discharge', more);

test('M-23: first the access, then the engagement after discharge, each due until it is done', () => {
  expect(m23([])).toMatchObject({ outcome: notMet('no-task: residential-access'), figures: { access: 'missing' } });
  expect(m23([access()])).toMatchObject({
    outcome: indeterminate('due: residential-access', 'post-discharge-to-come'),
    figures: { access: 'due', postDischarge: 'missing' },
  });
  expect(m23([access(done('2025-02-01'))]).outcome).toEqual(notMet('no-task: post-discharge'));
  expect(m23([access(done('2025-02-01')), after()])).toMatchObject({
    outcome: indeterminate('due: post-discharge'),
    figures: { access: 'done', postDischarge: 'due' },
  });
  expect(m23([access(done('2025-02-01')), after(done('2025-03-01'))])).toEqual({
    rule: 'M-23',
    outcome: met,
    evidence: [episode, 'Task/post-discharge', 'Task/residential-access'],
    figures: { access: 'done', postDischarge: 'done' },
  });
});

test.each([
  ['2025-03-05', 'met'],
  ['2025-03-06', 'indeterminate'],
  [undefined, 'indeterminate'],
] as const)('M-23: a last step done on %s is %s on 5 March', (on, result) => {
  expect(m23([access(done('2025-02-01')), after(done(on))]).outcome.result).toBe(result);
});

test('M-23: nobody engages after a discharge before the client was in', () => {
  const early = m23([access(done('2025-02-01')), after(done('2025-01-31'))]);
  expect(early).toMatchObject({
    outcome: indeterminate('post-discharge-before-the-client-was-in'),
    figures: { access: 'done', postDischarge: 'too-early' },
  });
  expect(m23([access(done('2025-02-01')), after(done('2025-02-01'))]).outcome).toEqual(met);
  const again = after({ ...done('2025-03-01'), reference: 'Task/again' });
  expect(m23([access(done('2025-02-01')), after(done('2025-01-31')), again]).outcome).toEqual(met);
});

test('M-23: Tasks of an earlier admission that name no episode prove nothing of this one', () => {
  const old = { date: '2023-01-02', episode: undefined };
  const tasks = [access({ ...old, ...done('2023-01-03') }), after({ ...old, ...done('2023-03-01') })];
  expect(m23(tasks).outcome).toEqual(notMet('no-task: residential-access'));
  const ofThis = [access({ ...old, ...done('2024-01-01') }), after({ ...old, ...done('2024-03-01') })];
  expect(m23(ofThis).outcome).toEqual(met);
});

test('M-23: what was open when the episode ended was not done', () => {
  const tasks = [access(done('2025-02-01')), after()];
  expect(m23(tasks, '2025-03-05').outcome).toEqual(indeterminate('due: post-discharge'));
  expect(m23(tasks, '2025-03-04').outcome).toEqual(notMet('not-done: post-discharge'));
  expect(m23([access()], '2025-03-04').outcome).toEqual(
    notMet('not-done: residential-access', 'no-task: post-discharge'),
  );
});

test('M-23: Tasks of another episode, cancelled ones and those of later do not count; other modes are not asked', () => {
  const none = notMet('no-task: residential-access');
  expect(m23([access({ episode: 'EpisodeOfCare/2' })]).outcome).toEqual(none);
  expect(m23([access({ status: 'cancelled' })]).outcome).toEqual(none);
  expect(m23([access({ date: '2025-03-06' })]).outcome).toEqual(none);
  expect(m23([access({ date: undefined })]).outcome).toEqual(none);
  expect(m23([access({ episode: undefined })]).figures).toMatchObject({ access: 'due' });
  const asked = (one: ServiceMode | undefined) => m23Residential(michigan(), mode(one), []).outcome;
  expect(asked('stand-alone').result).toBe('not-applicable');
  expect(asked(undefined)).toEqual(indeterminate('missing: serviceMode'));
  expect(m23Residential(withoutRules(), mode('residential'), []).outcome.result).toBe('not-applicable');
});
