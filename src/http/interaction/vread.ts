import { failure } from '../../base/failure.ts';
import { err, ok } from '../../base/result.ts';
import { readVersion } from '../../service/history.ts';
import { resourceResponse } from '../answer.ts';
import type { FhirAnswer, FhirRequest, Interaction } from '../fhir-request.ts';

/** Reads one version: https://hl7.org/fhir/R4/http.html#vread */
export const interaction: Interaction = {
  code: 'vread',
  level: 'instance',
  method: 'GET',
  path: ':type/:id/_history/:vid',
  handle,
};

async function handle(request: FhirRequest): FhirAnswer {
  const [type = '', id = '', , version = ''] = request.path;
  const read = await readVersion(request.services, {
    access: request.access,
    type,
    id,
    version,
    requestId: request.requestId,
  });
  if (!read.ok) return read;
  if (read.value.deleted)
    return err(
      failure('gone', 'deleted', `Version ${version} of ${type}/${id} is its deletion. Read an earlier version.`),
    );
  return ok(resourceResponse(request, 200, { type, id, ...read.value }));
}
