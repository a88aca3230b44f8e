import type { BillingFacts } from '../../../src/domain/billing.ts';
import type { NotificationFact } from '../../../src/domain/facts/authorizations.ts';
import {
  type CoachFacts,
  type Contact,
  type Documentation,
  type MemberFacts,
  type Message,
  type Modality,
  noDetails,
  type SupportActivity,
} from '../../../src/domain/facts/facts.ts';
import type { OrganizationFacts } from '../../../src/domain/facts/organizations.ts';
import type { Authorization, Coach, ContactRow, History, Role, Span } from '../rules/format.ts';

export const patient = 'Patient/1';
export const episode = 'EpisodeOfCare/1';
export const organizationOf = (id: string): string => `Organization/${id}`;
export const practitioner = (id: string): string => `Practitioner/${id}`;

/** Both keys are there, as the facts of the domain have them. */
export const span = ({ end, start }: Span) => ({ start, end });

/** Contacts of these kinds are Procedures, and a letter is outreach by its medium (domain model 8.5). */
const activityKinds: Readonly<Record<string, SupportActivity['category']>> = {
  collateral: 'collateral',
  'support-work': 'support-without-member',
  outreach: 'outreach',
};

/** Who bills, as EpisodeOfCare.managingOrganization says it. */
export function billingEntity({ organization }: History): string {
  if (organization?.kind === 'practitioner') return practitioner(organization.id);
  return organizationOf(organization?.id ?? 'employer');
}

/** What had been recorded by K. */
export function rowsOf(history: History, knownAt: string): ContactRow[] {
  return history.contacts.filter(({ recordedAt }) => Date.parse(recordedAt) <= Date.parse(knownAt));
}

export function activityKind(row: ContactRow): SupportActivity['category'] | undefined {
  return row.modality === 'letter' ? 'outreach' : activityKinds[row.kind];
}

export function memberFacts(history: History, knownAt: string): MemberFacts {
  const rows = rowsOf(history, knownAt);
  const organization = billingEntity(history);
  const serving = history.coaches.filter((one) => rolesOf(history, one).some(({ role }) => role !== 'supervisor'));
  return {
    patient,
    deceased: history.deceased,
    ...((history.deceased?.length ?? 10) < 10 && { deceasedWithoutDate: true }),
    episodes: [
      {
        reference: episode,
        organization,
        careManager: serving.map(({ id }) => practitioner(id)),
        ...span(history.episode),
      },
      ...(history.earlierEpisodes ?? []).map((one, index) => ({
        reference: `EpisodeOfCare/earlier-${index}`,
        organization,
        careManager: [],
        ...span(one),
      })),
    ],
    coverages: history.coverage.map((one, index) => ({
      reference: `Coverage/${index}`,
      payer: organizationOf(one.payer),
      product: one.product,
      planType: one.planType,
      ...span(one),
    })),
    contacts: rows.filter((row) => row.kind !== 'message' && activityKind(row) === undefined).map(toContact),
    messages: rows.filter(({ kind, status }) => kind === 'message' && status !== 'entered-in-error').map(toMessage),
    support: rows.flatMap((row) => toActivity(row, organization)),
    coaches: new Map(history.coaches.map((one) => [practitioner(one.id), toCoach(history, one)])),
  };
}

function toContact(row: ContactRow): Contact {
  return {
    reference: `Encounter/${row.externalId}`,
    coach: practitioner(row.coachId),
    episode,
    episodeProblem: undefined,
    start: row.startTime,
    status: row.status === 'entered-in-error' ? 'entered-in-error' : (row.encounterStatus ?? 'finished'),
    modality: row.modality as Modality,
    accompaniment: row.kind === 'accompaniment',
    group: row.kind === 'group',
    individualInteraction: row.individualInteraction,
    memberEngaged: row.memberEngaged,
    documentation: documentationOf(row),
    evidence: [`Encounter/${row.externalId}`],
    details: {
      ...noDetails,
      end: row.endTime,
      partOf: row.partOf === undefined ? undefined : `Encounter/${row.partOf}`,
      purposes: row.purpose === undefined ? [] : [row.purpose],
      goals: (row.goalIds ?? []).map((id) => `Goal/${id}`),
      supportCategories: row.supportCategories ?? [],
      fidelityTags: (row.tags ?? []).map((tag) => ({ tag, temporary: undefined })),
      places: row.place === undefined ? [] : [row.place],
      group:
        row.kind === 'group'
          ? {
              size: row.groupSize,
              therapistPresent: row.therapistPresent,
              mat: row.mat,
              lead: row.groupLead === undefined ? undefined : practitioner(row.groupLead),
            }
          : undefined,
    },
  };
}

export function documentationOf({ documentedAt, signedBy, status }: ContactRow): Documentation[] {
  if (documentedAt === undefined) return [];
  return [
    {
      status: status === 'final' ? 'final' : 'preliminary',
      signedAt: documentedAt,
      signedBy: signedBy === undefined ? [] : [practitioner(signedBy)],
      evidence: [],
    },
  ];
}

function toMessage(row: ContactRow): Message {
  return {
    reference: `Communication/${row.externalId}`,
    coach: practitioner(row.coachId),
    episodes: [episode],
    medium: row.modality === 'email' ? 'email' : 'text',
    owner: 'employer',
    sent: row.startTime,
    recordedAt: row.recordedAt,
    fromMember: row.direction === 'from-member',
    automatic: row.automatic ?? false,
    purposes: row.purpose === undefined ? [] : [row.purpose],
    goals: (row.goalIds ?? []).map((id) => `Goal/${id}`),
  };
}

