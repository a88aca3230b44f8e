import { addDays, type LocalDate } from '../base/time.ts';
import type { Caseload, CaseloadAnswer, Cause } from './cl-1-caseload.ts';
import type { Judged } from './ct-1-documented-contact.ts';
import type { DateSpan } from './dating.ts';
import { servedUntil, undatedReason } from './episode-status.ts';
import { holds } from './facts/facts.ts';

/** The earliest of C+21, the coach's last qualified day, the end of coverage or episode, and death; of two on one day the later here binds. */
export function lastDayOf(
  caseload: Caseload,
  contact: Judged,
  coverage: DateSpan,
  date: LocalDate,
): Pick<CaseloadAnswer, 'because' | 'cause' | 'lastDay' | 'reason'> {
  const window = caseload.series.ruleset.parameters.windowDays.value;
  const byContact = addDays(contact.date, window);
  const { episode, ruleset } = caseload.series;
  const dated = caseload.series.coverage.filter(({ undated }) => !undated);
  const bounds: [LocalDate | undefined, Cause, string][] = [
    [byContact, 'window', `${window} days after the contact`],
    [lastQualifiedDay(caseload, date, byContact), 'coach', 'coach qualified until then'],
    [endOfCoverage(dated, coverage), 'coverage', 'coverage ends'],
    [caseload.episode.end, 'episode-end', 'episode ends'],
    [caseload.death, 'death', 'date of death'],
    [caseload.undatedDeath?.aliveUntil, 'death-undated', 'date of death is missing'],
    [servedUntil(episode, date, ruleset.zone, caseload.served), 'episode-status', statusBound(caseload)],
  ];
  const [lastDay = byContact, cause, reason] = bounds.reduce((first, next) =>
    next[0] !== undefined && next[0] <= (first[0] as LocalDate) ? next : first,
  );
  const after = cause === 'coach' ? caseload.qualified.on(addDays(lastDay, 1)) : undefined;
  return { lastDay, cause, reason, because: after && 'reasons' in after ? after.reasons : [] };
}

/** In words what ends the days on which the episode is known to be served. */
function statusBound({ series: { episode } }: Caseload): string {
  return episode.undatedStatus === undefined ? 'status of the episode changes' : undatedReason(episode);
}

/** A coverage that the next one follows without a day between them ends with the next one. */
function endOfCoverage(spans: readonly DateSpan[], { end }: DateSpan): LocalDate | undefined {
  if (end === undefined) return undefined;
  const after = addDays(end, 1);
  const next = spans.find((span) => holds(span, after));
  return next ? endOfCoverage(spans, next) : end;
}

/** The last day up to `until` on which B-5, met on `from`, still holds without a break, looking only at the days on which it can change. */
function lastQualifiedDay({ qualified }: Caseload, from: LocalDate, until: LocalDate): LocalDate | undefined {
  const changes = qualified.changes.filter((date) => date > from && date <= until);
  const first = changes.find((date) => qualified.on(date).result !== 'met');
  return first === undefined ? undefined : addDays(first, -1);
}
