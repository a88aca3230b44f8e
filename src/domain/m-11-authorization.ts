import type { LocalDate } from '../base/time.ts';
import { answer, notApplicable, type Question, type RuleAnswer } from './answer.ts';
import { dateIn, spanIn } from './dating.ts';
import { holds, type Span } from './facts/facts.ts';
import type { Authorization, AuthorizedItem } from './facts/michigan-authorizations.ts';
import type { Service } from './facts/michigan-services.ts';
import { all, any, indeterminate, met, notMet, type Outcome } from './outcome.ts';

/** R4 types that M-11 reads. */
export const inputTypes = ['Claim', 'ClaimResponse', 'Encounter', 'Procedure'] as const;

const peerCodes: ReadonlySet<string> = new Set(['T1012', 'H0038']);

/**
 * M-11 "All recovery support services must be preauthorized" (Michigan, XII); "The request should indicate the reasons why recovery
 * support is being requested", "Re-authorization requests should indicate progress regarding the recovery support goals" (XI). One
 * authorization that is in force on the day of service and says its reasons is enough: this payer's, to this provider. [D]: an approval
 * has a number, and no reviewer's word against it; a request that asks for neither code of XII authorizes other services; a retroactive
 * period is the payer's word and counts.
 *
 * @param code of the service, where it is known: an item that the payer refused authorizes no service of its code
 */
export function m11Authorization(
  question: Question,
  service: Pick<Service, 'start' | 'evidence'>,
  authorizations: readonly Authorization[],
  code?: string,
): RuleAnswer {
  if (!question.ruleset.rules['M-11']) return notApplicable('M-11', 'rule-not-in-ruleset');
  const { zone } = question.ruleset;
  const date = dateIn(zone, service.start);
  if (date === undefined) return answer('M-11', indeterminate('missing: date of service'), service.evidence);
  const told = authorizations.map((one) => ({ one, outcome: authorizes(one, date, question, code) }));
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

/** The items under which a service is authorized, of each authorization that accepts it; one whose number of units is told has an end. */
export function authorizingItems(
  question: Question,
  service: Pick<Service, 'start'>,
  authorizations: readonly Authorization[],
  code: string | undefined,
): AuthorizedItem[] {
  const date = dateIn(question.ruleset.zone, service.start);
  if (date === undefined) return [];
  return authorizations
    .filter((one) => authorizes(one, date, question, code).result === 'met')
    .flatMap(({ items }) =>
      itemsFor(items, code).filter(({ review }) => review === undefined || review === 'approved'),
    );
}

/** The service's own items, else every item of peer support. */
function itemsFor(items: readonly AuthorizedItem[], code: string | undefined): AuthorizedItem[] {
  const peers = items.filter((item) => peerCodes.has(item.code));
  const own = peers.filter((item) => item.code === code);
  return own.length > 0 ? own : peers;
}

function authorizes(
  authorization: Authorization,
  date: LocalDate,
  { episode, payer, ruleset: { zone } }: Question,
  code: string | undefined,
): Outcome {
  const { items, justification, prior, progress } = authorization;
  const own = all(isOf(payer, authorization.payer), isTo(episode.organization, authorization.providers));
  if (items.length === 0)
    return all(own, inForce(authorization, date, zone), indeterminate('missing: authorized services'));
  const asked = itemsFor(items, code);
  if (asked.length === 0) return notMet('authorization-of-other-services');
  return all(
    own,
    inForce(authorization, date, zone),
    isGranted(asked),
    justification.length > 0 ? met : indeterminate('missing: justification'),
    prior === undefined || progress.length > 0 ? met : indeterminate('missing: goal progress'),
  );
}

function isOf(payer: string, asked: string | undefined): Outcome {
  if (asked === undefined) return indeterminate('missing: payer of the authorization');
  return asked === payer ? met : notMet('authorization-of-another-payer');
}

function isTo(organization: string | undefined, providers: readonly string[]): Outcome {
  if (organization === undefined || providers.length === 0)
    return indeterminate('missing: provider of the authorization');
  return providers.every((one) => one === organization) ? met : notMet('authorization-of-another-provider');
}

/** What the reviewer said of them. */
function isGranted(asked: readonly AuthorizedItem[]): Outcome {
  if (asked.every(({ review }) => review === 'denied')) return notMet('authorization-denied');
  const granted = asked.some(({ review }) => review === undefined || review === 'approved');
  return granted ? met : indeterminate('authorization-pending');
}

function inForce(authorization: Authorization, date: LocalDate, zone: string): Outcome {
  const { authorized, decision, hasErrors, number, requested } = authorization;
  if (decision !== 'complete' && decision !== 'partial') {
    return mayHold(requested, date, zone)
      ? indeterminate('authorization-pending')
      : notMet('authorization-not-in-force');
  }
  if (number === undefined) return notMet('authorization-denied');
  if (hasErrors) return indeterminate('authorization-with-errors');
  const { end, start } = spanIn(zone, authorized);
  if (!mayHold(authorized, date, zone)) return notMet('authorization-not-in-force');
  return start !== undefined && end !== undefined ? met : indeterminate('missing: authorized period');
}

function mayHold(span: Span, date: LocalDate, zone: string): boolean {
  return holds(spanIn(zone, span), date);
}
