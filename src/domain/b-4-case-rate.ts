import { answer, notApplicable, type Question, type RuleAnswer } from './answer.ts';
import { type DayFacts, gate, judgeDay } from './b-2-billable-day.ts';
import { modeOf } from './binding.ts';
import { indeterminate, met, notMet } from './outcome.ts';

/** R4 types that B-1, B-3 and B-4 read beside those of the answers that B-4 is given. */
export const inputTypes = ['ChargeItem', 'Coverage', 'EpisodeOfCare', 'Patient'] as const;

/** B-1 "must use procedure code and modifier H2016-HM" (MassHealth bulletin, Billing): the ruleset's charge, never one in code. */
export function chargeCode({ ruleset }: Question): RuleAnswer {
  if (!ruleset.rules['B-1']) return notApplicable('B-1', 'rule-not-in-ruleset');
  const charge = ruleset.parameters.charge?.value;
  if (!charge) return answer('B-1', indeterminate('missing-parameter: charge'));
  return answer('B-1', met, [], { code: charge.code, modifiers: charge.modifiers.join(','), unit: charge.unit });
}

/**
 * B-3 "at no less than the minimum rate set forth in Appendix T/L" (MassHealth bulletin, Billing): a warning, never a gate. Both amounts are
 * settings of the ruleset, since no document that we have contains them.
 */
export function minimumRate({ payer, ruleset }: Question): RuleAnswer {
  if (!ruleset.rules['B-3']) return notApplicable('B-3', 'rule-not-in-ruleset');
  const rate = ruleset.parameters.contractDayRates?.value.find((one) => one.payer === payer)?.perDay;
  const minimum = ruleset.parameters.minimumDayRate?.value;
  const figures = {
    mode: 'advisory',
    ...(rate !== undefined && { rate }),
    ...(minimum !== undefined && { minimum }),
  };
  if (rate === undefined || minimum === undefined)
    return answer(
      'B-3',
      indeterminate(
        ...(rate === undefined ? ['missing: contract rate'] : []),
        ...(minimum === undefined ? ['missing: minimum rate'] : []),
      ),
      [],
      figures,
    );
  return rate < minimum
    ? answer('B-3', notMet('rate-under-minimum'), [], { ...figures, warning: 'rate-under-minimum' })
    : answer('B-3', met, [], figures);
}

/**
 * B-4 "minimum Member interaction required for the daily case rate" (Tufts, case rate 2): where the bulletin's billing does not bind,
 * code and unit come from the contract's configuration, and the payer's own minima gate. Without a configuration nobody can say what
 * a day is. Where the bulletin's billing binds beside this ruleset, B-2 alone bills: one day must not be billable twice.
 *
 * @param minima answers of T-1, O-2, T-2, O-1 and T-4; those that only measure or advise decide nothing
 */
export function caseRateDay(
  question: Question,
  facts: DayFacts & { readonly minima: readonly RuleAnswer[] },
): RuleAnswer {
  if (!question.ruleset.rules['B-4']) return notApplicable('B-4', 'rule-not-in-ruleset');
  if (modeOf(question, 'B-4') !== 'gate') return notApplicable('B-4', 'bulletin-billing-binds');
  const charge = question.ruleset.parameters.charge?.value;
  const binding = facts.minima.filter(({ figures }) => figures['mode'] !== 'measure' && figures['mode'] !== 'advisory');
  return judgeDay('B-4', question, facts, {
    outcomes: [charge ? met : indeterminate('no-rate-config'), ...binding.flatMap(gate)],
    evidence: binding.flatMap(({ evidence }) => evidence),
    figures: charge ? { code: charge.code } : {},
  });
}
