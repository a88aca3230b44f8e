import { inclusionsOf, requestsOf, wellnessPlanFirewall } from '../../../src/domain/a-4-wellness-plan-firewall.ts';
import type { Question, RuleAnswer } from '../../../src/domain/answer.ts';
import type { PlanConsent } from '../../../src/domain/facts/consents.ts';
import type { MemberFacts } from '../../../src/domain/facts/facts.ts';
import type { FamilyPlan, FamilyState } from '../../../src/domain/facts/family-plans.ts';
import type { Affiliation } from '../../../src/domain/facts/organizations.ts';
import type { ReferralFact } from '../../../src/domain/facts/referrals.ts';
import { licensedOrganization } from '../../../src/domain/or-1-billing-organization.ts';
import { agreementMatrix, referralVolume } from '../../../src/domain/or-3-agreements.ts';
import { planDomainGaps, planOfSafeCare } from '../../../src/domain/ps-plan-of-safe-care.ts';
import { adverseEventsReported } from '../../../src/domain/q-1-adverse-events.ts';
import { hasReferral, referrerAttested } from '../../../src/domain/rf-referral.ts';
import { mayExposePlan } from '../../../src/domain/wp-wellness-plan.ts';
import type { History } from '../rules/format.ts';
import {
  billingEntity,
  billingFacts,
  episode,
  organizationOf,
  organizationsOf,
  patient,
  practitioner,
  span,
} from './facts.ts';

interface Asked {
  readonly history: History;
  readonly facts: MemberFacts;
  readonly question: Question;
}

/** Rules about what is kept on paper: agreements, licences, referrals, plans, consents, events; `of` is the plan where there are several. */
export function recordsRule(asked: Asked, id: string, of: string | undefined): RuleAnswer | undefined {
  const { history, question } = asked;
  const about = { ...question, organization: billingEntity(history) };
  switch (id) {
    case 'OR-2':
      return licensedOrganization(about, organizationsOf(history));
    case 'OR-3':
      return agreementMatrix(about, affiliations(history));
    case 'OR-4':
      return referralVolume(about, referrals(history), affiliations(history));
    case 'RF-1':
      return hasReferral(question, ofMember(history));
    case 'RF-2':
      return referrerAttested(question, ofMember(history));
    case 'PS-1':
      return planOfSafeCare(question, states(history), safeCarePlans(history));
    case 'PS-2':
      return planDomainGaps(question, safeCarePlans(history));
    case 'Q-1':
      return adverseEventsReported(question, events(history));
    case 'WP-2':
      return exposure(asked, of ?? '');
    case 'A-4':
      return firewall(asked);
    default:
      return undefined;
  }
}

function exposure({ facts, history, question }: Asked, plan: string): RuleAnswer {
  const { date, knownAt, payer, ruleset } = question;
  const alwaysSees = [facts.patient, ...(facts.episodes[0]?.careManager ?? [])];
  return mayExposePlan(
    { ruleset, date, knownAt, plan: `CarePlan/${plan}`, recipient: payer, alwaysSees },
    consents(history),
  );
}

function firewall({ history, question }: Asked): RuleAnswer {
  const additions = (history.additions ?? []).map(({ at, by, carePlan, payer }) => ({
    reference: 'Task/package',
    plan: `CarePlan/${carePlan}`,
    payers: [organizationOf(payer)],
    episode,
    addedBy: by === undefined ? undefined : practitioner(by),
    addedAt: at,
  }));
  const requests = (history.reviewRequests ?? []).map(({ at, id, payer, required }) => ({
    reference: `Task/${id}`,
    payer: organizationOf(payer),
    episode,
    at,
    required,
  }));
  const { plans } = billingFacts(history, question.knownAt);
  return wellnessPlanFirewall(
    question,
    plans,
    inclusionsOf(question, additions, consents(history)),
    requestsOf(question, requests),
  ).answer;
}

function consents({ consents: given }: History): PlanConsent[] {
  return (given ?? []).map((one) => ({
    reference: `Consent/${one.id}`,
    plan: `CarePlan/${one.carePlan}`,
    permits: one.permits ?? true,
    active: (one.status ?? 'active') === 'active',
    given: one.given,
    recipients: (one.to ?? []).map(organizationOf),
    ...span(one),
  }));
}

function affiliations(history: History): Affiliation[] {
  return (history.affiliations ?? []).map((one) => ({
    reference: `OrganizationAffiliation/${one.id}`,
    organization: billingEntity(history),
    partner: organizationOf(one.partner),
    active: true,
    categories: one.categories,
    agreements: one.agreements.map(({ clauses, document }) => ({
      type: undefined,
      document: document === undefined ? undefined : `DocumentReference/${document}`,
      clauses,
    })),
    ...span(one),
  }));
}

function referrals({ referrals: made }: History): ReferralFact[] {
  return (made ?? []).map((one) => ({
    reference: `ServiceRequest/${one.id}`,
    status: one.status ?? 'active',
    member: one.of === undefined ? patient : `Patient/${one.of}`,
    authoredOn: one.authored,
    requester: one.from === undefined ? patient : `PractitionerRole/${one.from}`,
    requesterOrganization: one.from === undefined ? undefined : organizationOf(one.from),
    requesterKinds: one.kinds ?? [],
    performers: (one.to ?? []).map(organizationOf),
    hasReason: one.reason ?? true,
    attestations: one.attested === undefined ? [] : [{ reference: `DocumentReference/${one.id}`, on: one.attested }],
  }));
}

function ofMember(history: History): ReferralFact[] {
  return referrals({ ...history, referrals: (history.referrals ?? []).filter(({ of }) => of === undefined) });
}

function states({ family }: History): FamilyState[] {
  return (family ?? []).map((one, index) => ({ reference: `Observation/family-${index}`, ...one }));
}

function safeCarePlans({ safeCarePlans: made }: History): FamilyPlan[] {
  return (made ?? []).map((one) => ({
    reference: `CarePlan/${one.id}`,
    status: one.status,
    dcfStatus: undefined,
    infantPlan: undefined,
    domains: Object.entries(one.domains).map(([domain, status]) => ({ domain, status })),
    activities: Object.entries(one.activities).map(([domain, owners]) => ({ domains: [domain], owners })),
    ...span(one),
  }));
}

function events({ adverseEvents }: History) {
  return (adverseEvents ?? []).map(({ id, on, reports }) => ({
    reference: `AdverseEvent/${id}`,
    on,
    reports: reports.map((one, index) => ({
      reference: `Task/${id}-${index}`,
      status: one === 'sent' ? 'completed' : 'requested',
    })),
  }));
}
