import type { CarePlan, ChargeItem, ClaimResponse, Goal, Observation, Resource, Task } from '@medplum/fhirtypes';
import { expect, test } from 'vitest';
import { authorizations, charges, notifications } from '../../../src/domain/facts/authorizations.ts';
import { carePlans, goals, stageObservations } from '../../../src/domain/facts/care-plans.ts';
import { Coaches } from '../../../src/domain/facts/coaches.ts';
import type { Recorded } from '../../../src/domain/facts/facts.ts';
import { canonicalBase, structure } from '../../../src/fhir/canonical.ts';

const recorded = <R extends Resource>(resource: R): Recorded<R> => ({
  resource,
  owner: 'riverside',
  recordedAt: '2025-01-02T00:00:00Z',
});
const local = (code: string) => ({ coding: [{ system: `${canonicalBase}/CodeSystem/any`, code }] });
const patient = { reference: 'Patient/1' };
const coaches = new Coaches(
  [],
  [
    recorded({
      resourceType: 'PractitionerRole' as const,
      id: '7',
      practitioner: { reference: 'Practitioner/coach' },
      organization: { reference: 'Organization/riverside' },
    }),
  ],
);

test('a notification: its episode, its plan and when it left; the plan’s reply is told apart', () => {
  const task: Task = {
    resourceType: 'Task',
    id: '1',
    status: 'in-progress',
    intent: 'order',
    code: local('notification-of-admission'),
    focus: { reference: 'EpisodeOfCare/1/_history/2' },
    owner: { reference: 'Organization/riverside' },
    restriction: { recipient: [{ reference: 'Organization/mce' }] },
    output: [{ type: local('sent'), valueInstant: '2025-01-03T10:00:00Z' }],
  };
  expect(notifications([recorded(task)])).toEqual([
    {
      reference: 'Task/1',
      kind: 'notification-of-admission',
      episode: 'EpisodeOfCare/1',
      payers: ['Organization/mce'],
      sentAt: '2025-01-03T10:00:00Z',
      acknowledgedAt: undefined,
    },
  ]);
  const { restriction: _, ...toOwner } = task;
  expect(notifications([recorded<Task>(toOwner)])[0]?.payers).toEqual(['Organization/riverside']);
  expect(notifications([recorded<Task>({ ...task, status: 'cancelled' })])).toEqual([]);
  expect(
    notifications([recorded<Task>({ ...task, code: { coding: [{ code: 'notification-of-admission' }] } })]),
  ).toEqual([]);
});

test('an authorization is approved with the plan’s number, denied without one, pending before a decision', () => {
  const response: ClaimResponse = {
    resourceType: 'ClaimResponse',
    id: '1',
    status: 'active',
    type: {},
    use: 'preauthorization',
    patient,
    created: '2025-03-20',
    insurer: { reference: 'Organization/mce' },
    outcome: 'complete',
    preAuthRef: 'A1',
    preAuthPeriod: { start: '2025-04-01', end: '2025-04-30' },
  };
  const decision = (more: Partial<ClaimResponse>) =>
    authorizations([recorded<ClaimResponse>({ ...response, ...more })])[0]?.decision;
  const { preAuthRef: _, ...unnumbered } = response;
  expect(decision({})).toBe('approved');
  expect(authorizations([recorded<ClaimResponse>(unnumbered)])[0]?.decision).toBe('denied');
  expect(decision({ outcome: 'queued' })).toBe('pending');
  expect(decision({ status: 'cancelled' })).toBeUndefined();
  expect(decision({ use: 'claim' })).toBeUndefined();
});

test('a charge belongs to who performed it, else to its writer; one entered in error never was', () => {
  const charge: ChargeItem = {
    resourceType: 'ChargeItem',
    id: '1',
    status: 'billed',
    code: { coding: [{ code: 'H2016' }] },
    subject: patient,
    occurrenceDateTime: '2025-03-05',
  };
  const organization = (more: Partial<ChargeItem>) =>
    charges([recorded<ChargeItem>({ ...charge, ...more })])[0]?.organization;
  expect(organization({})).toBe('Organization/riverside');
  expect(organization({ performingOrganization: { reference: 'Organization/other' } })).toBe('Organization/other');
  expect(charges([recorded<ChargeItem>({ ...charge, status: 'entered-in-error' })])).toEqual([]);
});

test('a plan that does not say that it is another kind is a wellness plan', () => {
  const plan: CarePlan = { resourceType: 'CarePlan', id: '1', status: 'active', intent: 'plan', subject: patient };
  const kind = (more: Partial<CarePlan>) => carePlans([recorded<CarePlan>({ ...plan, ...more })], coaches)[0]?.kind;
  expect(kind({})).toBe('wellness');
  expect(kind({ category: [local('plan-of-safe-care')] })).toBe('safe-care');
  expect(kind({ category: [local('treatment-plan')] })).toBe('treatment');
  expect(kind({ category: [local('treatment-plan')], meta: { profile: [structure('wellness-plan')] } })).toBe(
    'wellness',
  );
  expect(kind({ category: [{ coding: [{ code: 'treatment-plan' }] }] })).toBe('wellness');
  expect(kind({ status: 'entered-in-error' })).toBeUndefined();
});

test('author and contributors are people: a role is resolved to its practitioner', () => {
  const plan: CarePlan = {
    resourceType: 'CarePlan',
    id: '1',
    status: 'active',
    intent: 'plan',
    subject: patient,
    author: { reference: 'PractitionerRole/7' },
    contributor: [patient, { reference: 'Practitioner/coach' }],
    encounter: { reference: 'Encounter/3/_history/1' },
  };
  expect(carePlans([recorded(plan)], coaches)[0]).toMatchObject({
    contributors: ['Practitioner/coach', 'Patient/1'],
    encounter: 'Encounter/3',
  });
});

test('a goal tells the meeting at which it was set', () => {
  const goal: Goal = {
    resourceType: 'Goal',
    id: '1',
    lifecycleStatus: 'active',
    description: { text: 'a quiet morning' },
    subject: patient,
    extension: [{ url: structure('set-at'), valueReference: { reference: 'Encounter/3' } }],
  };
  expect(goals([recorded(goal)])).toMatchObject([{ reference: 'Goal/1', setAt: 'Encounter/3' }]);
  expect(goals([recorded<Goal>({ ...goal, lifecycleStatus: 'entered-in-error' })])).toEqual([]);
});

test('a stage is SNOMED’s, or said not to be assessed; other observations and preliminary ones are none', () => {
  const stage = (code: string, system = 'http://snomed.info/sct') => ({ coding: [{ system, code }] });
  const observation: Observation = {
    resourceType: 'Observation',
    id: '1',
    status: 'final',
    code: local('stage-of-change'),
    valueCodeableConcept: stage('134411008'),
  };
  const found = (more: Partial<Observation>) =>
    stageObservations([recorded<Observation>({ ...observation, ...more })]).map((one) => one.stage);
  expect(found({})).toEqual(['134411008']);
  expect(found({ valueCodeableConcept: local('not-assessed') })).toEqual(['not-assessed']);
  expect(found({ valueCodeableConcept: stage('1') })).toEqual([]);
  expect(found({ status: 'preliminary' })).toEqual([]);
  expect(found({ code: {}, valueCodeableConcept: local('not-assessed') })).toEqual([]);
});
