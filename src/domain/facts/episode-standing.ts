import type { EpisodeOfCare } from '@medplum/fhirtypes';
import type { Episode, Interruption } from './facts.ts';

/** What an episode's status and statusHistory say beside its period. */
export interface Standing {
  readonly end: string | undefined;
  readonly interruptions: readonly Interruption[];
  readonly undatedStatus: Episode['undatedStatus'];
}

type Entry = { readonly status: string; readonly start: string | undefined; readonly end: string | undefined };

const notServed: ReadonlySet<string> = new Set(['planned', 'waitlist', 'onhold', 'finished', 'cancelled']);

/**
 * One that is finished ends on `period.end`, else on the day from which its history says so; one that is on hold is so from the day that
 * the history says. A history may leave its last entry open, and need not repeat the present status.
 */
export function standingOf({ period, status, statusHistory }: EpisodeOfCare): Standing {
  const entries = inOrder(statusHistory);
  const past = entries.flatMap((entry, index) => interruptionOf(entry, entries[index + 1], status));
  const since = sinceWhen(entries, status);
  if (status === 'finished') {
    const end = period?.end ?? since;
    // The entry that says when it ended is that end, and no interruption.
    const interruptions = past.filter((one) => one.status !== 'finished' || one.end !== undefined || one.start !== end);
    return { end, interruptions, undatedStatus: end === undefined ? 'finished' : undefined };
  }
  const standing = { end: period?.end, undatedStatus: undefined };
  if (status === 'planned' || status === 'waitlist')
    return { ...standing, interruptions: [{ status, start: undefined, end: undefined }] };
  if (status !== 'onhold') return { ...standing, interruptions: past };
  if (since === undefined) return { ...standing, interruptions: past, undatedStatus: 'onhold' };
  const before = past.filter((one) => one.status !== 'onhold' || one.start !== since);
  return { ...standing, interruptions: [...before, { status, start: since, end: undefined }] };
}

function inOrder(history: EpisodeOfCare['statusHistory']): Entry[] {
  return (history ?? [])
    .map(({ period, status }) => ({ status, start: period.start, end: period.end }))
    .sort((a, b) => ((a.start ?? '') < (b.start ?? '') ? -1 : 1));
}

/** From when the present status is: its own open entry, else the end of the last one. */
function sinceWhen(entries: readonly Entry[], status: string): string | undefined {
  const own = entries.findLast((entry) => entry.status === status && entry.end === undefined);
  return own?.start ?? entries.at(-1)?.end;
}

/** An entry ends where the next one begins. One that had not begun and is not said to have ended has, since the episode goes on. */
function interruptionOf({ end, start, status }: Entry, next: Entry | undefined, current: string): Interruption[] {
  if (!notServed.has(status)) return [];
  const until = end ?? next?.start;
  const isPlan = status === 'planned' || status === 'waitlist';
  if (until === undefined && isPlan && status !== current) return [];
  return [{ status: status as Interruption['status'], start, end: until }];
}
