import { addDays, daysBetween, type LocalDate } from '../base/time.ts';
import { answer, notApplicable, type Question, type RuleAnswer } from './answer.ts';
import { lastKnownDate, modeOf } from './binding.ts';
import { type Connection, connectionsOf } from './ct-5-connection.ts';
import { indeterminate, met, notMet, type Outcome } from './outcome.ts';
import { periodOn, type ServicePeriod } from './service-period.ts';

/** R4 types that T-2 reads. */
export const inputTypes = ['Encounter', 'Communication', 'EpisodeOfCare', 'Patient'] as const;

/**
 * T-2 "At least five (5) connections with the Member over a thirty (30) day period" (Tufts, case rate 2): distinct contact dates in
 * consecutive periods from the start, the initial meeting among them; a last period that is shorter asks for
 * max(1, ⌊5 · days / 30⌋) [D]. As a gate it is decided at the period's end, for every day of it alike (8.3.7); the rolling figure
 * beside it only informs.
 *
 * @param death date of death in the ruleset's zone, which ends the last period
 */
export function fiveInThirty(question: Question, death?: LocalDate): RuleAnswer {
  const { ruleset } = question;
  if (!ruleset.rules['T-2']) return notApplicable('T-2', 'rule-not-in-ruleset');
  const asked = ruleset.parameters.connectionsPerPeriod?.value;
  if (asked === undefined) return answer('T-2', indeterminate('missing-parameter: connectionsPerPeriod'));
  const period = periodOn(question, death);
  if ('result' in period) return answer('T-2', period, [question.episode.reference]);
  const needed = Math.max(1, Math.floor((asked * period.days) / period.fullDays));
  const inPeriod = connectionsOf(question).filter(({ date }) => date >= period.start && date <= period.end);
  const accepted = inPeriod.filter(({ outcome }) => outcome.result === 'met');
  const dates = distinct(accepted);
  const open = distinct(inPeriod.filter(({ outcome }) => outcome.result === 'indeterminate')).filter(
    (date) => !dates.includes(date),
  );
  const outcome = outcomeOf(question, period, { accepted: dates.length, open: open.length, needed });
  return answer(
    'T-2',
    outcome,
    accepted.flatMap(({ contact }) => contact.evidence),
    {
      mode: modeOf(question, 'T-2'),
      period: period.number,
      periodStart: period.start,
      periodEnd: period.end,
      count: dates.length,
      pending: open.length,
      needed,
      notListed: accepted.filter(({ warning }) => warning !== undefined).length,
      ...pace(question, period, needed),
      rolling: rolling(question, period.fullDays),
    },
  );
}

function distinct(connections: readonly Connection[]): LocalDate[] {
  return [...new Set(connections.map(({ date }) => date))];
}

/** A later contact can still come, and a contact can still be taken back, until the period has ended. */
function outcomeOf(
  question: Question,
  period: ServicePeriod,
  { accepted, needed, open }: { accepted: number; open: number; needed: number },
): Outcome {
  const reached = accepted >= needed;
  if (!period.ended && (modeOf(question, 'T-2') === 'gate' || !reached)) return indeterminate('period-not-ended');
  if (reached) return met;
  const count = `connections: ${accepted} of ${needed}`;
  return accepted + open >= needed ? indeterminate(`${count}, ${open} pending`) : notMet(count);
}

/** How many connections an even course would have made by now. */
function pace(question: Question, period: ServicePeriod, needed: number): RuleAnswer['figures'] {
  const today = lastKnownDate(question);
  if (today === undefined || today < period.start) return {};
  const elapsed = Math.min(daysBetween(period.start, today) + 1, period.days);
  return { expectedByNow: Math.floor((needed * elapsed) / period.days) };
}

/** Distinct contact dates on the dates that end with D. */
function rolling(question: Question, days: number): number {
  const from = addDays(question.date, 1 - days);
  const inside = connectionsOf(question).filter(
    ({ date, outcome }) => outcome.result === 'met' && date >= from && date <= question.date,
  );
  return distinct(inside).length;
}
