import type { CarePlan, Goal, Observation } from '@medplum/fhirtypes';
import { expect, test } from 'vitest';
import { carePlans, goals, stageObservations } from '../../../../src/domain/facts/care-plans.ts';
import { structure } from '../../../../src/fhir/canonical.ts';
import { coaches, coded, local, recorded } from '../../../support/recorded.ts';

const patient = { reference: 'Patient/1' };

test('a plan with its meeting, people, goals, parent and days', () => {
  const plan: CarePlan = {
    resourceType: 'CarePlan',
    id: '1',
    status: 'draft',
    intent: 'plan',
    subject: patient,
    category: [local('wellness-plan'), local('treatment-plan')],
    encounter: { reference: 'Encounter/1' },
    author: { reference: 'PractitionerRole/7/_history/1' },
    contributor: [{ reference: 'Practitioner/coach' }, { reference: 'PractitionerRole/99' }, {}],
    goal: [{ reference: 'Goal/1/_history/2' }, {}],
    partOf: [{ reference: 'CarePlan/0' }],
    basedOn: [{ reference: 'CarePlan/9/_history/2' }],
    extension: [{ url: structure('needs-reviewed'), valueDate: '2025-04-01' }],
    period: { start: '2025-03-10', end: '2025-09-10' },
  };
  expect(carePlans([recorded(plan)], coaches)).toEqual([
    {
      reference: 'CarePlan/1',
      kind: 'wellness',
      status: 'draft',
      encounter: 'Encounter/1',
      contributors: ['Practitioner/coach', 'PractitionerRole/99'],
      goals: ['Goal/1'],
      partOf: ['CarePlan/0'],
      basedOn: ['CarePlan/9'],
      needsReviewed: ['2025-04-01'],
      start: '2025-03-10',
      end: '2025-09-10',
    },
  ]);
});

test('a bare plan has no people, goals or days', () => {
  const bare: CarePlan = { resourceType: 'CarePlan', id: '2', status: 'active', intent: 'plan', subject: patient };
  expect(carePlans([recorded(bare)], coaches)[0]).toMatchObject({
    encounter: undefined,
    contributors: [],
    goals: [],
    partOf: [],
    basedOn: [],
    needsReviewed: [],
    start: undefined,
    end: undefined,
  });
});

test('a goal’s achievement is its first code; without one it is not said', () => {
  const goal: Goal = {
    resourceType: 'Goal',
    id: '1',
    lifecycleStatus: 'completed',
    description: { text: 'a quiet morning' },
    subject: patient,
  };
  expect(goals([recorded(goal)])).toEqual([
    { reference: 'Goal/1', lifecycleStatus: 'completed', achievement: undefined, setAt: undefined },
  ]);
  const achievementStatus = { coding: [{ display: 'reached' }, { code: 'achieved' }] };
  expect(goals([recorded<Goal>({ ...goal, achievementStatus })])[0]?.achievement).toBe('achieved');
});

const observation: Observation = {
  resourceType: 'Observation',
  id: '1',
  status: 'final',
  code: local('stage-of-change'),
  encounter: { reference: 'Encounter/1/_history/1' },
  effectivePeriod: { start: '2025-03-01T20:00:00Z' },
};
const stages = (more: Partial<Observation>) => stageObservations([recorded<Observation>({ ...observation, ...more })]);

test('a stage with its meeting and time; a reason for its absence is a stage not assessed', () => {
  const valueCodeableConcept = coded('http://snomed.info/sct', '134409004');
  expect(stages({ valueCodeableConcept, effectiveDateTime: '2025-03-02' })).toEqual([
    { reference: 'Observation/1', encounter: 'Encounter/1', at: '2025-03-02', stage: '134409004' },
  ]);
  expect(stages({ dataAbsentReason: { text: 'not asked' } })).toEqual([
    { reference: 'Observation/1', encounter: 'Encounter/1', at: '2025-03-01T20:00:00Z', stage: 'not-assessed' },
  ]);
});

test('no value at all, a stage of a foreign system and an error are none', () => {
  expect(stages({})).toEqual([]);
  expect(stages({ valueCodeableConcept: coded('urn:other', '134409004') })).toEqual([]);
  const valueCodeableConcept = coded('http://snomed.info/sct', '134409004');
  expect(stages({ valueCodeableConcept, status: 'entered-in-error' })).toEqual([]);
});
