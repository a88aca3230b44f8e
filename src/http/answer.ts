import type { Issue } from '../base/failure.ts';
import type { FhirRequest, FhirResponse } from './fhir-request.ts';
import { operationOutcome } from './outcome.ts';
import { isPreferred } from './prefer.ts';

/** A version of a resource with the headers that R4 asks for: ETag, Last-Modified, and Location where it was made. */
export function resourceResponse(
  request: FhirRequest,
  status: number,
  version: {
    readonly type: string;
    readonly id: string;
    readonly version: number;
    readonly lastUpdated: Date;
    readonly content: string;
  },
  issues: readonly Issue[] = [],
): FhirResponse {
  const location = `${request.fhirBase}/${version.type}/${version.id}/_history/${version.version}`;
  const headers = {
    ETag: `W/"${version.version}"`,
    'Last-Modified': version.lastUpdated.toUTCString(),
    ...(request.method !== 'GET' && { [status === 201 ? 'Location' : 'Content-Location']: location }),
  };
  if (request.method === 'GET') return { status, headers, body: version.content };
  if (isPreferred(request, 'return', 'minimal')) return { status, headers };
  if (isPreferred(request, 'return', 'OperationOutcome')) {
    const stored: Issue = {
      severity: 'information',
      code: 'informational',
      text: `Stored as ${version.type}/${version.id}, version ${version.version}.`,
    };
    return { status, headers, body: JSON.stringify(operationOutcome([...issues, stored])) };
  }
  return { status, headers, body: version.content };
}
