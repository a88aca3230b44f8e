import type { Bundle } from '@medplum/fhirtypes';
import { failure } from '../../base/failure.ts';
import { err, ok } from '../../base/result.ts';
import { definitionTypes } from '../../fhir/served-types.ts';
import { loadDefinitions } from '../../profiles/definitions.ts';
import type { FhirAnswer, FhirRequest, Interaction } from '../fhir-request.ts';

const published = loadDefinitions();

/** Finds definitions by canonical URL or id; without a criterion, all of the type on one page. */
export const interaction: Interaction = {
  code: 'search-type',
  level: 'type',
  method: 'GET',
  path: ':type',
  types: definitionTypes,
  searchParameters: [
    { name: '_id', type: 'token', definition: 'http://hl7.org/fhir/SearchParameter/Resource-id' },
    { name: 'url', type: 'uri', definition: 'http://hl7.org/fhir/SearchParameter/conformance-url' },
  ],
  handle,
};

async function handle({ fhirBase, path, query }: FhirRequest): FhirAnswer {
  const [type = ''] = path;
  const unknown = [...query.keys()].find((name) => name !== '_id' && name !== 'url');
  if (unknown !== undefined)
    return err(
      failure('invalid', 'value', `${type} is found by url and _id; ${unknown.slice(0, 40)} is neither of these.`),
    );
  const asks = (name: string, value: string): boolean =>
    query.getAll(name).every((values) => values.split(',').includes(value));
  const found = published.filter(
    ({ id, resourceType, url }) => resourceType === type && asks('_id', id) && asks('url', url),
  );
  const bundle: Bundle = {
    resourceType: 'Bundle',
    type: 'searchset',
    total: found.length,
    link: [{ relation: 'self', url: `${fhirBase}/${type}${query.size > 0 ? `?${query}` : ''}` }],
    ...(found.length > 0 && {
      entry: found.map((resource) => ({
        fullUrl: `${fhirBase}/${type}/${resource.id}`,
        resource,
        search: { mode: 'match' },
      })),
    }),
  };
  return ok({ status: 200, body: JSON.stringify(bundle) });
}
