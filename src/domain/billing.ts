import type { LocalDate } from '../base/time.ts';
import { approvalOn, type ServiceHistory } from './a-2-first-ninety-days.ts';
import { answer, type Question, type RuleAnswer } from './answer.ts';
import { billableDay } from './b-2-billable-day.ts';
import { caseRateDay } from './b-4-case-rate.ts';
import { modeOf } from './binding.ts';
import { type Caseload, caseloadOn, contactsOf, prepareCaseload, type Series } from './cl-1-caseload.ts';
import { dateIn } from './dating.ts';
import type { AuthorizationFact, ChargeFact } from './facts/authorizations.ts';
import type { CarePlanFact, GoalFact } from './facts/care-plans.ts';
import { holds, type MemberFacts } from './facts/facts.ts';
import type { OrganizationFacts } from './facts/organizations.ts';
import { daysOf, type Period } from './ledger.ts';
import { measureOn } from './measures.ts';
import { billingOrganization, licensedOrganization } from './or-1-billing-organization.ts';
import type { Outcome } from './outcome.ts';
import { applicableRulesets, canonicalOf } from './ruleset.ts';
import { goalsMeeting, wellnessPlanMeeting } from './t-1-onset-meeting.ts';
import { fiveInThirty } from './t-2-five-in-thirty.ts';
import { supportWork } from './t-4-support-work.ts';

/** What billing reads beside what the caseload does. */
export interface BillingFacts {
  readonly organizations: readonly OrganizationFacts[];
  readonly authorizations: readonly AuthorizationFact[];
  readonly charges: readonly ChargeFact[];
  readonly plans: readonly CarePlanFact[];
  readonly goals: readonly GoalFact[];
  /** the member's coaches are all that the organisation employs; otherwise it may employ others of whom nobody was asked */
  readonly wholeStaff?: boolean;
}

/** One payer's ruleset for an episode, with all of its coaches: a day is billed once, whoever's caseload the member is on. */
interface Account {
  readonly first: Series;
  readonly caseloads: readonly Caseload[];
  readonly contacts: Caseload['contacts'];
}

export interface BillingDay {
  readonly series: Series;
  readonly date: LocalDate;
  readonly answer: RuleAnswer;
  /** whether the rule decides what is charged on the day, and does not merely inform beside another payer's file */
  readonly gates: boolean;
}

/**
 * Each day of a period judged for each payer and ruleset that bills by the day: B-2 where the bulletin's billing binds, B-4 where the
 * payer's own minima gate (domain model 2b, 8.1). A ruleset that holds neither, as Michigan's, charges by the contact and has no days.
 */
export function billingDays(
  facts: MemberFacts,
  more: BillingFacts,
  series: readonly Series[],
  knownAt: string,
  period: Period,
): BillingDay[] {
  return billingOn(facts, more, series, knownAt, daysOf(period));
}

/** As billingDays, for days that need not follow each other. */
export function billingOn(
  facts: MemberFacts,
  more: BillingFacts,
  series: readonly Series[],
  knownAt: string,
  dates: readonly LocalDate[],
): BillingDay[] {
  const accounts = Map.groupBy(series, ({ payer, ruleset }) => `${canonicalOf(ruleset)} ${payer}`);
  return [...accounts.values()].flatMap((coaches) => {
    const account = toAccount(facts, coaches, knownAt);
    if (!account || !('B-2' in account.first.ruleset.rules || 'B-4' in account.first.ruleset.rules)) return [];
    const beside = besideOf(facts, account.first, knownAt);
    const wanted = new Set(dates);
    const judged: BillingDay[] = [];
    for (const date of countedDays(account, dates)) {
      const history = { episodes: facts.episodes, charges: more.charges, judged };
      const question = questionOn(account, date, knownAt);
      const answered = dayOf({ facts, more, account, beside, history }, question);
      const gates = modeOf(question, answered.rule) === 'gate';
      judged.push({ series: account.first, date, answer: answered, gates });
    }
    return judged.filter(({ date }) => wanted.has(date));
  });
}

function toAccount(facts: MemberFacts, series: readonly Series[], knownAt: string): Account | undefined {
  const [first] = series;
  if (!first) return undefined;
  const caseloads = series.map((one) => prepareCaseload(facts, one, knownAt));
  return { first, caseloads, contacts: contactsOf(caseloads) };
}

/** Days that are billed in turn use up the exemption: each needs those before it, from the first (A-2, `billed-days`). */
function countedDays({ first: { episode, ruleset } }: Account, dates: readonly LocalDate[]): readonly LocalDate[] {
  const asked = [...dates].sort();
  const [start, end] = [asked[0], asked.at(-1)];
  const first = dateIn(ruleset.zone, episode.start);
  const counts = 'A-2' in ruleset.rules && ruleset.parameters.exemptDayCount?.value === 'billed-days';
  if (!counts || first === undefined || start === undefined || end === undefined || first >= start) return asked;
  return daysOf({ start: first, end });
}

function questionOn({ contacts, first }: Account, date: LocalDate, knownAt: string): Question {
  const { coverage, episode, payer, ruleset } = first;
  const planType = coverage.find((span) => holds(span, date))?.planType;
  return { ruleset, planType, payer, episode, date, knownAt, contacts };
}

interface Judging {
  readonly facts: MemberFacts;
  readonly more: BillingFacts;
  readonly account: Account;
  /** the payer's own specifications whose minima gate beside the bulletin */
  readonly beside: readonly Account[];
  readonly history: ServiceHistory;
}

