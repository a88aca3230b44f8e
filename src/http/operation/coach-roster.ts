import { csvOf } from '../../base/csv.ts';
import { ok } from '../../base/result.ts';
import { canonicalBase } from '../../fhir/canonical.ts';
import { answerCoachRoster } from '../../service/coach-roster.ts';
import { coachRosterTable } from '../../service/coach-roster-table.ts';
import type { FhirAnswer, FhirRequest, Interaction } from '../fhir-request.ts';
import { onlyOnce, staffQuestion } from '../operation-query.ts';

/**
 * `GET Organization/{id}/$coach-roster?date=&knownAt=&ruleset=`: the record of certifications that CR-6 asks an employer to keep; as a
 * table with `Accept: text/csv` or `_format=text/csv`.
 */
export const interaction: Interaction = {
  code: '$coach-roster',
  level: 'instance',
  method: 'GET',
  path: 'Organization/:id/$coach-roster',
  formats: ['csv'],
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
  if (!answer.ok) return answer;
  if (request.formats[0] === 'csv')
    return ok({ status: 200, headers: csvHeaders, body: csvOf(coachRosterTable(answer.value)) });
  return ok({ status: 200, body: JSON.stringify(answer.value) });
}

/** A browser saves it and shows none of it: whoever opens it does so as a table. */
const csvHeaders = {
  'Content-Type': 'text/csv; charset=utf-8; header=present',
  'Content-Disposition': 'attachment; filename="coach-roster.csv"',
};
