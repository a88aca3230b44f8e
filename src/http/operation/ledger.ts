import { ok } from '../../base/result.ts';
import { canonicalBase } from '../../fhir/canonical.ts';
import { answerLedger } from '../../service/ledger.ts';
import type { FhirAnswer, FhirRequest, Interaction } from '../fhir-request.ts';
import { dateParameter, instantParameter, invalid, onlyOnce } from '../operation-query.ts';

/** `GET EpisodeOfCare/{id}/$ledger?start=&end=&knownAt=&ruleset=`: every day of a period under every payer's rules, as spans. */
export const interaction: Interaction = {
  code: '$ledger',
  level: 'instance',
  method: 'GET',
  path: 'EpisodeOfCare/:id/$ledger',
  types: ['EpisodeOfCare'],
  definition: `${canonicalBase}/OperationDefinition/ledger`,
  handle,
};

async function handle({ access, path, query, requestId, services }: FhirRequest): FhirAnswer {
  const known = onlyOnce('$ledger', query, ['start', 'end', 'knownAt', 'ruleset']);
  if (!known.ok) return known;
  const start = dateParameter(query, 'start');
  if (!start.ok) return start;
  const end = dateParameter(query, 'end');
  if (!end.ok) return end;
  if (start.value === undefined || end.value === undefined)
    return invalid('$ledger needs start and end, the first and the last day. Write them as YYYY-MM-DD.');
  const knownAt = instantParameter(query, 'knownAt');
  if (!knownAt.ok) return knownAt;
  const answer = await answerLedger(services, access, {
    episode: path[1] ?? '',
    start: start.value,
    end: end.value,
    knownAt: knownAt.value,
    ruleset: query.get('ruleset') ?? undefined,
    requestId,
  });
  return answer.ok ? ok({ status: 200, body: JSON.stringify(answer.value) }) : answer;
}
