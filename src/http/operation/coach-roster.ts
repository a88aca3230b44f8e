import { ok } from '../../base/result.ts';
import { canonicalBase } from '../../fhir/canonical.ts';
import { answerCoachRoster } from '../../service/coach-roster.ts';
import type { FhirAnswer, FhirRequest, Interaction } from '../fhir-request.ts';
import { onlyOnce, staffQuestion } from '../operation-query.ts';

/** `GET Organization/{id}/$coach-roster?date=&knownAt=&ruleset=`: the record of certifications that CR-6 asks an employer to keep. */
export const interaction: Interaction = {
  code: '$coach-roster',
  level: 'instance',
  method: 'GET',
  path: 'Organization/:id/$coach-roster',
  types: ['Organization'],
  definition: `${canonicalBase}/OperationDefinition/coach-roster`,
  handle: (request) => coachRoster(request, request.path[1]),
};

/** @param organization id; undefined: the caller's own */
export async function coachRoster(request: FhirRequest, organization: string | undefined): FhirAnswer {
  const { access, query, services } = request;
  const known = onlyOnce('$coach-roster', query, ['date', 'knownAt', 'ruleset']);
  if (!known.ok) return known;
  const asked = staffQuestion(request, organization);
  if (!asked.ok) return asked;
  const answer = await answerCoachRoster(services, access, asked.value);
  return answer.ok ? ok({ status: 200, body: JSON.stringify(answer.value) }) : answer;
}
