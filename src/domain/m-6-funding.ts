import { answer, notApplicable, type Question, type RuleAnswer } from './answer.ts';
import { undatedCoverage } from './cl-1-caseload.ts';
import { dateIn, spanIn } from './dating.ts';
import { holds } from './facts/facts.ts';
import type { Funding, FundingSource } from './facts/michigan-authorizations.ts';
import type { Service } from './facts/michigan-services.ts';
import { isIndividualCall } from './m-3-m-4-service-code.ts';
import { indeterminate, met, notMet } from './outcome.ts';

/** R4 types that M-6 reads. */
export const inputTypes = ['Coverage', 'Encounter', 'Procedure'] as const;

const withoutClient: readonly FundingSource[] = ['block-grant', 'pa2'];
const withClient: readonly FundingSource[] = ['medicaid', 'hmp', ...withoutClient];

/**
 * M-6 "Services billable to Medicaid or Healthy Michigan Program include any of those listed above when the client is present. Block
 * Grant or PA2 may be billed for non-face-to-face services for Medicaid and/or HMP clients" (Michigan, XII), and M-4's "May only be
 * billed to block grant and PA2". Present means physically in one place (domain model 8.2); a telephone call that the ruleset bills as
 * one-on-one (`clientPhone: individual`) is open to what the client's presence is. A source must be in force on the day, and what another
 * payer funds is not this one's to pay: where nothing else would do, a person must say whose the money is [D].
 */
export function m6Funding(question: Question, service: Service, fundings: readonly Funding[]): RuleAnswer {
  if (!question.ruleset.rules['M-6']) return notApplicable('M-6', 'rule-not-in-ruleset');
  const { payer, ruleset } = question;
  const { zone } = ruleset;
  const date = dateIn(zone, service.start);
  if (date === undefined) return answer('M-6', indeterminate('missing: date of service'), service.evidence);
  const possible = fundings.filter((funding) => holds(spanIn(zone, funding), date));
  const inForce = possible.filter(({ start }) => start !== undefined);
  const evidence = [...service.evidence, ...possible.map(({ reference }) => reference)];
  if (possible.length === 0)
    return answer(
      'M-6',
      fundings.length === 0 ? indeterminate('missing: funding source') : notMet('no-funding-in-force'),
      evidence,
    );
  const isWithClient = service.clientPresent === true || isIndividualCall(service, ruleset);
  const allowed = isWithClient ? withClient : withoutClient;
  const own = inForce.filter(({ payers }) => payers?.includes(payer) ?? true);
  const usable = allowed.filter((source) => own.some((funding) => funding.source === source));
  // With the client's presence unknown, what either answer allows is allowed.
  if (usable.length > 0) return answer('M-6', met, evidence, { sources: usable.join(' ') });
  if (possible.some(({ source, start }) => start === undefined && allowed.includes(source)))
    return answer('M-6', indeterminate(undatedCoverage), evidence);
  if (inForce.some(({ source }) => allowed.includes(source)))
    return answer('M-6', indeterminate('funding-of-another-payer'), evidence);
  return answer(
    'M-6',
    service.clientPresent === undefined
      ? indeterminate('missing: clientPresent')
      : notMet('client-not-present: block grant or PA2 only'),
    evidence,
  );
}
