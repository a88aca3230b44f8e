import { type AdverseEventFact, adverseEvents } from '../facts/adverse-events.ts';
import {
  type AuthorizationFact,
  authorizations,
  type ChargeFact,
  charges,
  type NotificationFact,
  notifications,
} from '../facts/authorizations.ts';
import {
  type CarePlanFact,
  carePlans,
  type GoalFact,
  goals,
  type StageFact,
  stageObservations,
} from '../facts/care-plans.ts';
import { Coaches } from '../facts/coaches.ts';
import { type PlanConsent, planConsents } from '../facts/consents.ts';
import { type CriteriaAttestation, criteriaAttestations } from '../facts/criteria-attestations.ts';
import { literal } from '../facts/extensions.ts';
import { byType, type CoachFacts, type Recorded } from '../facts/facts.ts';
import { type FamilyPlan, type FamilyState, familyPlans, familyStates } from '../facts/family-plans.ts';
import { type Languages, languagesOf } from '../facts/languages.ts';
import {
  type EpisodeMode,
  episodeModes,
  episodeTasks,
  type PartyConsent,
  partyConsents,
  type TaskFact,
} from '../facts/michigan-episode.ts';
import { type Affiliation, affiliations, type OrganizationFacts, organizationFacts } from '../facts/organizations.ts';
import { type PlanForm, planForms } from '../facts/plan-forms.ts';
import { type ProviderAttestation, providerAttestations } from '../facts/provider-attestations.ts';
import { type QualityPlan, qualityPlans, type SurveyFact, surveys } from '../facts/quality.ts';
import { type ReferralFact, referralFacts } from '../facts/referrals.ts';
import { type PlanAddition, planAdditions, type ReviewRequest, reviewRequests } from '../facts/review-tasks.ts';
import { type ClaimToSubmit, claimsToSubmit, type SubmissionFact, submissions } from '../facts/submissions.ts';
import { type Supervision, supervisions, supervisorsOf } from '../facts/supervision.ts';
import { type MichiganFacts, michiganFacts } from '../michigan-facts.ts';

/** What the rules read beside the member's own facts, as it was known at one instant. */
export interface RuleFacts {
  readonly authorizations: readonly AuthorizationFact[];
  readonly charges: readonly ChargeFact[];
  readonly notifications: readonly NotificationFact[];
  readonly plans: readonly CarePlanFact[];
  readonly planForms: readonly PlanForm[];
  readonly planConsents: readonly PlanConsent[];
  readonly planAdditions: readonly PlanAddition[];
  readonly reviewRequests: readonly ReviewRequest[];
  readonly goals: readonly GoalFact[];
  readonly stages: readonly StageFact[];
  readonly criteria: readonly CriteriaAttestation[];
  readonly adverseEvents: readonly AdverseEventFact[];
  readonly familyPlans: readonly FamilyPlan[];
  readonly familyStates: readonly FamilyState[];
  readonly languages: Languages;
  readonly episodeModes: readonly EpisodeMode[];
  readonly episodeTasks: readonly TaskFact[];
  readonly partyConsents: readonly PartyConsent[];
  readonly claimsToSubmit: readonly ClaimToSubmit[];
  readonly submissions: readonly SubmissionFact[];
  /** of the organisation about itself */
  readonly providerAttestations: readonly ProviderAttestation[];
  readonly michigan: MichiganFacts;
  /** the member's own referrals */
  readonly referrals: readonly ReferralFact[];
  readonly organizations: readonly OrganizationFacts[];
  /** those to which the organisation is a side */
  readonly affiliations: readonly Affiliation[];
  /** of the organisation, whoever they are about */
  readonly organizationReferrals: readonly ReferralFact[];
  readonly supervisions: readonly Supervision[];
  readonly qualityPlans: readonly QualityPlan[];
  readonly surveys: readonly SurveyFact[];
  /** everybody with a role, by Practitioner reference: the organisation's coaches and supervisors beside the member's */
  readonly people: ReadonlyMap<string, CoachFacts>;
  /** Practitioner references of those with a role as supervisor */
  readonly supervisors: ReadonlySet<string>;
}

/**
 * @param recorded the versions of the member's compartment, and of whom it names, that the organisation's answer rests on
 * @param organization versions outside of any compartment: the organisation's people, agreements, sessions, referrals and documents
 */
export function ruleFacts(
  patient: string,
  recorded: readonly Recorded[],
  organization: readonly Recorded[],
): RuleFacts {
  const member = byType(recorded);
  const own = byType(organization);
  const everybody = byType(unique([...recorded, ...organization]));
  const people = new Coaches(
    everybody('Practitioner'),
    everybody('PractitionerRole'),
    everybody('VerificationResult'),
    {
      organizations: everybody('Organization'),
      documents: everybody('DocumentReference'),
    },
  );
  const referralSources = {
    roles: everybody('PractitionerRole'),
    organizations: everybody('Organization'),
    documents: member('DocumentReference'),
  };
  const referred = everybody('ServiceRequest');
  return {
    authorizations: authorizations(member('ClaimResponse')),
    charges: charges(member('ChargeItem')),
    notifications: notifications(member('Task')),
    plans: carePlans(member('CarePlan'), people),
    planForms: planForms(member('CarePlan')),
    planConsents: planConsents(member('Consent')),
    planAdditions: planAdditions(member('Task'), people),
    reviewRequests: reviewRequests(member('Task')),
    goals: goals(member('Goal')),
    stages: stageObservations(member('Observation')),
    criteria: criteriaAttestations(member('DocumentReference'), people),
    adverseEvents: adverseEvents(member('AdverseEvent'), member('Task')),
    familyPlans: familyPlans(member('CarePlan')),
    familyStates: familyStates(member('Observation')),
    languages: languagesOf(member('Patient'), everybody('Practitioner')),
    episodeModes: episodeModes(member('EpisodeOfCare')),
    episodeTasks: episodeTasks(member('Task')),
    partyConsents: partyConsents(member('Consent')),
    claimsToSubmit: claimsToSubmit(member('Claim')),
    submissions: submissions(member('Task')),
    providerAttestations: providerAttestations(own('DocumentReference')),
    michigan: michiganFacts(recorded),
    referrals: referralFacts(
      referred.filter(({ resource }) => literal(resource.subject.reference) === patient),
      referralSources,
    ),
    organizations: organizationFacts(everybody('Organization')),
    affiliations: affiliations(own('OrganizationAffiliation')),
    organizationReferrals: referralFacts(referred, referralSources),
    supervisions: supervisions(own('Appointment'), people),
    qualityPlans: qualityPlans(own('DocumentReference')),
    surveys: surveys(own('QuestionnaireResponse')),
    people: people.facts,
    supervisors: supervisorsOf(everybody('PractitionerRole'), people),
  };
}

/** One version of each resource: both readings are of one instant, so they agree. */
function unique(recorded: readonly Recorded[]): Recorded[] {
  return [...new Map(recorded.map((one) => [`${one.resource.resourceType}/${one.resource.id}`, one])).values()];
}
