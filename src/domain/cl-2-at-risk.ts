import { daysBetween, type LocalDate } from '../base/time.ts';
import type { Ruleset } from './ruleset.ts';

export type Risk = 'none' | 'due-soon' | 'critical';

/** R4 types that CL-2 reads: those of CL-1, through its last day. */
export const inputTypes = ['Encounter'] as const;

/** CL-2: who falls off the caseload next. Days left are lastDay − D, 0 on the last day (decision; domain model 2a and 8.2). */
export function atRisk(
  lastDay: LocalDate,
  date: LocalDate,
  ruleset: Ruleset,
): { readonly daysLeft: number; readonly risk: Risk } {
  const daysLeft = daysBetween(date, lastDay);
  const { criticalDays, dueSoonDays } = ruleset.parameters;
  return {
    daysLeft,
    risk: daysLeft <= criticalDays.value ? 'critical' : daysLeft <= dueSoonDays.value ? 'due-soon' : 'none',
  };
}
