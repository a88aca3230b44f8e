import { ok } from '../../base/result.ts';
import { readRoster } from '../../service/roster.ts';
import type { FhirAnswer, FhirRequest, Interaction } from '../fhir-request.ts';

/** Reads a roster, as its reader may see it. */
export const interaction: Interaction = {
  code: 'read',
  level: 'instance',
  method: 'GET',
  path: 'Group/:id',
  types: ['Group'],
  handle,
};

async function handle({ access, path, requestId, services }: FhirRequest): FhirAnswer {
  const found = await readRoster({ services, access, requestId, query: '' }, path[1] ?? '');
  if (!found.ok) return found;
  return ok({
    status: 200,
    headers: { ETag: `W/"${found.value.meta?.versionId}"` },
    body: JSON.stringify(found.value),
  });
}
