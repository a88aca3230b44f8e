import type { LocalDate } from '../../src/base/time.ts';
import { localDate } from '../../src/base/time.ts';
import { type DueInput, dueContext } from '../../src/domain/due/accounts.ts';
import type { DueFacts } from '../../src/domain/due/facts.ts';
import type { DueItem, DueKind } from '../../src/domain/due/item.ts';
import { dueDates, dueOf } from '../../src/domain/due.ts';
import type { MemberFacts } from '../../src/domain/facts/facts.ts';
import { employer, memberFacts, rulesets } from './facts.ts';

export const noFacts: DueFacts = {
  notifications: [],
  authorizations: [],
  stages: [],
  tasks: [],
  states: [],
  plans: [],
  events: [],
  consents: [],
  modes: [],
};

/** What is known, without the instant at which it is asked. */
export interface Known {
  readonly facts?: Partial<MemberFacts>;
  readonly more?: Partial<DueFacts>;
  readonly rulesets?: DueInput['rulesets'];
  readonly contradictions?: DueInput['contradictions'];
}

export function inputAt(knownAt: string, known: Known = {}): DueInput {
  return {
    organization: employer,
    facts: memberFacts(known.facts),
    more: { ...noFacts, ...known.more },
    rulesets: known.rulesets ?? rulesets,
    contradictions: known.contradictions ?? [],
    knownAt,
  };
}

/** What is due at an instant; a date means its noon in New York, summer or winter. */
export function dueAt(at: string, known: Known = {}): readonly DueItem[] {
  return dueOf(dueContext(inputAt(at.length === 10 ? `${at}T17:00:00Z` : at, known)));
}

/** The one item of a kind, open or closed. */
export function itemAt(kind: DueKind, at: string, known: Known = {}): DueItem | undefined {
  const found = dueAt(at, known).filter((item) => item.kind === kind);
  if (found.length > 1) throw new Error(`${found.length} items of ${kind}`);
  return found[0];
}

export function datesAfter(at: string, known: Known = {}): LocalDate[] {
  const dates = dueDates(dueContext(inputAt(`${at}T17:00:00Z`, known)));
  return dates.map(({ date }) => localDate(date)).sort();
}
