import { ok } from '../../base/result.ts';
import { createConditionally } from '../../service/conditional.ts';
import { createResource } from '../../service/write.ts';
import { resourceResponse } from '../answer.ts';
import type { FhirAnswer, FhirRequest, Interaction } from '../fhir-request.ts';

/** Creates a resource, or with If-None-Exist only where none matches: https://hl7.org/fhir/R4/http.html#create */
export const interaction: Interaction = { code: 'create', level: 'type', method: 'POST', path: ':type', handle };

async function handle(request: FhirRequest): FhirAnswer {
  const [type = ''] = request.path;
  const criteria = request.headers['if-none-exist'];
  const written =
    criteria === undefined
      ? await createResource(request, type, request.body)
      : await createConditionally(request, type, request.body, new URLSearchParams(criteria.replace(/^[^?]*\?/, '')));
  if (!written.ok) return written;
  return ok(resourceResponse(request, written.value.created ? 201 : 200, written.value, written.value.issues));
}
