import { addDays, daysBetween, earliest, type LocalDate } from '../base/time.ts';
import type { Question } from './answer.ts';
import { knownDate } from './binding.ts';
import { spanIn } from './dating.ts';
import { indeterminate, type Outcome } from './outcome.ts';

/** Consecutive dates of the case rate's minima, anchored at the start of the episode. */
export interface ServicePeriod {
  /** 1 for the first */
  readonly number: number;
  readonly start: LocalDate;
  /** the last date: the episode's own where it ends inside */
  readonly end: LocalDate;
  readonly days: number;
  readonly fullDays: number;
  /** whether K lies after the last date */
  readonly ended: boolean;
}

/**
 * The period that holds D. Anchored and not rolling: a rolling one would un-bill days that are past [D]. The end of the episode or the
 * date of death shortens the last one.
 */
export function periodOn(question: Question, death: LocalDate | undefined): ServicePeriod | Outcome {
  const { date, episode, ruleset } = question;
  const fullDays = ruleset.parameters.connectionPeriodDays?.value;
  if (fullDays === undefined) return indeterminate('missing-parameter: connectionPeriodDays');
  const span = spanIn(ruleset.zone, episode);
  const known = knownDate(question);
  if (span.start === undefined) return indeterminate('missing: EpisodeOfCare.period.start');
  if (known === undefined) return indeterminate('missing: knownAt');
  const last = earliest(span.end, death);
  if (date < span.start) return { result: 'not-met', reasons: ['before-the-episode'] };
  if (last !== undefined && date > last) return { result: 'not-met', reasons: ['after-the-episode'] };
  const number = Math.floor(daysBetween(span.start, date) / fullDays);
  const start = addDays(span.start, number * fullDays);
  const end = earliest(addDays(start, fullDays - 1), last) as LocalDate;
  return { number: number + 1, start, end, days: daysBetween(start, end) + 1, fullDays, ended: known > end };
}
