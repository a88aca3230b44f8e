import type { DocumentReference, QuestionnaireResponse } from '@medplum/fhirtypes';
import { expect, test } from 'vitest';
import { qualityPlans, surveys } from '../../../../src/domain/facts/quality.ts';
import { canonicalBase } from '../../../../src/fhir/canonical.ts';
import { coded, local, recorded } from '../../../support/recorded.ts';

const document: DocumentReference = {
  resourceType: 'DocumentReference',
  id: '1',
  status: 'current',
  type: local('quality-management-plan'),
  date: '2025-03-01T15:00:00Z',
  content: [],
  context: { period: { start: '2025-04-01', end: '2026-03-31' } },
};
const plans = (more: Partial<DocumentReference>) =>
  qualityPlans([recorded<DocumentReference>({ ...document, ...more })]);

test('a quality management plan with its date and days', () => {
  expect(plans({})).toEqual([
    { reference: 'DocumentReference/1', on: '2025-03-01T15:00:00Z', start: '2025-04-01', end: '2026-03-31' },
  ]);
  const { context: _, date: __, ...bare } = document;
  expect(qualityPlans([recorded<DocumentReference>(bare)])).toEqual([
    { reference: 'DocumentReference/1', on: undefined, start: undefined, end: undefined },
  ]);
});

test('a draft, a superseded one, an error and another type are none', () => {
  expect(plans({ status: 'superseded' })).toEqual([]);
  expect(plans({ status: 'entered-in-error' })).toEqual([]);
  expect(plans({ docStatus: 'preliminary' })).toEqual([]);
  expect(plans({ docStatus: 'entered-in-error' })).toEqual([]);
  expect(plans({ docStatus: 'final' })).toHaveLength(1);
  expect(plans({ type: local('note') })).toEqual([]);
  expect(plans({ type: coded('urn:other', 'quality-management-plan') })).toEqual([]);
});

test('a completed answer to any version of the survey counts; one in progress or to another form does not', () => {
  const response: QuestionnaireResponse = {
    resourceType: 'QuestionnaireResponse',
    id: '1',
    status: 'completed',
    questionnaire: `${canonicalBase}/Questionnaire/satisfaction-survey|1.0.0`,
    authored: '2025-03-31',
  };
  const found = (more: Partial<QuestionnaireResponse>) =>
    surveys([recorded<QuestionnaireResponse>({ ...response, ...more })]);
  expect(found({})).toEqual([{ reference: 'QuestionnaireResponse/1', on: '2025-03-31' }]);
  expect(found({ status: 'in-progress' })).toEqual([]);
  expect(found({ status: 'entered-in-error' })).toEqual([]);
  expect(found({ questionnaire: `${canonicalBase}/Questionnaire/eligibility` })).toEqual([]);
});
