import { answer, notApplicable, type Question, type RuleAnswer } from './answer.ts';
import type { Judged } from './ct-1-documented-contact.ts';
import { indeterminate, met } from './outcome.ts';

/** R4 types that CT-7 reads. */
export const inputTypes = ['Encounter', 'Communication'] as const;

/**
 * CT-7 "must support the peer relationship and support the Enrollee in working towards the goals with the RC" (Optum 18b; Tufts "in
 * the Wellness Plan"): a connection names a goal or a purpose. One that names neither is pending, not refused.
 */
export function supportsGoals({ ruleset }: Pick<Question, 'ruleset'>, { contact }: Judged): RuleAnswer {
  if (!ruleset.rules['CT-7']) return notApplicable('CT-7', 'rule-not-in-ruleset');
  const { goals, purposes } = contact.details;
  return answer(
    'CT-7',
    goals.length + purposes.length > 0 ? met : indeterminate('no-purpose'),
    [contact.reference, ...goals],
    { goals: goals.length, purposes: purposes.length },
  );
}
