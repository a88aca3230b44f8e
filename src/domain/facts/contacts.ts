import type { DocumentReference, Encounter, Provenance } from '@medplum/fhirtypes';
import { codeSystem } from '../../fhir/canonical.ts';
import { dateIn, spanIn } from '../dating.ts';
import { type Coaches, coachRoleAt } from './coaches.ts';
import { contactDetails } from './contact-details.ts';
import { codesIn, extensionOf, literal, partOf } from './extensions.ts';
import {
  type Contact,
  type Documentation,
  type Episode,
  holds,
  type Modality,
  type Recorded,
  type Span,
  type Unattributed,
} from './facts.ts';

const snomed = 'http://snomed.info/sct';
const modalities: ReadonlySet<string> = new Set<Modality>(['in-person', 'phone', 'video', 'text', 'email']);
/** Contact types that say what a contact was for, not how it was made. */
const kinds: ReadonlySet<string> = new Set(['accompaniment', 'group']);
/** v3 ActCode classes of an encounter at a place (http://terminology.hl7.org/ValueSet/v3-ActEncounterCode): all but VR and PRENC. */
const places: ReadonlySet<string> = new Set(['AMB', 'HH', 'FLD', 'EMER', 'IMP', 'ACUTE', 'NONAC', 'OBSENC', 'SS']);
/** SNOMED CT types of the domain model's contact row. */
const bySnomed: Readonly<Record<string, Modality>> = {
  '185317003': 'phone',
  '448337001': 'video',
  '439708006': 'in-person',
};

export interface ContactSources {
  readonly encounters: readonly Recorded<Encounter>[];
  readonly notes: readonly Recorded<DocumentReference>[];
  readonly provenances: readonly Recorded<Provenance>[];
  readonly episodes: readonly Episode[];
  readonly coaches: Coaches;
  /** zone in which a contact is dated when its episode or its coach's role is looked for */
  readonly zone: string;
}

/** The member's contacts by Encounter: one for each coach in it, and for each episode that it may belong to. */
export function encounterContacts(sources: ContactSources): Contact[] {
  const signatures = signaturesByTarget(sources);
  const notes = notesByEncounter(sources.notes, signatures);
  return sources.encounters
    .filter(({ resource }) => !extensionOf(resource, 'message-evidence'))
    .flatMap((encounter) => toContacts(encounter, notes.get(`Encounter/${encounter.resource.id}`) ?? [], sources));
}

function toContacts(
  { owner, recordedAt, resource }: Recorded<Encounter>,
  notes: readonly Documentation[],
  sources: ContactSources,
): Contact[] {
  const start = resource.period?.start;
  if (start === undefined) return [];
  const organization = literal(resource.serviceProvider?.reference) ?? `Organization/${owner}`;
  const episodes = episodesOf(
    sources.episodes,
    (resource.episodeOfCare ?? []).flatMap(({ reference }) => literal(reference) ?? []),
    organization,
    start,
    sources.zone,
  );
  const ext = documentedBySender(resource, recordedAt, sources.coaches);
  const documentation = ext ? [ext, ...notes] : notes;
  const reference = `Encounter/${resource.id}`;
  const group = extensionOf(resource, 'group-session');
  const facts = {
    reference,
    start,
    status: resource.status,
    ...modalityOf(resource),
    accompaniment: extensionOf(resource, 'accompanied-to') !== undefined || hasType(resource, 'accompaniment'),
    group: group !== undefined || hasType(resource, 'group'),
    individualInteraction: partOf(group, 'individualInteraction')?.valueBoolean,
    memberEngaged: extensionOf(resource, 'member-engaged')?.valueBoolean,
    documentation,
    evidence: [reference, ...documentation.flatMap(({ evidence }) => evidence)],
    details: contactDetails(resource, sources.coaches),
  };
  const date = dateIn(sources.zone, start);
  const inForce = (role: Span): boolean => date !== undefined && holds(spanIn(sources.zone, role), date);
  return coachesOf(resource, organization, start, sources).flatMap((coach) =>
    episodes.map((episode) => ({
      ...facts,
      details: {
        ...facts.details,
        coachRole: facts.details.coachRole ?? coachRoleAt(sources.coaches.facts.get(coach), organization, inForce),
      },
      coach,
      episode,
      episodeProblem:
        episodes.length > 1 && !resource.episodeOfCare?.length ? ('ambiguous-episode' as const) : undefined,
    })),
  );
}

/**
 * The episode that was named; else the member's episodes at the organisation whose period holds the contact's date. Several leave the
 * contact pending in each of them (domain model 8.5, "Whose contact").
 */
export function episodesOf(
  episodes: readonly Episode[],
  named: readonly string[],
  organization: string,
  at: string,
  zone: string,
): string[] {
  if (named.length > 0) return [...named];
  const date = dateIn(zone, at);
  return episodes
    .filter((episode) => episode.organization === organization)
    .filter((episode) => date !== undefined && holds(spanIn(zone, episode), date))
    .map(({ reference }) => reference);
}

/** Coaches at the organisation on that date; where none is known as one, those about whom nothing is known, so that B-5 can say so. */
function coachesOf(
  { participant }: Encounter,
  organization: string,
  start: string,
  { coaches, zone }: ContactSources,
): string[] {
  const present = [
    ...new Set((participant ?? []).flatMap(({ individual }) => coaches.practitioner(individual?.reference) ?? [])),
  ];
  const date = dateIn(zone, start);
  const inForce = present.filter((practitioner) =>
    coaches.isCoachAt(practitioner, organization, (role) => date !== undefined && holds(spanIn(zone, role), date)),
  );
  return inForce.length > 0
    ? inForce
    : present.filter((practitioner) => !coaches.isOtherStaffAt(practitioner, organization));
}

