import type { Procedure } from '@medplum/fhirtypes';
import { codeSystem } from '../../fhir/canonical.ts';
import type { Coaches } from './coaches.ts';
import { tagsOf } from './contact-details.ts';
import { codesIn, extensionOf, extensionsOf, literal, partOf } from './extensions.ts';
import type { Contact, Documentation, GroupSession, Modality, Recorded, SupportActivity } from './facts.ts';

/** What Michigan bills or refuses to bill: a contact, or work for the client that is no contact. */
export interface Service {
  readonly reference: string;
  readonly kind: 'contact' | SupportActivity['category'];
  /** Practitioner references */
  readonly performers: readonly string[];
  /** Practitioner references of those who oversaw it */
  readonly overseers: readonly string[];
  readonly organization: string | undefined;
  readonly start: string | undefined;
  readonly end: string | undefined;
  readonly status: string;
  /** contacts only */
  readonly modality: Modality | undefined;
  /** contacts only, as CT-2 reads it: false for a voicemail or a client who did not come */
  readonly memberEngaged?: boolean | undefined;
  /** physically in one place with the performer */
  readonly clientPresent: boolean | undefined;
  readonly partyType: string | undefined;
  /** RelatedPerson references */
  readonly parties: readonly string[];
  readonly isGroup: boolean;
  readonly group: GroupSession | undefined;
  readonly supportCategories: readonly string[];
  readonly tags: readonly string[];
  /** transport that is said not to be temporary */
  readonly ongoingTransport?: boolean;
  /** codes of what was done */
  readonly nature: readonly string[];
  /** primary services, by the local `activity` codes */
  readonly activities: readonly string[];
  readonly places: readonly string[];
  readonly documentation: readonly Documentation[];
  readonly evidence: readonly string[];
  /** the contact that this one goes on with after a break */
  readonly partOf: string | undefined;
}

/** What a Procedure says beside the facts that every product reads. */
export interface ActivityDetails {
  readonly supportCategories: readonly string[];
  readonly tags: readonly string[];
  readonly ongoingTransport?: boolean;
  readonly parties: readonly string[];
  /** Practitioner references of performers whose function is `supervisor` */
  readonly overseers: readonly string[];
  /** Procedure.code */
  readonly activities: readonly string[];
  readonly documentation: readonly Documentation[];
}

/**
 * One service of one Encounter, whoever of its coaches took part. `clientPresent` is said of the place: every contact in person, no
 * remote one (domain model 8.2, M-6).
 */
export function serviceOfContact(
  contacts: readonly [Contact, ...Contact[]],
  organization: string | undefined,
): Service {
  const [{ details, documentation, evidence, group, memberEngaged, modality, reference, start, status }] = contacts;
  return {
    reference,
    kind: 'contact',
    performers: [...new Set(contacts.map(({ coach }) => coach))],
    overseers: [],
    organization,
    start,
    end: details.end,
    status,
    modality,
    clientPresent: modality === 'in-person' ? true : ['remote', 'unknown'].includes(modality) ? undefined : false,
    memberEngaged,
    partyType: undefined,
    parties: [],
    isGroup: group,
    group: details.group,
    supportCategories: details.supportCategories,
    tags: details.fidelityTags.map(({ tag }) => tag),
    ongoingTransport: isOngoingTransport(details.fidelityTags),
    nature: [...details.purposes, ...details.types],
    activities: details.activities ?? [],
    places: details.places,
    documentation,
    evidence,
    partOf: details.partOf,
  };
}

function isOngoingTransport(tags: Contact['details']['fidelityTags']): boolean {
  return tags.some(({ tag, temporary }) => tag === 'transport' && temporary === false);
}

export function serviceOfActivity(activity: SupportActivity, details: ActivityDetails | undefined): Service {
  const { category, clientPresent, coaches, end, organization, partyType, purposes, reference, start, status } =
    activity;
  const overseers = details?.overseers ?? [];
  const activities = details?.activities ?? [];
  return {
    reference,
    kind: category,
    performers: coaches.filter((one) => !overseers.includes(one)),
    overseers,
    organization,
    start,
    end,
    status,
    modality: undefined,
    // Support work without the member is so by its category; of a collateral contact somebody must say it.
    clientPresent: category === 'support-without-member' ? false : clientPresent,
    partyType,
    parties: details?.parties ?? [],
    isGroup: false,
    group: undefined,
    supportCategories: details?.supportCategories ?? [],
    tags: details?.tags ?? [],
    ...(details?.ongoingTransport === true && { ongoingTransport: true }),
    activities,
    nature: [...purposes, ...activities, ...(partyType === undefined ? [] : [`${category}-${partyType}`])],
    places: [],
    documentation: details?.documentation ?? [],
    evidence: [reference, ...(details?.documentation ?? []).flatMap(({ evidence }) => evidence)],
    partOf: undefined,
  };
}

/** Support categories, tags, family members, overseers, activities and documentation of a Procedure, by its reference. */
export function activityDetails(
  procedures: readonly Recorded<Procedure>[],
  coaches: Coaches,
): ReadonlyMap<string, ActivityDetails> {
  return new Map(
    procedures.map(({ resource }) => [
      `Procedure/${resource.id}`,
      {
        supportCategories: extensionsOf(resource, 'support-category').flatMap(({ valueCode }) => valueCode ?? []),
        tags: tagsOf(resource).map(({ tag }) => tag),
        ...(isOngoingTransport(tagsOf(resource)) && { ongoingTransport: true }),
        parties: (resource.performer ?? []).flatMap(({ actor }) => {
          const reference = literal(actor.reference);
          return reference?.startsWith('RelatedPerson/') ? [reference] : [];
        }),
        overseers: (resource.performer ?? []).flatMap(({ actor, function: part }) => {
          const isOverseer = codesIn(part ? [part] : [], codeSystem('coach-role')).includes('supervisor');
          return isOverseer ? (coaches.practitioner(actor.reference) ?? []) : [];
        }),
        activities: codesIn(resource.code ? [resource.code] : [], codeSystem('activity')),
        documentation: documentationOf(resource, coaches),
      },
    ]),
  );
}

function documentationOf(procedure: Procedure, coaches: Coaches): Documentation[] {
  const extension = extensionOf(procedure, 'documentation');
  if (!extension) return [];
  const signer = coaches.practitioner(partOf(extension, 'signedBy')?.valueReference?.reference);
  return [
    {
      status: partOf(extension, 'status')?.valueCode === 'final' ? 'final' : 'preliminary',
      signedAt: partOf(extension, 'signedAt')?.valueInstant,
      signedBy: signer === undefined ? [] : [signer],
      evidence: [],
    },
  ];
}
