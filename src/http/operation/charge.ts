import type { BundleEntry, ParametersParameter } from '@medplum/fhirtypes';
import type { Failure } from '../../base/failure.ts';
import { ok, type Result } from '../../base/result.ts';
import { canonicalBase } from '../../fhir/canonical.ts';
import { type ChargeMade, cutPeriod } from '../../service/charge.ts';
import type { FhirAnswer, FhirRequest, Interaction } from '../fhir-request.ts';
import { bodyParameters, dateIn, textIn } from '../operation-body.ts';
import { invalid } from '../operation-query.ts';

/** `POST EpisodeOfCare/{id}/$charge`: cuts the charges of a closed period out of what may be billed, and freezes them. */
export const interaction: Interaction = {
  code: '$charge',
  level: 'instance',
  method: 'POST',
  path: 'EpisodeOfCare/:id/$charge',
  types: ['EpisodeOfCare'],
  definition: `${canonicalBase}/OperationDefinition/charge`,
  handle,
};

async function handle(request: FhirRequest): FhirAnswer {
  const given = bodyParameters('$charge', request.body, ['start', 'end', 'ruleset', 'payer']);
  if (!given.ok) return given;
  const start = dateIn(given.value, 'start');
  if (!start.ok) return start;
  const end = dateIn(given.value, 'end');
  if (!end.ok) return end;
  const ruleset = textIn(given.value, 'ruleset', ['valueString', 'valueUri', 'valueCanonical']);
  if (!ruleset.ok) return ruleset;
  const payer = payerIn(given.value, request.fhirBase);
  if (!payer.ok) return payer;
  const made = await cutPeriod(request, {
    episode: request.path[1] ?? '',
    start: start.value,
    end: end.value,
    ruleset: ruleset.value,
    payer: payer.value,
  });
  if (!made.ok) return made;
  return ok({ status: 200, body: bundleOf(request.fhirBase, made.value) });
}

function payerIn(
  parameters: ReadonlyMap<string, ParametersParameter>,
  fhirBase: string,
): Result<string | undefined, Failure> {
  const part = parameters.get('payer');
  if (!part) return ok(undefined);
  const given: unknown = part.valueReference?.reference;
  const reference = typeof given === 'string' ? given.replace(`${fhirBase}/`, '') : '';
  if (!/^Organization\/[A-Za-z0-9.-]{1,64}$/.test(reference))
    return invalid('payer must be given as valueReference to an Organization, for example Organization/123.');
  return ok(reference);
}

/** Each charge with what became of it: 201 for one that this request made, 200 for one that stood already. */
function bundleOf(fhirBase: string, charges: readonly ChargeMade[]): string {
  const entries = charges.map(({ content, created, id, lastUpdated, version }) => {
    const response: BundleEntry['response'] = {
      status: created ? '201' : '200',
      location: `${fhirBase}/ChargeItem/${id}/_history/${version}`,
      etag: `W/"${version}"`,
      lastModified: lastUpdated,
    };
    const rest = JSON.stringify({ fullUrl: `${fhirBase}/ChargeItem/${id}`, response });
    return `${rest.slice(0, -1)},"resource":${content}}`;
  });
  const head = JSON.stringify({ resourceType: 'Bundle', type: 'transaction-response' });
  return entries.length === 0 ? head : `${head.slice(0, -1)},"entry":[${entries.join(',')}]}`;
}
