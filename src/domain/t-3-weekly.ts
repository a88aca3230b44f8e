import { addDays, daysBetween, earliest, type LocalDate } from '../base/time.ts';
import { answer, notApplicable, type Question, type RuleAnswer } from './answer.ts';
import { knownDate } from './binding.ts';
import { type Connection, connectionsOf } from './ct-5-connection.ts';
import { spanIn } from './dating.ts';
import { all, indeterminate, met, notMet, type Outcome } from './outcome.ts';

/** R4 types that T-3 reads. */
export const inputTypes = ['Encounter', 'Communication', 'EpisodeOfCare', 'Patient'] as const;

const weekDays = 7;

/**
 * T-3 "the ongoing weekly contacts" (Tufts and Optum, Process 2): the share of 7-date weeks from the start that have a connection. The
 * documents' own minima ask for less, so it is a measure of documentation and gates nothing [D]. A week counts once it is over.
 *
 * @param death date of death in the ruleset's zone: nobody is met in the weeks after it
 */
export function weeklyContacts(question: Question, death?: LocalDate): RuleAnswer {
  const { episode, ruleset } = question;
  if (!ruleset.rules['T-3']) return notApplicable('T-3', 'rule-not-in-ruleset');
  const weeks = weeksOf(question, death);
  if ('result' in weeks) return answer('T-3', weeks, [episode.reference], { mode: 'measure' });
  if (weeks.length === 0)
    return answer('T-3', indeterminate('no-week-has-ended'), [episode.reference], { mode: 'measure' });
  const kept = weeks.filter(({ accepted }) => accepted.length > 0).length;
  return answer(
    'T-3',
    all(...weeks.map(weekOutcome)),
    weeks.flatMap(({ accepted }) => accepted.flatMap(({ contact }) => contact.evidence)),
    {
      mode: 'measure',
      weeks: weeks.length,
      weeksWithConnection: kept,
      percent: Math.floor((100 * kept) / weeks.length),
    },
  );
}

/** What is pending or missing and would be the week's connection leaves it open. */
export function weekOutcome({ accepted, open }: Week): Outcome {
  if (accepted.length > 0) return met;
  return open.length > 0 ? indeterminate('connection-pending') : notMet('weeks-without-connection');
}

/** A week of the episode that is over, with its connections. */
export interface Week {
  readonly start: LocalDate;
  readonly end: LocalDate;
  readonly accepted: readonly Connection[];
  /** what is pending or missing and would be a connection */
  readonly open: readonly Connection[];
}

/**
 * The weeks from the start of the episode to its end or the member's death that were over by D and K, in order; or why they cannot be
 * told. A week whose last day is K's own is not over: a connection can still be made in it.
 */
export function weeksOf(question: Question, death?: LocalDate): readonly Week[] | Outcome {
  const { end, start } = spanIn(question.ruleset.zone, question.episode);
  const today = knownDate(question);
  if (start === undefined) return indeterminate('missing: EpisodeOfCare.period.start');
  if (today === undefined) return indeterminate('missing: knownAt');
  const last = earliest(question.date, addDays(today, -1), end, death) ?? question.date;
  const count = Math.max(0, Math.floor((daysBetween(start, last) + 1) / weekDays));
  const byWeek = Map.groupBy(connectionsOf(question), ({ date }) => Math.floor(daysBetween(start, date) / weekDays));
  return Array.from({ length: count }, (_, index) => {
    const from = addDays(start, index * weekDays);
    const inside = byWeek.get(index) ?? [];
    return {
      start: from,
      end: addDays(from, weekDays - 1),
      accepted: inside.filter(({ outcome }) => outcome.result === 'met'),
      open: inside.filter(({ outcome }) => outcome.result === 'indeterminate'),
    };
  });
}
