import type { LocalDate } from '../base/time.ts';
import type { Judged } from './ct-1-documented-contact.ts';
import type { Episode } from './facts/facts.ts';
import type { Outcome } from './outcome.ts';
import type { Ruleset } from './ruleset.ts';

/** One rule's answer, with what it rests on. */
export interface RuleAnswer {
  /** the rule's name in the domain model, e.g. `A-1` */
  readonly rule: string;
  readonly outcome: Outcome;
  /** literal references, as they were known at K */
  readonly evidence: readonly string[];
  /** counts, due dates and codes that the answer tells besides */
  readonly figures: Readonly<Record<string, string | number | boolean>>;
}

/** For which episode, payer, day and state of knowledge a rule is asked. */
export interface Question {
  readonly ruleset: Ruleset;
  /** plan type of the coverage on D, where it is known */
  readonly planType: string | undefined;
  /** Organization reference */
  readonly payer: string;
  readonly episode: Episode;
  readonly date: LocalDate;
  /** ISO instant: what was recorded later is not in the facts, what lies after it has not happened */
  readonly knownAt: string;
  /** contacts of the episode with any of its coaches, judged under this ruleset, newest first */
  readonly contacts: readonly Judged[];
}

export function answer(
  rule: string,
  outcome: Outcome,
  evidence: readonly string[] = [],
  figures: RuleAnswer['figures'] = {},
): RuleAnswer {
  return { rule, outcome, evidence: [...new Set(evidence)].sort(), figures };
}

export function notApplicable(rule: string, ...reasons: readonly string[]): RuleAnswer {
  return answer(rule, { result: 'not-applicable', reasons });
}
