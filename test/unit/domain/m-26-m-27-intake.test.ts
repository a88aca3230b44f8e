import { expect, test } from 'vitest';
import type { StageFact } from '../../../src/domain/facts/care-plans.ts';
import type { ClaimToSubmit, SubmissionFact } from '../../../src/domain/facts/submissions.ts';
import { m26Submitted } from '../../../src/domain/m-26-submission.ts';
import { m27Readiness } from '../../../src/domain/m-27-readiness.ts';
import { indeterminate, met, notMet } from '../../../src/domain/outcome.ts';
import { eligibility, michigan, withoutRules } from '../../support/michigan.ts';

const request: ClaimToSubmit = { reference: 'Claim/1', use: 'preauthorization' };
const claim: ClaimToSubmit = { reference: 'Claim/1', use: 'claim' };
const submission = (more: Partial<SubmissionFact> = {}): SubmissionFact => ({
  reference: 'Task/1',
  claim: 'Claim/1',
  target: 'carenet',
  sentAt: '2025-03-03T09:20:00-05:00',
  confirmation: 'CN-17',
  permission: undefined,
  ...more,
});
const m26 = (of: ClaimToSubmit, ...sent: SubmissionFact[]) => m26Submitted(michigan(), of, sent);

test('M-26: a request goes by CareNet, a claim by ProviderConnect, each with a typed confirmation', () => {
  expect(m26(request, submission())).toEqual({
    rule: 'M-26',
    outcome: met,
    evidence: ['Claim/1', 'Task/1'],
    figures: { target: 'carenet', sentTo: 'carenet', sentDate: '2025-03-03' },
  });
  expect(m26(claim, submission({ target: 'provider-connect' })).outcome).toEqual(met);
  expect(m26(request, submission({ confirmation: undefined })).outcome).toEqual(indeterminate('missing: confirmation'));
});

test('M-26: another way counts for a claim with the CMHSP’s permission, never for a request', () => {
  const permission = 'DocumentReference/letter';
  const refused = notMet('other-system-without-permission');
  expect(m26(claim, submission()).outcome).toEqual(refused);
  expect(m26(claim, submission({ target: 'other', permission })).outcome).toEqual(met);
  expect(m26(claim, submission({ target: 'other', permission, confirmation: undefined })).outcome).toEqual(
    indeterminate('missing: confirmation'),
  );
  expect(m26(request, submission({ target: 'provider-connect', permission })).outcome).toEqual(
    notMet('not-by-carenet'),
  );
  expect(m26(claim, submission({ target: undefined })).outcome).toEqual(
    indeterminate('missing: target of the submission'),
  );
});

test.each([
  ['2025-03-05', 'met'],
  ['2025-03-06', 'indeterminate'],
  ['2025-03-06T04:59:00Z', 'met'],
  ['2025-03-06T05:00:00Z', 'indeterminate'],
  [undefined, 'indeterminate'],
] as const)('M-26: a submission sent on %s is %s on 5 March', (sentAt, result) => {
  expect(m26(request, submission({ sentAt })).outcome.result).toBe(result);
});

test('M-26: what is not sent, not known yet or about another claim is open; a good one beside a bad one is enough', () => {
  const open = indeterminate('missing: submission');
  expect(m26(request).outcome).toEqual(open);
  expect(m26(request, submission({ claim: 'Claim/2' })).outcome).toEqual(open);
  const early = michigan('2025-03-05', { knownAt: '2025-03-03T14:19:59Z' });
  expect(m26Submitted(early, request, [submission()]).outcome).toEqual(open);
  const wrong = submission({ reference: 'Task/0', target: 'provider-connect' });
  expect(m26(request, wrong, submission())).toMatchObject({ outcome: met, evidence: ['Claim/1', 'Task/1'] });
  expect(m26Submitted(withoutRules(), request, [submission()]).outcome.result).toBe('not-applicable');
});

const stage = (at: string | undefined, code = '134412001'): StageFact => ({
  reference: `Observation/${at}`,
  encounter: undefined,
  at,
  stage: code,
});
// The response of the fixture was written on 10 January.
const m27 = (...stages: StageFact[]) => m27Readiness(michigan(), [eligibility()], stages);

test.each([
  ['2025-01-10', 'met'],
  ['2025-01-11', 'indeterminate'],
  ['2024-12-11', 'met'],
  ['2024-12-10', 'indeterminate'],
  ['2025-01-11T04:59:00Z', 'met'],
  ['2025-01-11T05:00:00Z', 'indeterminate'],
  [undefined, 'indeterminate'],
] as const)('M-27: a stage of %s is %s for an eligibility of 10 January', (at, result) => {
  expect(m27(stage(at)).outcome.result).toBe(result);
});

test('M-27: the last assessed stage is told', () => {
  expect(m27(stage('2025-01-08', '134413006'), stage('2025-01-09'), stage('2025-01-10', 'not-assessed'))).toEqual({
    rule: 'M-27',
    outcome: met,
    evidence: ['Observation/2025-01-09', 'QuestionnaireResponse/1'],
    figures: { stage: '134412001', stageDate: '2025-01-09' },
  });
});

test('M-27: a stage that was not assessed, or none, leaves it open', () => {
  expect(m27(stage('2025-01-10', 'not-assessed')).outcome).toEqual(indeterminate('stage-not-assessed'));
  expect(m27().outcome).toEqual(indeterminate('missing: stage at eligibility'));
  expect(m27Readiness(michigan(), [], [stage('2025-01-10')]).outcome).toEqual(
    indeterminate('missing: eligibility response'),
  );
});

test('M-27: the latest response asks for a stage of its own time; the days are the ruleset’s', () => {
  const again = eligibility({}, { reference: 'QuestionnaireResponse/2', authored: '2025-03-01' });
  expect(m27Readiness(michigan(), [eligibility(), again], [stage('2025-01-10')]).outcome.result).toBe('indeterminate');
  expect(m27Readiness(michigan('2025-02-28'), [eligibility(), again], [stage('2025-01-10')]).outcome).toEqual(met);
  const { readinessDays: _, ...parameters } = michigan().ruleset.parameters;
  const unset = { ...michigan(), ruleset: { ...michigan().ruleset, parameters } };
  expect(m27Readiness(unset, [eligibility()], [stage('2025-01-10')]).outcome).toEqual(
    indeterminate('missing-parameter: readinessDays'),
  );
  expect(m27Readiness(withoutRules(), [eligibility()], [stage('2025-01-10')]).outcome.result).toBe('not-applicable');
});
