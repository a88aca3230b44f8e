import { answer, notApplicable, type Question, type RuleAnswer } from './answer.ts';
import { dateIn, spanIn } from './dating.ts';
import type { Authorization } from './facts/michigan-authorizations.ts';
import { all, indeterminate, met, notMet, type Outcome } from './outcome.ts';

/** R4 types that M-10 and M-20 read. */
export const inputTypes = ['Claim', 'ClaimResponse'] as const;

/**
 * M-10 a separate request "must begin and end on the same date as the existing authorization" (Michigan, XI): both dates equal the
 * parent's, those that were authorized where there is an answer, else those requested. Parameter `separateRequestDates`: `end` asks for
 * the end only [D].
 */
export function m10SameDates(
  question: Question,
  request: Authorization,
  authorizations: readonly Authorization[],
): RuleAnswer {
  const { parameters, rules, zone } = question.ruleset;
  if (!rules['M-10']) return notApplicable('M-10', 'rule-not-in-ruleset');
  if (request.parent === undefined) return notApplicable('M-10', 'no-separate-request');
  const wanted = parameters.separateRequestDates?.value;
  if (wanted === undefined) return answer('M-10', indeterminate('missing-parameter: separateRequestDates'));
  const parent = authorizations.find(({ reference }) => reference === request.parent);
  if (!parent) return answer('M-10', indeterminate('missing: parent authorization'), [request.reference]);
  const own = spanIn(zone, request.requested);
  const start = dateIn(zone, parent.authorized.start ?? parent.requested.start);
  const end = dateIn(zone, parent.authorized.end ?? parent.requested.end, 'end');
  const outcome = all(wanted === 'end' ? met : isSame(own.start, start, 'begin'), isSame(own.end, end, 'end'));
  return answer('M-10', outcome, [request.reference, parent.reference, ...(parent.response ? [parent.response] : [])]);
}

function isSame(own: string | undefined, parent: string | undefined, which: 'begin' | 'end'): Outcome {
  if (own === undefined) return indeterminate(`missing: ${which} of the request`);
  if (parent === undefined) return indeterminate(`missing: ${which} of the parent`);
  return own === parent ? met : notMet(`${which}-differs`);
}

/**
 * M-20 "Units of recovery support shall be counted toward the hours of service allowable within an authorization request", more "when
 * adequate justification is provided" (Michigan, XI): all services of the request together, against the payer's allowance. Over it a
 * justification must be there; whether it is adequate the CMHSP says [D].
 */
export function m20Allowance(question: Question, request: Authorization): RuleAnswer {
  if (!question.ruleset.rules['M-20']) return notApplicable('M-20', 'rule-not-in-ruleset');
  const { allowance, items, justification, reference, response } = request;
  const evidence = response === undefined ? [reference] : [reference, response];
  if (items.length === 0) return answer('M-20', indeterminate('missing: requested services'), evidence);
  const unknown = items.filter(({ units }) => units === undefined).map(({ code }) => `missing: units of ${code}`);
  if (unknown.length > 0) return answer('M-20', indeterminate(...unknown), evidence);
  if (allowance === undefined) return answer('M-20', indeterminate('missing: allowance'), evidence);
  const units = items.reduce((sum, item) => sum + (item.units ?? 0), 0);
  if (units <= allowance) return answer('M-20', met, evidence, { units, allowance, remaining: allowance - units });
  const outcome = justification.length > 0 ? met : notMet('over-allowance-without-justification');
  return answer('M-20', outcome, evidence, { units, allowance, over: units - allowance });
}
