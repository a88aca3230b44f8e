import type { FhirAnswer, FhirRequest, Interaction } from '../fhir-request.ts';
import { searchAnswer } from '../search-answer.ts';

/** Searches a type: https://hl7.org/fhir/R4/http.html#search */
export const interaction: Interaction = { code: 'search-type', level: 'type', method: 'GET', path: ':type', handle };

async function handle(request: FhirRequest): FhirAnswer {
  const [type = ''] = request.path;
  return searchAnswer(request, type, request.query);
}
