import type { Bundle } from '@medplum/fhirtypes';
import { err, ok } from '../../base/result.ts';
import { canonicalBase } from '../../fhir/canonical.ts';
import { referenceId } from '../../fhir/references.ts';
import { searchRosters, unknownCriterion } from '../../service/roster.ts';
import type { FhirAnswer, FhirRequest, Interaction } from '../fhir-request.ts';

/** Searches rosters by payer (`managing-entity`), coach and member. */
export const interaction: Interaction = {
  code: 'search-type',
  level: 'type',
  method: 'GET',
  path: 'Group',
  types: ['Group'],
  searchParameters: [
    { name: '_id', type: 'token', definition: 'http://hl7.org/fhir/SearchParameter/Resource-id' },
    { name: 'coach', type: 'reference', definition: `${canonicalBase}/SearchParameter/group-coach` },
    {
      name: 'managing-entity',
      type: 'reference',
      definition: 'http://hl7.org/fhir/SearchParameter/Group-managing-entity',
    },
    { name: 'member', type: 'reference', definition: 'http://hl7.org/fhir/SearchParameter/Group-member' },
  ],
  handle,
};

const targets: Readonly<Record<string, readonly [criterion: 'coach' | 'patient' | 'payer', type: string]>> = {
  coach: ['coach', 'Practitioner'],
  'managing-entity': ['payer', 'Organization'],
  member: ['patient', 'Patient'],
};

async function handle({ access, fhirBase, query, requestId, services }: FhirRequest): FhirAnswer {
  const criteria: { coach?: string; patient?: string; payer?: string } = {};
  const ids = query.getAll('_id');
  for (const [name, value] of query) {
    if (name === '_id') continue;
    const target = targets[name];
    if (!target) return err(unknownCriterion(name));
    const [criterion, type] = target;
    criteria[criterion] = referenceId(value, type) ?? value;
  }
  const found = await searchRosters({ services, access, requestId, query: `Group?${query}` }, criteria);
  if (!found.ok) return found;
  const rosters = found.value.filter(
    ({ id }) => ids.length === 0 || ids.some((value) => value.split(',').includes(id)),
  );
  const bundle: Bundle = {
    resourceType: 'Bundle',
    type: 'searchset',
    total: rosters.length,
    link: [{ relation: 'self', url: `${fhirBase}/Group${query.size > 0 ? `?${query}` : ''}` }],
    ...(rosters.length > 0 && {
      entry: rosters.map((resource) => ({
        fullUrl: `${fhirBase}/Group/${resource.id}`,
        resource,
        search: { mode: 'match' },
      })),
    }),
  };
  return ok({ status: 200, body: JSON.stringify(bundle) });
}
