import type {
  DocumentReference,
  Organization,
  Practitioner,
  PractitionerQualification,
  PractitionerRole,
  VerificationResult,
} from '@medplum/fhirtypes';
import { codeSystem } from '../../fhir/canonical.ts';
import { codesIn, extensionOf, extensionsOf, literal, partOf } from './extensions.ts';
import type { CoachFacts, Qualification, Recorded, Role, Span, Waiver } from './facts.ts';
import { verificationsOf } from './verifications.ts';

const nucc = 'http://nucc.org/provider-taxonomy';
const peerSpecialist = '175T00000X';

/** What a coach's qualifications name: who issued them, and what was submitted for a waiver. */
export interface Papers {
  readonly organizations: readonly Recorded<Organization>[];
  readonly documents: readonly Recorded<DocumentReference>[];
}

const noPapers: Papers = { organizations: [], documents: [] };

/**
 * Who works where in which role: what contacts are attributed by, and what B-5 reads. B-5 needs the papers; a waiver whose document is
 * not among them has none.
 */
export class Coaches {
  readonly facts: ReadonlyMap<string, CoachFacts>;
  readonly #practitionerOfRole = new Map<string, string>();
  /** Organization references at which a practitioner has a role of any kind */
  readonly #workplaces = new Map<string, Set<string>>();

  constructor(
    practitioners: readonly Recorded<Practitioner>[],
    roles: readonly Recorded<PractitionerRole>[],
    verifications: readonly Recorded<VerificationResult>[] = [],
    papers: Papers = noPapers,
  ) {
    const coachRoles = new Map<string, Role[]>();
    const supervisorRoles = new Map<string, Role[]>();
    for (const role of roles) {
      const { resource } = role;
      const practitioner = literal(resource.practitioner?.reference);
      if (practitioner === undefined) continue;
      this.#practitionerOfRole.set(`PractitionerRole/${resource.id}`, practitioner);
      const organization = literal(resource.organization?.reference);
      const places = this.#workplaces.get(practitioner) ?? new Set();
      if (organization !== undefined) this.#workplaces.set(practitioner, places.add(organization));
      const span = spanOfRole(role);
      const kinds = [
        isCoachRole(resource) ? coachRoles : undefined,
        isSupervisorRole(resource) && !isUndatedEnd(resource) ? supervisorRoles : undefined,
      ];
      for (const kind of kinds)
        kind?.set(practitioner, [...(kind.get(practitioner) ?? []), toRole(resource, organization, span)]);
    }
    this.facts = new Map(
      practitioners.map(({ resource }) => {
        const reference = `Practitioner/${resource.id}`;
        const held = { roles: coachRoles.get(reference) ?? [], supervisorRoles: supervisorRoles.get(reference) ?? [] };
        return [reference, this.#factsOf(resource, held, { verifications, papers })];
      }),
    );
  }

  #factsOf(
    practitioner: Practitioner,
    { roles, supervisorRoles }: { readonly roles: readonly Role[]; readonly supervisorRoles: readonly Role[] },
    sources: Sources,
  ): CoachFacts {
    const reference = `Practitioner/${practitioner.id}`;
    const qualifications = (practitioner.qualification ?? []).flatMap((qualification, index) => {
      const verifications = verificationsOf(reference, qualification, index, sources.verifications);
      const attester = partOf(extensionOf(qualification, 'attestation'), 'attester')?.valueReference?.reference;
      return toQualifications(qualification, sources.papers).map((one) => ({
        ...one,
        ...(attester !== undefined && { attester: this.practitioner(attester) ?? literal(attester) }),
        ...(verifications.length > 0 && { verifications }),
      }));
    });
    const verified = qualifications.flatMap(({ verifications }: Qualification) => verifications ?? []);
    return {
      practitioner: reference,
      roles,
      supervisorRoles,
      ...(practitioner.active === false && { inactive: true }),
      qualifications,
      evidence: [
        ...new Set([
          reference,
          ...[...roles, ...supervisorRoles].map((role) => role.reference),
          ...verified.map((one) => one.reference),
        ]),
      ],
    };
  }

  /** The Practitioner that a reference to a Practitioner or PractitionerRole means. */
  practitioner(reference: string | undefined): string | undefined {
    const given = literal(reference);
    if (given?.startsWith('Practitioner/')) return given;
    return given === undefined ? undefined : this.#practitionerOfRole.get(given);
  }

  /** A role as coach at the organisation that `isInForce` accepts. */
  isCoachAt(practitioner: string, organization: string, isInForce: (role: Role) => boolean): boolean {
    const roles = this.facts.get(practitioner)?.roles ?? [];
    return roles.some((role) => role.organization === organization && isInForce(role));
  }

  /** Works there, and not as a coach: a physician in the same Encounter has no caseload. Who may have been one is for B-5 to judge. */
  isOtherStaffAt(practitioner: string, organization: string): boolean {
    const works = this.#workplaces.get(practitioner)?.has(organization) ?? false;
    return works && !this.isCoachAt(practitioner, organization, () => true);
  }
}

