import { addDays, addYears, type LocalDate } from '../base/time.ts';
import { hasDiploma } from './cr-7-diploma.ts';
import { hasCoachTraining } from './cr-8-approved-training.ts';
import { dateIn, hasHappenedBy, isReversed, spanIn } from './dating.ts';
import { isEmployed } from './employment.ts';
import {
  type CoachFacts,
  holds,
  type Qualification,
  type Role,
  type Verification,
  type Waiver,
} from './facts/facts.ts';
import type { PeerRole } from './facts/michigan-episode.ts';
import { isInRecovery, isSelfAttested, monthsOfCode, recoveryDates } from './m-13-recovery.ts';
import { isTrainedAs } from './m-14-training.ts';
import { all, any, indeterminate, met, notMet, type Outcome } from './outcome.ts';
import type { Ruleset } from './ruleset.ts';
import { beganBy } from './trainings.ts';

/** R4 types that B-5 reads. */
export const inputTypes = ['Practitioner', 'PractitionerRole', 'VerificationResult'] as const;

/** On whose behalf a coach's qualification is asked: a waiver counts for the payer that approved it only. */
export interface Asked {
  readonly ruleset: Ruleset;
  readonly payer: string;
  /** Organization reference of the employer, i.e. the episode's managingOrganization */
  readonly organization: string | undefined;
}

/**
 * B-5: the coach is qualified on D (domain model 8.1, 8.3.1). Employment as a coach is always asked; each further part only where the
 * ruleset holds its rule: CR-1 ∧ CR-10 ∧ ((CR-2 ∧ CR-4) ∨ CR-5) of the MassHealth bulletin, "Qualifications for Peer Recovery
 * Coaches"; CR-7 and CR-8 of Tufts and Optum; M-13 and M-14 of Michigan.
 */
export function isCoachQualified(coach: CoachFacts | undefined, date: LocalDate, asked: Asked): Outcome {
  if (!coach) return indeterminate('missing: Practitioner');
  const { ruleset } = asked;
  const where = (rule: string, ask: () => Outcome): Outcome => (rule in ruleset.rules ? ask() : met);
  return all(
    isEmployed(coach, date, asked),
    where('CR-1', () => isAttested(coach, 'recovery-attestation', date, ruleset.zone, 'CR-1 recovery-not-attested')),
    where('CR-10', () =>
      isAttested(coach, 'board-requirements', date, ruleset.zone, 'CR-10 board-requirements-not-attested'),
    ),
    isCredentialed(coach, date, asked),
    where('CR-7', () => hasDiploma(coach, date, ruleset)),
    where('CR-8', () => hasCoachTraining(coach, date, ruleset)),
    where('M-13', () => named('M-13', isInRecovery(peerRoleOf(coach, date, asked), coach, date, ruleset))),
    where('M-14', () => named('M-14', isTrainedAs(peerRoleOf(coach, date, asked), coach, date, ruleset))),
  );
}

/** (CR-2 ∧ CR-4) ∨ CR-5. A waiver has nothing to cure under a ruleset that asks for neither CR-2 nor CR-4. */
export function isCredentialed(coach: CoachFacts, date: LocalDate, asked: Asked): Outcome {
  const { rules } = asked.ruleset;
  const asks = [
    ...('CR-2' in rules ? [certifiedOrWorking(coach, date, asked)] : []),
    ...('CR-4' in rules ? [withinTwoYears(coach, date, asked)] : []),
  ];
  const credential = all(...asks);
  return asks.length > 0 && 'CR-5' in rules ? any(credential, isWaived(coach, date, asked)) : credential;
}

/** Michigan asks less of an associate; who is both on D is asked as a coach. */
function peerRoleOf(coach: CoachFacts, date: LocalDate, { organization, ruleset }: Asked): PeerRole {
  const roles = coach.roles.filter(
    (role) => role.organization === organization && holds(spanIn(ruleset.zone, role), date),
  );
  return roles.length > 0 && roles.every(({ associate }) => associate === true) ? 'associate' : 'coach';
}

