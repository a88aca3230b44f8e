import { ok } from '../../base/result.ts';
import { evaluateMeasure } from '../../service/measure-report.ts';
import type { FhirAnswer, FhirRequest, Interaction } from '../fhir-request.ts';
import { dateParameter, instantParameter, invalid, onlyOnce } from '../operation-query.ts';

/** `GET Measure/{id}/$evaluate-measure?periodStart=&periodEnd=&subject=&reportType=&knownAt=`: one member's report, or the organisation's. */
export const interaction: Interaction = {
  code: '$evaluate-measure',
  level: 'instance',
  method: 'GET',
  path: 'Measure/:id/$evaluate-measure',
  types: ['Measure'],
  definition: 'http://hl7.org/fhir/OperationDefinition/Measure-evaluate-measure',
  handle,
};

async function handle({ access, path, query, requestId, services }: FhirRequest): FhirAnswer {
  const known = onlyOnce('$evaluate-measure', query, ['periodStart', 'periodEnd', 'subject', 'reportType', 'knownAt']);
  if (!known.ok) return known;
  const start = dateParameter(query, 'periodStart');
  if (!start.ok) return start;
  const end = dateParameter(query, 'periodEnd');
  if (!end.ok) return end;
  const knownAt = instantParameter(query, 'knownAt');
  if (!knownAt.ok) return knownAt;
  if (start.value === undefined || end.value === undefined)
    return invalid('$evaluate-measure needs periodStart and periodEnd, both days included. Write them as YYYY-MM-DD.');
  const subject = query.get('subject') ?? undefined;
  const id = subject === undefined ? undefined : /^(?:Patient\/)?([A-Za-z0-9.-]{1,64})$/.exec(subject)?.[1];
  if (subject !== undefined && id === undefined)
    return invalid(
      `subject=${subject.slice(0, 80)} is no reference to a Patient. Write it as Patient/123, or leave it out for a summary.`,
    );
  const wanted = subject === undefined ? 'population' : 'subject';
  const type = query.get('reportType') ?? wanted;
  if (type !== wanted)
    return invalid(
      `reportType=${type.slice(0, 40)} does not fit: a request with a subject is answered by a report of type subject, one without by population. Lists of subjects are not served.`,
    );
  const answer = await evaluateMeasure(services, access, {
    measure: path[1] ?? '',
    start: start.value,
    end: end.value,
    subject: id,
    knownAt: knownAt.value,
    requestId,
  });
  return answer.ok ? ok({ status: 200, body: JSON.stringify(answer.value) }) : answer;
}
