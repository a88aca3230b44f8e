import type { FhirRequest } from './fhir-request.ts';

/** Whether the Prefer header (RFC 7240, R4 http.html#ops) asks for `name=value`; several preferences are separated by commas or semicolons. */
export function isPreferred(request: Pick<FhirRequest, 'headers'>, name: string, value: string): boolean {
  const preferences = (request.headers['prefer'] ?? '')
    .split(/[,;]/)
    .map((preference) => preference.trim().replaceAll('"', ''));
  return preferences.some((preference) => preference.toLowerCase() === `${name}=${value}`.toLowerCase());
}
