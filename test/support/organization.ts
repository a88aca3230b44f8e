import type { Resource, ServiceRequest, Task } from '@medplum/fhirtypes';
import { canonicalBase } from '../../src/fhir/canonical.ts';
import { ago, provider } from './caseload.ts';
import { local } from './recorded.ts';

/** An agreement in writing with a medical partner, without any clause. */
export function affiliation(id: string): Resource {
  return {
    resourceType: 'OrganizationAffiliation',
    id,
    active: true,
    organization: { reference: `Organization/${provider}` },
    participatingOrganization: { display: 'A hospital' },
    code: [local('medical', 'partner-category')],
    extension: [
      {
        url: `${canonicalBase}/StructureDefinition/agreement`,
        extension: [
          { url: 'type', valueCode: 'mou' },
          { url: 'document', valueReference: { reference: `DocumentReference/document-of-${id}` } },
        ],
      },
    ],
  };
}

/** Of org-ref, addressed to nobody yet. */
export function serviceRequest(person: string): ServiceRequest {
  return {
    resourceType: 'ServiceRequest',
    status: 'active',
    intent: 'order',
    subject: { reference: `Patient/${person}` },
    requester: { reference: 'Organization/org-ref' },
    authoredOn: ago(41),
    reasonCode: [{ text: 'wishes for a coach' }],
  };
}

/** The Task that addresses a request to the provider, and so shares it. */
export function referral(person: string, request: string): Task {
  return {
    resourceType: 'Task',
    status: 'requested',
    intent: 'order',
    code: { coding: [{ system: 'http://hl7.org/fhir/CodeSystem/task-code', code: 'fulfill' }] },
    focus: { reference: `ServiceRequest/${request}` },
    for: { reference: `Patient/${person}` },
    authoredOn: `${ago(41)}T10:00:00-05:00`,
    requester: { reference: 'Organization/org-ref' },
    owner: { reference: `Organization/${provider}` },
  };
}

/** A session of two days ago. */
export function supervision(id: string, coach: string): Resource {
  return {
    resourceType: 'Appointment',
    id,
    status: 'fulfilled',
    start: `${ago(2)}T15:00:00Z`,
    end: `${ago(2)}T16:00:00Z`,
    participant: [
      { status: 'accepted', actor: { reference: `Practitioner/${coach}` } },
      {
        status: 'accepted',
        type: [local('supervisor', 'coach-role')],
        actor: { reference: 'Practitioner/supervisor-of-all' },
      },
    ],
  };
}
