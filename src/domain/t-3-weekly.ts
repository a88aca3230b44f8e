import { addDays, daysBetween, earliest } from '../base/time.ts';
import { answer, notApplicable, type Question, type RuleAnswer } from './answer.ts';
import { lastKnownDate } from './binding.ts';
import { connectionsOf } from './ct-5-connection.ts';
import { spanIn } from './dating.ts';
import { indeterminate, met, notMet } from './outcome.ts';

/** R4 types that T-3 reads. */
export const inputTypes = ['Encounter', 'Communication', 'EpisodeOfCare'] as const;

const weekDays = 7;

/**
 * T-3 "the ongoing weekly contacts" (Tufts and Optum, Process 2): the share of 7-date weeks from the start that have a connection. The
 * documents' own minima ask for less, so it is a measure of documentation and gates nothing [D]. A week counts once it is over.
 */
export function weeklyContacts(question: Question): RuleAnswer {
  const { episode, ruleset } = question;
  if (!ruleset.rules['T-3']) return notApplicable('T-3', 'rule-not-in-ruleset');
  const { end, start } = spanIn(ruleset.zone, episode);
  const today = lastKnownDate(question);
  if (start === undefined) return answer('T-3', indeterminate('missing: EpisodeOfCare.period.start'));
  if (today === undefined) return answer('T-3', indeterminate('missing: knownAt'));
  const last = earliest(today, end) ?? today;
  const weeks = Math.max(0, Math.floor((daysBetween(start, last) + 1) / weekDays));
  if (weeks === 0) return answer('T-3', indeterminate('no-week-has-ended'), [episode.reference], { mode: 'measure' });
  const until = addDays(start, weeks * weekDays - 1);
  const inside = connectionsOf(question).filter(
    ({ date, outcome }) => outcome.result === 'met' && date >= start && date <= until,
  );
  const kept = new Set(inside.map(({ date }) => Math.floor(daysBetween(start, date) / weekDays))).size;
  return answer(
    'T-3',
    kept === weeks ? met : notMet('weeks-without-connection'),
    inside.flatMap(({ contact }) => contact.evidence),
    { mode: 'measure', weeks, weeksWithConnection: kept, percent: Math.floor((100 * kept) / weeks) },
  );
}
