import { answer, notApplicable, type Question, type RuleAnswer } from './answer.ts';
import { dateIn, instantOf, spanIn } from './dating.ts';
import { holds } from './facts/facts.ts';
import type { FamilyPlan, FamilyState } from './facts/family-plans.ts';
import type { Affiliation } from './facts/organizations.ts';
import { all, indeterminate, met, notMet, type Outcome } from './outcome.ts';

/** R4 types that PS-1 to PS-4 read. */
export const inputTypes = ['CarePlan', 'Observation', 'OrganizationAffiliation'] as const;

type Asked = Pick<Question, 'date' | 'knownAt' | 'ruleset'>;

/** The seed's domains of PS-2, and the infant's own, which CAPTA adds. */
export const planDomains = [
  'perinatal',
  'housing',
  'healthcare',
  'income',
  'mental-health',
  'substance-use',
  'infant',
] as const;

/**
 * PS-1 "create and coordinate Plan of Safe Care (also called Family Support Plan)" with a pregnant or parenting member (Tufts; Optum
 * 17a): while the latest word on either is yes, an active plan is due.
 */
export function planOfSafeCare(asked: Asked, states: readonly FamilyState[], plans: readonly FamilyPlan[]): RuleAnswer {
  if (!('PS-1' in asked.ruleset.rules)) return notApplicable('PS-1', 'rule-not-in-ruleset');
  const latest = (['pregnancy', 'parenting'] as const).map((what) => latestState(asked, states, what));
  const evidence = latest.flatMap((state) => state?.reference ?? []);
  if (latest.every((state) => state?.present === false)) return notApplicable('PS-1', 'not-pregnant-or-parenting');
  if (!latest.some((state) => state?.present === true))
    return answer('PS-1', indeterminate('missing: pregnancy or parenting'), evidence);
  const plan = planOn(asked, plans);
  const outcome = plan ? met : notMet('plan-of-safe-care-due');
  return answer('PS-1', outcome, [...evidence, ...(plan ? [plan.reference] : [])], { due: plan === undefined });
}

/**
 * PS-2 "perinatal health and support needs, housing needs, healthcare needs, income needs, mental health and substance use treatment
 * needs (including MAT)" (Tufts; Optum 17b): each domain is answered need, no-need or declined, and a need has an activity with an owner.
 */
export function planDomainGaps(asked: Asked, plans: readonly FamilyPlan[]): RuleAnswer {
  if (!('PS-2' in asked.ruleset.rules)) return notApplicable('PS-2', 'rule-not-in-ruleset');
  const plan = planOn(asked, plans);
  if (!plan) return answer('PS-2', indeterminate('missing: active Plan of Safe Care'));
  const outcomes = planDomains.map((domain) => domainOutcome(plan, domain));
  const gaps = outcomes.filter(({ result }) => result !== 'met').length;
  return answer('PS-2', all(...outcomes), [plan.reference], { domains: planDomains.length, gaps });
}

function domainOutcome(plan: FamilyPlan, domain: string): Outcome {
  const answers = new Set(plan.domains.filter((one) => one.domain === domain).map(({ status }) => status));
  if (answers.size === 0) return indeterminate(`missing: ${domain}`);
  const [status] = answers;
  if (answers.size > 1) return indeterminate(`contradicting: ${domain}`);
  if (status === 'no-need' || status === 'declined') return met;
  if (status !== 'need') return indeterminate(`unknown-status: ${domain}`);
  const activities = plan.activities.filter(({ domains }) => domains.includes(domain));
  if (activities.length === 0) return notMet(`need-without-activity: ${domain}`);
  return activities.some(({ owners }) => owners.length > 0) ? met : notMet(`activity-without-owner: ${domain}`);
}

/**
 * PS-3 "DCF custody assessment … DCF Family Action Plan, if they have an open case" (Tufts; Optum 17d): the status is kept on the plan.
 * It is no treatment, payment or operations: nothing is ever sent to DCF of itself.
 */
export function dcfStatus(asked: Asked, plans: readonly FamilyPlan[]): RuleAnswer {
  if (!('PS-3' in asked.ruleset.rules)) return notApplicable('PS-3', 'rule-not-in-ruleset');
  const plan = planOn(asked, plans);
  const evidence = plan ? [plan.reference] : [];
  if (plan?.dcfStatus === undefined)
    return answer('PS-3', indeterminate('missing: dcfStatus'), evidence, { sendToDcf: false });
  return answer('PS-3', met, evidence, { status: plan.dcfStatus, sendToDcf: false });
}

/**
 * PS-4 "Develop partnerships with local service providers, including local DCF and Early Intervention staff" (Tufts; Optum 17c): an
 * active affiliation with a partner of each category. Advisory.
 */
export function familyPartners(asked: Asked, affiliations: readonly Affiliation[]): RuleAnswer {
  if (!('PS-4' in asked.ruleset.rules)) return notApplicable('PS-4', 'rule-not-in-ruleset');
  const inForce = affiliations.filter((one) => one.active && holds(spanIn(asked.ruleset.zone, one), asked.date));
  const lacks = ['dcf', 'early-intervention'].filter(
    (category) => !inForce.some(({ categories }) => categories.includes(category)),
  );
  const outcome = all(...lacks.map((category) => indeterminate(`missing: affiliation with ${category}`)));
  return answer(
    'PS-4',
    outcome,
    inForce.map(({ reference }) => reference),
  );
}

function latestState(
  { date, knownAt, ruleset }: Asked,
  states: readonly FamilyState[],
  what: FamilyState['what'],
): FamilyState | undefined {
  const today = dateIn(ruleset.zone, knownAt);
  return states
    .filter((state) => {
      const on = dateIn(ruleset.zone, state.on);
      return state.what === what && on !== undefined && on <= date && today !== undefined && on <= today;
    })
    .toSorted(latestFirst(ruleset.zone))[0];
}

/**
 * The latest word first: of two on one date the later instant, and where their times do not tell the one that says yes, which asks for a
 * plan. The order in which they were recorded says nothing.
 */
export function latestFirst(zone: string): (a: FamilyState, b: FamilyState) => number {
  return (a, b) => {
    const [one, other] = [dateIn(zone, a.on) ?? '', dateIn(zone, b.on) ?? ''];
    if (one !== other) return one < other ? 1 : -1;
    const [at, before] = [instantOf(a.on), instantOf(b.on)];
    if (at !== undefined && before !== undefined && at !== before) return before - at;
    return Number(b.present === true) - Number(a.present === true);
  };
}

function planOn({ date, ruleset }: Asked, plans: readonly FamilyPlan[]): FamilyPlan | undefined {
  return plans.find((plan) => plan.status === 'active' && holds(spanIn(ruleset.zone, plan), date));
}
