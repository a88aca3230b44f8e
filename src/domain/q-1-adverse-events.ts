import { answer, notApplicable, type Question, type RuleAnswer } from './answer.ts';
import { dateIn } from './dating.ts';
import type { AdverseEventFact } from './facts/adverse-events.ts';
import { all, met, notMet, type Outcome } from './outcome.ts';

/** R4 types that Q-1 reads. */
export const inputTypes = ['AdverseEvent', 'Task'] as const;

/**
 * Q-1 "must report any adverse incidents and other reportable events that occur to the relevant authorities" (Optum, Quality
 * Management 4): every event up to D has report Tasks, all completed. No document names a deadline or the authorities.
 */
export function adverseEventsReported(
  { date, ruleset }: Pick<Question, 'date' | 'ruleset'>,
  events: readonly AdverseEventFact[],
): RuleAnswer {
  if (!('Q-1' in ruleset.rules)) return notApplicable('Q-1', 'rule-not-in-ruleset');
  const past = events.filter(({ on }) => {
    const local = dateIn(ruleset.zone, on);
    // An event without a date has happened all the same.
    return local === undefined || local <= date;
  });
  const evidence = past.flatMap(({ reference, reports }) => [reference, ...reports.map((report) => report.reference)]);
  return answer('Q-1', all(...past.map(reported)), evidence, { events: past.length });
}

function reported({ reference, reports }: AdverseEventFact): Outcome {
  if (reports.length === 0) return notMet(`not-reported: ${reference}`);
  const done = reports.every(({ status }) => status === 'completed');
  return done ? met : notMet(`report-open: ${reference}`);
}
