import { failure } from '../../base/failure.ts';
import { err, ok } from '../../base/result.ts';
import { readAuditEvents } from '../../service/audit-events.ts';
import type { FhirAnswer, FhirRequest, Interaction } from '../fhir-request.ts';

/** Reads one audit row as a BALP AuditEvent: https://profiles.ihe.net/ITI/BALP/ */
export const interaction: Interaction = {
  code: 'read',
  level: 'instance',
  method: 'GET',
  path: 'AuditEvent/:id',
  types: ['AuditEvent'],
  handle,
};

async function handle(request: FhirRequest): FhirAnswer {
  const [, id = ''] = request.path;
  if (!/^\d{1,18}$/.test(id))
    return err(failure('not-found', 'not-found', `AuditEvent/${id.slice(0, 64)} is not known here.`));
  const call = { interaction: 'read', query: '', requestId: request.requestId } as const;
  const found = await readAuditEvents(request.services, request.access, { seq: id, count: 1 }, call);
  return found.ok ? ok({ status: 200, body: JSON.stringify(found.value[0]) }) : found;
}
