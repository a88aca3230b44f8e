import { addDays, addYears, type LocalDate } from '../base/time.ts';
import { dateIn, spanIn } from './dating.ts';
import { type CoachFacts, holds, type Qualification } from './facts/facts.ts';
import { all, any, indeterminate, met, notMet, type Outcome } from './outcome.ts';
import type { Ruleset } from './ruleset.ts';

/** R4 types that B-5 reads. */
export const inputTypes = ['Practitioner', 'PractitionerRole'] as const;

/** On whose behalf a coach's qualification is asked: a waiver counts for the payer that approved it only. */
export interface Asked {
  readonly ruleset: Ruleset;
  readonly payer: string;
  /** Organization reference of the employer, i.e. the episode's managingOrganization */
  readonly organization: string | undefined;
}

/**
 * B-5: the coach is qualified on D. CR-1 ∧ CR-10 ∧ ((CR-2 ∧ CR-4) ∨ CR-5), and employed as a coach on D (MassHealth bulletin,
 * "Qualifications for Peer Recovery Coaches"; domain model 8.1 and 8.3.1).
 */
export function isCoachQualified(coach: CoachFacts | undefined, date: LocalDate, asked: Asked): Outcome {
  if (!coach) return indeterminate('missing: Practitioner');
  return all(
    isEmployed(coach, date, asked),
    attestedRecovery(coach, date, asked),
    boardRequirements(coach, date, asked),
    any(all(certifiedOrWorking(coach, date, asked), withinTwoYears(coach, date, asked)), isWaived(coach, date, asked)),
  );
}

/** A role as coach at the organisation, in force on D. */
function isEmployed(coach: CoachFacts, date: LocalDate, { organization, ruleset }: Asked): Outcome {
  const roles = coach.roles.filter((role) => role.organization === organization);
  if (roles.length === 0) return indeterminate('missing: PractitionerRole as coach at the organisation');
  return roles.some((role) => holds(spanIn(ruleset.zone, role), date)) ? met : notMet('coach-not-employed');
}

/** CR-1 "at least two years of sustained recovery": the employer's attestation, true from a date on. */
function attestedRecovery(coach: CoachFacts, date: LocalDate, { ruleset }: Asked): Outcome {
  return isAttested(coach, 'recovery-attestation', date, ruleset.zone, 'CR-1 recovery-not-attested');
}

/** CR-10 "meet all other applicable boards of registration and certification board requirements". */
function boardRequirements(coach: CoachFacts, date: LocalDate, { ruleset }: Asked): Outcome {
  return isAttested(coach, 'board-requirements', date, ruleset.zone, 'CR-10 board-requirements-not-attested');
}

function isAttested(coach: CoachFacts, code: string, date: LocalDate, zone: string, contradiction: string): Outcome {
  const dates = withCode(coach, code).map(({ attestedAsOf }) => dateIn(zone, attestedAsOf));
  const known = dates.filter((asOf) => asOf !== undefined);
  if (known.length === 0) return indeterminate(`missing: ${code}`);
  return known.some((asOf) => asOf <= date) ? met : notMet(contradiction);
}

/** CR-2 "obtained or must demonstrate that they are working to obtain": certified, or CR-3. */
function certifiedOrWorking(coach: CoachFacts, date: LocalDate, asked: Asked): Outcome {
  return any(isCertified(coach, date, asked), isWorking(coach, date, asked));
}

/** CARC with number and issuer, or another process of EOHHS, whose period holds D. */
function isCertified(coach: CoachFacts, date: LocalDate, { ruleset }: Asked): Outcome {
  const held = [...withCode(coach, 'carc'), ...withCode(coach, 'eohhs-alternative')];
  if (held.length === 0) return notMet('CR-2 not-certified');
  const inForce = held.filter((qualification) => holds(spanIn(ruleset.zone, qualification), date));
  if (inForce.length === 0) return notMet('CR-2 certification-not-in-force');
  const complete = inForce.some(({ issuer, number }) => issuer !== undefined && number !== undefined);
  return complete ? met : indeterminate('missing: certification number or issuer');
}

/**
 * CR-3 "completed Peer Recovery Coach Academy trainings and the Ethical Considerations … training and must be in the process of
 * completing supervision requirements and additional required trainings".
 */
function isWorking(coach: CoachFacts, date: LocalDate, { ruleset }: Asked): Outcome {
  const since = (code: string, what: string): Outcome => {
    const starts = withCode(coach, code).map((qualification) => spanIn(ruleset.zone, qualification).start);
    const known = starts.filter((start) => start !== undefined);
    if (known.length === 0) return indeterminate(`missing: ${code}`);
    return known.some((start) => start <= date) ? met : notMet(`CR-3 ${what}`);
  };
  return all(
    since('academy', 'academy-not-completed'),
    since('ethics', 'ethics-not-completed'),
    since('supervision', 'supervision-not-begun'),
    since('further-training', 'further-training-not-begun'),
  );
}

/** CR-4 "not completed the CARC credentialing within two years of being hired do not continue": the anniversary is the last day. */
function withinTwoYears(coach: CoachFacts, date: LocalDate, asked: Asked): Outcome {
  if (isCertified(coach, date, asked).result === 'met') return met;
  const limit = credentialLimit(coach, asked);
  if (limit === undefined) return indeterminate('missing: hire date');
  return date <= limit ? met : notMet('CR-4 two-years-passed');
}

/** The last day on which a coach without CARC may serve: hire + 2 years. A rehire keeps the first hire date (8.3.16). */
export function credentialLimit(coach: CoachFacts, { organization, ruleset }: Asked): LocalDate | undefined {
  const hires = coach.roles
    .filter((role) => role.organization === organization)
    .map((role) => spanIn(ruleset.zone, role).start);
  const first = hires.filter((hire) => hire !== undefined).sort()[0];
  return first === undefined ? undefined : addYears(first, ruleset.parameters.credentialYears.value);
}

/** CR-5 "may be waived in cases of extenuating circumstances … approved by the MCE or PACE organization" (footnote 1). */
function isWaived(coach: CoachFacts, date: LocalDate, { payer, ruleset }: Asked): Outcome {
  const waivers = coach.qualifications
    .flatMap((qualification) => qualification.waivers)
    .filter((waiver) => waiver.payer === payer);
  return waivers.some((waiver) => holds(spanIn(ruleset.zone, waiver), date)) ? met : notMet('CR-5 not-waived');
}

function withCode(coach: CoachFacts, code: string): readonly Qualification[] {
  return coach.qualifications.filter((qualification) => qualification.code === code);
}

/** Every date on which the answer of B-5 can change by itself. */
export function qualificationDates(coach: CoachFacts | undefined, asked: Asked): LocalDate[] {
  if (!coach) return [];
  const { zone } = asked.ruleset;
  const spans = [
    ...coach.roles,
    ...coach.qualifications,
    ...coach.qualifications.flatMap(({ waivers }) => waivers),
  ].map((span) => spanIn(zone, span));
  const attested = coach.qualifications.map(({ attestedAsOf }) => dateIn(zone, attestedAsOf));
  const limit = credentialLimit(coach, asked);
  return [
    ...spans.map(({ start }) => start),
    ...attested,
    ...[...spans.map(({ end }) => end), limit].map(nextDay),
  ].filter((date) => date !== undefined);
}

function nextDay(date: LocalDate | undefined): LocalDate | undefined {
  return date === undefined ? undefined : addDays(date, 1);
}
