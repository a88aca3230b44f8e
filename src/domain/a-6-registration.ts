import { answer, notApplicable, type Question, type RuleAnswer } from './answer.ts';
import { hasHappened } from './binding.ts';
import type { NotificationFact } from './facts/authorizations.ts';
import { indeterminate, met } from './outcome.ts';

/** R4 types that A-6 reads. */
export const inputTypes = ['Task'] as const;

/**
 * A-6 "MCEs may establish notification or registration procedures during the first 90 days" (MassHealth bulletin, Authorization and
 * Registration of Service): asked only where the plan's setting says so; lateness never blocks billing [D], so it is never not-met.
 */
export function planRegistration(question: Question, facts: readonly NotificationFact[]): RuleAnswer {
  const { episode, payer, ruleset } = question;
  if (!ruleset.rules['A-6']) return notApplicable('A-6', 'rule-not-in-ruleset');
  const setting = ruleset.parameters.registration?.value;
  if (setting === undefined) return answer('A-6', indeterminate('missing-parameter: registration'));
  if (setting === 'none') return notApplicable('A-6', 'plan-asks-for-nothing');
  const kind = setting === 'registration' ? 'registration' : 'notification-of-admission';
  const done = facts.filter(
    (one) =>
      one.kind === kind &&
      one.episode === episode.reference &&
      one.payers.includes(payer) &&
      hasHappened(question, one.sentAt),
  );
  return answer(
    'A-6',
    done.length > 0 ? met : indeterminate(`${setting}-due`),
    [episode.reference, ...done.map(({ reference }) => reference)],
    { asked: setting, blocksBilling: false },
  );
}
