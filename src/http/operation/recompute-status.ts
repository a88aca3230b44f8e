import { ok } from '../../base/result.ts';
import { canonicalBase } from '../../fhir/canonical.ts';
import { tellRecomputation } from '../../service/recompute-request.ts';
import type { FhirAnswer, FhirRequest, Interaction } from '../fhir-request.ts';
import { onlyOnce } from '../operation-query.ts';

/** `GET EpisodeOfCare/$recompute`: how far the full recomputation is, or how the last one ended. */
export const interaction: Interaction = {
  code: '$recompute',
  level: 'type',
  method: 'GET',
  path: 'EpisodeOfCare/$recompute',
  types: ['EpisodeOfCare'],
  definition: `${canonicalBase}/OperationDefinition/recompute`,
  handle,
};

async function handle({ access, query, requestId, services }: FhirRequest): FhirAnswer {
  const known = onlyOnce('$recompute', query, []);
  if (!known.ok) return known;
  const told = await tellRecomputation(services, access, requestId);
  return told.ok ? ok({ status: 200, body: JSON.stringify(told.value) }) : told;
}
