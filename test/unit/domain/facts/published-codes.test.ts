import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type {
  Claim,
  CodeableConcept,
  CodeSystem,
  DocumentReference,
  Encounter,
  Practitioner,
  PractitionerRole,
  Procedure,
  Task,
  ValueSet,
} from '@medplum/fhirtypes';
import { expect, test } from 'vitest';
import { Coaches } from '../../../../src/domain/facts/coaches.ts';
import { contactDetails } from '../../../../src/domain/facts/contact-details.ts';
import { episodeTasks } from '../../../../src/domain/facts/michigan-episode.ts';
import { activityDetails, serviceOfActivity } from '../../../../src/domain/facts/michigan-services.ts';
import { providerAttestations } from '../../../../src/domain/facts/provider-attestations.ts';
import { claimsToSubmit, submissions } from '../../../../src/domain/facts/submissions.ts';
import { supportActivities } from '../../../../src/domain/facts/support-activities.ts';
import { monthsOfCode } from '../../../../src/domain/m-13-recovery.ts';
import { m28Activities } from '../../../../src/domain/m-28-activities.ts';
import { ruleset } from '../../../support/facts.ts';
import { michigan, service } from '../../../support/michigan.ts';
import { local, recorded } from '../../../support/recorded.ts';

const profiles = resolve(import.meta.dirname, '../../../../profiles');
const read = (path: string): unknown => JSON.parse(readFileSync(join(profiles, path), 'utf8'));
const published = (name: string): CodeSystem => read(`codesystem-${name}.json`) as CodeSystem;
const codesOf = (name: string): string[] => (published(name).concept ?? []).map(({ code }) => code);
const provider = 'Organization/example-provider';
const role = (code: string, id: string): PractitionerRole => ({
  resourceType: 'PractitionerRole',
  id,
  practitioner: { reference: `Practitioner/example-${id}` },
  organization: { reference: provider },
  code: [local(code, 'coach-role')],
});
const associate = read('examples/practitioner-associate.json') as Practitioner;
const coaches = new Coaches(
  [recorded(associate)],
  [recorded(role('recovery-associate', 'associate')), recorded(role('recovery-coach', 'coach'))],
);

test('the published associate: months of the attestation, hours and topics of the training, and the role', () => {
  const facts = coaches.facts.get('Practitioner/example-associate');
  expect(facts?.roles).toMatchObject([{ organization: provider, associate: true }]);
  expect(facts?.qualifications).toMatchObject([
    { code: 'recovery-attestation', attestedAsOf: '2025-02-01', attestedMonths: 6, hours: undefined, topics: [] },
    { code: 'own-recovery', attestedAsOf: '2025-02-01', attestedMonths: undefined, end: '2026-01-31' },
    { code: 'associate-training', start: '2025-02-10', hours: 12.5, topics: codesOf('training-topic') },
  ]);
});

test('M-13: a bare attestation means the months that its code publishes', () => {
  const concept = published('qualification').concept?.find(({ code }) => code === 'recovery-attestation');
  expect(concept?.property).toEqual([{ code: 'months', valueInteger: monthsOfCode }]);
});

test('M-25: the topics that the ruleset asks for are the published ones', () => {
  expect(ruleset('michigan-cmhsp').parameters.associateTopics?.value).toEqual(codesOf('training-topic'));
});

test('M-2: the domains of need that the ruleset knows are the published ones', () => {
  expect(ruleset('michigan-cmhsp').parameters.needDomains?.value).toEqual(codesOf('need-domain'));
});

test('M-28: each published activity is one, on an Encounter and on a Procedure; a foreign code of the name is none', () => {
  for (const code of codesOf('activity')) {
    expect(m28Activities(michigan(), service({ activities: [code] })).outcome.result).toBe('met');
    const encounter: Encounter = {
      resourceType: 'Encounter',
      status: 'finished',
      class: { code: 'AMB' },
      type: [local(code, 'activity'), { coding: [{ system: 'http://elsewhere.example', code }] }],
    };
    expect(contactDetails(encounter, coaches).activities).toEqual([code]);
  }
});

test('the published outreach: associate, overseer, activity and note', () => {
  const procedure = recorded(read('examples/procedure-outreach.json') as Procedure);
  const [activity] = supportActivities([procedure], coaches);
  if (!activity) throw new Error('the example is no support activity');
  const details = activityDetails([procedure], coaches).get(activity.reference);
  expect(serviceOfActivity(activity, details)).toMatchObject({
    kind: 'outreach',
    performers: ['Practitioner/example-associate'],
    overseers: ['Practitioner/example-coach'],
    organization: provider,
    activities: ['relationship-building'],
    nature: ['relationship-building'],
    supportCategories: ['affiliational'],
    documentation: [{ status: 'final', signedBy: ['Practitioner/example-associate'] }],
  });
  expect(codesOf('activity-category')).toContain(activity.category);
});

