import { ok } from '../../base/result.ts';
import { updateResource } from '../../service/write.ts';
import { resourceResponse } from '../answer.ts';
import type { FhirAnswer, FhirRequest, Interaction } from '../fhir-request.ts';

/** Replaces a resource or creates it under the client's id: https://hl7.org/fhir/R4/http.html#update */
export const interaction: Interaction = { code: 'update', level: 'instance', method: 'PUT', path: ':type/:id', handle };

async function handle(request: FhirRequest): FhirAnswer {
  const [type = '', id = ''] = request.path;
  const written = await updateResource(request, type, id, request.body, request.headers['if-match']);
  if (!written.ok) return written;
  return ok(resourceResponse(request, written.value.created ? 201 : 200, written.value, written.value.issues));
}
