import { contactsOf, prepareCaseload, type Series } from './cl-1-caseload.ts';
import type { Judged } from './ct-1-documented-contact.ts';
import type { MemberFacts } from './facts/facts.ts';
import { applicableRulesets, canonicalOf, coverageDays, type Ruleset } from './ruleset.ts';

/** One payer's ruleset for an episode, whoever coaches in it, with the days on which a coverage brings it to bear. */
export type Account = Omit<Series, 'coach'>;

/** Every account that a member's episodes and coverages make. Work without the member needs no coach's caseload to be charged. */
export function accountsOf(facts: MemberFacts, rulesets: readonly Ruleset[], knownAt: string): Account[] {
  const applicable = facts.coverages.flatMap((coverage) =>
    applicableRulesets(rulesets, coverage, knownAt).map((one) => ({ ...one, payer: coverage.payer })),
  );
  const grouped = Map.groupBy(applicable, ({ payer, ruleset }) => `${canonicalOf(ruleset)} ${payer}`);
  return facts.episodes.flatMap((episode) =>
    [...grouped.entries()]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .flatMap(([, [first, ...more]]) => {
        if (!first) return [];
        const coverage = [first, ...more].map(coverageDays);
        return [{ episode, ruleset: first.ruleset, payer: first.payer, coverage }];
      }),
  );
}

/** The episode's contacts with any of its coaches, judged under the account's ruleset, newest first. */
export function contactsIn(facts: MemberFacts, account: Account, knownAt: string): Judged[] {
  const coaches = new Set([...facts.contacts, ...facts.messages].map(({ coach }) => coach));
  return contactsOf([...coaches].map((coach) => prepareCaseload(facts, { ...account, coach }, knownAt)));
}