/** Encounters of the member's episodes in which nobody is named who could be the coach. */
export function withoutCoach(
  sources: Pick<ContactSources, 'coaches' | 'encounters' | 'episodes' | 'zone'>,
): Unattributed[] {
  const { coaches, encounters, episodes, zone } = sources;
  return encounters.flatMap(({ owner, resource }): Unattributed[] => {
    const start = resource.period?.start;
    const isNamed = resource.participant?.some(({ individual }) => coaches.practitioner(individual?.reference));
    if (start === undefined || isNamed || extensionOf(resource, 'message-evidence')) return [];
    const named = (resource.episodeOfCare ?? []).flatMap(({ reference }) => literal(reference) ?? []);
    const organization = literal(resource.serviceProvider?.reference) ?? `Organization/${owner}`;
    const possible = episodesOf(episodes, named, organization, start, zone);
    if (possible.length === 0) return [];
    return [{ reference: `Encounter/${resource.id}`, start, status: resource.status, episodes: possible }];
  });
}

function hasType({ type }: Encounter, code: string): boolean {
  return codesIn(type, codeSystem('contact-type')).includes(code);
}

/**
 * The contact type, else SNOMED's word, else the class: v3's VR covers every remote contact and says no more, and the classes of a place
 * say that both were there. A contact type that is not in its code system, a class that says neither, and words that exclude each other
 * are no modality [D]. AMB is what many records say of any contact, so a remote type stands beside it.
 */
function modalityOf(encounter: Encounter): Pick<Contact, 'modality' | 'modalityProblem'> {
  const types = codesIn(encounter.type, codeSystem('contact-type'));
  const strange = types.find((code) => !modalities.has(code) && !kinds.has(code));
  if (strange !== undefined) return { modality: 'unknown', modalityProblem: `unknown-contact-type: ${strange}` };
  const local = types.filter((code) => modalities.has(code)) as Modality[];
  const coded = codesIn(encounter.type, snomed).flatMap((code) => bySnomed[code] ?? []);
  const said = new Set(local.length > 0 ? local : coded);
  const [modality] = said;
  const { code } = encounter.class ?? {};
  if (said.size > 1 || (modality === 'in-person' && code === 'VR'))
    return { modality: 'unknown', modalityProblem: 'modality-contradicts-itself' };
  if (modality !== undefined) return { modality };
  if (code === 'VR') return { modality: 'remote' };
  return places.has(code ?? '')
    ? { modality: 'in-person' }
    : { modality: 'unknown', modalityProblem: 'missing: modality' };
}

/** Ext `documentation`: the note stays with the sender, who says how it stands. */
function documentedBySender(encounter: Encounter, recordedAt: string, coaches: Coaches): Documentation | undefined {
  const extension = extensionOf(encounter, 'documentation');
  if (!extension) return undefined;
  const signer = coaches.practitioner(partOf(extension, 'signedBy')?.valueReference?.reference);
  return {
    status: partOf(extension, 'status')?.valueCode === 'final' ? 'final' : 'preliminary',
    signedAt: signedBy(partOf(extension, 'signedAt')?.valueInstant, recordedAt),
    signedBy: signer === undefined ? [] : [signer],
    evidence: [],
  };
}

/** Clocks differ by minutes: what reached us was signed by then, unless it says so much later that it must be wrong. */
const clockSkewMs = 5 * 60_000;

function signedBy(when: string | undefined, recordedAt: string): string | undefined {
  if (when === undefined) return undefined;
  const ahead = Date.parse(when) - Date.parse(recordedAt);
  return ahead > 0 && ahead <= clockSkewMs ? recordedAt : when;
}

interface Signature {
  readonly when: string | undefined;
  readonly who: string | undefined;
  readonly provenance: string;
}

function signaturesByTarget({ coaches, provenances }: ContactSources): Map<string, Signature[]> {
  const byTarget = new Map<string, Signature[]>();
  for (const { recordedAt, resource } of provenances) {
    const signatures = (resource.signature ?? []).map((signature) => ({
      when: signedBy(signature.when, recordedAt),
      who: coaches.practitioner(signature.who?.reference),
      provenance: `Provenance/${resource.id}`,
    }));
    for (const reference of resource.target.map((target) => literal(target.reference))) {
      if (reference !== undefined) byTarget.set(reference, [...(byTarget.get(reference) ?? []), ...signatures]);
    }
  }
  return byTarget;
}

/** Each signature of a note is a documentation of its own: who signed counts together with when. */
function notesByEncounter(
  notes: readonly Recorded<DocumentReference>[],
  signatures: ReadonlyMap<string, readonly Signature[]>,
): Map<string, Documentation[]> {
  const byEncounter = new Map<string, Documentation[]>();
  for (const { resource } of notes) {
    if (resource.status !== 'current' || resource.docStatus === 'entered-in-error') continue;
    const reference = `DocumentReference/${resource.id}`;
    const status = resource.docStatus === 'final' || resource.docStatus === 'amended' ? 'final' : 'preliminary';
    const signed = signatures.get(reference) ?? [];
    const documents: Documentation[] = signed.map(({ provenance, when, who }) => ({
      status,
      signedAt: when,
      signedBy: who === undefined ? [] : [who],
      evidence: [reference, provenance],
    }));
    if (documents.length === 0) documents.push({ status, signedAt: undefined, signedBy: [], evidence: [reference] });
    for (const encounter of (resource.context?.encounter ?? []).map((one) => literal(one.reference))) {
      if (encounter !== undefined) byEncounter.set(encounter, [...(byEncounter.get(encounter) ?? []), ...documents]);
    }
  }
  return byEncounter;
}
