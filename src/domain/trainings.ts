import type { LocalDate } from '../base/time.ts';
import { dateIn, hasHappenedBy } from './dating.ts';
import type { Qualification } from './facts/facts.ts';
import { indeterminate, met, notMet, type Outcome } from './outcome.ts';

/** Whether one of these trainings was completed, or begun, on the start of its period by D. */
export function beganBy(
  trainings: readonly Qualification[],
  date: LocalDate,
  zone: string,
  { contradiction, what }: { readonly contradiction: string; readonly what: string },
): Outcome {
  const known = trainings.flatMap(({ start }) =>
    start === undefined || dateIn(zone, start) === undefined ? [] : [hasHappenedBy(zone, start, date)],
  );
  if (known.length === 0) return indeterminate(`missing: ${what}`);
  if (known.includes(true)) return met;
  return known.includes(undefined) ? indeterminate(`missing: day of ${what}`) : notMet(contradiction);
}
