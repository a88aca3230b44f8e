import { type LocalDate, parseLocalDate } from '../base/time.ts';
import type { Question } from './answer.ts';
import { dateIn } from './dating.ts';

export type Mode = 'gate' | 'measure' | 'advisory';

/** How a rule binds under the question's plan type. A rule that says nothing gates: an unstated mode must not make a day billable. */
export function modeOf({ planType, ruleset }: Pick<Question, 'planType' | 'ruleset'>, rule: string): Mode {
  const entry = ruleset.rules[rule];
  if (planType !== undefined && entry?.measureFor?.includes(planType)) return 'measure';
  return entry?.mode ?? 'gate';
}

/** The calendar date of K in the ruleset's zone. */
export function knownDate({ knownAt, ruleset }: Pick<Question, 'knownAt' | 'ruleset'>): LocalDate | undefined {
  return dateIn(ruleset.zone, knownAt);
}

/** The last date of which the question may know: D, or K's own date where D lies after it. */
export function lastKnownDate(question: Question): LocalDate | undefined {
  const known = knownDate(question);
  return known === undefined || known < question.date ? known : question.date;
}

/** Whether what an instant or date says lies before K. */
export function wasKnown({ knownAt, ruleset }: Pick<Question, 'knownAt' | 'ruleset'>, at: string | undefined): boolean {
  const date = dateIn(ruleset.zone, at);
  const known = dateIn(ruleset.zone, knownAt);
  if (at === undefined || date === undefined || known === undefined || date > known) return false;
  return parseLocalDate(at) !== undefined || Date.parse(at) <= Date.parse(knownAt);
}

/** Whether it was known at K, and had happened on D. */
export function hasHappened(question: Pick<Question, 'date' | 'knownAt' | 'ruleset'>, at: string | undefined): boolean {
  const date = dateIn(question.ruleset.zone, at);
  return date !== undefined && date <= question.date && wasKnown(question, at);
}
