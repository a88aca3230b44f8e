import { daysBetween } from '../base/time.ts';
import { instantOf, isReversed, spanIn } from './dating.ts';
import type { Span } from './facts/facts.ts';

/** What takes place from an instant to an instant. */
export interface Timed extends Span {
  readonly reference: string;
  /** Practitioner references */
  readonly performers: readonly string[];
}

/** Encounter and Procedure statuses of what takes or took place: what is planned or cancelled is at no time with another. */
export const takesPlace: ReadonlySet<string> = new Set(['in-progress', 'onleave', 'finished', 'completed']);

const dayMs = 24 * 60 * 60_000;

/**
 * Whether a visit, a call or a piece of work is said to take longer than any does: more than 24 hours, or of days that say no hour more
 * than the one after. No document names a limit [D]; what is longer has a wrong date.
 */
export function isLongerThanADay(zone: string, { end, start }: Span): boolean {
  const [first, last] = [instantOf(start), instantOf(end)];
  if (first !== undefined && last !== undefined) return last - first > dayMs;
  // A year or a month tells no day that a length could be counted to.
  if (start === undefined || end === undefined || start.length < 10 || end.length < 10) return false;
  const span = spanIn(zone, { start, end });
  return span.start !== undefined && span.end !== undefined && daysBetween(span.start, span.end) > 1;
}

/**
 * For each, those that run at the same time with the same performer: one person cannot give two services at once. What ends as another
 * begins does not; what has no two instants, or cannot have been so long, says no time that could be compared.
 *
 * @param zone in which what has no instants is dated
 */
export function atOnce<One extends Timed>(zone: string, all: readonly One[]): Map<One, One[]> {
  const found = new Map<One, One[]>();
  const timed = all
    .flatMap((one) => {
      const [from, to] = [instantOf(one.start), instantOf(one.end)];
      const isUsable = !isReversed(zone, one) && !isLongerThanADay(zone, one);
      return from !== undefined && to !== undefined && isUsable ? [{ one, from, to }] : [];
    })
    .sort((a, b) => a.from - b.from || (a.one.reference < b.one.reference ? -1 : 1));
  for (const [index, { one, to }] of timed.entries())
    for (const other of timed.slice(index + 1)) {
      if (other.from >= to) break;
      if (other.from === other.to || !other.one.performers.some((name) => one.performers.includes(name))) continue;
      found.set(one, [...(found.get(one) ?? []), other.one]);
      found.set(other.one, [...(found.get(other.one) ?? []), one]);
    }
  return found;
}
