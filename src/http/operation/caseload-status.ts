import { DateTime } from 'luxon';
import { failure } from '../../base/failure.ts';
import { err, ok } from '../../base/result.ts';
import { parseLocalDate } from '../../base/time.ts';
import { canonicalBase } from '../../fhir/canonical.ts';
import { answerCaseloadStatus } from '../../service/caseload-status.ts';
import type { FhirAnswer, FhirRequest, Interaction } from '../fhir-request.ts';

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

const names = new Set(['asOf', 'knownAt', 'ruleset']);

async function handle({ access, path, query, requestId, services }: FhirRequest): FhirAnswer {
  for (const [name, value] of query) {
    if (!names.has(name) || query.getAll(name).length > 1)
      return invalid(
        `$caseload-status takes asOf (a date), knownAt (an instant) and ruleset, each once; ${name.slice(0, 40)}=${value.slice(0, 40)} is too much.`,
      );
  }
  const asOf = query.get('asOf');
  const day = asOf === null ? undefined : parseLocalDate(asOf);
  if (asOf !== null && day === undefined)
    return invalid(`asOf=${asOf.slice(0, 40)} is not a date. Write it as YYYY-MM-DD.`);
  const known = query.get('knownAt');
  const at = known === null ? undefined : instant(known);
  if (known !== null && at === undefined)
    return invalid(
      `knownAt=${known.slice(0, 40)} is not an instant. Write date, time and offset, for example 2026-11-24T09:30:00-05:00.`,
    );
  const answer = await answerCaseloadStatus(services, access, {
    episode: path[1] ?? '',
    asOf: day,
    knownAt: at,
    ruleset: query.get('ruleset') ?? undefined,
    requestId,
  });
  return answer.ok ? ok({ status: 200, body: JSON.stringify(answer.value) }) : answer;
}

function invalid(text: string): Awaited<FhirAnswer> {
  return err(failure('invalid', 'value', text));
}

/** '+' in a query is a space to URL parsers: an offset that lost its sign is understood. */
function instant(text: string): Date | undefined {
  const written = text.replace(/ (\d\d:\d\d)$/, '+$1');
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d.*(Z|[+-]\d\d:\d\d)$/.test(written)) return undefined;
  const parsed = DateTime.fromISO(written, { setZone: true });
  return parsed.isValid ? parsed.toJSDate() : undefined;
}
