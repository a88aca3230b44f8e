import type { Question, RuleAnswer } from '../../../src/domain/answer.ts';
import type { Contact, MemberFacts } from '../../../src/domain/facts/facts.ts';
import type { Authorization, Funding } from '../../../src/domain/facts/michigan-authorizations.ts';
import { type Criterion, criterionIds, type Eligibility } from '../../../src/domain/facts/michigan-eligibility.ts';
import type {
  EpisodeMode,
  PartyConsent,
  PeerRoleFact,
  ServiceMode,
} from '../../../src/domain/facts/michigan-episode.ts';
import { type Service, serviceOfActivity, serviceOfContact } from '../../../src/domain/facts/michigan-services.ts';
import type { Supervision } from '../../../src/domain/facts/supervision.ts';
import { m0Billable } from '../../../src/domain/m-0-billable.ts';
import { m1Eligible, m2Criteria } from '../../../src/domain/m-1-m-2-eligibility.ts';
import { serviceCode } from '../../../src/domain/m-3-m-4-service-code.ts';
import { m5Units } from '../../../src/domain/m-5-units.ts';
import { m6Funding } from '../../../src/domain/m-6-funding.ts';
import { m7Supports } from '../../../src/domain/m-7-supports.ts';
import { m8ActivityNote } from '../../../src/domain/m-8-activity-note.ts';
import { m9PostAcute } from '../../../src/domain/m-9-post-acute.ts';
import { m10SameDates, m20Allowance } from '../../../src/domain/m-10-m-20-requests.ts';
import { m11Authorization } from '../../../src/domain/m-11-authorization.ts';
import { m12Supervised } from '../../../src/domain/m-12-supervision.ts';
import { m14Trained } from '../../../src/domain/m-14-training.ts';
import { m16Lost } from '../../../src/domain/m-16-lost.ts';
import { m18FamilyConsent } from '../../../src/domain/m-18-family-consent.ts';
import { m24Exclusions } from '../../../src/domain/m-24-exclusions.ts';
import type { Answer, Eligibility as EligibilityRow, History } from '../rules/format.ts';
import {
  activityKind,
  billingEntity,
  documentationOf,
  episode,
  isDecided,
  organizationOf,
  practitioner,
  rolesOf,
  rowsOf,
  span,
  workplace,
} from './facts.ts';

/** Everything that Michigan's rules read about a history at K. */
interface Michigan {
  readonly history: History;
  readonly facts: MemberFacts;
  readonly question: Question;
}

/** M-0 of one contact, with the code, units and sources that its parts tell. */
export function serviceAnswer(asked: Michigan, contact: string): NonNullable<Answer['service']> {
  const service = serviceOf(asked, contact);
  if (!service) return { contact, result: 'not-applicable' };
  const { figures, outcome } = m0Billable(asked.question, service, peerRoles(asked.history), partsOf(asked, service));
  const words = (name: string): string[] =>
    String(figures[name] ?? '')
      .split(' ')
      .filter((word) => word !== '');
  const warnings = Object.entries(figures).filter(([name]) => name.endsWith('-warning'));
  return {
    contact,
    result: outcome.result,
    reasons: 'reasons' in outcome ? outcome.reasons : [],
    code: figures['code']?.toString(),
    modifiers: words('modifiers'),
    units: typeof figures['units'] === 'number' ? figures['units'] : undefined,
    sources: words('sources'),
    warning: warnings.map(([, value]) => value).join(' '),
  };
}

/** A Michigan rule by its id, about the contact or authorization `of` where it asks about one. */
export function michiganRule(asked: Michigan, id: string, of: string | undefined): RuleAnswer | undefined {
  const { facts, history, question } = asked;
  const service = of === undefined ? undefined : serviceOf(asked, of);
  const part = service && partsOf(asked, service).find(({ rule }) => rule === id);
  if (part) return part;
  const requests = authorizationsOf(history, question.knownAt);
  const request = requests.find(({ reference }) => reference === `Claim/${of ?? ''}`);
  switch (id) {
    case 'M-1':
      return m1Eligible(question, (history.eligibility ?? []).map(toEligibility));
    case 'M-2':
      return m2Criteria(question, (history.eligibility ?? []).map(toEligibility));
    case 'M-9':
      return m9PostAcute(question, episodeMode(history));
    case 'M-10':
      return request && m10SameDates(question, request, requests);
    case 'M-12':
      return m12Supervised(question, practitioner(of ?? ''), supervisions(history), facts.coaches);
    case 'M-16':
      return m16Lost(question, facts.support, []);
    case 'M-20':
      return request && m20Allowance(question, request);
    default:
      return undefined;
  }
}

