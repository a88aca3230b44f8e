import type { Resource } from '@medplum/fhirtypes';
import type { LocalDate } from '../../base/time.ts';

/** A version as Footbridge recorded it: who wrote it, and when it came to be known. */
export interface Recorded<R extends Resource = Resource> {
  readonly resource: R;
  /** Organization id of the writer; '' for the tenant's own directory */
  readonly owner: string;
  readonly recordedAt: string;
}

/** Picks the versions of one R4 type out of what was recorded, in its order. */
export function byType(recorded: readonly Recorded[]) {
  return <T extends Resource['resourceType']>(type: T): Recorded<Extract<Resource, { resourceType: T }>>[] =>
    recorded.filter(({ resource }) => resource.resourceType === type) as never;
}

/** What the rules read about one member, as it was known at one instant. References are literal, e.g. `Encounter/1`. */
export interface MemberFacts {
  readonly patient: string;
  /** date or instant of death as sent; a year or a month says the first day after which the member cannot have lived */
  readonly deceased: string | undefined;
  /** Patient.deceasedBoolean, or a year or month of death: nobody has said from which day on */
  readonly deceasedWithoutDate?: boolean;
  readonly episodes: readonly Episode[];
  readonly coverages: readonly CoverageFact[];
  readonly openCoverages?: readonly OpenCoverage[];
  readonly unattributed?: readonly Unattributed[];
  readonly contacts: readonly Contact[];
  readonly messages: readonly Message[];
  readonly support: readonly SupportActivity[];
  /** by Practitioner reference */
  readonly coaches: ReadonlyMap<string, CoachFacts>;
}

/** Calendar dates as sent; an instant is dated in the ruleset's zone by the rule that reads it. */
export interface Span {
  readonly start: string | undefined;
  readonly end: string | undefined;
}

export interface Episode extends Span {
  readonly reference: string;
  readonly organization: string | undefined;
  /** Practitioner references that EpisodeOfCare.careManager resolves to: at most one */
  readonly careManager: readonly string[];
  /** when its status was another than active, as status and statusHistory say */
  readonly interruptions?: readonly Interruption[];
  /** a status of now that nobody has dated */
  readonly undatedStatus?: 'finished' | 'onhold';
}

/** Instants or dates as sent: from which and until when an episode had a status. */
export interface Interruption extends Span {
  readonly status: 'planned' | 'waitlist' | 'onhold' | 'finished' | 'cancelled';
}

/** A Coverage that covers nothing as it is: cancelled without an end, not active yet, or without an Organization that pays. */
export interface OpenCoverage extends Span {
  readonly reference: string;
  readonly problem: 'coverage-cancelled-without-end' | 'coverage-not-active' | 'coverage-without-payer';
}

/** An Encounter of an episode that names no coach. */
export interface Unattributed {
  readonly reference: string;
  readonly start: string;
  readonly status: string;
  /** EpisodeOfCare references it may belong to */
  readonly episodes: readonly string[];
}

export interface CoverageFact extends Span {
  readonly reference: string;
  /** Organization reference of Coverage.payor */
  readonly payer: string;
  /** Coverage.class[plan].value */
  readonly product: string | undefined;
  /** ext planType, which overrides the product table */
  readonly planType: string | undefined;
}

/** `remote`: nobody said how; `unknown`: what was said is no contact type, or contradicts itself. */
export type Modality = 'in-person' | 'phone' | 'video' | 'text' | 'email' | 'remote' | 'unknown';

/** Documentation of a contact: a final note with the coach's signature, or the sender's word for it (8.5). */
export interface Documentation {
  readonly status: 'preliminary' | 'final';
  readonly signedAt: string | undefined;
  /** Practitioner references that the signer resolves to */
  readonly signedBy: readonly string[];
  /** references of the note and its Provenance, as evidence */
  readonly evidence: readonly string[];
}

/** One interaction of one coach with the member, as an Encounter or a reciprocated pair of messages. */
export interface Contact {
  /** the Encounter, or the one that stands for a pair */
  readonly reference: string;
  /** Practitioner reference */
  readonly coach: string;
  /** EpisodeOfCare reference it belongs to */
  readonly episode: string;
  /** why the episode is not certain; the contact is then pending */
  readonly episodeProblem: 'ambiguous-episode' | undefined;
  /** ISO instant or calendar date at which it began: C is its date in the ruleset's zone */
  readonly start: string;
  readonly status: string;
  readonly modality: Modality;
  /** why it is unknown; the contact is then pending */
  readonly modalityProblem?: string | undefined;
  readonly accompaniment: boolean;
  readonly group: boolean;
  /** group only: the note records interaction with this member */
  readonly individualInteraction: boolean | undefined;
  readonly memberEngaged: boolean | undefined;
  readonly documentation: readonly Documentation[];
  /** all references that it rests on */
  readonly evidence: readonly string[];
  /** what further rules read; absent where the sender said nothing */
  readonly details: ContactDetails;
}

