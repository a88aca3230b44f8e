import { addDays, daysBetween, type LocalDate, localDate } from '../base/time.ts';
import { answer, notApplicable, type Question, type RuleAnswer } from './answer.ts';
import { dateIn, spanIn } from './dating.ts';
import { type CoachFacts, holds } from './facts/facts.ts';
import type { PeerRoleFact } from './facts/michigan-episode.ts';
import type { Supervision } from './facts/supervision.ts';
import { roleOf } from './m-3-m-4-service-code.ts';
import { all, any, indeterminate, met, notMet, type Outcome } from './outcome.ts';

/** R4 types that M-12 reads. */
export const inputTypes = ['Appointment', 'Encounter', 'Practitioner', 'PractitionerRole'] as const;

const monday = localDate('1970-01-05');

/**
 * M-12 "Weekly (or more) supervision" (Michigan, VIII), "supervised by MCBAP certified staff" (X): each ISO week in which the coach had a
 * contact has a session that took place, with a supervisor whose qualification `mcbap` is in force on its day. A week is judged once it
 * has passed [D]. Figures tell the gaps, and the Monday of the first.
 *
 * @param coach Practitioner reference
 * @param roles who is an associate on D by them has another interval (M-30)
 */
export function m12Supervised(
  question: Question,
  coach: string,
  supervisions: readonly Supervision[],
  people: ReadonlyMap<string, CoachFacts>,
  roles: readonly PeerRoleFact[] = [],
): RuleAnswer {
  const { date, episode, ruleset } = question;
  if (!ruleset.rules['M-12']) return notApplicable('M-12', 'rule-not-in-ruleset');
  const role = roleOf(coach, { organization: episode.organization, start: date }, roles, ruleset);
  if (role === 'associate') return notApplicable('M-12', 'associate');
  const weeks = passedWeeks(question, coach);
  const own = supervisions.filter(({ coaches, fulfilled }) => fulfilled && coaches.includes(coach));
  const judged = weeks.map((week) => {
    const sessions = own.filter((session) => tookPlaceIn(session, week, question));
    const found = sessions.map((session) => isSupervisorCertified(session, people, question.ruleset.zone));
    return { week, sessions, outcome: found.length === 0 ? notMet('week-without-supervision') : any(...found) };
  });
  const gaps = judged.filter(({ outcome }) => outcome.result !== 'met');
  const first = gaps[0]?.week;
  return answer(
    'M-12',
    all(...judged.map(({ outcome }) => outcome)),
    judged.flatMap(({ sessions }) => sessions.map(({ reference }) => reference)),
    { weeks: weeks.length, gaps: gaps.length, ...(first === undefined ? {} : { firstGap: first }) },
  );
}

/** Mondays of the weeks with a contact of the coach that ended before D; a refused contact asks for no supervision. */
function passedWeeks({ contacts, date }: Question, coach: string): LocalDate[] {
  const weeks = contacts
    .filter(({ contact, outcome }) => contact.coach === coach && outcome.result !== 'not-met')
    .map((one) => mondayOf(one.date))
    .filter((week) => addDays(week, 6) < date);
  return [...new Set(weeks)].sort();
}

function mondayOf(date: LocalDate): LocalDate {
  const weekday = ((daysBetween(monday, date) % 7) + 7) % 7;
  return addDays(date, -weekday);
}

function tookPlaceIn({ start }: Supervision, week: LocalDate, { knownAt, ruleset }: Question): boolean {
  const date = dateIn(ruleset.zone, start);
  return date !== undefined && mondayOf(date) === week && Date.parse(start ?? '') <= Date.parse(knownAt);
}

/** M-12, M-30: whether a session's supervisor is "MCBAP certified staff" (X) on its day. */
export function isSupervisorCertified(
  { start, supervisors }: Supervision,
  people: ReadonlyMap<string, CoachFacts>,
  zone: string,
): Outcome {
  const date = dateIn(zone, start);
  if (supervisors.length === 0 || date === undefined) return indeterminate('missing: supervisor');
  const held = supervisors.flatMap((supervisor) =>
    (people.get(supervisor)?.qualifications ?? []).filter(({ code }) => code === 'mcbap'),
  );
  if (held.length === 0) return indeterminate('missing: mcbap of the supervisor');
  return held.some((one) => holds(spanIn(zone, one), date)) ? met : notMet('supervisor-not-certified');
}