function partsOf({ facts, history, question }: Michigan, service: Service): RuleAnswer[] {
  const roles = peerRoles(history);
  const code = serviceCode(question, service, roles);
  return [
    m1Eligible(question, (history.eligibility ?? []).map(toEligibility)),
    code,
    m5Units(question, [service]),
    m6Funding(question, service, fundingOf(history)),
    m7Supports(question, service, roles),
    m8ActivityNote(question, service),
    m11Authorization(question, service, authorizationsOf(history, question.knownAt), codeOf(code)),
    m14Trained(question, service, roles, facts.coaches),
    ...(service.partyType === 'family' ? [m18FamilyConsent(question, service, consentsOf(history))] : []),
    m24Exclusions(question, service),
  ];
}

function codeOf({ figures }: RuleAnswer): string | undefined {
  return typeof figures['code'] === 'string' ? figures['code'] : undefined;
}

function consentsOf({ familyConsents }: History): PartyConsent[] {
  return (familyConsents ?? []).map((one) => ({
    reference: `Consent/${one.id}`,
    parties: one.parties.map((id) => `RelatedPerson/${id}`),
    ...span(one),
  }));
}

/** Several coaches of one session are one service. */
function serviceOf({ facts, history, question }: Michigan, contact: string): Service | undefined {
  const organization = billingEntity(history);
  const row = rowsOf(history, question.knownAt).find(({ externalId }) => externalId === contact);
  if (!row) return undefined;
  const activity = facts.support.find(({ reference }) => reference === `Procedure/${contact}`);
  if (activity && activityKind(row)) {
    const details = {
      supportCategories: row.supportCategories ?? [],
      tags: row.tags ?? [],
      parties: (row.parties ?? []).map((id) => `RelatedPerson/${id}`),
      overseers: [],
      activities: [],
      documentation: documentationOf(row),
    };
    return { ...serviceOfActivity(activity, details), places: row.place === undefined ? [] : [row.place] };
  }
  const contacts = facts.contacts.filter(({ reference }) => reference === `Encounter/${contact}`);
  const [first, ...more] = contacts as [Contact, ...Contact[]];
  return first && serviceOfContact([first, ...more], organization);
}

function peerRoles(history: History): PeerRoleFact[] {
  return history.coaches.flatMap((coach) =>
    rolesOf(history, coach).flatMap((role, index) =>
      role.role === 'supervisor'
        ? []
        : [
            {
              reference: `PractitionerRole/${coach.id}-${index}`,
              practitioner: practitioner(coach.id),
              organization: workplace(history, role),
              role: role.role,
              engagement: undefined,
              ...span(role),
            },
          ],
    ),
  );
}

function authorizationsOf({ authorizations }: History, knownAt: string): Authorization[] {
  return (authorizations ?? []).map((one) => {
    const decided = isDecided(one, knownAt);
    return {
      reference: `Claim/${one.id}`,
      response: decided ? `ClaimResponse/${one.id}` : undefined,
      payer: organizationOf(one.payer),
      providers: [organizationOf(one.provider ?? 'employer')],
      requested: span(one.requested ?? {}),
      parent: one.parent === undefined ? undefined : `Claim/${one.parent}`,
      prior: one.prior === undefined ? undefined : `Claim/${one.prior}`,
      justification: one.justification === undefined ? [] : [one.justification],
      progress: one.progress === undefined ? [] : [one.progress],
      items: (one.services ?? []).map(({ code, review, units }) => ({ code, units, review })),
      decision: decided ? 'complete' : undefined,
      number: decided ? one.number : undefined,
      hasErrors: false,
      authorized: decided ? span(one.authorized ?? {}) : span({}),
      allowance: one.allowance,
    };
  });
}

function fundingOf({ fundingSource }: History): Funding[] {
  return (fundingSource ?? []).map((one, index) => ({
    reference: `Coverage/funding-${index}`,
    source: one.source,
    ...span(one),
  }));
}

function toEligibility({ agreement, authored, criteria }: EligibilityRow, index: number): Eligibility {
  const entries = criterionIds.map((id): [string, Criterion] => [
    id,
    {
      said: criteria[id]?.said,
      evidence: [...(criteria[id]?.codes ?? []), ...(criteria[id]?.evidence ?? [])],
      codes: criteria[id]?.codes ?? [],
    },
  ]);
  return {
    reference: `QuestionnaireResponse/${index}`,
    authored,
    agreement,
    criteria: Object.fromEntries(entries) as Eligibility['criteria'],
  };
}

function episodeMode({ episode: said }: History): EpisodeMode {
  return { episode, mode: said.mode as ServiceMode | undefined, acuteCareEnd: said.acuteCareEnd, endReason: undefined };
}

function supervisions({ supervisions: held }: History): Supervision[] {
  return (held ?? []).map((one) => ({
    reference: `Appointment/${one.id}`,
    supervisors: [practitioner(one.supervisor)],
    coaches: [practitioner(one.coach)],
    start: one.start,
    fulfilled: true,
    kind: undefined,
  }));
}
