import type { LocalDate } from '../base/time.ts';
import { answer, notApplicable, type RuleAnswer } from './answer.ts';
import { spanIn } from './dating.ts';
import { type CoachFacts, holds } from './facts/facts.ts';
import { all, indeterminate, notMet, type Outcome } from './outcome.ts';
import type { Ruleset } from './ruleset.ts';
import { beganBy } from './trainings.ts';

/** R4 types that CR-8 reads. */
export const inputTypes = ['Practitioner', 'PractitionerRole'] as const;

/**
 * CR-8 "The training program must be approved by EOHHS", "The supervisor training program must be approved by EOHHS" (Tufts, Optum,
 * Staffing 3-4). The list is the ruleset's own; a training counts from its completion, the start of its qualification's period.
 * B-5 asks for the coach's own training; here at least one supervisor in service on D must have one too: another person, for nobody
 * receives supervision from herself.
 *
 * @param supervisors Practitioners with a role as supervisor at the coach's organisation
 */
export function approvedTraining(
  coach: CoachFacts | undefined,
  supervisors: readonly CoachFacts[],
  date: LocalDate,
  ruleset: Ruleset,
): RuleAnswer {
  if (!('CR-8' in ruleset.rules)) return notApplicable('CR-8', 'rule-not-in-ruleset');
  if (!coach) return answer('CR-8', indeterminate('missing: Practitioner'));
  const others = supervisors.filter(({ practitioner }) => practitioner !== coach.practitioner);
  const evidence = [coach, ...others].flatMap((one) => one.evidence);
  return answer(
    'CR-8',
    all(hasCoachTraining(coach, date, ruleset), hasTrainedSupervisor(coach, others, date, ruleset)),
    evidence,
  );
}

export function hasCoachTraining(coach: CoachFacts, date: LocalDate, ruleset: Ruleset): Outcome {
  return completedOneOf(coach, ruleset.parameters.approvedTrainings?.value.coach, date, ruleset, 'coach-training');
}

function hasTrainedSupervisor(
  coach: CoachFacts,
  supervisors: readonly CoachFacts[],
  date: LocalDate,
  ruleset: Ruleset,
): Outcome {
  if (supervisors.length === 0) return indeterminate('missing: supervisor');
  const workplaces = new Set(
    coach.roles.filter((role) => holds(spanIn(ruleset.zone, role), date)).map(({ organization }) => organization),
  );
  const active = supervisors.filter(({ supervisorRoles = [] }) =>
    supervisorRoles.some((role) => workplaces.has(role.organization) && holds(spanIn(ruleset.zone, role), date)),
  );
  if (active.length === 0) return notMet('CR-8 no-active-supervisor');
  const approved = ruleset.parameters.approvedTrainings?.value.supervisor;
  const outcomes = active.map((one) => completedOneOf(one, approved, date, ruleset, 'supervisor-training'));
  return (
    outcomes.find(({ result }) => result === 'met') ??
    outcomes.find(({ result }) => result === 'indeterminate') ??
    notMet('CR-8 supervisor-training-not-completed')
  );
}

function completedOneOf(
  { qualifications }: CoachFacts,
  approved: readonly string[] | undefined,
  date: LocalDate,
  { zone }: Ruleset,
  what: string,
): Outcome {
  if (!approved) return indeterminate('missing-parameter: approvedTrainings');
  const trainings = qualifications.filter(({ code }) => approved.includes(code));
  return beganBy(trainings, date, zone, { what: `approved ${what}`, contradiction: `CR-8 ${what}-not-completed` });
}
