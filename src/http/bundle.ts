import type { Bundle, BundleEntry } from '@medplum/fhirtypes';
import { type Failure, failure } from '../base/failure.ts';
import { err, ok, type Result } from '../base/result.ts';
import { mostEntries } from '../service/transaction.ts';
import type { FhirRequest, FhirResponse } from './fhir-request.ts';

export function isBundle(body: unknown, type: string): boolean {
  const bundle = body as { resourceType?: unknown; type?: unknown } | null;
  return typeof bundle === 'object' && bundle?.resourceType === 'Bundle' && bundle.type === type;
}

/** What is wrong with a Bundle as a whole, before any of its entries is looked at. */
export function checkBundle(bundle: Bundle): Failure | undefined {
  const entries: unknown = bundle.entry ?? [];
  if (
    !Array.isArray(entries) ||
    entries.some((entry) => typeof entry !== 'object' || entry === null || Array.isArray(entry))
  ) {
    return failure('invalid', 'structure', 'Bundle.entry must be an array of objects.', { expression: 'Bundle.entry' });
  }
  if (entries.length > mostEntries) {
    return failure(
      'too-costly',
      'too-costly',
      `The Bundle has ${entries.length} entries; at most ${mostEntries} are taken at once. Send it in parts.`,
      { expression: 'Bundle.entry' },
    );
  }
  const nested = entries.findIndex((entry) => (entry as BundleEntry).resource?.resourceType === 'Bundle');
  if (nested < 0) return undefined;
  return failure(
    'invalid',
    'structure',
    'A Bundle inside a batch or transaction is not taken. Send its entries instead.',
    { expression: `Bundle.entry[${nested}].resource` },
  );
}

/** A Bundle entry as the request that it stands for. */
export function entryRequest(request: FhirRequest, entry: BundleEntry, index: number): Result<FhirRequest, Failure> {
  const { method, url, ifMatch, ifNoneMatch, ifNoneExist, ifModifiedSince } = entry.request ?? {};
  if (typeof method !== 'string' || typeof url !== 'string') {
    return err(
      failure('invalid', 'required', 'An entry needs request.method and request.url.', {
        expression: `Bundle.entry[${index}].request`,
      }),
    );
  }
  const [path = '', query = ''] = url.replace(`${request.fhirBase}/`, '').split(/\?(.*)/s);
  const segments = decodePath(path);
  if (!segments || segments.length === 0) {
    return err(
      failure(
        'invalid',
        'value',
        `${url.slice(0, 100)} is not a path below the FHIR base. Use for example Patient/123.`,
        { expression: `Bundle.entry[${index}].request.url` },
      ),
    );
  }
  const headers = {
    prefer: request.headers['prefer'],
    'if-match': ifMatch,
    'if-none-match': ifNoneMatch,
    'if-none-exist': ifNoneExist,
    'if-modified-since': ifModifiedSince,
  };
  return ok({
    ...request,
    method,
    path: segments,
    query: new URLSearchParams(query),
    headers,
    // Whatever the Bundle's own answer is asked in: an entry's stands in it as JSON.
    formats: ['json'],
    body: entry.resource,
  });
}

/** Segments of a path, decoded once; undefined where an escape is broken. */
export function decodePath(path: string): string[] | undefined {
  try {
    return path
      .split('/')
      .filter((segment) => segment !== '')
      .map(decodeURIComponent);
  } catch {
    return undefined;
  }
}

/** JSON text of one entry of a batch-response or transaction-response. */
export function responseEntry(response: FhirResponse): string {
  const { headers = {}, status, body } = response;
  const location = headers['Location'] ?? headers['Content-Location'];
  const modified = headers['Last-Modified'];
  const outcome = status >= 400 ? body : undefined;
  const rest = JSON.stringify({
    response: {
      status: String(status),
      ...(location !== undefined && { location }),
      ...(headers['ETag'] !== undefined && { etag: headers['ETag'] }),
      ...(modified !== undefined && { lastModified: new Date(modified).toISOString() }),
    },
  });
  if (outcome !== undefined) return `${rest.slice(0, -2)},"outcome":${outcome}}}`;
  return body === undefined ? rest : `${rest.slice(0, -1)},"resource":${body}}`;
}
