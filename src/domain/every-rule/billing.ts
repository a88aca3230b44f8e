import { addDays } from '../../base/time.ts';
import { notificationToPlan } from '../a-1-notification.ts';
import { approvalOn, type ServiceHistory } from '../a-2-first-ninety-days.ts';
import {
  continuingStay,
  documentsForReview,
  duringExemption,
  type ReviewSources,
  reviewPackage,
} from '../a-3-review-package.ts';
import { inclusionsOf, requestsOf, wellnessPlanFirewall } from '../a-4-wellness-plan-firewall.ts';
import { planRegistration } from '../a-6-registration.ts';
import { answer, notApplicable, type RuleAnswer } from '../answer.ts';
import { chargeCode, minimumRate } from '../b-4-case-rate.ts';
import { isCoachQualified } from '../b-5-coach-qualified.ts';
import { billingDays } from '../billing.ts';
import { caseloadOn } from '../cl-1-caseload.ts';
import { evidenceOfPeriod, stagesOfNotes } from '../d-1-documentation.ts';
import { dateIn } from '../dating.ts';
import { measureOn } from '../measures.ts';
import { any, indeterminate, met, notMet, type Outcome } from '../outcome.ts';
import { goalsMeeting, wellnessPlanMeeting } from '../t-1-onset-meeting.ts';
import { fiveInThirty } from '../t-2-five-in-thirty.ts';
import { weeklyContacts } from '../t-3-weekly.ts';
import { supportWork } from '../t-4-support-work.ts';
import { aboutContact, type RuleContext } from './context.ts';
import { forCoaches, forContacts, once, type Rules } from './told.ts';

/** The case rate's minima, billing, authorization and documentation (domain model 2a, 2b and 8.1). */
export const billingRules: Rules = {
  'O-1': once(oneInPeriod),
  'O-2': once(({ facts, question }) => goalsMeeting(question, facts.plans, facts.goals)),
  'T-1': once(({ facts, member, question }) => wellnessPlanMeeting(question, member.patient, facts.plans)),
  'T-2': once(({ death, question }) => fiveInThirty(question, death)),
  'T-3': once(({ death, question }) => weeklyContacts(question, death)),
  'T-4': once(({ death, member, question }) => supportWork(question, member.support, death)),
  'B-1': once(({ question }) => chargeCode(question)),
  'B-2': once((context) => billedDay('B-2', context)),
  // No contract's amounts reach Footbridge: the rule says that they are missing, which is what a person must compare.
  'B-3': once(({ question }) => minimumRate(question)),
  'B-4': once((context) => billedDay('B-4', context)),
  'B-5': forCoaches('B-5', ({ asked, question }, { coach }) =>
    answer('B-5', isCoachQualified(coach, question.date, asked), coach?.evidence ?? []),
  ),
  'A-1': once(({ account, facts, question }) => notificationToPlan(question, account.coverage, facts.notifications)),
  'A-2': once(approval),
  'A-3': once(
    (context) =>
      duringExemption('A-3', context.question, approval(context)) ??
      reviewPackage(context.question, reviewSources(context)).answer,
  ),
  'A-4': once((context) => reviewSources(context).firewall.answer),
  'A-5': once(
    (context) =>
      duringExemption('A-5', context.question, approval(context)) ??
      continuingStay(context.question, context.facts.criteria, isEngaged(context)),
  ),
  'A-6': once(({ facts, question }) => planRegistration(question, facts.notifications)),
  'D-1': forContacts(
    'D-1',
    (context, contact) => stagesOfNotes(aboutContact(context, contact), context.facts.stages),
    ({ contact }) => contact.documentation.some(({ status }) => status === 'final'),
  ),
  'D-2': once((context) => evidenceOfPeriod(context.question, minimaOf(context), context.death)),
  'D-3': once((context) => documentsForReview(context.question, reviewSources(context)).answer),
};

/** The figure that `$caseload-status` tells as a measure, over the contacts with any coach. */
function oneInPeriod({ question }: RuleContext): RuleAnswer {
  const measure = question.ruleset.measures.find(({ rule }) => rule === 'O-1');
  if (!measure) return notApplicable('O-1', 'rule-not-in-ruleset');
  const { count, dueDate, evidence, reason, result } = measureOn(question, measure, question.date);
  const outcome: Outcome = result === 'met' ? met : { result, reasons: [reason] };
  return answer('O-1', outcome, evidence, {
    count,
    ...(dueDate === undefined ? {} : { dueDate }),
  });
}

/** The same answer that `$ledger` gives for the day. */
function billedDay(rule: string, { account, caseloads, facts, member, question }: RuleContext): RuleAnswer {
  const { date, knownAt } = question;
  const series = caseloads.map((caseload) => caseload.series);
  if (series.length === 0) return answer(rule, notMet('caseload-off: no coach'), [account.episode.reference]);
  const days = billingDays(member, facts, series, knownAt, { start: date, end: date });
  const found = days.find((day) => day.answer.rule === rule);
  // A ruleset that bills by B-2 keeps the case rate's minima as measures: B-4 then decides no day.
  return found?.answer ?? notApplicable(rule, 'another-rule-bills-the-day');
}

function approval(context: RuleContext): RuleAnswer {
  return approvalOn(context.question, context.facts.authorizations, historyOf(context));
}

/** Where billed days are counted, each day before D is judged as the ledger judges it. */
function historyOf({ caseloads, facts, member, question }: RuleContext): ServiceHistory {
  const { date, episode, knownAt, ruleset } = question;
  const start = dateIn(ruleset.zone, episode.start);
  const counts = ruleset.parameters.exemptDayCount?.value === 'billed-days';
  const period = counts && start !== undefined && start < date ? { start, end: addDays(date, -1) } : undefined;
  const series = caseloads.map((caseload) => caseload.series);
  const judged = period ? billingDays(member, facts, series, knownAt, period) : [];
  return { episodes: member.episodes, charges: facts.charges, judged };
}

/** Wellness plans go out where the member's consent and a person's decision to add them are recorded. */
function reviewSources({ facts, member, question }: RuleContext): ReviewSources {
  return {
    goals: facts.goals,
    stages: facts.stages,
    support: member.support,
    firewall: wellnessPlanFirewall(
      question,
      facts.plans,
      inclusionsOf(question, facts.planAdditions, facts.planConsents),
      requestsOf(question, facts.reviewRequests),
    ),
  };
}

function isEngaged({ caseloads, question }: RuleContext): Outcome {
  if (caseloads.length === 0) return indeterminate('missing: coach');
  return any(
    ...caseloads.map((caseload): Outcome => {
      const found = caseloadOn(caseload, question.date);
      if (found?.status === 'on') return met;
      const reason = found?.reason ?? 'no-coverage';
      return found?.status === 'indeterminate' ? indeterminate(reason) : notMet(reason);
    }),
  );
}

function minimaOf(context: RuleContext): RuleAnswer[] {
  const { death, facts, member, question } = context;
  return [
    oneInPeriod(context),
    wellnessPlanMeeting(question, member.patient, facts.plans),
    goalsMeeting(question, facts.plans, facts.goals),
    fiveInThirty(question, death),
    supportWork(question, member.support, death),
  ];
}
