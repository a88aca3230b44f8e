import { ok } from '../../base/result.ts';
import { canonicalBase } from '../../fhir/canonical.ts';
import { answerEveryRule } from '../../service/evaluate-rules.ts';
import type { FhirAnswer, FhirRequest, Interaction } from '../fhir-request.ts';
import { dateParameter, instantParameter, listParameter, onlyOnce } from '../operation-query.ts';

/** `GET EpisodeOfCare/{id}/$evaluate-rules?date=&knownAt=&ruleset=&rule=`: what every rule of every payer answers on a day. */
export const interaction: Interaction = {
  code: '$evaluate-rules',
  level: 'instance',
  method: 'GET',
  path: 'EpisodeOfCare/:id/$evaluate-rules',
  types: ['EpisodeOfCare'],
  definition: `${canonicalBase}/OperationDefinition/evaluate-rules`,
  handle,
};

async function handle({ access, path, query, requestId, services }: FhirRequest): FhirAnswer {
  const known = onlyOnce('$evaluate-rules', query, ['date', 'knownAt', 'ruleset'], ['rule']);
  if (!known.ok) return known;
  const date = dateParameter(query, 'date');
  if (!date.ok) return date;
  const knownAt = instantParameter(query, 'knownAt');
  if (!knownAt.ok) return knownAt;
  const rules = listParameter(query, 'rule');
  if (!rules.ok) return rules;
  const answer = await answerEveryRule(services, access, {
    episode: path[1] ?? '',
    date: date.value,
    knownAt: knownAt.value,
    ruleset: query.get('ruleset') ?? undefined,
    rules: rules.value && new Set(rules.value),
    requestId,
  });
  return answer.ok ? ok({ status: 200, body: JSON.stringify(answer.value) }) : answer;
}
