import { ok } from '../../base/result.ts';
import { readResource } from '../../service/read.ts';
import { resourceResponse } from '../answer.ts';
import type { FhirAnswer, FhirRequest, Interaction } from '../fhir-request.ts';

/** Reads the current version: https://hl7.org/fhir/R4/http.html#read */
export const interaction: Interaction = { code: 'read', level: 'instance', method: 'GET', path: ':type/:id', handle };

async function handle(request: FhirRequest): FhirAnswer {
  const [type = '', id = ''] = request.path;
  const read = await readResource(request.services, {
    access: request.access,
    type,
    id,
    requestId: request.requestId,
    tx: request.tx,
  });
  if (!read.ok) return read;
  const { version, lastUpdated } = read.value;
  if (isUnchanged(request, version, lastUpdated)) return ok({ status: 304, headers: { ETag: `W/"${version}"` } });
  return ok(resourceResponse(request, 200, { type, id, ...read.value }));
}

/** Conditional read (http.html#cread): the validators belong to the caller's own view, so 304 tells nothing that 200 would not. */
function isUnchanged(request: FhirRequest, version: number, lastUpdated: Date): boolean {
  const noneMatch = request.headers['if-none-match'];
  if (noneMatch !== undefined)
    return noneMatch.split(',').some((tag) => tag.trim().replace(/^W\//, '') === `"${version}"`);
  const since = request.headers['if-modified-since'];
  return since !== undefined && Math.floor(lastUpdated.getTime() / 1000) * 1000 <= Date.parse(since);
}
