import { answer, notApplicable, type Question, type RuleAnswer } from './answer.ts';
import type { Service } from './facts/michigan-services.ts';
import { met, notMet } from './outcome.ts';

/** R4 types that M-24 reads. */
export const inputTypes = ['Encounter', 'Procedure'] as const;

/**
 * M-24 "This does not include therapy or other clinical services" (Michigan, XII): a service tagged `clinical` is not charged.
 * "Participation in activities that might jeopardize the coach's own recovery" (VI): the tag `recovery-jeopardy` flags, and the charge
 * stands. A tag says that something was there; without one there is nothing to ask for [D].
 */
export function m24Exclusions(question: Question, { evidence, tags }: Pick<Service, 'evidence' | 'tags'>): RuleAnswer {
  if (!question.ruleset.rules['M-24']) return notApplicable('M-24', 'rule-not-in-ruleset');
  const flag = tags.includes('recovery-jeopardy') ? { flag: 'recovery-jeopardy' } : {};
  return answer('M-24', tags.includes('clinical') ? notMet('clinical-service') : met, evidence, flag);
}
