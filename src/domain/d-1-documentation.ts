import type { LocalDate } from '../base/time.ts';
import { answer, notApplicable, type Question, type RuleAnswer } from './answer.ts';
import type { StageFact } from './facts/care-plans.ts';
import { indeterminate, met } from './outcome.ts';
import { periodOn } from './service-period.ts';

/** R4 types that D-1 and D-2 read. */
export const inputTypes = ['Encounter', 'Observation', 'DocumentReference'] as const;

/**
 * D-1 "progress notes recorded through the stages of change framework" (Tufts and Optum, Process 3): each contact with a final note
 * carries one stage code. Where it is missing the note is incomplete for review; the contact still counts. "Not assessed" is a code
 * (8.3.18).
 */
export function stagesOfNotes(question: Question, stages: readonly StageFact[]): RuleAnswer {
  if (!question.ruleset.rules['D-1']) return notApplicable('D-1', 'rule-not-in-ruleset');
  const noted = question.contacts.filter(
    ({ contact, date }) => date <= question.date && contact.documentation.some(({ status }) => status === 'final'),
  );
  if (noted.length === 0) return answer('D-1', indeterminate('missing: final note'));
  const stagesOf = (encounter: string) => stages.filter((stage) => stage.encounter === encounter);
  const counts = noted.map(({ contact }) => new Set(stagesOf(contact.reference).map(({ stage }) => stage)).size);
  const without = counts.filter((count) => count === 0).length;
  const several = counts.filter((count) => count > 1).length;
  const reasons = [
    ...(without > 0 ? ['missing: stage of change'] : []),
    ...(several > 0 ? ['several-stages-of-one-note'] : []),
  ];
  return answer(
    'D-1',
    reasons.length === 0 ? met : indeterminate(...reasons),
    noted.flatMap(({ contact }) => [
      contact.reference,
      ...stagesOf(contact.reference).map(({ reference }) => reference),
    ]),
    { notes: noted.length, withoutStage: without, severalStages: several },
  );
}

/**
 * D-2 "must document the required activities for the case rate" (Tufts and Optum, Process 2): the evidence of a period in one bundle.
 * It is complete when each of the minima was answered and rests on something.
 *
 * @param minima answers of T-1 or O-2, T-2 or O-1, and T-4
 */
export function evidenceOfPeriod(question: Question, minima: readonly RuleAnswer[], death?: LocalDate): RuleAnswer {
  if (!question.ruleset.rules['D-2']) return notApplicable('D-2', 'rule-not-in-ruleset');
  const period = periodOn(question, death);
  if ('result' in period) return answer('D-2', period, [question.episode.reference]);
  const asked = minima.filter(({ outcome }) => outcome.result !== 'not-applicable');
  const undocumented = asked.filter(({ outcome }) => outcome.result !== 'met');
  const reasons =
    asked.length === 0 ? ['missing: answers of the minima'] : undocumented.map(({ rule }) => `undocumented: ${rule}`);
  return answer(
    'D-2',
    reasons.length === 0 ? met : indeterminate(...reasons),
    asked.flatMap(({ evidence }) => evidence),
    { periodStart: period.start, periodEnd: period.end },
  );
}
