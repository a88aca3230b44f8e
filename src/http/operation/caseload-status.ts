import { ok } from '../../base/result.ts';
import { canonicalBase } from '../../fhir/canonical.ts';
import { answerCaseloadStatus } from '../../service/caseload-status.ts';
import type { FhirAnswer, FhirRequest, Interaction } from '../fhir-request.ts';
import { dateParameter, instantParameter, onlyOnce } from '../operation-query.ts';

/** `GET EpisodeOfCare/{id}/$caseload-status?asOf=&knownAt=&ruleset=`: on, off or open on any day, and why. */
export const interaction: Interaction = {
  code: '$caseload-status',
  level: 'instance',
  method: 'GET',
  path: 'EpisodeOfCare/:id/$caseload-status',
  types: ['EpisodeOfCare'],
  definition: `${canonicalBase}/OperationDefinition/caseload-status`,
  handle,
};

async function handle({ access, path, query, requestId, services }: FhirRequest): FhirAnswer {
  const known = onlyOnce('$caseload-status', query, ['asOf', 'knownAt', 'ruleset']);
  if (!known.ok) return known;
  const asOf = dateParameter(query, 'asOf');
  if (!asOf.ok) return asOf;
  const knownAt = instantParameter(query, 'knownAt');
  if (!knownAt.ok) return knownAt;
  const answer = await answerCaseloadStatus(services, access, {
    episode: path[1] ?? '',
    asOf: asOf.value,
    knownAt: knownAt.value,
    ruleset: query.get('ruleset') ?? undefined,
    requestId,
  });
  return answer.ok ? ok({ status: 200, body: JSON.stringify(answer.value) }) : answer;
}
