import { notApplicable, type RuleAnswer } from '../answer.ts';
import { dcfStatus, familyPartners, planDomainGaps, planOfSafeCare } from '../ps-plan-of-safe-care.ts';
import { serviceComponents, sharedLanguage } from '../sc-1-service-components.ts';
import { mayExposePlan, wellnessPlanForm } from '../wp-wellness-plan.ts';
import { aboutContact, type RuleContext } from './context.ts';
import { forCoaches, forContacts, forEach, once, type Rule, type Rules } from './told.ts';

/** Plans and the service itself (domain model 2d and 8.1). */
export const planRules: Rules = {
  'WP-1': (context) => {
    const plans = wellnessPlans(context);
    const { facts, question } = context;
    if (plans.length === 0) return [{ answer: wellnessPlanForm(undefined, question.ruleset) }];
    return plans.map(({ reference }) => ({
      about: reference,
      answer: wellnessPlanForm(
        facts.planForms.find((form) => form.reference === reference),
        question.ruleset,
      ),
    }));
  },
  'WP-2': forEach('WP-2', 'no-wellness-plan', wellnessPlans, ({ facts, member, question }, { reference }) => {
    const { date, episode, knownAt, payer, ruleset } = question;
    const alwaysSees = [member.patient, ...episode.careManager];
    return mayExposePlan({ ruleset, date, knownAt, plan: reference, recipient: payer, alwaysSees }, facts.planConsents);
  }),
  'PS-1': once(({ facts, question }) => planOfSafeCare(question, facts.familyStates, facts.familyPlans)),
  'PS-2': ofFamily('PS-2', ({ facts, question }) => planDomainGaps(question, facts.familyPlans)),
  'PS-3': ofFamily('PS-3', ({ facts, question }) => dcfStatus(question, facts.familyPlans)),
  'PS-4': once(({ facts, question }) => familyPartners(question, facts.affiliations)),
  'SC-1': forContacts(
    'SC-1',
    (context, contact) => serviceComponents(aboutContact(context, contact)),
    ({ outcome }) => outcome.result === 'met',
  ),
  'SC-2': forCoaches('SC-2', ({ facts, question }, { series }) =>
    sharedLanguage(question, facts.languages.member, facts.languages.coaches.get(series.coach) ?? []),
  ),
};

function wellnessPlans({ facts }: RuleContext) {
  return facts.plans.filter(({ kind }) => kind === 'wellness');
}

/** Who is said to be neither pregnant nor a parent, and has no plan, is asked for nothing in it. */
function ofFamily(id: string, rule: (context: RuleContext) => RuleAnswer): Rule {
  return once((context) => {
    const { facts, question } = context;
    const due = planOfSafeCare(question, facts.familyStates, facts.familyPlans).outcome;
    const isNone = due.result === 'not-applicable' && facts.familyPlans.length === 0;
    return isNone ? notApplicable(id, ...due.reasons) : rule(context);
  });
}
