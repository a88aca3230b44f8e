import type { LocalDate } from '../base/time.ts';
import { answer, notApplicable, type Question, type RuleAnswer } from './answer.ts';
import { modeOf } from './binding.ts';
import { dateIn, spanIn } from './dating.ts';
import type { CoachFacts, Qualification } from './facts/facts.ts';
import type { PeerRole, PeerRoleFact } from './facts/michigan-episode.ts';
import type { Service } from './facts/michigan-services.ts';
import { roleOf } from './m-3-m-4-service-code.ts';
import { recoveryOfPerformer } from './m-13-recovery.ts';
import { any, indeterminate, met, notMet, type Outcome } from './outcome.ts';
import type { Ruleset } from './ruleset.ts';

/** R4 types that M-14 reads. */
export const inputTypes = ['Practitioner', 'PractitionerRole', 'Encounter', 'Procedure'] as const;

const trainings: Readonly<Record<PeerRole, readonly string[]>> = {
  coach: ['ccar-training'],
  associate: ['associate-training', 'ccar-training'],
};

/**
 * M-14 "Coaches are expected to complete 40 hours of CCAR training, or another like course", "Associates are to receive a shorter
 * training provided by the organization" (Michigan, VIII): completed by the day of service, as the role asks; a like course is asked
 * for the same hours [D]. The coaches' course is enough for an associate, never the other way round; of several performers one is
 * enough, as for M-8's signature [D], but where M-13 gates it is one who meets that too: half a coach and half a coach are none.
 */
export function m14Trained(
  question: Question,
  service: Service,
  roles: readonly PeerRoleFact[],
  coaches: ReadonlyMap<string, CoachFacts>,
): RuleAnswer {
  if (!question.ruleset.rules['M-14']) return notApplicable('M-14', 'rule-not-in-ruleset');
  const date = dateIn(question.ruleset.zone, service.start);
  if (date === undefined) return answer('M-14', indeterminate('missing: date of service'), service.evidence);
  const trained = (performer: string): Outcome => {
    const role = roleOf(performer, service, roles, question.ruleset);
    if (role === undefined) return indeterminate('missing: role of the performer');
    return isTrainedAs(role, coaches.get(performer), date, question.ruleset);
  };
  const recovered = (performer: string): Outcome =>
    'M-13' in question.ruleset.rules && modeOf(question, 'M-13') === 'gate'
      ? recoveryOfPerformer(performer, question, service, roles, coaches)
      : met;
  const one = service.performers.some((performer) => recovered(performer).result === 'met');
  const judged = service.performers.flatMap((performer): Outcome[] => {
    const training = trained(performer);
    const recovery = one ? recovered(performer) : met;
    if (recovery.result === 'not-met') return [];
    return [recovery.result === 'indeterminate' && training.result === 'met' ? recovery : training];
  });
  const outcome = judged.length === 0 ? indeterminate('missing: performer') : any(...judged);
  const practitioners = service.performers.flatMap((performer) => coaches.get(performer)?.evidence ?? []);
  return answer('M-14', outcome, [...service.evidence, ...practitioners]);
}

/** M-14 for one role: the parts of a course that were completed by D add up to `trainingHours`; an associate's training has no number. */
export function isTrainedAs(
  role: PeerRole,
  coach: CoachFacts | undefined,
  date: LocalDate,
  { parameters, zone }: Ruleset,
): Outcome {
  const dated = (coach?.qualifications ?? [])
    .filter(({ code }) => trainings[role].includes(code))
    .flatMap((training) => {
      const completed = spanIn(zone, training).start;
      return completed === undefined ? [] : [{ ...training, completed }];
    });
  if (dated.length === 0) return indeterminate(`missing: ${trainings[role].join(' or ')}`);
  const done = dated.filter(({ completed }) => completed <= date);
  if (done.length === 0) return notMet('training-not-completed');
  return role === 'associate' ? met : areEnoughHours(done, parameters.trainingHours?.value);
}

function areEnoughHours(done: readonly Qualification[], asked: number | undefined): Outcome {
  if (asked === undefined) return indeterminate('missing-parameter: trainingHours');
  // The same course entered twice is one course.
  const parts = new Map(done.map((part) => [JSON.stringify([part.start, part.number, part.issuer, part.hours]), part]));
  const hours = [...parts.values()].reduce((sum, part) => sum + (part.hours ?? 0), 0);
  if (hours >= asked) return met;
  return done.some((part) => part.hours === undefined)
    ? indeterminate('missing: hours of ccar-training')
    : notMet('training-hours-short');
}
