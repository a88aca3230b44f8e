import { addDays, daysBetween, type LocalDate } from '../base/time.ts';
import type { Caseload } from './cl-1-caseload.ts';
import type { Outcome } from './outcome.ts';
import type { Ruleset } from './ruleset.ts';

/** A figure that a plan asks for, or that informs it, and that decides nobody's caseload. */
export interface MeasureAnswer {
  readonly measure: Ruleset['measures'][number];
  readonly result: Outcome['result'];
  /** accepted contacts in the period */
  readonly count: number;
  /** the last day on which the next contact is in time; absent where there was none to count from */
  readonly dueDate: LocalDate | undefined;
  readonly reason: string;
}

/**
 * O-1 "at least one connection with the Enrollee over a 21-day period" (Optum 18b) and its like: contacts on the `periodDays` dates that
 * end with D, both included (domain model, section 1). What is pending and would be enough leaves it open.
 */
export function measureOn(
  caseload: Pick<Caseload, 'contacts'>,
  measure: Ruleset['measures'][number],
  date: LocalDate,
): MeasureAnswer {
  const { atLeast, dueDays, periodDays } = measure;
  const past = caseload.contacts.filter((contact) => contact.date <= date);
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
    reason: `contacts on the last ${periodDays} dates: ${accepted.length} accepted${open.length > 0 ? `, ${open.length} pending` : ''}; asked for: ${atLeast}`,
  };
}