/** A contradiction says which part of B-5 it is about. */
function named(rule: string, outcome: Outcome): Outcome {
  return outcome.result === 'not-met' ? notMet(...outcome.reasons.map((reason) => `${rule} ${reason}`)) : outcome;
}

/**
 * CR-1 "at least two years of sustained recovery", CR-10: the employer's attestation, true from a date on and through the end of the
 * qualification's period, where it has one (as M-13 reads it). One that tells fewer months than its code means, as an associate's in
 * Michigan, attests something else, and nobody attests to herself [D].
 */
export function isAttested(
  coach: CoachFacts,
  code: string,
  date: LocalDate,
  zone: string,
  contradiction: string,
): Outcome {
  const said = withCode(coach, code).filter(
    ({ attestedMonths }) => attestedMonths === undefined || attestedMonths >= monthsOfCode,
  );
  const known = said
    .filter((one) => !isSelfAttested(one, coach))
    .flatMap(({ attestedAsOf, end }) =>
      attestedAsOf === undefined || dateIn(zone, attestedAsOf) === undefined
        ? []
        : [{ isMade: hasHappenedBy(zone, attestedAsOf, date), end: dateIn(zone, end, 'end') }],
    );
  if (known.length === 0)
    return indeterminate(
      said.some((one) => isSelfAttested(one, coach)) ? `self-attested: ${code}` : `missing: ${code}`,
    );
  const made = known.filter(({ isMade }) => isMade);
  if (made.length === 0)
    return known.some(({ isMade }) => isMade === undefined)
      ? indeterminate(`missing: day of ${code}`)
      : notMet(contradiction);
  return made.some(({ end }) => end === undefined || date <= end) ? met : notMet(`${contradiction}: attestation-ended`);
}

/** CR-2 "obtained or must demonstrate that they are working to obtain": certified, or CR-3 where the ruleset says what working is. */
export function certifiedOrWorking(coach: CoachFacts, date: LocalDate, asked: Asked): Outcome {
  if (!('CR-3' in asked.ruleset.rules)) return isCertified(coach, date, asked);
  return any(isCertified(coach, date, asked), isWorking(coach, date, asked));
}

/**
 * CARC with number, issuer and a period that holds D, "through 1) The Massachusetts Board …; or 2) another licensure or certification
 * process as determined by EOHHS": parameter `certifyingBodies` names whose. One that nobody verified counts; one of which the primary
 * source's latest word by D is that it does not hold is contradicted.
 */
export function isCertified(coach: CoachFacts, date: LocalDate, { ruleset }: Pick<Asked, 'ruleset'>): Outcome {
  const held = certificatesOf(coach);
  if (held.length === 0) return notMet('CR-2 not-certified');
  const inForce = held.filter((qualification) => holds(spanIn(ruleset.zone, qualification), date));
  if (inForce.length === 0) return notMet('CR-2 certification-not-in-force');
  const upheld = inForce.filter((qualification) => verificationOn(qualification, date, ruleset)?.status !== 'failed');
  if (upheld.length === 0) return notMet('CR-2 verification-failed');
  const gaps = upheld.map((one) => gapsOf(one, ruleset));
  return gaps.some((reasons) => reasons.length === 0) ? met : indeterminate(...new Set(gaps.flat()));
}

export function certificatesOf(coach: CoachFacts): readonly Qualification[] {
  return [...withCode(coach, 'carc'), ...withCode(coach, 'eohhs-alternative')];
}

