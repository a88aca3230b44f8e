import type { DocumentReference, Organization, PractitionerRole, ServiceRequest } from '@medplum/fhirtypes';
import { literal } from './extensions.ts';
import type { Recorded } from './facts.ts';

export interface ReferralFact {
  readonly reference: string;
  readonly status: string;
  /** Patient reference: who is referred */
  readonly member: string | undefined;
  readonly authoredOn: string | undefined;
  readonly requester: string | undefined;
  readonly requesterOrganization: string | undefined;
  /** codes of the requester's PractitionerRole or of its Organization */
  readonly requesterKinds: readonly string[];
  /** Organization references */
  readonly performers: readonly string[];
  readonly hasReason: boolean;
  /** DocumentReferences of type `referrer-attestation` in supportingInfo, with their dates */
  readonly attestations: readonly { readonly reference: string; readonly on: string | undefined }[];
}

interface Sources {
  readonly roles: readonly Recorded<PractitionerRole>[];
  readonly organizations: readonly Recorded<Organization>[];
  readonly documents: readonly Recorded<DocumentReference>[];
}

export function referralFacts(requests: readonly Recorded<ServiceRequest>[], sources: Sources): ReferralFact[] {
  const roles = new Map(sources.roles.map(({ resource }) => [`PractitionerRole/${resource.id}`, resource]));
  const types = new Map(
    sources.organizations.map(({ resource }) => [`Organization/${resource.id}`, codesOf(resource.type)]),
  );
  const organizationOf = (reference: string | undefined): string | undefined =>
    reference?.startsWith('Organization/') ? reference : literal(roles.get(reference ?? '')?.organization?.reference);
  const attested = new Map(
    sources.documents
      .filter(
        ({ resource }) => resource.status === 'current' && codesOf([resource.type]).includes('referrer-attestation'),
      )
      .map(({ resource }) => [`DocumentReference/${resource.id}`, resource.date]),
  );
  return requests.map(({ resource }) => {
    const requester = literal(resource.requester?.reference);
    const organization = organizationOf(requester);
    return {
      reference: `ServiceRequest/${resource.id}`,
      status: resource.status,
      member: literal(resource.subject?.reference),
      authoredOn: resource.authoredOn,
      requester,
      requesterOrganization: organization,
      requesterKinds: [...codesOf(roles.get(requester ?? '')?.code), ...(types.get(organization ?? '') ?? [])],
      performers: (resource.performer ?? []).flatMap(({ reference }) => organizationOf(literal(reference)) ?? []),
      hasReason: (resource.reasonCode ?? []).length + (resource.reasonReference ?? []).length > 0,
      attestations: (resource.supportingInfo ?? []).flatMap((info) => {
        const reference = literal(info.reference) ?? '';
        return attested.has(reference) ? [{ reference, on: attested.get(reference) }] : [];
      }),
    };
  });
}

function codesOf(concepts: readonly ({ coding?: { code?: string }[] } | undefined)[] | undefined): string[] {
  return (concepts ?? []).flatMap((concept) => (concept?.coding ?? []).flatMap(({ code }) => code ?? []));
}
