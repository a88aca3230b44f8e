import { answer, notApplicable, type Question, type RuleAnswer } from './answer.ts';
import type { Service } from './facts/michigan-services.ts';
import { all, met, notMet } from './outcome.ts';

/** R4 types that M-24 reads. */
export const inputTypes = ['Encounter', 'Procedure'] as const;

/**
 * M-24 "This does not include therapy or other clinical services" (Michigan, XII), and VI: recovery support services do not include them,
 * nor "Ongoing transportation to regular appointments": a service tagged `clinical`, or `transport` that is said not to be temporary, is
 * not charged. "Participation in activities that might jeopardize the coach's own recovery" (VI): the tag `recovery-jeopardy` flags, and
 * the charge stands. A tag says that something was there; without one there is nothing to ask for, and transport of which nobody says
 * whether it goes on is X-1's to advise on [D].
 */
export function m24Exclusions(
  question: Question,
  { evidence, ongoingTransport, tags }: Pick<Service, 'evidence' | 'ongoingTransport' | 'tags'>,
): RuleAnswer {
  if (!question.ruleset.rules['M-24']) return notApplicable('M-24', 'rule-not-in-ruleset');
  const flag = tags.includes('recovery-jeopardy') ? { flag: 'recovery-jeopardy' } : {};
  const outcome = all(
    tags.includes('clinical') ? notMet('clinical-service') : met,
    ongoingTransport === true ? notMet('ongoing-transportation') : met,
  );
  return answer('M-24', outcome, evidence, flag);
}
