import type { Bundle } from '@medplum/fhirtypes';
import { err, ok } from '../../base/result.ts';
import { checkBundle, entryRequest, isBundle, responseEntry } from '../bundle.ts';
import type { FhirAnswer, FhirRequest, Interaction } from '../fhir-request.ts';
import { failureResponse } from '../outcome.ts';

/** Independent requests in one message: https://hl7.org/fhir/R4/http.html#transaction. Each entry is authorised and answered as if alone. */
export const interaction: Interaction = {
  code: 'batch',
  level: 'system',
  method: 'POST',
  path: '',
  accepts: (body) => isBundle(body, 'batch'),
  handle,
};

async function handle(request: FhirRequest): FhirAnswer {
  const bundle = request.body as Bundle;
  const refused = checkBundle(bundle);
  if (refused) return err(refused);
  const entries: string[] = [];
  for (const [index, entry] of (bundle.entry ?? []).entries()) {
    const asked = entryRequest(request, entry, index);
    const answer = asked.ok ? await request.dispatch(asked.value) : asked;
    entries.push(responseEntry(answer.ok ? answer.value : failureResponse(answer.error)));
  }
  return ok({ status: 200, body: `{"resourceType":"Bundle","type":"batch-response","entry":[${entries.join(',')}]}` });
}
