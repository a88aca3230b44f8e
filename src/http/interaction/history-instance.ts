import { failure } from '../../base/failure.ts';
import { err, ok } from '../../base/result.ts';
import { readHistory, type Version } from '../../service/history.ts';
import { absent } from '../../service/read.ts';
import type { FhirAnswer, FhirRequest, Interaction } from '../fhir-request.ts';

/** All versions of a resource, newest first: https://hl7.org/fhir/R4/http.html#history */
export const interaction: Interaction = {
  code: 'history-instance',
  level: 'instance',
  method: 'GET',
  path: ':type/:id/_history',
  handle,
};

const mostPerPage = 1_000;

async function handle(request: FhirRequest): FhirAnswer {
  const [type = '', id = ''] = request.path;
  const unknown = [...request.query.keys()].find((name) => !['_count', 'before', '_format'].includes(name));
  if (unknown !== undefined)
    return err(
      failure(
        'invalid',
        'not-supported',
        `The history of a resource knows no parameter ${unknown.slice(0, 64)}. It takes _count.`,
      ),
    );
  const count = number(request.query.get('_count')) ?? 50;
  const before = number(request.query.get('before'));
  if (Number.isNaN(count) || Number.isNaN(before))
    return err(failure('invalid', 'value', '_count must be a whole number of at least 1.'));
  const call = {
    access: request.access,
    type,
    id,
    requestId: request.requestId,
    count: Math.min(count, mostPerPage),
    before,
  };
  const found = await readHistory(request.services, call);
  if (!found.ok) return found;
  const { versions, total } = found.value;
  if (versions.length === 0) return err(absent(type, id));
  return ok({ status: 200, body: bundle(request, versions, total, call.count) });
}

function number(text: string | null): number | undefined {
  if (text === null) return undefined;
  return /^[1-9]\d{0,8}$/.test(text) ? Number(text) : Number.NaN;
}

function bundle(request: FhirRequest, versions: readonly Version[], total: number, count: number): string {
  const [type = '', id = ''] = request.path;
  const url = `${request.fhirBase}/${type}/${id}`;
  const last = versions.at(-1)?.version ?? 1;
  const more =
    versions.length === count && last > 1
      ? [{ relation: 'next', url: `${url}/_history?_count=${count}&before=${last}` }]
      : [];
  const link = [
    { relation: 'self', url: `${url}/_history${request.query.size > 0 ? `?${request.query}` : ''}` },
    ...more,
  ];
  const head = JSON.stringify({ resourceType: 'Bundle', type: 'history', total, link });
  const entries = versions.map((version) => entry(url, type, id, version));
  return `${head.slice(0, -1)},"entry":[${entries.join(',')}]}`;
}

function entry(url: string, type: string, id: string, version: Version): string {
  const method = version.deleted ? 'DELETE' : version.version === 1 ? 'POST' : 'PUT';
  const status = version.deleted ? '204' : version.version === 1 ? '201' : '200';
  const request = { method, url: method === 'POST' ? type : `${type}/${id}` };
  const response = { status, etag: `W/"${version.version}"`, lastModified: version.lastUpdated.toISOString() };
  const rest = JSON.stringify({ fullUrl: url, request, response });
  return version.deleted ? rest : `${rest.slice(0, -1)},"resource":${version.content}}`;
}