test('the published submission: its claim, system, time and confirmation', () => {
  const task = read('examples/task-submission.json') as Task;
  const fact = {
    reference: 'Task/example-submission',
    claim: 'Claim/example-authorization',
    target: 'carenet',
    sentAt: '2025-03-03T09:20:00-05:00',
    confirmation: 'CN-20250303-17',
    permission: undefined,
  };
  expect(submissions([recorded(task)])).toEqual([fact]);
  const types = (parts: readonly { type: CodeableConcept }[] | undefined) =>
    (parts ?? []).flatMap(({ type }) => type.coding?.[0]?.code ?? '');
  expect(codesOf('task-input')).toEqual(expect.arrayContaining(types(task.input)));
  expect(codesOf('task-output')).toEqual(expect.arrayContaining(types(task.output)));
  expect(codesOf('submission-target')).toContain(fact.target);
});

test('a submission: blanks are no confirmation, a permission is words or a document, a cancelled one is none', () => {
  const task = read('examples/task-submission.json') as Task;
  const of = (more: Partial<Task>) => submissions([recorded({ ...task, ...more })])[0];
  const confirmed = (valueString: string) =>
    of({ output: [{ type: local('confirmation', 'task-output'), valueString }] })?.confirmation;
  expect([confirmed(' CN-1 '), confirmed('   ')]).toEqual(['CN-1', undefined]);
  const permitted = (value: Partial<NonNullable<Task['input']>[number]>) =>
    of({ input: [{ type: local('permission', 'task-input'), ...value }] })?.permission;
  expect(permitted({ valueString: ' by letter ' })).toBe('by letter');
  expect(permitted({ valueReference: { reference: 'DocumentReference/1/_history/2' } })).toBe('DocumentReference/1');
  expect(of({ status: 'cancelled' })).toBeUndefined();
  expect(of({ code: local('intensity-review', 'task-code') })).toBeUndefined();
  expect(of({ focus: { reference: 'ServiceRequest/1' } })).toMatchObject({ claim: undefined });
});

test('claims and requests for authorization are to be submitted; a draft and a predetermination are not', () => {
  const claim = (use: Claim['use'], status: Claim['status'] = 'active') =>
    recorded({ resourceType: 'Claim', id: '1', use, status } as Claim);
  const uses = (...claims: ReturnType<typeof claim>[]) => claimsToSubmit(claims).map(({ use }) => use);
  expect(uses(claim('claim'), claim('preauthorization'), claim('predetermination'), claim('claim', 'draft'))).toEqual([
    'claim',
    'preauthorization',
  ]);
});

test('the published capability: whose it is, who says so, and its days', () => {
  const document = read('examples/document-reference-capability.json') as DocumentReference;
  const fact = {
    reference: 'DocumentReference/example-community-capability',
    code: 'community-capability',
    organization: provider,
    attester: provider,
    start: '2025-01-15',
    end: '2026-01-14',
  };
  const of = (more: Partial<DocumentReference>) => providerAttestations([recorded({ ...document, ...more })]);
  expect(of({})).toEqual([fact]);
  expect(of({ context: {}, custodian: { reference: 'Organization/2/_history/1' } })).toMatchObject([
    { organization: 'Organization/2', start: '2025-01-15T10:00:00-05:00', end: undefined },
  ]);
  expect(of({ authenticator: { reference: 'Practitioner/director' } })).toMatchObject([
    { attester: 'Practitioner/director' },
  ]);
  for (const more of [{ status: 'superseded' }, { docStatus: 'preliminary' }] as const) expect(of(more)).toEqual([]);
});

test('a Task of an episode: which, and when it was done', () => {
  const task = (more: Partial<Task>): Task => ({
    resourceType: 'Task',
    id: '1',
    status: 'completed',
    intent: 'order',
    code: local('post-discharge', 'task-code'),
    focus: { reference: 'EpisodeOfCare/1/_history/3' },
    lastModified: '2025-03-02T10:00:00Z',
    ...more,
  });
  const of = (more: Partial<Task>) => episodeTasks([recorded(task(more))])[0];
  expect(of({})).toMatchObject({ episode: 'EpisodeOfCare/1', done: '2025-03-02T10:00:00Z' });
  expect(of({ executionPeriod: { end: '2025-03-01' } })).toMatchObject({ done: '2025-03-01' });
  expect(of({ status: 'in-progress' })).toMatchObject({ done: undefined });
  expect(of({ focus: { reference: 'Claim/1' } })).toMatchObject({ episode: undefined });
});

test.each([
  'activity',
  'activity-category',
  'care-plan-category',
  'document-type',
  'end-reason',
  'engagement',
  'observation-code',
  'qualification',
  'service-mode',
  'submission-target',
  'task-code',
  'task-input',
  'task-output',
  'training-topic',
])('the code system %s counts its codes, each once, and has its value set', (name) => {
  const { count, url, valueSet } = published(name);
  const codes = codesOf(name);
  expect([count, new Set(codes).size]).toEqual([codes.length, codes.length]);
  const set = read(`valueset-${name}.json`) as ValueSet;
  expect(set.url).toBe(valueSet);
  expect(set.compose?.include.map(({ system }) => system)).toContain(url);
});
