import type { Procedure } from '@medplum/fhirtypes';
import { expect, test } from 'vitest';
import { supportActivities } from '../../../../src/domain/facts/support-activities.ts';
import { structure } from '../../../../src/fhir/canonical.ts';
import { coaches, coded, local, recorded } from '../../../support/recorded.ts';

const work: Procedure = {
  resourceType: 'Procedure',
  id: '1',
  status: 'completed',
  subject: { reference: 'Patient/1' },
  category: local('collateral'),
  performedPeriod: { start: '2025-03-01T20:00:00Z', end: '2025-03-01T20:20:00Z' },
  performer: [
    { actor: { reference: 'PractitionerRole/7' } },
    { actor: { reference: 'Practitioner/coach' }, onBehalfOf: { reference: 'Organization/other/_history/1' } },
    { actor: { reference: 'RelatedPerson/1' } },
  ],
  reasonCode: [local('system-navigation', 'service-component'), coded('urn:other', 'mentoring')],
  outcome: { coding: [{ code: 'reached' }, { display: 'no code' }], text: 'spoke with the landlord' },
  extension: [
    { url: structure('party-type'), valueCode: 'professional' },
    { url: structure('client-present'), valueBoolean: false },
  ],
};
const facts = (more: Partial<Procedure>, owner?: string) =>
  supportActivities([recorded<Procedure>({ ...work, ...more }, owner)], coaches);

test('each field; a coach in two roles is one coach', () => {
  expect(facts({})).toEqual([
    {
      reference: 'Procedure/1',
      coaches: ['Practitioner/coach'],
      organization: 'Organization/other',
      start: '2025-03-01T20:00:00Z',
      end: '2025-03-01T20:20:00Z',
      status: 'completed',
      category: 'collateral',
      partyType: 'professional',
      clientPresent: false,
      purposes: ['system-navigation'],
      outcome: ['reached', 'spoke with the landlord'],
    },
  ]);
});

test('work that says little belongs to its writer, and has no coach, end or outcome', () => {
  const bare: Procedure = {
    resourceType: 'Procedure',
    id: '2',
    status: 'not-done',
    subject: { reference: 'Patient/1' },
    category: local('outreach'),
    performedDateTime: '2025-03-01',
  };
  const [fact] = supportActivities([recorded<Procedure>(bare)], coaches);
  expect(fact).toEqual({
    reference: 'Procedure/2',
    coaches: [],
    organization: 'Organization/riverside',
    start: '2025-03-01',
    end: undefined,
    status: 'not-done',
    category: 'outreach',
    partyType: undefined,
    clientPresent: undefined,
    purposes: [],
    outcome: [],
  });
  expect(supportActivities([recorded<Procedure>(bare, '')], coaches)[0]?.organization).toBeUndefined();
});

test('another category, the same word of a foreign system, none at all, and an error are no such work', () => {
  expect(facts({ category: local('counselling') })).toEqual([]);
  expect(facts({ category: coded('urn:other', 'outreach') })).toEqual([]);
  expect(facts({ category: { text: 'outreach' } })).toEqual([]);
  expect(facts({ status: 'entered-in-error' })).toEqual([]);
  expect(facts({ category: local('support-without-member') })).toHaveLength(1);
});
