import type { Organization, OrganizationAffiliation } from '@medplum/fhirtypes';
import { expect, test } from 'vitest';
import { affiliations, organizationFacts } from '../../../../src/domain/facts/organizations.ts';
import { structure } from '../../../../src/fhir/canonical.ts';
import { coded, local, recorded } from '../../../support/recorded.ts';

const agreement = (...parts: { url: string; valueCode?: string; valueReference?: { reference: string } }[]) => ({
  url: structure('agreement'),
  extension: parts,
});
const affiliation: OrganizationAffiliation = {
  resourceType: 'OrganizationAffiliation',
  id: '1',
  organization: { reference: 'Organization/riverside/_history/1' },
  participatingOrganization: { reference: 'Organization/clinic' },
  code: [local('medical'), local('other')],
  period: { start: '2025-01-01', end: '2025-12-31' },
  extension: [
    agreement(
      { url: 'type', valueCode: 'mou' },
      { url: 'document', valueReference: { reference: 'DocumentReference/1/_history/2' } },
      { url: 'clause', valueCode: 'referral' },
      { url: 'clause', valueCode: 'aftercare' },
    ),
  ],
};
const fact = (more: Partial<OrganizationAffiliation>) =>
  affiliations([recorded<OrganizationAffiliation>({ ...affiliation, ...more })])[0];

test('both sides, the categories and the agreement with its clauses', () => {
  expect(fact({})).toEqual({
    reference: 'OrganizationAffiliation/1',
    organization: 'Organization/riverside',
    partner: 'Organization/clinic',
    active: true,
    categories: ['medical', 'other'],
    agreements: [{ type: 'mou', document: 'DocumentReference/1', clauses: ['referral', 'aftercare'] }],
    start: '2025-01-01',
    end: '2025-12-31',
  });
});

test('an affiliation that says nothing is active and without sides, agreements or days', () => {
  expect(
    affiliations([recorded<OrganizationAffiliation>({ resourceType: 'OrganizationAffiliation', id: '2' })]),
  ).toEqual([
    {
      reference: 'OrganizationAffiliation/2',
      organization: undefined,
      partner: undefined,
      active: true,
      categories: [],
      agreements: [],
      start: undefined,
      end: undefined,
    },
  ]);
  expect(fact({ active: false })?.active).toBe(false);
});

test('a category of a foreign system is none, and a foreign extension is no agreement', () => {
  expect(fact({ code: [coded('urn:other', 'medical')] })?.categories).toEqual([]);
  expect(fact({ extension: [{ url: 'https://elsewhere.example/agreement' }] })?.agreements).toEqual([]);
});

test('an agreement without its parts is kept as one that nobody can show; two stay apart', () => {
  const extension = [agreement(), agreement({ url: 'type', valueCode: 'qsoa' })];
  expect(fact({ extension })?.agreements).toEqual([
    { type: undefined, document: undefined, clauses: [] },
    { type: 'qsoa', document: undefined, clauses: [] },
  ]);
});

test('a licence is an identifier of type SL that is not old; a second coding of its type says what it is for', () => {
  const sl = { system: 'http://terminology.hl7.org/CodeSystem/v2-0203', code: 'SL' };
  const peer = local('peer-recovery-support', 'licence-service').coding ?? [];
  const [facts] = organizationFacts([
    recorded<Organization>({
      resourceType: 'Organization',
      id: 'riverside',
      identifier: [
        { type: { coding: [sl, ...peer] }, value: 'P-1', period: { start: '2025-01-01', end: '2025-12-31' } },
        { type: { coding: [sl] }, value: 'A-1' },
        { type: { coding: [sl] }, value: 'A-0', use: 'old' },
        { type: coded('urn:other', 'NPI'), value: '1' },
      ],
    }),
  ]);
  expect(facts?.licences).toEqual([
    { number: 'P-1', services: ['peer-recovery-support'], start: '2025-01-01', end: '2025-12-31' },
    { number: 'A-1', services: [], start: undefined, end: undefined },
  ]);
});
