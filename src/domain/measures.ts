import { addDays, daysBetween, type LocalDate } from '../base/time.ts';
import type { Question } from './answer.ts';
import { connectionsOf } from './ct-5-connection.ts';
import type { Outcome } from './outcome.ts';
import type { Ruleset } from './ruleset.ts';

/** A figure that a plan asks for, or that informs it, and that decides nobody's caseload. */
export interface MeasureAnswer {
  readonly measure: Ruleset['measures'][number];
  readonly result: Outcome['result'];
  /** accepted contacts, or connections, in the period */
  readonly count: number;
  /** the last day on which the next contact is in time; absent where there was none to count from */
  readonly dueDate: LocalDate | undefined;
  /** of the contact that `dueDate` is counted from */
  readonly evidence: readonly string[];
  readonly reason: string;
}

/**
 * O-1 "at least one connection with the Enrollee over a 21-day period" (Optum 18b) and its like: on the `periodDays` dates that end with D,
 * both included (domain model, section 1). "These ongoing connections must support the peer relationship and … the goals" (18b), so a
 * contact that CT-5 or CT-7 leaves open is none yet; CL-1's figure counts contacts as the bulletin does, which asks for no purpose.
 * What is pending and would be enough leaves it open.
 *
 * @param contacts newest first
 */
export function measureOn(
  { contacts, ruleset }: Pick<Question, 'contacts' | 'ruleset'>,
  measure: Ruleset['measures'][number],
  date: LocalDate,
): MeasureAnswer {
  const { atLeast, dueDays, periodDays, rule } = measure;
  const counted = rule === 'CL-1' ? contacts : connectionsOf({ contacts, ruleset });
  const past = counted.filter((contact) => contact.date <= date);
  const inPeriod = past.filter((contact) => daysBetween(contact.date, date) < periodDays);
  const accepted = inPeriod.filter(({ outcome }) => outcome.result === 'met');
  const open = inPeriod.filter(({ outcome }) => outcome.result === 'indeterminate');
  const latest = past.find(({ outcome }) => outcome.result === 'met');
  const result =
    accepted.length >= atLeast ? 'met' : accepted.length + open.length >= atLeast ? 'indeterminate' : 'not-met';
  return {
    measure,
    result,
    count: accepted.length,
    dueDate: latest && addDays(latest.date, dueDays),
    evidence: latest?.contact.evidence ?? [],
    reason: `contacts on the last ${periodDays} dates: ${accepted.length} accepted${open.length > 0 ? `, ${open.length} pending` : ''}; asked for: ${atLeast}`,
  };
}
