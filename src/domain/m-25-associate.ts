import type { LocalDate } from '../base/time.ts';
import { answer, notApplicable, type Question, type RuleAnswer } from './answer.ts';
import { dateIn, spanIn } from './dating.ts';
import { type CoachFacts, holds } from './facts/facts.ts';
import type { PeerRoleFact } from './facts/michigan-episode.ts';
import { roleOf } from './m-3-m-4-service-code.ts';
import { all, indeterminate, met, notMet, type Outcome } from './outcome.ts';
import type { Ruleset } from './ruleset.ts';

/** R4 types that M-25 reads. */
export const inputTypes = ['Practitioner', 'PractitionerRole'] as const;

/**
 * M-25 an associate is "actively working their own recovery process with an established support system outside of this role" (Michigan,
 * VIII), and trained in the "minimum criteria" of X.B: the attestation `own-recovery` in force on D, and every topic of the parameter
 * `associateTopics` among those of the trainings completed by D (ext `trainingTopic`). A topic that no training names was not said to be
 * wanting, so it leaves the rule open; figures list it.
 *
 * @param coach Practitioner reference
 */
export function m25Associate(
  question: Question,
  coach: string,
  roles: readonly PeerRoleFact[],
  coaches: ReadonlyMap<string, CoachFacts>,
): RuleAnswer {
  const { date, episode, ruleset } = question;
  if (!ruleset.rules['M-25']) return notApplicable('M-25', 'rule-not-in-ruleset');
  const role = roleOf(coach, { organization: episode.organization, start: date }, roles, ruleset);
  const facts = coaches.get(coach);
  const evidence = facts?.evidence ?? [];
  if (role === undefined) return answer('M-25', indeterminate('missing: role at the organisation'), evidence);
  if (role === 'coach') return notApplicable('M-25', 'no-associate');
  if (!facts) return answer('M-25', indeterminate('missing: Practitioner'));
  const wanted = ruleset.parameters.associateTopics?.value;
  if (wanted === undefined) return answer('M-25', indeterminate('missing-parameter: associateTopics'), evidence);
  const known = topicsOf(facts, date, ruleset);
  const missing = wanted.filter((topic) => !known.has(topic));
  const trained = missing.length === 0 ? met : indeterminate(...missing.map((topic) => `missing: topic ${topic}`));
  return answer(
    'M-25',
    all(worksOnRecovery(facts, date, ruleset), trained),
    evidence,
    missing.length === 0 ? {} : { missing: missing.join(' ') },
  );
}

function topicsOf({ qualifications }: CoachFacts, date: LocalDate, { zone }: Ruleset): ReadonlySet<string> {
  const done = qualifications.filter((one) => {
    const completed = spanIn(zone, one).start;
    return (one.topics ?? []).length > 0 && completed !== undefined && completed <= date;
  });
  return new Set(done.flatMap(({ topics }) => topics ?? []));
}

function worksOnRecovery({ qualifications }: CoachFacts, date: LocalDate, { zone }: Ruleset): Outcome {
  const given = qualifications.flatMap(({ attestedAsOf, code, end }) => {
    const asOf = dateIn(zone, attestedAsOf);
    return code === 'own-recovery' && asOf !== undefined ? [{ start: asOf, end: dateIn(zone, end, 'end') }] : [];
  });
  if (given.length === 0) return indeterminate('missing: own-recovery');
  return given.some((span) => holds(span, date)) ? met : notMet('own-recovery-not-attested');
}
