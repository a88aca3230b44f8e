import { failure } from '../../base/failure.ts';
import { err } from '../../base/result.ts';
import type { FhirAnswer, FhirRequest, Interaction } from '../fhir-request.ts';
import { searchAnswer } from '../search-answer.ts';

/** Searches with the parameters in the body, so that identifiers stay out of URLs and logs: https://hl7.org/fhir/R4/http.html#search */
export const interaction: Interaction = {
  code: 'search-type',
  level: 'type',
  method: 'POST',
  path: ':type/_search',
  handle,
};

async function handle(request: FhirRequest): FhirAnswer {
  const [type = ''] = request.path;
  const { body } = request;
  if (body !== undefined && !(body instanceof URLSearchParams)) {
    return err(
      failure('invalid', 'structure', '_search takes its parameters as an application/x-www-form-urlencoded body.'),
    );
  }
  return searchAnswer(request, type, new URLSearchParams([...request.query, ...(body ?? [])]));
}
