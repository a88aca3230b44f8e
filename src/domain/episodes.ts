import { isReversed, spanIn } from './dating.ts';
import type { Episode } from './facts/facts.ts';

/**
 * Other episodes of the member at the same organisation that run beside this one. Readmission on the day of discharge is none: they
 * share that day alone.
 */
export function overlapping(episode: Episode, episodes: readonly Episode[], zone: string): Episode[] {
  const { organization, reference } = episode;
  if (organization === undefined || isReversed(zone, episode)) return [];
  const own = spanIn(zone, episode);
  return episodes.filter((other) => {
    if (other.reference === reference || other.organization !== organization || isReversed(zone, other)) return false;
    const span = spanIn(zone, other);
    const endsFirst = own.end !== undefined && span.start !== undefined && own.end <= span.start;
    const beginsLater = span.end !== undefined && own.start !== undefined && span.end <= own.start;
    return !endsFirst && !beginsLater;
  });
}
