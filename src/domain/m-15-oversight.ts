import { answer, notApplicable, type Question, type RuleAnswer } from './answer.ts';
import type { PeerRoleFact } from './facts/michigan-episode.ts';
import type { Service } from './facts/michigan-services.ts';
import { roleOf } from './m-3-m-4-service-code.ts';
import { indeterminate, met, notMet, type Outcome } from './outcome.ts';

/** R4 types that M-15 reads. */
export const inputTypes = ['Procedure', 'Practitioner', 'PractitionerRole'] as const;

/**
 * M-15 a coach "May engage in solo outreach", an associate has "Oversight by a recovery coach or supervisor" (Michigan, VIII): outreach by
 * associates alone is flagged where nobody is linked who oversaw it (8.2). Linked is a coach among the performers, or a performer of
 * function `supervisor` (Procedure.performer.function) who is no associate [D]. Meeting the client is not outreach.
 */
export function m15Oversight(question: Question, service: Service, roles: readonly PeerRoleFact[]): RuleAnswer {
  if (!question.ruleset.rules['M-15']) return notApplicable('M-15', 'rule-not-in-ruleset');
  if (service.kind !== 'outreach') return notApplicable('M-15', 'no-outreach');
  if (service.status !== 'completed') return notApplicable('M-15', 'outreach-not-completed');
  const outcome = overseen(question, service, roles);
  return answer('M-15', outcome, service.evidence, outcome.result === 'not-met' ? { flag: 'solo-outreach' } : {});
}

function overseen({ ruleset }: Question, service: Service, roles: readonly PeerRoleFact[]): Outcome {
  const { overseers, performers } = service;
  const roleIn = (practitioner: string) => roleOf(practitioner, service, roles, ruleset);
  if (performers.length === 0) return indeterminate('missing: performer');
  if (performers.some((performer) => roleIn(performer) === 'coach')) return met;
  if (overseers.some((overseer) => roleIn(overseer) !== 'associate')) return met;
  return performers.every((performer) => roleIn(performer) === 'associate')
    ? notMet('solo-outreach-by-associate')
    : indeterminate('missing: role of the performer');
}
