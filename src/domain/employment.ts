import type { LocalDate } from '../base/time.ts';
import type { Asked } from './b-5-coach-qualified.ts';
import { isReversed, spanIn } from './dating.ts';
import { type CoachFacts, holds, type Role } from './facts/facts.ts';
import { indeterminate, met, notMet, type Outcome } from './outcome.ts';

/**
 * A role as coach at the organisation, in force on D. A role that ends before it begins says nothing of any day; one without a start
 * does not say that it had begun [D], and of a coach who is no longer active one without an end not that it goes on [D]. A role that is
 * not active any more and does not say until when it was leaves its days open [D].
 */
export function isEmployed(coach: CoachFacts, date: LocalDate, asked: Asked): Outcome {
  const { organization, ruleset } = asked;
  const roles = coach.roles.filter((role) => role.organization === organization);
  if (roles.length === 0) return indeterminate('missing: PractitionerRole as coach at the organisation');
  const doubts = rolesInForce(coach, date, asked).map((role) => [
    ...(spanIn(ruleset.zone, role).start === undefined ? ['missing: hire date'] : []),
    ...(coach.inactive && role.end === undefined ? ['practitioner-not-active'] : []),
  ]);
  if (doubts.some((reasons) => reasons.length === 0)) return met;
  if (doubts.length > 0) return indeterminate(...new Set(doubts.flat()));
  if (roles.some((role) => role.undatedEnd && holds(spanIn(ruleset.zone, role), date)))
    return indeterminate(undatedEnd);
  return roles.some((role) => isReversed(ruleset.zone, role))
    ? indeterminate('employment-end-before-start')
    : notMet('coach-not-employed');
}

/** Why a role that is not active any more, nobody says since when, leaves a day open: today, by all that is known, it has ended. */
export const undatedEnd = 'role-not-active';

/** Roles as coach at the organisation that nothing says had not begun or had ended by D; one that ended nobody knows when is none. */
export function rolesInForce(
  { roles }: CoachFacts,
  date: LocalDate,
  { organization, ruleset: { zone } }: Asked,
): readonly Role[] {
  return roles.filter(
    (role) =>
      role.organization === organization &&
      !role.undatedEnd &&
      holds(spanIn(zone, role), date) &&
      !isReversed(zone, role),
  );
}
