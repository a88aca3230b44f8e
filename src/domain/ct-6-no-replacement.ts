import { answer, notApplicable, type Question, type RuleAnswer } from './answer.ts';
import type { SupportActivity } from './facts/facts.ts';
import { met, notMet } from './outcome.ts';

/** R4 types that CT-6 reads. */
export const inputTypes = ['Procedure', 'Encounter'] as const;

/**
 * CT-6 "not replace actual connections between the Recovery Coach and the Member" (Tufts, case rate 2; Optum 18c): work without the
 * member, collateral contacts and outreach are support activity. None is a contact,
 * whatever else they say; one that a contact rests on has replaced a connection, and that is refused.
 */
export function replacesNoConnection(question: Question, activity: SupportActivity): RuleAnswer {
  if (!question.ruleset.rules['CT-6']) return notApplicable('CT-6', 'rule-not-in-ruleset');
  const counted = question.contacts.some(({ contact }) => contact.evidence.includes(activity.reference));
  return answer('CT-6', counted ? notMet('support-activity-counted-as-contact') : met, [activity.reference], {
    category: activity.category,
    isContact: false,
  });
}
