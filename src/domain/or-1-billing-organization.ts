import type { LocalDate } from '../base/time.ts';
import { answer, notApplicable, type RuleAnswer } from './answer.ts';
import { spanIn } from './dating.ts';
import { isEmployed, rolesInForce } from './employment.ts';
import { type CoachFacts, holds } from './facts/facts.ts';
import type { OrganizationFacts } from './facts/organizations.ts';
import { any, indeterminate, met, notMet, type Outcome } from './outcome.ts';
import type { Ruleset } from './ruleset.ts';

/** R4 types that OR-1 and OR-2 read. */
export const inputTypes = ['Organization', 'Practitioner', 'PractitionerRole'] as const;

/** For which organisation, day and ruleset a rule without a member is asked. */
export interface OrganizationQuestion {
  readonly ruleset: Ruleset;
  readonly date: LocalDate;
  /** reference of the organisation, or of whoever bills in its place */
  readonly organization: string | undefined;
}

/**
 * OR-1 "MCEs may not establish contractual relationships with individual Peer Recovery Coaches as solo practitioners; rather, network
 * contracts must be with organizations that employ Peer Recovery Coaches … not applicable to PACE" (MassHealth bulletin, Provider
 * Organization Requirements): who bills is an Organization that employs a coach on D, as B-5 says of one. PACE's ruleset does not hold
 * the rule.
 *
 * @param known whether the coaches are the organisation's whole staff: that the member's own have left says nothing of others
 */
export function billingOrganization(
  question: OrganizationQuestion,
  organizations: readonly OrganizationFacts[],
  coaches: Iterable<CoachFacts>,
  known: 'all' | 'some' = 'all',
): RuleAnswer {
  const { date, organization, ruleset } = question;
  if (!('OR-1' in ruleset.rules)) return notApplicable('OR-1', 'rule-not-in-ruleset');
  if (organization === undefined) return answer('OR-1', indeterminate('missing: billing entity'));
  if (!organization.startsWith('Organization/')) return answer('OR-1', notMet('solo-practitioner'), [organization]);
  if (!organizations.some(({ reference }) => reference === organization))
    return answer('OR-1', indeterminate('missing: Organization'), [organization]);
  const asked = { ruleset, organization, payer: '' };
  const here = [...coaches].filter((coach) => coach.roles.some((role) => role.organization === organization));
  const unknown = indeterminate('missing: PractitionerRole as coach at the organisation');
  if (here.length === 0) return answer('OR-1', unknown, [organization]);
  const employed = any(...here.map((coach) => isEmployed(coach, date, asked)));
  const inForce = here.flatMap((coach) => rolesInForce(coach, date, asked));
  const none = known === 'all' ? notMet('employs-no-coach') : unknown;
  const outcome = employed.result === 'not-met' ? none : employed;
  return answer('OR-1', outcome, [organization, ...inForce.map(({ reference }) => reference)]);
}

/**
 * OR-2 "employed by a larger organization that provides mental health or addiction services and is licensed within the Commonwealth of
 * Massachusetts" (Tufts, Optum, Staffing 6): a licence, identifier of type SL, in force on D. A licence without any period says
 * nothing about a day.
 */
export function licensedOrganization(
  question: OrganizationQuestion,
  organizations: readonly OrganizationFacts[],
): RuleAnswer {
  const { date, organization, ruleset } = question;
  if (!('OR-2' in ruleset.rules)) return notApplicable('OR-2', 'rule-not-in-ruleset');
  const facts = organizations.find(({ reference }) => reference === organization);
  if (!facts) return answer('OR-2', indeterminate('missing: Organization'));
  return answer('OR-2', licenceOn(facts, date, ruleset.zone), [facts.reference]);
}

/** Whether a licence of the organisation is in force on D. */
export function licenceOn({ licences }: OrganizationFacts, date: LocalDate, zone: string): Outcome {
  if (licences.length === 0) return indeterminate('missing: licence');
  const dated = licences.filter(({ end, start }) => start !== undefined || end !== undefined);
  if (dated.some((licence) => holds(spanIn(zone, licence), date))) return met;
  return dated.length < licences.length ? indeterminate('missing: licence period') : notMet('licence-not-in-force');
}
