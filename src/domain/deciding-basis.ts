import { codesOfReason, type Reasons, ruleOfReason } from './reasons.ts';
import type { Basis, Ruleset } from './ruleset.ts';

/**
 * What an answer rests on, chosen by what decides it: the entry of the rule that gives its first reason, where the ruleset holds one,
 * else `otherwise`. A coach whose two years have passed is off by CR-4's sentence and not by that of the caseload.
 *
 * @param told the answer's reasons, the deciding one first
 * @param kinds what the answer is about, for entries that say something of a kind
 */
export function decidingBasis(
  { rules }: Pick<Ruleset, 'rules'>,
  reasons: Reasons,
  told: readonly string[],
  otherwise: Basis | undefined,
  kinds: readonly string[] = [],
): Basis | undefined {
  for (const reason of told) {
    const rule = ruleOfReason(reasons, reason);
    const entry = rule === undefined ? undefined : rules[rule];
    if (entry) return basisWithin(entry, codesOfReason(reason), kinds);
  }
  return otherwise;
}

type Entry = Ruleset['rules'][string];

/** A rule's own entry, or what it says of one of these reasons or kinds. */
export function basisWithin(entry: Entry, codes: readonly string[], kinds: readonly string[] = []): Basis {
  const own = [...codes, ...kinds].find((key) => entry.because?.[key] !== undefined);
  return (own === undefined ? undefined : entry.because?.[own]) ?? entry;
}
