import type { OperationOutcome } from '@medplum/fhirtypes';
import type { Failure, FailureCategory, Issue } from '../base/failure.ts';
import type { FhirResponse } from './fhir-request.ts';

const statuses: Readonly<Record<FailureCategory, number>> = {
  invalid: 400,
  unauthorized: 401,
  forbidden: 403,
  'not-found': 404,
  gone: 410,
  conflict: 409,
  unsupported: 501,
  'too-costly': 413,
  busy: 429,
  unavailable: 503,
  fault: 500,
};

/** The one place where a Failure becomes an HTTP status and an OperationOutcome (R4 http.html#Status-Codes). */
export function failureResponse(failure: Failure): FhirResponse {
  const headers = {
    ...failure.headers,
    ...(failure.retryAfterSeconds !== undefined && { 'Retry-After': String(failure.retryAfterSeconds) }),
  };
  return {
    status: failure.status ?? statuses[failure.category],
    headers,
    body: JSON.stringify(operationOutcome(failure.issues)),
  };
}

export function operationOutcome(issues: readonly Issue[]): OperationOutcome {
  return {
    resourceType: 'OperationOutcome',
    issue: issues.map(({ severity, code, text, expression }) => ({
      severity,
      code: code as OperationOutcome['issue'][number]['code'],
      details: { text },
      diagnostics: text,
      ...(expression !== undefined && { expression: [expression] }),
    })),
  };
}
