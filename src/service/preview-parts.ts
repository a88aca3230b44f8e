import type { ParametersParameter } from '@medplum/fhirtypes';
import type { PreviewedChange, Told } from '../domain/preview.ts';
import type { Billed, BillingChange } from '../domain/preview-billing.ts';

/** A caseload that would change, as a `change` of `$preview-rulesets`. */
export function caseloadPart({
  after,
  before,
  coach,
  date,
  episode,
  payer,
  spells,
}: PreviewedChange): ParametersParameter {
  return {
    name: 'change',
    part: [
      { name: 'episode', valueReference: { reference: episode } },
      { name: 'coach', valueReference: { reference: coach } },
      { name: 'payer', valueReference: { reference: payer } },
      { name: 'date', valueDate: date },
      { name: 'before', part: toldParts(before) },
      { name: 'after', part: toldParts(after) },
      { name: 'spells', valueInteger: spells },
    ],
  };
}

function toldParts(told: Told | undefined): ParametersParameter[] {
  const answer = told?.answer;
  return [
    ...(told ? [{ name: 'ruleset', valueUri: told.ruleset }] : []),
    { name: 'status', valueCode: answer?.status ?? 'not-applicable' },
    ...(answer?.lastDay === undefined ? [] : [{ name: 'lastDay', valueDate: answer.lastDay }]),
    ...(answer ? [{ name: 'reason', valueString: answer.reason }] : []),
  ];
}

/**
 * Days or a contact that would be billed otherwise, as a `billing` of `$preview-rulesets`: the words are the ledger's.
 *
 * @param withContact false for who may not read contacts: then the date alone is told
 */
export function billingPart(
  { after, before, charged, end, episode, payer, service, start }: BillingChange,
  withContact: boolean,
): ParametersParameter {
  return {
    name: 'billing',
    part: [
      { name: 'episode', valueReference: { reference: episode } },
      { name: 'payer', valueReference: { reference: payer } },
      { name: 'period', valuePeriod: { start, end } },
      ...(service !== undefined && withContact ? [{ name: 'contact', valueReference: { reference: service } }] : []),
      { name: 'before', part: billedParts(before) },
      { name: 'after', part: billedParts(after) },
      { name: 'charged', valueInteger: charged },
    ],
  };
}

function billedParts({ charge, outcome, ruleset, units }: Billed): ParametersParameter[] {
  const reasons = 'reasons' in outcome ? outcome.reasons : [];
  return [
    ...(ruleset === undefined ? [] : [{ name: 'ruleset', valueUri: ruleset }]),
    { name: 'result', valueCode: outcome.result },
    ...(charge === undefined ? [] : [{ name: 'charge', valueString: charge }]),
    ...(units === undefined ? [] : [{ name: 'units', valueInteger: units }]),
    ...reasons.map((reason) => ({ name: 'reason', valueString: reason })),
  ];
}
