import { addDays, type LocalDate, localDateOf } from '../base/time.ts';
import { dateIn, instantOf } from './dating.ts';
import type { Recorded } from './facts/facts.ts';

/**
 * The first local date on which something comes true that these records say of a time after K. What is said of a past day can change by itself
 * on such dates alone: a rule counts what was said, sent or signed once its time is past, an instant of a day at the midnight after it at the
 * latest. Looks at every date that there is, also at those that no rule reads.
 *
 * @param knownAt instant K
 */
export function firstAhead(recorded: readonly Recorded[], zone: string, knownAt: string): LocalDate | undefined {
  const now = Date.parse(knownAt);
  const today = localDateOf(now, zone);
  let first: LocalDate | undefined;
  const take = (date: LocalDate | undefined): void => {
    if (date !== undefined && date > today && (first === undefined || date < first)) first = date;
  };
  for (const { resource } of recorded) {
    for (const text of datesIn(resource)) {
      const at = instantOf(text);
      if (at !== undefined && at > now) take(addDays(localDateOf(at, zone), 1));
      if (text.length > 10) continue;
      take(dateIn(zone, text));
      take(dateIn(zone, text, 'end'));
    }
  }
  return first;
}

/** A date of any precision, or an instant, as FHIR writes them. */
const dateLike = /^\d{4}(-\d\d(-\d\d(T\d\d:\d\d.*)?)?)?$/;

function* datesIn(value: unknown): Generator<string> {
  if (typeof value === 'string') {
    if (value.length <= 35 && dateLike.test(value)) yield value;
  } else if (typeof value === 'object' && value !== null)
    for (const child of Object.values(value)) yield* datesIn(child);
}
