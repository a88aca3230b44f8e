import type { CarePlan, Observation } from '@medplum/fhirtypes';
import { expect, test } from 'vitest';
import { familyPlans, familyStates } from '../../../../src/domain/facts/family-plans.ts';
import { structure } from '../../../../src/fhir/canonical.ts';
import { coded, local, recorded } from '../../../support/recorded.ts';

const snomed = 'http://snomed.info/sct';
const patient = { reference: 'Patient/1' };
const domain = (name: string, status?: string) => ({
  url: structure('domain-status'),
  extension: [
    { url: 'domain', valueCode: name },
    ...(status === undefined ? [] : [{ url: 'status', valueCode: status }]),
  ],
});
const plan: CarePlan = {
  resourceType: 'CarePlan',
  id: '1',
  status: 'active',
  intent: 'plan',
  subject: patient,
  category: [local('plan-of-safe-care')],
  period: { start: '2025-03-10', end: '2025-09-10' },
  extension: [
    { url: structure('dcf-status'), valueCode: 'open-case' },
    { url: structure('infant-plan'), valueReference: { reference: 'CarePlan/2/_history/1' } },
    domain('housing', 'need'),
    domain('infant'),
    { url: 'https://elsewhere.example/dcf-status', valueCode: 'other' },
  ],
  activity: [
    {
      detail: {
        status: 'in-progress',
        code: local('housing'),
        performer: [{ reference: 'Practitioner/coach/_history/1' }],
      },
    },
    { detail: { status: 'scheduled', code: coded('urn:other', 'income') } },
    { detail: { status: 'cancelled', code: local('housing') } },
    { detail: { status: 'entered-in-error', code: local('housing') } },
  ],
};
const plans = (more: Partial<CarePlan>) => familyPlans([recorded<CarePlan>({ ...plan, ...more })]);

test('a Plan of Safe Care with its domains, owners, DCF status and the infant’s plan', () => {
  expect(plans({})).toEqual([
    {
      reference: 'CarePlan/1',
      status: 'active',
      dcfStatus: 'open-case',
      infantPlan: 'CarePlan/2',
      domains: [{ domain: 'housing', status: 'need' }],
      activities: [
        { domains: ['housing'], owners: ['Practitioner/coach'] },
        { domains: [], owners: [] },
      ],
      start: '2025-03-10',
      end: '2025-09-10',
    },
  ]);
});

test('a bare plan answers nothing', () => {
  const { activity: _, extension: __, period: ___, ...bare } = plan;
  expect(familyPlans([recorded<CarePlan>(bare)])).toEqual([
    {
      reference: 'CarePlan/1',
      status: 'active',
      dcfStatus: undefined,
      infantPlan: undefined,
      domains: [],
      activities: [],
      start: undefined,
      end: undefined,
    },
  ]);
});

test('another category, the same word of a foreign system, and an error are no such plans', () => {
  expect(plans({ category: [local('treatment-plan')] })).toEqual([]);
  expect(plans({ category: [coded('urn:other', 'plan-of-safe-care')] })).toEqual([]);
  expect(plans({ category: [] })).toEqual([]);
  expect(plans({ status: 'entered-in-error' })).toEqual([]);
});

const pregnancy: Observation = {
  resourceType: 'Observation',
  id: '1',
  status: 'final',
  code: coded('http://loinc.org', '82810-3'),
  effectiveDateTime: '2025-03-05',
  valueCodeableConcept: coded(snomed, '77386006'),
};
const states = (more: Partial<Observation>) => familyStates([recorded<Observation>({ ...pregnancy, ...more })]);

test('pregnancy is yes, no, or neither where the value is another one or of a foreign system', () => {
  expect(states({})).toEqual([{ reference: 'Observation/1', what: 'pregnancy', present: true, on: '2025-03-05' }]);
  const present = (valueCodeableConcept: Observation['valueCodeableConcept']) =>
    states({ ...(valueCodeableConcept && { valueCodeableConcept }) })[0]?.present;
  expect(present(coded(snomed, '60001007'))).toBe(false);
  expect(present(coded(snomed, '261665006'))).toBeUndefined();
  expect(present(coded('urn:other', '77386006'))).toBeUndefined();
  expect(present({ text: 'pregnant' })).toBeUndefined();
});

test('parenting is said by a boolean; a period is dated by its start', () => {
  const { effectiveDateTime: _, valueCodeableConcept: __, ...rest } = pregnancy;
  const parenting: Observation = { ...rest, code: local('parenting'), effectivePeriod: { start: '2025-02-01' } };
  const said = (more: Partial<Observation>) => familyStates([recorded<Observation>({ ...parenting, ...more })])[0];
  expect(said({ valueBoolean: true })).toEqual({
    reference: 'Observation/1',
    what: 'parenting',
    present: true,
    on: '2025-02-01',
  });
  expect(said({ valueBoolean: false })?.present).toBe(false);
  expect(said({})?.present).toBeUndefined();
  expect(said({ valueBoolean: true, code: coded('urn:other', 'parenting') })).toBeUndefined();
});

test.each(['entered-in-error', 'cancelled', 'preliminary', 'registered', 'unknown'] as const)(
  'an Observation that is %s says nothing',
  (status) => {
    expect(states({ status })).toEqual([]);
  },
);

test('an amended Observation counts; one of another code does not', () => {
  expect(states({ status: 'amended' })).toHaveLength(1);
  expect(states({ code: coded('urn:other', '82810-3') })).toEqual([]);
  expect(states({ code: coded('http://loinc.org', '11996-6') })).toEqual([]);
});
