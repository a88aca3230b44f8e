import { DateTime } from 'luxon';
import { type Failure, failure } from '../../base/failure.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { readAuditEvents } from '../../service/audit-events.ts';
import type { AuditCriteria } from '../../store/audit-read.ts';
import type { FhirAnswer, FhirRequest, Interaction } from '../fhir-request.ts';

/** Who saw what: audit rows as BALP AuditEvents, newest first, by patient, client (`agent`) and `date`. */
export const interaction: Interaction = {
  code: 'search-type',
  level: 'type',
  method: 'GET',
  path: 'AuditEvent',
  types: ['AuditEvent'],
  searchParameters: [
    { name: '_id', type: 'token', definition: 'http://hl7.org/fhir/SearchParameter/Resource-id' },
    { name: 'agent', type: 'reference', definition: 'http://hl7.org/fhir/SearchParameter/AuditEvent-agent' },
    { name: 'date', type: 'date', definition: 'http://hl7.org/fhir/SearchParameter/AuditEvent-date' },
    { name: 'patient', type: 'reference', definition: 'http://hl7.org/fhir/SearchParameter/AuditEvent-patient' },
  ],
  handle,
};

const mostPerPage = 1_000;

async function handle(request: FhirRequest): FhirAnswer {
  const criteria = parse(request.query);
  if (!criteria.ok) return criteria;
  const call = {
    interaction: 'search-type',
    query: `AuditEvent?${request.query}`,
    requestId: request.requestId,
  } as const;
  const found = await readAuditEvents(request.services, request.access, criteria.value, call);
  if (!found.ok) return found;
  const url = `${request.fhirBase}/AuditEvent`;
  const last = found.value.at(-1)?.id;
  const next = new URLSearchParams(request.query);
  if (last !== undefined) next.set('before', last);
  const link = [
    { relation: 'self', url: `${url}?${request.query}` },
    ...(found.value.length === criteria.value.count && last !== undefined
      ? [{ relation: 'next', url: `${url}?${next}` }]
      : []),
  ];
  const entry = found.value.map((resource) => ({
    fullUrl: `${url}/${resource.id}`,
    resource,
    search: { mode: 'match' },
  }));
  return ok({ status: 200, body: JSON.stringify({ resourceType: 'Bundle', type: 'searchset', link, entry }) });
}

function parse(query: URLSearchParams): Result<AuditCriteria, Failure> {
  const criteria: { -readonly [K in keyof AuditCriteria]: AuditCriteria[K] } = { count: 50 };
  for (const [name, value] of query) {
    if (name === 'patient') criteria.patient = value.replace(/^Patient\//, '');
    else if (name === 'agent') criteria.clientId = value;
    else if (name === '_id' && /^\d{1,18}$/.test(value)) criteria.seq = value;
    else if (name === 'before' && /^\d{1,18}$/.test(value)) criteria.before = value;
    else if (name === '_count' && /^[1-9]\d{0,5}$/.test(value)) criteria.count = Math.min(Number(value), mostPerPage);
    else if (name === 'date' && addDate(criteria, value)) continue;
    else
      return err(
        failure(
          'invalid',
          'value',
          `AuditEvent takes patient, agent, date (ge or lt and an instant or date), _id and _count; ${name.slice(0, 40)}=${value.slice(0, 40)} is none of these.`,
        ),
      );
  }
  return ok(criteria);
}

function addDate(criteria: { from?: Date | undefined; until?: Date | undefined }, value: string): boolean {
  const [, prefix, text = ''] = /^(ge|lt)(.+)$/.exec(value) ?? [];
  const at = DateTime.fromISO(text, { zone: 'utc' });
  if (prefix === undefined || !at.isValid) return false;
  if (prefix === 'ge') criteria.from = at.toJSDate();
  else criteria.until = at.toJSDate();
  return true;
}
