import { ok } from '../../base/result.ts';
import { deleteResource } from '../../service/write.ts';
import type { FhirAnswer, FhirRequest, Interaction } from '../fhir-request.ts';

/** Deletes a resource; history keeps its versions: https://hl7.org/fhir/R4/http.html#delete */
export const interaction: Interaction = {
  code: 'delete',
  level: 'instance',
  method: 'DELETE',
  path: ':type/:id',
  handle,
};

async function handle(request: FhirRequest): FhirAnswer {
  const [type = '', id = ''] = request.path;
  const gone = await deleteResource(request, type, id, request.headers['if-match']);
  if (!gone.ok) return gone;
  return ok({ status: 204, ...(gone.value && { headers: { ETag: `W/"${gone.value.version}"` } }) });
}
