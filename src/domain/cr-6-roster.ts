import { earliest, type LocalDate } from '../base/time.ts';
import { answer, notApplicable, type RuleAnswer } from './answer.ts';
import { type Asked, isCertified, isCoachQualified, isWorking, verificationOn } from './b-5-coach-qualified.ts';
import { dateIn, isReversed, spanIn } from './dating.ts';
import { rolesInForce } from './employment.ts';
import { type CoachFacts, holds, type Qualification } from './facts/facts.ts';
import { all, indeterminate, met, type Outcome } from './outcome.ts';
import type { Ruleset } from './ruleset.ts';

/** R4 types that CR-6 reads. */
export const inputTypes = ['Practitioner', 'PractitionerRole', 'VerificationResult'] as const;

/** One coach's line of the record that MassHealth, MCEs and PACE organisations may ask for. */
export interface RosterRow {
  /** Practitioner reference */
  readonly coach: string;
  readonly number: string | undefined;
  readonly issuer: string | undefined;
  readonly start: LocalDate | undefined;
  readonly end: LocalDate | undefined;
  readonly status: 'certified' | 'working' | 'none';
  /** the primary source's latest word on this certification by D; absent where nobody asked it */
  readonly verified: { readonly status: 'validated' | 'failed'; readonly date: LocalDate } | undefined;
  /** coach-role codes of the roles in force */
  readonly roles: readonly string[];
  /** first day with this employer: a rehire keeps it (8.3.16) */
  readonly hired: LocalDate | undefined;
  /** B-5 for a payer that waived nothing */
  readonly qualified: Outcome;
  /** B-5 for each payer whose waiver is in force, which counts for that payer only (CR-5) */
  readonly waivers: readonly { readonly payer: string; readonly qualified: Outcome }[];
}

/**
 * CR-6 "keep a record of each employed Peer Recovery Coach's certification details (e.g., each Peer Recovery Coach's CARC number) to
 * inform to MassHealth and the MCEs and PACE Organizations upon request" (MassHealth bulletin, Qualifications): the coaches employed
 * on a day up to K's, with the certification in force on it. No attestation and no date of recovery is in it (CR-1).
 */
export function coachRoster(
  coaches: Iterable<CoachFacts>,
  date: LocalDate,
  asked: Asked,
  knownAt: string,
): { readonly answer: RuleAnswer; readonly rows: readonly RosterRow[] } {
  const { ruleset } = asked;
  if (!('CR-6' in ruleset.rules)) return { answer: notApplicable('CR-6', 'rule-not-in-ruleset'), rows: [] };
  const today = dateIn(ruleset.zone, knownAt);
  if (today === undefined || date > today)
    return { answer: answer('CR-6', indeterminate('date-in-the-future')), rows: [] };
  const employed = [...coaches].filter((coach) => rolesInForce(coach, date, asked).length > 0);
  const rows = employed
    .map((coach) => toRow(coach, date, asked))
    .sort((a, b) => (a.coach < b.coach ? -1 : a.coach > b.coach ? 1 : 0));
  const gaps = employed.flatMap((coach) => {
    const outcome = isCertified(coach, date, asked);
    return outcome.result === 'indeterminate'
      ? [indeterminate(...outcome.reasons.map((reason) => `${reason} of ${coach.practitioner}`))]
      : [];
  });
  const count = (status: RosterRow['status']): number => rows.filter((row) => row.status === status).length;
  return {
    answer: answer(
      'CR-6',
      employed.length === 0 ? indeterminate('missing: coach employed at the organisation') : all(met, ...gaps),
      employed.flatMap(({ evidence }) => evidence),
      { coaches: rows.length, certified: count('certified'), working: count('working'), none: count('none') },
    ),
    rows,
  };
}

function toRow(coach: CoachFacts, date: LocalDate, asked: Asked): RosterRow {
  const { organization, ruleset } = asked;
  const { zone } = ruleset;
  const employment = coach.roles.filter((role) => role.organization === organization && !isReversed(zone, role));
  const waived = coach.qualifications
    .flatMap(({ waivers }) => waivers)
    .filter((waiver) => holds(spanIn(zone, waiver), date));
  const certificate = certificateOn(coach, date, ruleset);
  const span = certificate ? spanIn(zone, certificate) : { start: undefined, end: undefined };
  return {
    coach: coach.practitioner,
    number: certificate?.number,
    issuer: certificate?.issuer,
    ...span,
    status: statusOn(coach, date, asked),
    verified: certificate && verificationOn(certificate, date, ruleset),
    roles: [...new Set(rolesInForce(coach, date, asked).flatMap(({ codes }) => codes ?? []))].sort(),
    hired: earliest(...employment.map((role) => spanIn(zone, role).start)),
    qualified: isCoachQualified(coach, date, asked),
    waivers: [...new Set(waived.map(({ payer }) => payer))].sort().map((payer) => ({
      payer,
      qualified: isCoachQualified(coach, date, { ...asked, payer }),
    })),
  };
}

/**
 * The certification in force on D; one that its source denies after the others, a complete one before one that lacks its number or
 * issuer, CARC before another.
 */
function certificateOn({ qualifications }: CoachFacts, date: LocalDate, ruleset: Ruleset): Qualification | undefined {
  const inForce = ['carc', 'eohhs-alternative'].flatMap((code) =>
    qualifications.filter((one) => one.code === code && holds(spanIn(ruleset.zone, one), date)),
  );
  const upheld = inForce.filter((one) => verificationOn(one, date, ruleset)?.status !== 'failed');
  const known = upheld.length > 0 ? upheld : inForce;
  return known.find(({ issuer, number }) => issuer !== undefined && number !== undefined) ?? known[0];
}

function statusOn(coach: CoachFacts, date: LocalDate, asked: Asked): RosterRow['status'] {
  if (isCertified(coach, date, asked).result === 'met') return 'certified';
  return isWorking(coach, date, asked).result === 'met' ? 'working' : 'none';
}