/** What a contact was about, where and with whom, as far as it was said (domain model 8.4, 8.5). */
export interface ContactDetails {
  /** ISO instant or date at which it ended */
  readonly end?: string | undefined;
  /** service-component codes of reasonCode */
  readonly purposes: readonly string[];
  /** Goal references */
  readonly goals: readonly string[];
  readonly supportCategories: readonly string[];
  readonly fidelityTags: readonly { readonly tag: string; readonly temporary: boolean | undefined }[];
  readonly accompaniedTo?: string | undefined;
  /** ext coachRole on the Encounter, which overrides that of the coach's PractitionerRole in force at the contact */
  readonly coachRole?: string | undefined;
  readonly group?: GroupSession | undefined;
  /** Location references, and codes of Encounter.location's physical type */
  readonly places: readonly string[];
  /** all codes of Encounter.type: M-8's nature */
  readonly types: readonly string[];
  /** Encounter.partOf: the contact that this one goes on with after a break */
  readonly partOf?: string | undefined;
  /** activity codes of Encounter.type: M-28 */
  readonly activities?: readonly string[] | undefined;
  /** Encounter.class */
  readonly encounterClass?: string | undefined;
}

export interface GroupSession {
  readonly size: number | undefined;
  readonly therapistPresent: boolean | undefined;
  readonly mat: boolean | undefined;
  /** Practitioner reference */
  readonly lead: string | undefined;
}

export const noDetails: ContactDetails = {
  purposes: [],
  goals: [],
  supportCategories: [],
  fidelityTags: [],
  places: [],
  types: [],
  activities: [],
};

/** Work for the member that is no contact: support work without the member, a collateral contact, outreach (Procedure, 8.5). */
export interface SupportActivity {
  readonly reference: string;
  /** Practitioner references of its performers */
  readonly coaches: readonly string[];
  readonly organization: string | undefined;
  readonly start: string | undefined;
  readonly end: string | undefined;
  readonly status: string;
  readonly category: 'support-without-member' | 'collateral' | 'outreach';
  readonly partyType: string | undefined;
  readonly clientPresent: boolean | undefined;
  readonly purposes: readonly string[];
  readonly outcome: readonly string[];
}

/** A text or e-mail between one coach and the member; never its words. */
export interface Message {
  readonly reference: string;
  /** Practitioner reference */
  readonly coach: string;
  /** EpisodeOfCare references it may belong to: one, or several where that is not certain */
  readonly episodes: readonly string[];
  readonly medium: 'text' | 'email';
  /** Organization id of the writer */
  readonly owner: string;
  readonly sent: string;
  readonly recordedAt: string;
  readonly fromMember: boolean;
  /** receipts, reactions, auto-replies and opt-outs reciprocate nothing */
  readonly automatic: boolean;
  /** service-component codes of reasonCode */
  readonly purposes: readonly string[];
  /** Goal references of ext supportsGoal */
  readonly goals: readonly string[];
}

export interface Role extends Span {
  readonly reference: string;
  readonly organization: string | undefined;
  /** coach-role codes of PractitionerRole.code */
  readonly codes?: readonly string[];
  /** ext coachRole: how the coach works where a contact does not say otherwise */
  readonly coachRole?: string | undefined;
  /** true: a recovery associate (Michigan, VIII); otherwise a coach */
  readonly associate?: boolean | undefined;
  /** PractitionerRole.active is false, and nobody has said until when the role was */
  readonly undatedEnd?: boolean;
}

/** A qualification, training or attestation of a coach, by its code. */
export interface Qualification extends Span {
  readonly code: string;
  readonly number: string | undefined;
  readonly issuer: string | undefined;
  /** who it says issued it, in words; absent where nobody named it */
  readonly issuerName?: string | undefined;
  /** the employer's word: true from this date on; the underlying date is never stored (CR-1) */
  readonly attestedAsOf: string | undefined;
  /** Practitioner or Organization reference of who attests it */
  readonly attester?: string | undefined;
  /** months of recovery that the attestation says of itself, "at least"; absent where it leaves that to its code (M-13) */
  readonly attestedMonths?: number | undefined;
  /** of a training (M-14) */
  readonly hours?: number | undefined;
  /** what a training was about (M-25) */
  readonly topics?: readonly string[] | undefined;
  readonly waivers: readonly Waiver[];
  /** what primary sources said of it; absent where nobody asked one */
  readonly verifications?: readonly Verification[];
}

/** A primary source's word on a qualification (VerificationResult). */
export interface Verification {
  readonly reference: string;
  readonly status: 'validated' | 'failed';
  /** date or instant from which it stands */
  readonly on: string;
}

/** What a payer waived, for the days of the span. */
export interface Waiver extends Span {
  readonly payer: string;
  /** date on which the payer approved it; undefined: nobody said that it did */
  readonly approved: string | undefined;
  /** DocumentReference of what was submitted to the payer, where there is one that was not taken back */
  readonly document: string | undefined;
}

export interface CoachFacts {
  readonly practitioner: string;
  /** roles as coach or associate: specialty 175T00000X, or a coach-role code other than `supervisor` */
  readonly roles: readonly Role[];
  /** roles with the code `supervisor`; one that says both stands in either list */
  readonly supervisorRoles?: readonly Role[];
  /** Practitioner.active is false: nobody has said from which day on */
  readonly inactive?: boolean;
  readonly qualifications: readonly Qualification[];
  /** Practitioner and PractitionerRole references, as evidence */
  readonly evidence: readonly string[];
}

/** A date within a span, both ends inclusive; open ends hold everything. */
export function holds(span: { start: LocalDate | undefined; end: LocalDate | undefined }, date: LocalDate): boolean {
  return (span.start === undefined || span.start <= date) && (span.end === undefined || date <= span.end);
}
