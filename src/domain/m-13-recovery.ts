import { addMonths, type LocalDate } from '../base/time.ts';
import { answer, notApplicable, type Question, type RuleAnswer } from './answer.ts';
import { dateIn } from './dating.ts';
import type { CoachFacts, Qualification } from './facts/facts.ts';
import type { PeerRole, PeerRoleFact } from './facts/michigan-episode.ts';
import type { Service } from './facts/michigan-services.ts';
import { roleOf } from './m-3-m-4-service-code.ts';
import { any, indeterminate, met, notMet, type Outcome } from './outcome.ts';
import type { Ruleset } from './ruleset.ts';

/** R4 types that M-13 reads. */
export const inputTypes = ['Practitioner', 'PractitionerRole'] as const;

/** What the code `recovery-attestation` means where its attestation tells no months: two years (profiles/codesystem-qualification.json). */
export const monthsOfCode = 24;

interface Attested {
  readonly asOf: LocalDate;
  readonly end: LocalDate | undefined;
  readonly months: number;
}

/**
 * M-13 "Two to four years of stable recovery" of a coach, "Minimum of six months in recovery" of an associate (Michigan, VIII): the
 * employer attests at least so many months as of a date by D; four years are no cap [D]. The day on which recovery began is nowhere: not
 * in the facts, and no figure tells more than what was asked for.
 *
 * @param coach Practitioner reference
 */
export function m13Recovery(
  question: Question,
  coach: string,
  roles: readonly PeerRoleFact[],
  coaches: ReadonlyMap<string, CoachFacts>,
): RuleAnswer {
  const { date, episode, ruleset } = question;
  if (!ruleset.rules['M-13']) return notApplicable('M-13', 'rule-not-in-ruleset');
  const role = roleOf(coach, { organization: episode.organization, start: date }, roles, ruleset);
  const facts = coaches.get(coach);
  const evidence = facts?.evidence ?? [];
  if (role === undefined) return answer('M-13', indeterminate('missing: role at the organisation'), evidence);
  if (!facts) return answer('M-13', indeterminate('missing: Practitioner'));
  const months = monthsAsked(role, ruleset);
  return answer('M-13', isInRecovery(role, facts, date, ruleset), evidence, {
    role,
    ...(months === undefined ? {} : { months }),
  });
}

/**
 * M-13 of a service: XII bills what is "provided by a Peer Recovery Coach/Associate", and VIII says how long one has been in recovery.
 * Of several performers one is enough, as for M-14 [D].
 */
export function m13Performers(
  question: Question,
  service: Service,
  roles: readonly PeerRoleFact[],
  coaches: ReadonlyMap<string, CoachFacts>,
): RuleAnswer {
  if (!question.ruleset.rules['M-13']) return notApplicable('M-13', 'rule-not-in-ruleset');
  const { performers } = service;
  const judged = performers.map((one) => recoveryOfPerformer(one, question, service, roles, coaches));
  const outcome = judged.length === 0 ? indeterminate('missing: performer') : any(...judged);
  const practitioners = performers.flatMap((one) => coaches.get(one)?.evidence ?? []);
  return answer('M-13', outcome, [...service.evidence, ...practitioners]);
}

/** M-13 for one performer of a service, in the role held on its day. */
export function recoveryOfPerformer(
  performer: string,
  { ruleset }: Question,
  service: Service,
  roles: readonly PeerRoleFact[],
  coaches: ReadonlyMap<string, CoachFacts>,
): Outcome {
  const date = dateIn(ruleset.zone, service.start);
  const role = roleOf(performer, service, roles, ruleset);
  const coach = coaches.get(performer);
  if (date === undefined) return indeterminate('missing: date of service');
  if (role === undefined) return indeterminate('missing: role of the performer');
  return coach ? isInRecovery(role, coach, date, ruleset) : indeterminate('missing: recovery-attestation');
}

/**
 * M-13 for one role. Fewer months than asked for contradict until, counted on from the attestation, they would be enough: from that
 * month's day on (31 August and six months is the last day of February) it is open, since nobody has attested what happened since [D].
 */
export function isInRecovery(role: PeerRole, coach: CoachFacts, date: LocalDate, ruleset: Ruleset): Outcome {
  const asked = monthsAsked(role, ruleset);
  if (asked === undefined) return indeterminate(`missing-parameter: ${role}RecoveryMonths`);
  const given = attestationsOf(coach, ruleset.zone);
  if (given.length === 0) {
    const isOwn = coach.qualifications.some((one) => one.code === 'recovery-attestation' && isSelfAttested(one, coach));
    return indeterminate(`${isOwn ? 'self-attested' : 'missing'}: recovery-attestation`);
  }
  const made = given.filter(({ asOf }) => asOf <= date);
  if (made.length === 0) return notMet('recovery-not-attested');
  const inForce = made.filter(({ end }) => end === undefined || date <= end);
  if (inForce.length === 0) return notMet('recovery-attestation-ended');
  if (inForce.some(({ months }) => months >= asked)) return met;
  return inForce.some((one) => reckoned(one, asked) <= date)
    ? indeterminate('recovery-attestation-to-renew')
    : notMet('recovery-too-short');
}

/** The dates from which an attestation of fewer months than asked for leaves M-13 open. */
export function recoveryDates(role: PeerRole, coach: CoachFacts, ruleset: Ruleset): LocalDate[] {
  const asked = monthsAsked(role, ruleset);
  if (asked === undefined) return [];
  return attestationsOf(coach, ruleset.zone).map((one) => reckoned(one, asked));
}

function monthsAsked(role: PeerRole, { parameters }: Ruleset): number | undefined {
  return role === 'coach' ? parameters.coachRecoveryMonths?.value : parameters.associateRecoveryMonths?.value;
}

/** The employer attests (domain model 2c, CR-1): nobody's own word stands in for it [D]. */
export function isSelfAttested({ attester }: Qualification, { practitioner }: CoachFacts): boolean {
  return attester === practitioner;
}

function attestationsOf(coach: CoachFacts, zone: string): Attested[] {
  return coach.qualifications.flatMap((one: Qualification) => {
    const { attestedAsOf, attestedMonths, code, end } = one;
    const asOf = dateIn(zone, attestedAsOf);
    if (code !== 'recovery-attestation' || asOf === undefined || isSelfAttested(one, coach)) return [];
    return [{ asOf, end: dateIn(zone, end, 'end'), months: attestedMonths ?? monthsOfCode }];
  });
}

function reckoned({ asOf, months }: Attested, asked: number): LocalDate {
  return addMonths(asOf, Math.max(0, asked - months));
}