function dayOf({ account, beside, facts, history, more }: Judging, question: Question): RuleAnswer {
  const { date, episode, ruleset } = question;
  const { organization } = episode;
  const shared = {
    coverage: account.first.coverage,
    death: account.caseloads[0]?.death,
    undatedDeath: account.caseloads[0]?.undatedDeath,
    episodes: facts.episodes,
    otherPayers: otherPayersOn(facts, account, question),
    otherPlans: otherPlansOn(facts, account, question),
    soloBan: billingOrganization(
      { ruleset, date, organization },
      more.organizations,
      facts.coaches.values(),
      more.wholeStaff ? 'all' : 'some',
    ),
    approval: approvalOn(question, more.authorizations, history),
    conditions: [
      ...(modeOf(question, 'OR-2') === 'gate'
        ? [licensedOrganization({ ruleset, date, organization }, more.organizations)]
        : []),
      ...beside.flatMap((one) => gatesBeside(facts, more, one, question)),
    ],
    charges: more.charges,
  };
  if (!('B-2' in ruleset.rules))
    return caseRateDay(question, { ...shared, minima: minimaOf(facts, more, account, question) });
  const coaches = account.caseloads.map((caseload) => ({
    coach: caseload.series.coach,
    caseload: caseloadOn(caseload, date),
    qualified: caseload.qualified.on(date),
  }));
  return billableDay(question, { ...shared, coaches });
}

/** Specifications beside the bulletin, of which some minimum gates under some plan type of the coverage. */
function besideOf(facts: MemberFacts, { beside = [] }: Series, knownAt: string): Account[] {
  const gating = beside.filter(({ coverage, ruleset }) =>
    minimaRules.some(
      (rule) =>
        rule in ruleset.rules && coverage.some(({ planType }) => modeOf({ planType, ruleset }, rule) === 'gate'),
    ),
  );
  const files = Map.groupBy(gating, ({ ruleset }) => canonicalOf(ruleset));
  return [...files.values()].flatMap((series) => toAccount(facts, series, knownAt) ?? []);
}

/**
 * Minima of the payer's own specification that gate although the bulletin bills the day: its file says so by leaving out `measureFor`
 * (Tufts Together). Where its case rate bills by itself, B-4 asks them.
 */
function gatesBeside(
  facts: MemberFacts,
  more: BillingFacts,
  account: Account,
  { date, knownAt }: Question,
): RuleAnswer[] {
  const question = questionOn(account, date, knownAt);
  const isCovered = account.first.coverage.some((span) => holds(span, date));
  if (!isCovered || modeOf(question, 'B-4') === 'gate') return [];
  return minimaOf(facts, more, account, question).filter(({ rule }) => modeOf(question, rule) === 'gate');
}

const minimaRules = ['T-1', 'O-2', 'T-2', 'O-1', 'T-4'] as const;

/** Other payers whose coverage brings the same document to bear on D: who of them pays a day, a person must say. */
function otherPayersOn(facts: MemberFacts, { first }: Account, { date, knownAt, payer, ruleset }: Question): string[] {
  const alike = first.alike ?? [ruleset];
  const others = facts.coverages.filter((coverage) => coverage.payer !== payer);
  const covering = others.filter((coverage) =>
    applicableRulesets(alike, coverage, knownAt).some(({ days }) => holds(days, date)),
  );
  return [...new Set(covering.map((coverage) => coverage.payer))].sort();
}

/**
 * Coverages of the same payer that put the member under another file of the document on D: its MCO and its One Care plan exclude each
 * other as two payers' plans do. One that brings this file to bear, too, says no other plan.
 */
function otherPlansOn(facts: MemberFacts, { first }: Account, { date, knownAt, payer, ruleset }: Question): string[] {
  const alike = first.alike ?? [ruleset];
  return facts.coverages.flatMap((coverage) => {
    const files = applicableRulesets(alike, coverage, knownAt).filter(({ days }) => holds(days, date));
    const isOther = files.length > 0 && files.every((one) => one.ruleset.url !== ruleset.url);
    return coverage.payer === payer && isOther ? [coverage.reference] : [];
  });
}

/** What a payer's own minima (T-1, O-2, T-2, O-1, T-4) say on a day, whether or not they gate; of one episode, payer and ruleset. */
export function minimaOn(
  facts: MemberFacts,
  more: Pick<BillingFacts, 'goals' | 'plans'>,
  series: readonly Series[],
  knownAt: string,
  date: LocalDate,
): RuleAnswer[] {
  const account = toAccount(facts, series, knownAt);
  return account ? minimaOf(facts, more, account, questionOn(account, date, knownAt)) : [];
}

function minimaOf(
  facts: MemberFacts,
  more: Pick<BillingFacts, 'goals' | 'plans'>,
  account: Account,
  question: Question,
): RuleAnswer[] {
  const death = account.caseloads[0]?.death;
  return [
    wellnessPlanMeeting(question, facts.patient, more.plans),
    goalsMeeting(question, more.plans, more.goals),
    fiveInThirty(question, death),
    oneInPeriod(question),
    supportWork(question, facts.support, death),
  ].filter(({ outcome }) => outcome.result !== 'not-applicable');
}

/** O-1 as a rule's answer: the same figure that `$caseload-status` tells as a measure. */
function oneInPeriod(question: Question): RuleAnswer {
  const measure = question.ruleset.measures.find(({ rule }) => rule === 'O-1');
  if (!measure) return answer('O-1', { result: 'not-applicable', reasons: ['rule-not-in-ruleset'] });
  const { count, dueDate, evidence, result } = measureOn(question, measure, question.date);
  const reasons = [`${count} of ${measure.atLeast} connections in ${measure.periodDays} days`];
  const outcome: Outcome = result === 'met' ? { result } : { result, reasons };
  return answer('O-1', outcome, evidence, {
    count,
    mode: modeOf(question, 'O-1'),
    ...(dueDate === undefined ? {} : { dueDate }),
  });
}
