import { addDays, type LocalDate } from '../base/time.ts';
import { dateIn } from './dating.ts';
import type { Episode, Interruption } from './facts/facts.ts';
import { holds } from './facts/facts.ts';

/** Days of an episode on which its status says that it was not served. */
export interface InterruptedDays {
  readonly status: Interruption['status'];
  readonly start: LocalDate | undefined;
  readonly end: LocalDate | undefined;
}

/** One that had not begun; its days end before the day on which another status begins. */
const notBegun: ReadonlySet<string> = new Set(['planned', 'waitlist']);

/**
 * The interruptions of an episode as days. The day on which a hold or an end begins is served still, and so is the day on which service
 * goes on: like a discharge and a readmission they share that day [D].
 */
export function interruptedDays(
  { interruptions = [] }: Pick<Episode, 'interruptions'>,
  zone: string,
): InterruptedDays[] {
  return interruptions
    .map(({ end, start, status }) => {
      const first = dateIn(zone, start);
      const last = dateIn(zone, end, 'end');
      return {
        status,
        start: first === undefined || notBegun.has(status) ? first : addDays(first, 1),
        end: last === undefined ? undefined : addDays(last, -1),
      };
    })
    .filter(({ end, start }) => start === undefined || end === undefined || start <= end);
}

/**
 * Why it is not known that an episode was served on D: its status says otherwise, or it is finished or on hold and nobody has said since
 * when. Of the latter it is known through its latest accepted contact, as of a death without a date.
 *
 * @param served date of the latest accepted contact
 */
export function statusDoubt(
  episode: Pick<Episode, 'interruptions' | 'undatedStatus'>,
  date: LocalDate,
  zone: string,
  served: LocalDate | undefined,
): string | undefined {
  const interrupted = interruptedDays(episode, zone).find((days) => holds(days, date));
  if (interrupted) return `episode-${interrupted.status}`;
  const isUndated = episode.undatedStatus !== undefined && (served === undefined || date > served);
  return isUndated ? undatedReason(episode) : undefined;
}

export function undatedReason({ undatedStatus }: Pick<Episode, 'undatedStatus'>): string {
  return undatedStatus === 'finished' ? 'missing: EpisodeOfCare.period.end' : `episode-${undatedStatus}`;
}

/** The last day before the next one after D that is in doubt. */
export function servedUntil(
  episode: Pick<Episode, 'interruptions' | 'undatedStatus'>,
  date: LocalDate,
  zone: string,
  served: LocalDate | undefined,
): LocalDate | undefined {
  const next = interruptedDays(episode, zone)
    .flatMap(({ start }) => (start !== undefined && start > date ? [addDays(start, -1)] : []))
    .sort()[0];
  const known = episode.undatedStatus === undefined ? undefined : served;
  return known !== undefined && (next === undefined || known < next) ? known : next;
}

/** Every date on which `statusDoubt` can change by itself. */
export function statusDates(
  episode: Pick<Episode, 'interruptions' | 'undatedStatus'>,
  zone: string,
  served: LocalDate | undefined,
): LocalDate[] {
  const after = (date: LocalDate | undefined): LocalDate[] => (date === undefined ? [] : [addDays(date, 1)]);
  return [
    ...interruptedDays(episode, zone).flatMap(({ end, start }) => [
      ...(start === undefined ? [] : [start]),
      ...after(end),
    ]),
    ...(episode.undatedStatus === undefined ? [] : after(served)),
  ];
}
