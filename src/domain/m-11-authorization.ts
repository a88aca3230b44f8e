import type { LocalDate } from '../base/time.ts';
import { answer, notApplicable, type Question, type RuleAnswer } from './answer.ts';
import { dateIn, spanIn } from './dating.ts';
import { holds, type Span } from './facts/facts.ts';
import type { Authorization } from './facts/michigan-authorizations.ts';
import type { Service } from './facts/michigan-services.ts';
import { all, any, indeterminate, met, notMet, type Outcome } from './outcome.ts';

/** R4 types that M-11 reads. */
export const inputTypes = ['Claim', 'ClaimResponse', 'Encounter', 'Procedure'] as const;

const peerCodes: ReadonlySet<string> = new Set(['T1012', 'H0038']);

/**
 * M-11 "All recovery support services must be preauthorized" (Michigan, XII); "The request should indicate the reasons why recovery
 * support is being requested", "Re-authorization requests should indicate progress regarding the recovery support goals" (XI). One
 * authorization that is in force on the day of service and says its reasons is enough. [D]: an approval has a number; a request that
 * asks for neither code of XII authorizes other services; a retroactive period is the payer's word and counts.
 */
export function m11Authorization(
  question: Question,
  service: Pick<Service, 'start' | 'evidence'>,
  authorizations: readonly Authorization[],
): RuleAnswer {
  if (!question.ruleset.rules['M-11']) return notApplicable('M-11', 'rule-not-in-ruleset');
  const { zone } = question.ruleset;
  const date = dateIn(zone, service.start);
  if (date === undefined) return answer('M-11', indeterminate('missing: date of service'), service.evidence);
  const told = authorizations.map((one) => ({ one, outcome: authorizes(one, date, zone) }));
  const accepted = told.filter(({ outcome }) => outcome.result === 'met');
  const evidence = (accepted.length > 0 ? accepted : told).flatMap(({ one: { reference, response } }) =>
    response === undefined ? [reference] : [reference, response],
  );
  const outcome =
    told.length === 0
      ? indeterminate('missing: authorization')
      : any(...told.map(({ outcome: judgement }) => judgement));
  const number = accepted[0]?.one.number;
  return answer(
    'M-11',
    outcome,
    [...service.evidence, ...evidence],
    number === undefined ? {} : { preAuthRef: number },
  );
}

function authorizes(authorization: Authorization, date: LocalDate, zone: string): Outcome {
  const { items, justification, prior, progress } = authorization;
  if (items.length === 0) return all(inForce(authorization, date, zone), indeterminate('missing: authorized services'));
  if (!items.some(({ code }) => peerCodes.has(code))) return notMet('authorization-of-other-services');
  return all(
    inForce(authorization, date, zone),
    justification.length > 0 ? met : indeterminate('missing: justification'),
    prior === undefined || progress.length > 0 ? met : indeterminate('missing: goal progress'),
  );
}

function inForce({ authorized, decision, number, requested }: Authorization, date: LocalDate, zone: string): Outcome {
  if (decision !== 'complete' && decision !== 'partial') {
    return mayHold(requested, date, zone)
      ? indeterminate('authorization-pending')
      : notMet('authorization-not-in-force');
  }
  if (number === undefined) return notMet('authorization-denied');
  const { end, start } = spanIn(zone, authorized);
  if (!mayHold(authorized, date, zone)) return notMet('authorization-not-in-force');
  return start !== undefined && end !== undefined ? met : indeterminate('missing: authorized period');
}

function mayHold(span: Span, date: LocalDate, zone: string): boolean {
  return holds(spanIn(zone, span), date);
}