/**
 * Ext coachRole of a coach's roles at the organisation that `isInForce` accepts: what X-2 takes a contact for that does not say itself.
 * Undefined where they say nothing, or not the same.
 */
export function coachRoleAt(
  coach: CoachFacts | undefined,
  organization: string | undefined,
  isInForce: (role: Role) => boolean,
): string | undefined {
  const roles = (coach?.roles ?? []).filter((role) => role.organization === organization && isInForce(role));
  const said = new Set(roles.flatMap(({ coachRole }) => coachRole ?? []));
  return said.size === 1 ? [...said][0] : undefined;
}

/**
 * The days of a role. One that is not active any more stands as it was, but no longer than until that was recorded [D]: whoever closes the
 * record of a coach who left takes back none of the coach's contacts.
 */
export function spanOfRole({ recordedAt, resource }: Recorded<PractitionerRole>): Span {
  const { active, period } = resource;
  const span = { start: period?.start, end: period?.end };
  const isBeyond = active === false && span.end !== undefined && Date.parse(span.end) > Date.parse(recordedAt);
  return isBeyond ? { ...span, end: recordedAt } : span;
}

/** By specialty or by any coach-role code but `supervisor`: who only supervises coaches has no caseload and bills nothing as a coach. */
export function isCoachRole({ code, specialty }: PractitionerRole): boolean {
  return (
    codesIn(specialty, nucc).includes(peerSpecialist) ||
    codesIn(code, codeSystem('coach-role')).some((one) => one !== 'supervisor')
  );
}

export function isSupervisorRole({ code }: PractitionerRole): boolean {
  return codesIn(code, codeSystem('coach-role')).includes('supervisor');
}

/**
 * A role that is not active any more, and does not say until when it was. With its end it stands for the days of its period (R4,
 * PractitionerRole.active: "you may refer to the period to see when the role was in active use").
 */
export function isUndatedEnd({ active, period }: PractitionerRole): boolean {
  return active === false && period?.end === undefined;
}

/** Who is said to be a coach and an associate in one role is a coach, as with two roles (M-3). */
export function isAssociateRole({ code }: PractitionerRole): boolean {
  const codes = codesIn(code, codeSystem('coach-role'));
  return codes.includes('recovery-associate') && !codes.includes('recovery-coach');
}

function toRole(role: PractitionerRole, organization: string | undefined, { end, start }: Span): Role {
  const { code, id } = role;
  const codes = codesIn(code, codeSystem('coach-role'));
  return {
    reference: `PractitionerRole/${id}`,
    organization,
    codes,
    associate: isAssociateRole(role),
    coachRole: extensionOf(role, 'coach-role')?.valueCode,
    ...(isUndatedEnd(role) && { undatedEnd: true }),
    start,
    end,
  };
}

interface Sources {
  readonly verifications: readonly Recorded<VerificationResult>[];
  readonly papers: Papers;
}

function toQualifications(qualification: PractitionerQualification, papers: Papers): Qualification[] {
  const { code, identifier, issuer, period } = qualification;
  const attestation = extensionOf(qualification, 'attestation');
  const issuerName = issuer?.display ?? nameOf(issuer?.reference, papers) ?? issuer?.identifier?.value;
  return codesIn([code], codeSystem('qualification')).map((value) => ({
    code: value,
    number: identifier?.find((one) => one.value !== undefined)?.value,
    issuer: issuer?.reference ?? issuer?.display ?? issuer?.identifier?.value,
    ...(issuerName !== undefined && { issuerName }),
    start: period?.start,
    end: period?.end,
    attestedAsOf: partOf(attestation, 'asOf')?.valueDate,
    attestedMonths: partOf(attestation, 'months')?.valuePositiveInt,
    hours: extensionOf(qualification, 'hours')?.valueDecimal,
    topics: extensionsOf(qualification, 'training-topic').flatMap(({ valueCode }) => valueCode ?? []),
    waivers: extensionsOf(qualification, 'waiver').flatMap((waiver): Waiver[] => {
      const payer = literal(partOf(waiver, 'payer')?.valueReference?.reference);
      const granted = partOf(waiver, 'period')?.valuePeriod;
      // Without a payer or a period nobody has approved anything for any day.
      if (!payer || !granted) return [];
      const document = submitted(partOf(waiver, 'document')?.valueReference?.reference, papers);
      const approved = partOf(waiver, 'approved')?.valueDate;
      return [{ payer, approved, document, start: granted.start, end: granted.end }];
    }),
  }));
}

/** The name of the Organization that a reference means. */
function nameOf(reference: string | undefined, { organizations }: Papers): string | undefined {
  const found = organizations.find(({ resource }) => `Organization/${resource.id}` === literal(reference));
  return found?.resource.name;
}

/** A document that is here; one that was entered in error was never submitted, one that was superseded was. */
function submitted(reference: string | undefined, { documents }: Papers): string | undefined {
  const found = documents.find(({ resource }) => `DocumentReference/${resource.id}` === literal(reference))?.resource;
  return found && found.status !== 'entered-in-error' ? `DocumentReference/${found.id}` : undefined;
}
