import { ok } from '../../base/result.ts';
import { canonicalBase } from '../../fhir/canonical.ts';
import { askRecomputation } from '../../service/recompute-request.ts';
import type { FhirAnswer, FhirRequest, Interaction } from '../fhir-request.ts';
import { onlyOnce } from '../operation-query.ts';

/** `POST EpisodeOfCare/$recompute`: everyone anew from the contacts, in the background; `GET` tells how far it is. */
export const interaction: Interaction = {
  code: '$recompute',
  level: 'type',
  method: 'POST',
  path: 'EpisodeOfCare/$recompute',
  types: ['EpisodeOfCare'],
  definition: `${canonicalBase}/OperationDefinition/recompute`,
  handle,
};

async function handle({ access, fhirBase, query, requestId, services }: FhirRequest): FhirAnswer {
  const known = onlyOnce('$recompute', query, []);
  if (!known.ok) return known;
  const asked = await askRecomputation(services, access, requestId);
  if (!asked.ok) return asked;
  const headers = { 'Content-Location': `${fhirBase}/EpisodeOfCare/$recompute` };
  return ok({ status: 202, headers, body: JSON.stringify(asked.value) });
}
