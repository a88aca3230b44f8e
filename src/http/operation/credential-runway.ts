import { ok } from '../../base/result.ts';
import { canonicalBase } from '../../fhir/canonical.ts';
import { answerRunway } from '../../service/credential-runway.ts';
import type { FhirAnswer, FhirRequest, Interaction } from '../fhir-request.ts';
import { monthParameter, onlyOnce, staffQuestion } from '../operation-query.ts';

/** `GET Organization/{id}/$credential-runway?date=&knownAt=&ruleset=&month=`: coaches by the day on which they must stop. */
export const interaction: Interaction = {
  code: '$credential-runway',
  level: 'instance',
  method: 'GET',
  path: 'Organization/:id/$credential-runway',
  types: ['Organization'],
  definition: `${canonicalBase}/OperationDefinition/credential-runway`,
  handle: (request) => credentialRunway(request, request.path[1]),
};

/** @param organization id; undefined: the caller's own */
export async function credentialRunway(request: FhirRequest, organization: string | undefined): FhirAnswer {
  const { access, query, services } = request;
  const known = onlyOnce('$credential-runway', query, ['date', 'knownAt', 'ruleset', 'month']);
  if (!known.ok) return known;
  const month = monthParameter(query, 'month');
  if (!month.ok) return month;
  const asked = staffQuestion(request, organization);
  if (!asked.ok) return asked;
  const answer = await answerRunway(services, access, { ...asked.value, month: month.value });
  return answer.ok ? ok({ status: 200, body: JSON.stringify(answer.value) }) : answer;
}
