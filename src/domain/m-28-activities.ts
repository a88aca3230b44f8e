import { answer, notApplicable, type Question, type RuleAnswer } from './answer.ts';
import type { Service } from './facts/michigan-services.ts';
import { indeterminate, met } from './outcome.ts';

/** R4 types that M-28 reads. */
export const inputTypes = ['Encounter', 'Procedure'] as const;

const primary: ReadonlySet<string> = new Set([
  'recovery-planning',
  'relationship-building',
  'leisure-activity-planning',
  'substance-use-behavior-education',
]);

/**
 * M-28 the "primary services that may be provided by a recovery coach": "Recovery Planning", "Relationship Building", "Leisure Activity
 * Planning", "Substance Use Behavior Education" (Michigan, VI), by the local `activity` codes of Encounter.type or Procedure.code. "The
 * below list is not meant to be all inclusive": a service without one is open, never refused, and nothing is gated.
 */
export function m28Activities(
  question: Question,
  { activities, evidence }: Pick<Service, 'activities' | 'evidence'>,
): RuleAnswer {
  if (!question.ruleset.rules['M-28']) return notApplicable('M-28', 'rule-not-in-ruleset');
  const found = [...new Set(activities.filter((activity) => primary.has(activity)))].sort();
  if (found.length === 0) return answer('M-28', indeterminate('missing: activity'), evidence);
  return answer('M-28', met, evidence, { activities: found.join(' ') });
}