/** What a certificate lacks, whichever day is asked about. */
export function gapsOf({ issuer, issuerName, number, start }: Qualification, { parameters }: Ruleset): string[] {
  const bodies = parameters.certifyingBodies?.value;
  const isNamed = bodies === undefined ? issuer !== undefined : issuerName !== undefined;
  const isListed =
    bodies === undefined || issuerName === undefined || bodies.some((body) => plain(issuerName).includes(plain(body)));
  return [
    ...(number === undefined || !isNamed ? ['missing: certification number or issuer'] : []),
    ...(isListed ? [] : [`certification-issuer-not-listed: ${issuerName}`]),
    ...(start === undefined ? ['missing: certification period'] : []),
  ];
}

/** As names are compared: letters and digits alone. */
function plain(name: string): string {
  return name.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, ' ');
}

/** The latest word of a primary source by D; of two on one date the one that denies: a contradiction must not be outvoted by its order. */
export function verificationOn(
  { verifications = [] }: Qualification,
  date: LocalDate,
  { zone }: Pick<Ruleset, 'zone'>,
): (Verification & { readonly date: LocalDate }) | undefined {
  return verifications
    .flatMap((one) => {
      const on = dateIn(zone, one.on);
      return on !== undefined && on <= date ? [{ ...one, date: on }] : [];
    })
    .sort((a, b) =>
      a.date === b.date ? Number(b.status === 'failed') - Number(a.status === 'failed') : a.date < b.date ? 1 : -1,
    )[0];
}

/**
 * CR-3 "completed Peer Recovery Coach Academy trainings and the Ethical Considerations … training and must be in the process of
 * completing supervision requirements and additional required trainings".
 */
export function isWorking(coach: CoachFacts, date: LocalDate, { ruleset }: Pick<Asked, 'ruleset'>): Outcome {
  const since = (code: string, what: string): Outcome => {
    return beganBy(withCode(coach, code), date, ruleset.zone, { what: code, contradiction: `CR-3 ${what}` });
  };
  return all(
    since('academy', 'academy-not-completed'),
    since('ethics', 'ethics-not-completed'),
    since('supervision', 'supervision-not-begun'),
    since('further-training', 'further-training-not-begun'),
  );
}

/**
 * CR-4 "not completed the CARC credentialing within two years of being hired do not continue": the anniversary is the last day. After it
 * a certification that lacks its number, issuer or period leaves it open.
 */
export function withinTwoYears(coach: CoachFacts, date: LocalDate, asked: Asked): Outcome {
  const certified = isCertified(coach, date, asked);
  if (certified.result === 'met') return met;
  const limit = credentialLimit(coach, asked);
  if (limit === undefined) return indeterminate('missing: hire date');
  if (date > limit) return certified.result === 'indeterminate' ? certified : notMet(...passed(certified));
  // A hire without its date may be the first one, and the limit earlier.
  return rolesHired(coach, asked).some((role) => hireOf(role, asked) === undefined)
    ? indeterminate('missing: hire date')
    : met;
}

/** A certification that its own board denies says why the two years were not enough. */
function passed(certified: Outcome): readonly string[] {
  const denied = 'CR-2 verification-failed';
  const isDenied = 'reasons' in certified && certified.reasons.includes(denied);
  return [...(isDenied ? [denied] : []), 'CR-4 two-years-passed'];
}

/**
 * The last day on which a coach without CARC may serve: hire + 2 years. A rehire keeps the first hire date (8.3.16).
 *
 * @returns by the hires that are dated: one that is not can only make it earlier
 */
export function credentialLimit(
  coach: CoachFacts,
  asked: Pick<Asked, 'organization' | 'ruleset'>,
): LocalDate | undefined {
  const hires = rolesHired(coach, asked).map((role) => hireOf(role, asked));
  const first = hires.filter((hire) => hire !== undefined).sort()[0];
  return first === undefined ? undefined : addYears(first, asked.ruleset.parameters.credentialYears.value);
}

/** Which hires the two years may run from (parameter `hireDate`, [D]): those by the employer asked about, or any as a coach. */
function rolesHired(
  { roles }: CoachFacts,
  { organization, ruleset }: Pick<Asked, 'organization' | 'ruleset'>,
): readonly Role[] {
  if (ruleset.parameters.hireDate?.value === 'first-as-coach') return roles;
  return roles.filter((role) => role.organization === organization);
}

