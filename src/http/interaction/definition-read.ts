import { failure } from '../../base/failure.ts';
import { err, ok } from '../../base/result.ts';
import { definitionTypes } from '../../fhir/served-types.ts';
import { loadDefinitions } from '../../profiles/definitions.ts';
import type { FhirAnswer, FhirRequest, Interaction } from '../fhir-request.ts';

const published = new Map(loadDefinitions().map((one) => [`${one.resourceType}/${one.id}`, JSON.stringify(one)]));

/** Reads a definition that `metadata` or a resource refers to. They tell of nobody: any token reads them, and no audit row is kept. */
export const interaction: Interaction = {
  code: 'read',
  level: 'instance',
  method: 'GET',
  path: ':type/:id',
  types: definitionTypes,
  handle,
};

async function handle({ path }: FhirRequest): FhirAnswer {
  const [type = '', id = ''] = path;
  const body = published.get(`${type}/${id}`);
  if (body !== undefined) return ok({ status: 200, body });
  return err(
    failure('not-found', 'not-found', `${type}/${id.slice(0, 64)} is not published here. GET ${type} lists what is.`),
  );
}