export function toActivity(row: ContactRow, organization: string): SupportActivity[] {
  const category = activityKind(row);
  if (category === undefined || row.status === 'entered-in-error') return [];
  return [
    {
      reference: `Procedure/${row.externalId}`,
      coaches: [practitioner(row.coachId)],
      organization,
      start: row.startTime,
      end: row.endTime,
      status: row.encounterStatus ?? 'completed',
      category,
      partyType: row.partyType,
      clientPresent: row.clientPresent,
      purposes: row.purpose === undefined ? [] : [row.purpose],
      outcome: [],
    },
  ];
}

/** `hire` and `end` are one role as coach where the episode is. */
export function rolesOf(history: History, { end, hire, roles }: Coach): readonly Role[] {
  return roles ?? [{ organization: history.organization?.id ?? 'employer', role: 'coach', start: hire, end }];
}

/** The pack's names of issuers. */
const issuers: Readonly<Record<string, string>> = {
  board: 'Massachusetts Board of Substance Abuse Counselor Certification',
  dph: 'Massachusetts Department of Public Health',
};

function toCoach(history: History, coach: Coach): CoachFacts {
  const held = rolesOf(history, coach).map((role, index) => ({
    supervises: role.role === 'supervisor',
    fact: {
      reference: `PractitionerRole/${coach.id}-${index}`,
      organization: workplace(history, role),
      associate: role.role === 'associate',
      ...span(role),
    },
  }));
  return {
    practitioner: practitioner(coach.id),
    roles: held.flatMap(({ fact, supervises }) => (supervises ? [] : [fact])),
    supervisorRoles: held.flatMap(({ fact, supervises }) => (supervises ? [fact] : [])),
    qualifications: coach.qualifications.map((held) => ({
      code: held.code,
      number: held.number,
      issuer: held.issuer,
      issuerName: issuers[held.issuer ?? ''] ?? held.issuer,
      attestedAsOf: held.attestedAsOf,
      attestedMonths: held.months,
      hours: held.hours,
      waivers: (held.waivers ?? []).map((waiver) => ({
        payer: organizationOf(waiver.payer),
        approved: waiver.approved,
        document: waiver.document,
        ...span(waiver),
      })),
      ...span(held),
    })),
    evidence: [],
  };
}

export function workplace(history: History, { organization }: Role): string {
  const { organization: billing } = history;
  return billing?.kind === 'practitioner' && billing.id === organization
    ? practitioner(organization)
    : organizationOf(organization);
}

/** A request is there from the beginning, and open until its decision is recorded. */
export function isDecided({ decision, recordedAt }: Authorization, knownAt: string): boolean {
  if (decision === undefined || decision === 'pending') return false;
  return recordedAt === undefined || Date.parse(recordedAt) <= Date.parse(knownAt);
}

/** Who bills for himself is no Organization. */
export function organizationsOf(history: History): OrganizationFacts[] {
  const entity = billingEntity(history);
  const licences = (history.organization?.licences ?? []).map(({ services = [], ...held }) => ({
    number: 'L-1',
    services,
    ...span(held),
  }));
  return entity.startsWith('Organization/') ? [{ reference: entity, active: true, types: [], licences }] : [];
}

/** What billing reads beside the member's own facts. */
export function billingFacts(history: History, knownAt: string): BillingFacts {
  const entity = billingEntity(history);
  return {
    organizations: organizationsOf(history),
    // A history's coaches are all that its organisation employs.
    wholeStaff: true,
    authorizations: (history.authorizations ?? []).map((one) => {
      const decided = isDecided(one, knownAt);
      return {
        reference: `ClaimResponse/${one.id}`,
        request: `Claim/${one.id}`,
        payer: organizationOf(one.payer),
        organization: entity,
        decision: decided ? (one.decision ?? 'pending') : 'pending',
        created: decided ? one.recordedAt : undefined,
        units: undefined,
        ...span((decided ? one.authorized : undefined) ?? {}),
      };
    }),
    charges: (history.charges ?? []).map((one) => ({
      reference: `ChargeItem/${one.id}`,
      status: one.status,
      organization: organizationOf(one.organization),
      episode,
      at: one.date,
      codes: [],
      services: [],
      quantity: 1,
    })),
    plans: (history.carePlans ?? []).map((one) => ({
      reference: `CarePlan/${one.id}`,
      kind: one.kind,
      status: 'active',
      encounter: one.contact === undefined ? undefined : `Encounter/${one.contact}`,
      contributors: one.contributors.map((id) => (id === 'member' ? patient : practitioner(id))),
      goals: (one.goals ?? []).map((id) => `Goal/${id}`),
      partOf: [],
      start: undefined,
      end: undefined,
    })),
    goals: (history.goals ?? []).map((one) => ({
      reference: `Goal/${one.id}`,
      lifecycleStatus: 'active',
      achievement: undefined,
      setAt: one.contact === undefined ? undefined : `Encounter/${one.contact}`,
    })),
  };
}

export function notificationFacts(history: History): NotificationFact[] {
  return (history.notifications ?? []).map((one) => ({
    reference: `Task/${one.id}`,
    kind: 'notification-of-admission',
    episode,
    payers: [organizationOf(one.payer)],
    sentAt: one.sentAt,
    acknowledgedAt: one.acknowledgedAt,
  }));
}
