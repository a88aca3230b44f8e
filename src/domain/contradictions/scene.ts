import type { MemberFacts } from '../facts/facts.ts';
import type { Ruleset } from '../ruleset.ts';

export type ContradictionCode =
  | 'activity-end-before-start'
  | 'activity-longer-than-a-day'
  | 'certificate-incomplete'
  | 'contact-after-death'
  | 'contact-before-episode'
  | 'contact-end-before-start'
  | 'contact-in-the-future'
  | 'contact-longer-than-a-day'
  | 'contact-in-doubtful-episode'
  | 'contact-without-coach'
  | 'contact-without-date'
  | 'coach-unknown'
  | 'coverage-end-before-start'
  | 'coverage-cancelled-without-end'
  | 'coverage-gap'
  | 'coverage-not-active'
  | 'coverage-without-payer'
  | 'coverage-without-start'
  | 'death-without-date'
  | 'employment-end-before-start'
  | 'employment-without-start'
  | 'episode-end-before-start'
  | 'episode-status-without-date'
  | 'modality-unknown'
  | 'note-signed-ahead'
  | 'note-signed-before-contact'
  | 'practitioner-not-active'
  | 'role-not-active'
  | 'self-attested'
  | 'services-at-once'
  | 'two-episodes-at-once'
  | 'two-payers-at-once'
  | 'two-plans-at-once'
  | 'unknown-plan'
  | 'waiver-incomplete';

/** Facts that cannot all be right, or that say nothing until somebody completes them. */
export interface Contradiction {
  readonly code: ContradictionCode;
  /** the code, with the value that no ruleset knows where there is one */
  readonly reason: string;
  /** literal references of what contradicts, sorted: with the code and the episode they name the contradiction for good */
  readonly evidence: readonly string[];
  /** EpisodeOfCare reference, where one is concerned */
  readonly episode: string | undefined;
  /** what is wrong, and what to correct */
  readonly text: string;
}

export interface Scene {
  readonly facts: MemberFacts;
  readonly rulesets: readonly Ruleset[];
  readonly knownAt: string;
  /** those that apply to the member; where none does, all there are */
  readonly applying: readonly Ruleset[];
  /** in which dates are compared: a contradiction under one of the member's rulesets is one */
  readonly zones: readonly string[];
}

export function contradiction(
  code: ContradictionCode,
  evidence: readonly string[],
  text: string,
  more: { readonly episode?: string | undefined; readonly value?: string } = {},
): Contradiction {
  return {
    code,
    reason: more.value === undefined ? code : `${code}: ${more.value}`,
    evidence: [...new Set(evidence)].sort(),
    episode: more.episode,
    text,
  };
}
