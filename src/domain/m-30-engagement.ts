import { addDays } from '../base/time.ts';
import { answer, notApplicable, type Question, type RuleAnswer } from './answer.ts';
import { hasHappened } from './binding.ts';
import { dateIn, spanIn } from './dating.ts';
import { type CoachFacts, holds } from './facts/facts.ts';
import type { PeerRoleFact } from './facts/michigan-episode.ts';
import type { Supervision } from './facts/supervision.ts';
import { roleOf } from './m-3-m-4-service-code.ts';
import { isSupervisorCertified } from './m-12-supervision.ts';
import { all, any, indeterminate, met, notMet, type Outcome } from './outcome.ts';

/** R4 types that M-30 reads. */
export const inputTypes = ['Appointment', 'Practitioner', 'PractitionerRole'] as const;

const engagements: ReadonlySet<string> = new Set(['paid', 'volunteer']);

/**
 * M-30 "Peers can be employed full- or part-time with an agency or volunteer to provide support services" (Michigan, X): the role in force
 * on D says which (ext `engagement`). An associate's supervision is "Dependent upon breadth of the role/responsibility" (VIII), so its
 * interval is the parameter `associateSupervisionDays`: a session with "MCBAP certified staff" (X) at most so many days before D,
 * due while the role itself is younger. A coach's weeks are M-12's.
 *
 * @param coach Practitioner reference
 */
export function m30Engagement(
  question: Question,
  coach: string,
  roles: readonly PeerRoleFact[],
  supervisions: readonly Supervision[],
  people: ReadonlyMap<string, CoachFacts>,
): RuleAnswer {
  const { date, episode, ruleset } = question;
  if (!ruleset.rules['M-30']) return notApplicable('M-30', 'rule-not-in-ruleset');
  const role = roleOf(coach, { organization: episode.organization, start: date }, roles, ruleset);
  const own = roles.filter(
    (one) =>
      one.practitioner === coach &&
      one.organization === episode.organization &&
      one.role === role &&
      holds(spanIn(ruleset.zone, one), date),
  );
  if (role === undefined || own.length === 0) return answer('M-30', indeterminate('missing: role at the organisation'));
  const said = [...new Set(own.flatMap(({ engagement }) => engagement ?? []))].sort();
  const held = role === 'associate' ? heldFor(question, coach, supervisions) : [];
  const outcome = all(
    said.some((one) => engagements.has(one)) ? met : indeterminate('missing: engagement'),
    role === 'associate' ? isSupervised(question, own, held, people) : met,
  );
  const last = dateIn(ruleset.zone, held[0]?.start);
  return answer(
    'M-30',
    outcome,
    [...own, ...held.slice(0, 1)].map(({ reference }) => reference),
    {
      role,
      ...(said.length === 0 ? {} : { engagement: said.join(' ') }),
      ...(last === undefined ? {} : { lastSupervision: last }),
    },
  );
}

/** Sessions that had taken place by D and K, the latest first. */
function heldFor(question: Question, coach: string, supervisions: readonly Supervision[]): Supervision[] {
  return supervisions
    .filter(({ coaches, fulfilled, start }) => fulfilled && coaches.includes(coach) && hasHappened(question, start))
    .sort((a, b) => Date.parse(b.start ?? '') - Date.parse(a.start ?? ''));
}

function isSupervised(
  { date, ruleset }: Question,
  own: readonly PeerRoleFact[],
  held: readonly Supervision[],
  people: ReadonlyMap<string, CoachFacts>,
): Outcome {
  const days = ruleset.parameters.associateSupervisionDays?.value;
  if (days === undefined) return indeterminate('missing-parameter: associateSupervisionDays');
  const first = addDays(date, -days);
  const recent = held.filter(({ start }) => (dateIn(ruleset.zone, start) ?? '') >= first);
  if (recent.length > 0) return any(...recent.map((session) => isSupervisorCertified(session, people, ruleset.zone)));
  const begun = own.map((role) => spanIn(ruleset.zone, role).start);
  // Who began less than an interval ago is not late yet.
  if (begun.every((start) => start !== undefined && start > first)) return indeterminate('supervision-due');
  return notMet('supervision-overdue');
}
