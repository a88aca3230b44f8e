import type { Account } from './accounts.ts';
import { type Mode, modeOf } from './binding.ts';
import { billingRules } from './every-rule/billing.ts';
import { caseloadRules } from './every-rule/caseload.ts';
import { type Asking, contextOf, type RuleContext } from './every-rule/context.ts';
import { michiganRules } from './every-rule/michigan.ts';
import { peopleRules } from './every-rule/people.ts';
import { planRules } from './every-rule/plans.ts';
import type { Rules, ToldAnswer } from './every-rule/told.ts';
import { ruleIds } from './rule-ids.ts';
import type { Basis, Ruleset } from './ruleset.ts';

/** Every rule that is computed, by its id: to add one is to add one entry. */
export const everyRule: Rules = {
  ...caseloadRules,
  ...billingRules,
  ...peopleRules,
  ...planRules,
  ...michiganRules,
};

/** One rule of a ruleset with all that it answers. */
export interface RuleAnswers {
  readonly rule: string;
  readonly mode: Mode;
  readonly basis: Basis;
  readonly told: readonly ToldAnswer[];
}

/** What the rules of one payer's ruleset answer for one episode and day. */
export interface RulesetAnswers {
  readonly context: RuleContext;
  readonly rules: readonly RuleAnswers[];
}

/** Ids of the rules that a ruleset holds, figures that only inform among them, in the order of the domain model's table. */
export function heldRules({ measures, rules }: Pick<Ruleset, 'measures' | 'rules'>): string[] {
  return [...ruleIds].filter((id) => id in rules || measures.some(({ rule }) => rule === id));
}

/**
 * Every rule of every ruleset that a coverage brings to bear on the day, for one episode (domain model, section 5, item 1), from what
 * was known at K.
 *
 * @param accounts the payers and rulesets to answer for
 * @param rules ids to answer; undefined: all that a ruleset holds
 */
export function evaluateRules(
  accounts: readonly Account[],
  asking: Asking,
  rules: ReadonlySet<string> | undefined,
): RulesetAnswers[] {
  return accounts.flatMap((account): RulesetAnswers[] => {
    const context = contextOf(account, asking);
    if (!context) return [];
    const ids = heldRules(account.ruleset).filter((id) => rules === undefined || rules.has(id));
    return ids.length === 0 ? [] : [{ context, rules: ids.flatMap((id) => answersOf(id, context)) }];
  });
}

function answersOf(id: string, context: RuleContext): RuleAnswers[] {
  const { ruleset } = context.question;
  const entry = ruleset.rules[id];
  const basis = entry ?? ruleset.measures.find(({ rule }) => rule === id);
  const rule = everyRule[id];
  if (!basis || !rule) return [];
  return [{ rule: id, mode: entry ? modeOf(context.question, id) : 'measure', basis, told: rule(context) }];
}
