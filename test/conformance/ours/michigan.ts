import { accountsOf } from '../../../src/domain/accounts.ts';
import type { Question, RuleAnswer } from '../../../src/domain/answer.ts';
import { pairEncounter } from '../../../src/domain/ct-2-message-pairs.ts';
import type { MemberFacts } from '../../../src/domain/facts/facts.ts';
import type { Authorization, Funding } from '../../../src/domain/facts/michigan-authorizations.ts';
import { type Criterion, criterionIds, type Eligibility } from '../../../src/domain/facts/michigan-eligibility.ts';
import type {
  EpisodeMode,
  PartyConsent,
  PeerRoleFact,
  ServiceMode,
} from '../../../src/domain/facts/michigan-episode.ts';
import type { ActivityDetails } from '../../../src/domain/facts/michigan-services.ts';
import type { Supervision } from '../../../src/domain/facts/supervision.ts';
import { m1Eligible, m2Criteria } from '../../../src/domain/m-1-m-2-eligibility.ts';
import { m9PostAcute } from '../../../src/domain/m-9-post-acute.ts';
import { m10SameDates, m20Allowance } from '../../../src/domain/m-10-m-20-requests.ts';
import { m12Supervised } from '../../../src/domain/m-12-supervision.ts';
import { m13Recovery } from '../../../src/domain/m-13-recovery.ts';
import { m16Lost } from '../../../src/domain/m-16-lost.ts';
import { m22Licensed } from '../../../src/domain/m-22-licence.ts';
import { type JudgedService, michiganServices } from '../../../src/domain/michigan-billing.ts';
import { type MichiganFacts } from '../../../src/domain/michigan-facts.ts';
import type { Answer, ContactRow, Eligibility as EligibilityRow, History } from '../rules/format.ts';
import {
  documentationOf,
  episode,
  isDecided,
  organizationOf,
  organizationsOf,
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

/** M-0 of one contact, or of the parts of an interrupted one by any of them, with the code, units and sources that its parts tell. */
export function serviceAnswer(asked: Michigan, contact: string): NonNullable<Answer['service']> {
  const found = judgedOf(asked, contact);
  if (!found) return { contact, result: 'not-applicable' };
  const { code, modifiers, units } = found;
  const { figures, outcome } = found.answer;
  const warnings = Object.entries(figures).filter(([name]) => name.endsWith('-warning'));
  return {
    contact,
    result: outcome.result,
    reasons: 'reasons' in outcome ? outcome.reasons : [],
    code,
    modifiers,
    units,
    sources: String(figures['sources'] ?? '')
      .split(' ')
      .filter((word) => word !== ''),
    warning: warnings.map(([, value]) => value).join(' '),
  };
}

function judgedOf({ facts, history, question }: Michigan, contact: string): JudgedService | undefined {
  const { episode, knownAt, payer, ruleset } = question;
  const account = accountsOf(facts, [ruleset], knownAt).find(
    (one) => one.payer === payer && one.episode.reference === episode.reference,
  );
  const services = account ? michiganServices(facts, michiganFacts(history, facts, knownAt), account, knownAt) : [];
  return services.find(({ linked, service }) =>
    [service, ...linked].some(({ reference }) =>
      [`Encounter/${contact}`, `Procedure/${contact}`, pairEncounter(`Communication/${contact}`)].includes(reference),
    ),
  );
}

function michiganFacts(history: History, facts: MemberFacts, knownAt: string): MichiganFacts {
  const rows = rowsOf(history, knownAt);
  return {
    roles: peerRoles(history),
    eligibilities: (history.eligibility ?? []).map(toEligibility),
    fundings: fundingOf(history),
    authorizations: authorizationsOf(history, knownAt),
    consents: consentsOf(history),
    modes: [episodeMode(history)],
    organizations: organizationsOf(history),
    activities: new Map(
      facts.support.flatMap(({ reference }) => {
        const row = rows.find(({ externalId }) => reference === `Procedure/${externalId}`);
        return row ? [[reference, detailsOf(row)] as const] : [];
      }),
    ),
    charges: [],
  };
}

/** A Michigan rule by its id, about the contact or authorization `of` where it asks about one. */
export function michiganRule(asked: Michigan, id: string, of: string | undefined): RuleAnswer | undefined {
  const { facts, history, question } = asked;
  const part = of === undefined ? undefined : judgedOf(asked, of)?.parts.find(({ rule }) => rule === id);
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
    case 'M-13':
      return m13Recovery(question, practitioner(of ?? ''), peerRoles(history), facts.coaches);
    case 'M-22':
      return m22Licensed(question, episodeMode(history), organizationsOf(history));
    case 'M-16':
      return m16Lost(question, facts.support, []);
    case 'M-20':
      return request && m20Allowance(question, request);
    default:
      return undefined;
  }
}

function consentsOf({ familyConsents }: History): PartyConsent[] {
  return (familyConsents ?? []).map((one) => ({
    reference: `Consent/${one.id}`,
    parties: one.parties.map((id) => `RelatedPerson/${id}`),
    ...span(one),
  }));
}

function detailsOf(row: ContactRow): ActivityDetails {
  return {
    supportCategories: row.supportCategories ?? [],
    tags: row.tags ?? [],
    parties: (row.parties ?? []).map((id) => `RelatedPerson/${id}`),
    overseers: [],
    activities: [],
    documentation: documentationOf(row),
  };
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

export function supervisions({ supervisions: held }: History): Supervision[] {
  return (held ?? []).map((one) => ({
    reference: `Appointment/${one.id}`,
    supervisors: [practitioner(one.supervisor)],
    coaches: [practitioner(one.coach)],
    start: one.start,
    fulfilled: true,
    kind: undefined,
  }));
}
