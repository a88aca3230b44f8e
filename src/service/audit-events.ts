import type { AuditEvent, AuditEventEntity, Coding } from '@medplum/fhirtypes';
import { type Failure, failure } from '../base/failure.ts';
import { err, ok, type Result } from '../base/result.ts';
import type { Access } from '../store/access.ts';
import { auditInsert } from '../store/audit.ts';
import { type AuditCriteria, auditStatement, type StoredAudit } from '../store/audit-read.ts';
import { Params } from '../store/sql.ts';
import type { Services } from './context.ts';
import { checkRight } from './prepare.ts';
import { absent } from './read.ts';

const dicom = 'http://dicom.nema.org/resources/ontology/DCM';
const objectRole = 'http://terminology.hl7.org/CodeSystem/object-role';
const entityType = 'http://terminology.hl7.org/CodeSystem/audit-entity-type';

/** Reads audit rows as AuditEvents; the reading is itself an access and leaves its own row. */
export async function readAuditEvents(
  services: Services,
  access: Access,
  criteria: AuditCriteria,
  call: { readonly interaction: 'read' | 'search-type'; readonly query: string; readonly requestId: string },
): Promise<Result<AuditEvent[], Failure>> {
  const refused =
    access.kind === 'auditor'
      ? checkRight(access, 'AuditEvent', call.interaction === 'read' ? 'r' : 's')
      : onlyAuditors();
  if (refused) return err(refused);
  return services.db.transaction(access.tenant, async (tx) => {
    const { text, values } = auditStatement(access.tenant, criteria);
    const rows = await tx.query<StoredAudit>(text, values);
    const params = new Params();
    const outcome = call.interaction === 'read' && rows.length === 0 ? 404 : 200;
    const entity = rows.map(({ seq }) => `AuditEvent/${seq}`);
    await tx.query(
      auditInsert(access.tenant, [{ clientId: access.clientId, type: 'AuditEvent', entity, outcome, ...call }], params),
      params.values,
    );
    return outcome === 404 ? err(absent('AuditEvent', criteria.seq ?? '')) : ok(rows.map(toAuditEvent));
  });
}

function onlyAuditors(): Failure {
  return failure(
    'forbidden',
    'forbidden',
    'AuditEvents are for clients of kind auditor. Ask the operator to register one.',
  );
}

/** IHE BALP: RESTful Read, Query, Create, Update and Delete, with the patient where there is one (BALP 1.1.4, section 3:5.7). */
export function toAuditEvent(row: StoredAudit): AuditEvent {
  return {
    resourceType: 'AuditEvent',
    id: row.seq,
    type: {
      system: 'http://terminology.hl7.org/CodeSystem/audit-event-type',
      code: 'rest',
      display: 'Restful Operation',
    },
    subtype: [subtypeOf(row.interaction)],
    action: actionOf(row.interaction),
    recorded: row.at.toISOString(),
    outcome: row.outcome < 400 ? '0' : row.outcome < 500 ? '4' : '8',
    outcomeDesc: `HTTP ${row.outcome}`,
    agent: [
      {
        type: { coding: [clientRole(row)] },
        who: { identifier: { value: row.client_id }, display: row.client_name ?? row.client_id },
        requestor: true,
      },
      { type: { coding: [serverRole(row)] }, who: { display: 'Footbridge' }, requestor: false },
    ],
    source: {
      observer: { display: 'Footbridge' },
      type: [
        {
          system: 'http://terminology.hl7.org/CodeSystem/security-source-type',
          code: '4',
          display: 'Application Server',
        },
      ],
    },
    entity: entitiesOf(row),
  };
}

const restful = new Set([
  'read',
  'vread',
  'create',
  'update',
  'delete',
  'search-type',
  'search-system',
  'history-instance',
  'transaction',
  'batch',
]);

function subtypeOf(interaction: string): Coding {
  if (restful.has(interaction)) return { system: 'http://hl7.org/fhir/restful-interaction', code: interaction };
  return { system: 'https://footbridge.example/fhir/CodeSystem/interaction', code: interaction };
}

function actionOf(interaction: string): NonNullable<AuditEvent['action']> {
  if (interaction === 'create' || interaction === 'token') return 'C';
  if (interaction === 'update') return 'U';
  if (interaction === 'delete') return 'D';
  return interaction === 'read' || interaction === 'vread' || interaction === 'history-instance' ? 'R' : 'E';
}

const source: Coding = { system: dicom, code: '110153', display: 'Source Role ID' };
const destination: Coding = { system: dicom, code: '110152', display: 'Destination Role ID' };

/** Data flows to the client that reads and from the client that writes. */
function isWrite({ interaction }: StoredAudit): boolean {
  return interaction === 'create' || interaction === 'update' || interaction === 'delete';
}

function clientRole(row: StoredAudit): Coding {
  return isWrite(row) ? source : destination;
}

function serverRole(row: StoredAudit): Coding {
  return isWrite(row) ? destination : source;
}

function entitiesOf(row: StoredAudit): AuditEventEntity[] {
  const resource: Coding = { system: entityType, code: '2', display: 'System Object' };
  const person: Coding = { system: entityType, code: '1', display: 'Person' };
  const request: Coding = {
    system: 'https://profiles.ihe.net/ITI/BALP/CodeSystem/BasicAuditEntityType',
    code: 'XrequestId',
  };
  return [
    ...row.patients.map((id) => ({
      type: person,
      role: { system: objectRole, code: '1', display: 'Patient' },
      what: { reference: `Patient/${id}` },
    })),
    ...row.entity.map((reference) => ({
      type: resource,
      role: { system: objectRole, code: '4', display: 'Domain Resource' },
      what: { reference },
    })),
    ...(row.query === null
      ? []
      : [
          {
            type: resource,
            role: { system: objectRole, code: '24', display: 'Query' },
            query: Buffer.from(row.query).toString('base64'),
          },
        ]),
    ...(row.request_id === null ? [] : [{ type: request, what: { identifier: { value: row.request_id } } }]),
  ];
}