/** A role that ends before it begins has no hire date that could be trusted. */
function hireOf(role: Role, { ruleset }: Pick<Asked, 'ruleset'>): LocalDate | undefined {
  return isReversed(ruleset.zone, role) ? undefined : spanIn(ruleset.zone, role).start;
}

/**
 * CR-5 "may be waived in cases of extenuating circumstances … with documentation submitted to and approved by the MCE or PACE
 * organization" (footnote 1): approved by D, for D, with the document that was submitted. Whether an approval reaches back to days of its
 * period before it was given no document says, so they are open [D].
 */
export function isWaived(coach: CoachFacts, date: LocalDate, { payer, ruleset }: Asked): Outcome {
  const waivers = coach.qualifications
    .flatMap((qualification) => qualification.waivers)
    .filter((waiver) => waiver.payer === payer);
  const inForce = waivers.filter((waiver) => holds(spanIn(ruleset.zone, waiver), date));
  if (inForce.length === 0) return notMet('CR-5 not-waived');
  const gaps = inForce.map((waiver) => waiverGaps(waiver, date, ruleset.zone));
  return gaps.some((reasons) => reasons.length === 0) ? met : indeterminate(...new Set(gaps.flat()));
}

function waiverGaps({ approved, document }: Waiver, date: LocalDate, zone: string): string[] {
  const isApproved = dateIn(zone, approved) !== undefined && approved !== undefined;
  return [
    ...(isApproved ? [] : ['missing: approval of the waiver']),
    ...(isApproved && !hasHappenedBy(zone, approved, date) ? ['waiver-approved-later'] : []),
    ...(document === undefined ? ['missing: document of the waiver'] : []),
  ];
}

function withCode(coach: CoachFacts, code: string): readonly Qualification[] {
  return coach.qualifications.filter((qualification) => qualification.code === code);
}

/** B-5 for one coach on any day: judged once for all days between two on which its answer can change. */
export interface Qualified {
  /** in order */
  readonly changes: readonly LocalDate[];
  on(date: LocalDate): Outcome;
}

export function qualifiedOn(coach: CoachFacts | undefined, asked: Asked): Qualified {
  const changes = [...new Set(qualificationDates(coach, asked))].sort();
  const known = new Map<number, Outcome>();
  return {
    changes,
    on(date) {
      const since = changes.findLastIndex((change) => change <= date);
      const outcome = known.get(since) ?? isCoachQualified(coach, date, asked);
      known.set(since, outcome);
      return outcome;
    },
  };
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
  const attested = coach.qualifications.flatMap(({ attestedAsOf, waivers }) =>
    [attestedAsOf, ...waivers.map(({ approved }) => approved)].flatMap((on) => [
      dateIn(zone, on),
      dateIn(zone, on, 'end'),
    ]),
  );
  const trained = coach.qualifications.map(({ start }) => dateIn(zone, start, 'end'));
  const verified = coach.qualifications.flatMap(({ verifications = [] }) =>
    verifications.map(({ on }) => dateIn(zone, on)),
  );
  const recovery =
    'M-13' in asked.ruleset.rules
      ? (['coach', 'associate'] as const).flatMap((role) => recoveryDates(role, coach, asked.ruleset))
      : [];
  const limit = 'CR-4' in asked.ruleset.rules ? credentialLimit(coach, asked) : undefined;
  return [
    ...spans.map(({ start }) => start),
    ...attested,
    ...trained,
    ...verified,
    ...recovery,
    ...[...spans.map(({ end }) => end), limit].map(nextDay),
  ].filter((date) => date !== undefined);
}

function nextDay(date: LocalDate | undefined): LocalDate | undefined {
  return date === undefined ? undefined : addDays(date, 1);
}
