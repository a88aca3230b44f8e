import { answer, notApplicable, type RuleAnswer } from '../answer.ts';
import {
  type Asked,
  certifiedOrWorking,
  isAttested,
  isCertified,
  isWaived,
  isWorking,
  withinTwoYears,
} from '../b-5-coach-qualified.ts';
import type { Caseload } from '../cl-1-caseload.ts';
import { credentialRunway } from '../cr-4-credential-runway.ts';
import { coachRoster } from '../cr-6-roster.ts';
import { diplomaOn } from '../cr-7-diploma.ts';
import { approvedTraining } from '../cr-8-approved-training.ts';
import { lastSupervision } from '../cr-9-supervision.ts';
import { dateIn } from '../dating.ts';
import type { CoachFacts } from '../facts/facts.ts';
import { billingOrganization, licensedOrganization, type OrganizationQuestion } from '../or-1-billing-organization.ts';
import { agreementMatrix, referralVolume } from '../or-3-agreements.ts';
import { all, indeterminate, type Outcome } from '../outcome.ts';
import { adverseEventsReported } from '../q-1-adverse-events.ts';
import { clinicalOutcomes } from '../q-2-outcomes.ts';
import { qualityPlan } from '../q-3-quality-plan.ts';
import { hasReferral, referrerAttested } from '../rf-referral.ts';
import { ethicsAndSupervision } from '../x-3-ethics.ts';
import { earlyEngagement, fidelity } from '../x-fidelity.ts';
import { billingRules } from './billing.ts';
import type { RuleContext } from './context.ts';
import { forCoaches, once, type Rule, type Rules } from './told.ts';

/** People and organisations (domain model 2c and 8.1): rules about a coach answer for each coach of the episode. */
export const peopleRules: Rules = {
  'CR-1': papers('CR-1', attested('CR-1', 'recovery-attestation', 'recovery-not-attested')),
  'CR-2': papers('CR-2', (coach, { asked, question }) =>
    answer('CR-2', certifiedOrWorking(coach, question.date, asked), coach.evidence, {
      certified: isCertified(coach, question.date, asked).result === 'met',
    }),
  ),
  'CR-3': papers('CR-3', (coach, { asked, question }) =>
    isCertified(coach, question.date, asked).result === 'met'
      ? notApplicable('CR-3', 'certified')
      : answer('CR-3', isWorking(coach, question.date, asked), coach.evidence),
  ),
  'CR-4': forCoaches('CR-4', ({ asked, question }, { coach }) => credentialRunway(coach, question.date, asked)),
  'CR-5': papers('CR-5', waiver),
  'CR-6': once(
    ({ asked, facts, question }) => coachRoster(facts.people.values(), question.date, asked, question.knownAt).answer,
  ),
  'CR-7': forCoaches('CR-7', ({ question }, { coach }) => diplomaOn(coach, question.date, question.ruleset)),
  'CR-8': forCoaches('CR-8', ({ facts, question }, { coach }) => {
    const supervisors = [...facts.people.values()].filter(({ practitioner }) => facts.supervisors.has(practitioner));
    return approvedTraining(coach, supervisors, question.date, question.ruleset);
  }),
  'CR-9': forCoaches('CR-9', ({ facts, question }, { series }) =>
    lastSupervision(series.coach, facts.supervisions, question),
  ),
  'CR-10': papers('CR-10', attested('CR-10', 'board-requirements', 'board-requirements-not-attested')),
  'OR-1': once((context) =>
    billingOrganization(organizationOf(context), context.facts.organizations, context.facts.people.values()),
  ),
  'OR-2': once((context) => licensedOrganization(organizationOf(context), context.facts.organizations)),
  'OR-3': once((context) => agreementMatrix(organizationOf(context), context.facts.affiliations)),
  'OR-4': once((context) =>
    referralVolume(organizationOf(context), context.facts.organizationReferrals, context.facts.affiliations),
  ),
  'RF-1': once(({ facts, question }) => hasReferral(question, facts.referrals)),
  'RF-2': once(({ facts, question }) => referrerAttested(question, facts.referrals)),
  'X-1': once(({ question }) => fidelity(question)),
  'X-2': forCoaches('X-2', ({ question }, { contacts }) => earlyEngagement({ ...question, contacts })),
  'X-3': forCoaches('X-3', ({ facts, question }, { coach }) =>
    ethicsAndSupervision(coach, facts.supervisions, question),
  ),
  'Q-1': once(({ facts, question }) => adverseEventsReported(question, facts.adverseEvents)),
  'Q-2': once(outcomesOfMember),
  'Q-3': once(({ facts, question }) => qualityPlan(question, facts.qualityPlans, facts.surveys)),
};

/** A rule about a coach's papers: of a coach about whom nothing is known nobody can say. */
function papers(id: string, rule: (coach: CoachFacts, context: RuleContext) => RuleAnswer): Rule {
  return forCoaches(id, (context, { coach }: Caseload) =>
    coach ? rule(coach, context) : answer(id, indeterminate('missing: Practitioner')),
  );
}

function attested(id: string, code: string, contradiction: string) {
  return (coach: CoachFacts, { question: { date, ruleset } }: RuleContext): RuleAnswer =>
    answer(id, isAttested(coach, code, date, ruleset.zone, `${id} ${contradiction}`), coach.evidence);
}

/** A waiver is asked for only where something is to be waived. */
function waiver(coach: CoachFacts, { asked, question: { date } }: RuleContext): RuleAnswer {
  const outcome = isWaived(coach, date, asked);
  if (outcome.result !== 'met' && credential(coach, date, asked).result === 'met')
    return notApplicable('CR-5', 'nothing-to-waive');
  return answer('CR-5', outcome, coach.evidence);
}

function credential(coach: CoachFacts, date: RuleContext['question']['date'], asked: Asked): Outcome {
  return all(certifiedOrWorking(coach, date, asked), withinTwoYears(coach, date, asked));
}

/** The report's row of this member: over the days of the episode, with the answers of the service's own rules. */
function outcomesOfMember(context: RuleContext): RuleAnswer {
  const { facts, question } = context;
  const { episode, ruleset } = question;
  const since = dateIn(ruleset.zone, episode.start);
  if (since === undefined) return answer('Q-2', indeterminate('missing: EpisodeOfCare.period.start'));
  const answers = ownRules
    .filter((id) => id in ruleset.rules)
    .flatMap((id) => billingRules[id]?.(context) ?? [])
    .map((told) => told.answer);
  const endReason = facts.episodeModes.find((one) => one.episode === episode.reference)?.endReason;
  const row = {
    episode: { episode: episode.reference, start: episode.start, end: episode.end, endReason },
    goals: facts.goals,
    stages: facts.stages,
    answers,
  };
  return clinicalOutcomes(question, [row], since);
}

/** What a payer's specification asks of the service itself. */
const ownRules: readonly string[] = ['O-1', 'O-2', 'T-1', 'T-2', 'T-4'];

function organizationOf({ question: { date, episode, ruleset } }: RuleContext): OrganizationQuestion {
  return { ruleset, date, organization: episode.organization };
}
