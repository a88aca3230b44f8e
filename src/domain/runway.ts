import { addDays, daysBetween, type LocalDate } from '../base/time.ts';
import {
  type Asked,
  credentialLimit,
  isAttested,
  isCertified,
  isCoachQualified,
  isCredentialed,
  isWaived,
  isWorking,
  qualificationDates,
  withinTwoYears,
} from './b-5-coach-qualified.ts';
import { credentialRunway } from './cr-4-credential-runway.ts';
import { type DateSpan, spanIn } from './dating.ts';
import { rolesInForce } from './employment.ts';
import { type CoachFacts, holds } from './facts/facts.ts';
import type { Outcome } from './outcome.ts';
import type { Ruleset } from './ruleset.ts';

/** Whose days are at stake: a member of one payer whom a coach serves. */
export interface ServedMember {
  /** Organization reference */
  readonly payer: string;
  readonly patient: string;
  /** days on which this payer's coverage puts the member under the ruleset */
  readonly coverage: readonly DateSpan[];
  readonly episode: DateSpan;
  readonly death: LocalDate | undefined;
}

export type RunwayState = 'certified' | 'working' | 'waived' | 'unqualified' | 'indeterminate';

/** What a coach lacks, and the rule that asks for it. */
export interface Missing {
  readonly rule: string;
  readonly reason: string;
}

/** How one payer sees the coach: a waiver counts for the payer that approved it only. */
export interface PayerRunway {
  readonly payer: string;
  /** B-5 on D */
  readonly outcome: Outcome;
  /** last day of the waiver in force on D, followed through those that continue it; absent without one, or without an end */
  readonly waivedUntil: LocalDate | undefined;
  /** last day from D on which the credential lets the coach serve this payer's members */
  readonly lastDay: LocalDate | undefined;
  readonly members: number;
  readonly memberDays: number;
}

export interface RunwayLine {
  readonly coach: CoachFacts;
  readonly ruleset: Ruleset;
  readonly date: LocalDate;
  readonly state: RunwayState;
  /** CR-4: hire and two years */
  readonly limit: LocalDate | undefined;
  /** the last day of service for a payer that waived nothing, else of the first payer whose waiver ends, else the limit that has passed */
  readonly deadline: LocalDate | undefined;
  /** from D to the deadline; negative once it has passed */
  readonly daysLeft: number | undefined;
  /** the nearest announced distance from the limit that is reached */
  readonly alert: number | undefined;
  readonly missing: readonly Missing[];
  readonly payers: readonly PayerRunway[];
}

/** Nobody's reference: what is asked on behalf of no payer is met by no waiver. */
const noPayer = '';

/**
 * Where a coach stands under a ruleset that holds CR-4 on D: until when, on the strength of what, what is missing, and whose days are
 * lost after it (domain model 2c and 5.6). No attestation's date is in it (CR-1).
 *
 * @param members whom the coach serves under this ruleset
 */
export function runwayOf(
  coach: CoachFacts,
  ruleset: Ruleset,
  organization: string,
  date: LocalDate,
  members: readonly ServedMember[],
): RunwayLine {
  const asked: Asked = { ruleset, payer: noPayer, organization };
  const waivers = coach.qualifications.flatMap((one) => one.waivers);
  const waiving = waivers.filter((waiver) => {
    const { end } = spanIn(ruleset.zone, waiver);
    return end === undefined || end >= date;
  });
  const names = new Set([...waiving, ...members].map(({ payer }) => payer));
  const payers = [...names].sort().map((payer) => payerRunway(coach, { ...asked, payer }, date, members));
  const own = lastDayFrom(coach, asked, date, isCredentialed);
  const limit = credentialLimit(coach, asked);
  const serving = payers.flatMap(({ lastDay }) => lastDay ?? []).sort();
  const deadline = own.holds ? own.lastDay : (serving[0] ?? limit);
  const { alert } = credentialRunway(coach, date, asked).figures;
  return {
    coach,
    ruleset,
    date,
    state: stateOf(coach, asked, date),
    limit,
    deadline,
    daysLeft: deadline === undefined ? undefined : daysBetween(date, deadline),
    alert: typeof alert === 'number' ? alert : undefined,
    missing: missingOf(coach, asked, date),
    payers,
  };
}

/**
 * CR-5 "approved by the MCE or PACE organization": the coach with the waivers of those payers alone that the ruleset may concern.
 *
 * @param isOther whether a payer, an Organization reference, is one of other rulesets only
 */
export function withWaiversUnder(coach: CoachFacts, isOther: (payer: string) => boolean): CoachFacts {
  if (!coach.qualifications.some(({ waivers }) => waivers.some(({ payer }) => isOther(payer)))) return coach;
  const qualifications = coach.qualifications.map((one) => ({
    ...one,
    waivers: one.waivers.filter(({ payer }) => !isOther(payer)),
  }));
  return { ...coach, qualifications };
}

/** Lines by deadline, those without one last. */
export function byDeadline(a: RunwayLine, b: RunwayLine): number {
  const [x, y] = [a.deadline ?? '9999', b.deadline ?? '9999'];
  if (x !== y) return x < y ? -1 : 1;
  if (a.coach.practitioner !== b.coach.practitioner) return a.coach.practitioner < b.coach.practitioner ? -1 : 1;
  return a.ruleset.name < b.ruleset.name ? -1 : 1;
}

/** Whether the coach must stop for some payer in a month, `YYYY-MM`: a last day lies in it. */
export function stopsIn({ deadline, payers }: RunwayLine, month: string): boolean {
  return [deadline, ...payers.map(({ lastDay }) => lastDay)].some((day) => day?.startsWith(`${month}-`));
}

function payerRunway(coach: CoachFacts, asked: Asked, date: LocalDate, members: readonly ServedMember[]): PayerRunway {
  const own = members.filter(({ payer }) => payer === asked.payer);
  const waived = withApprovedWaivers(coach);
  const waiver = lastDayFrom(waived, asked, date, isWaived);
  const { lastDay } = lastDayFrom(waived, asked, date, isCredentialed);
  const windowDays = asked.ruleset.parameters.windowDays.value;
  return {
    payer: asked.payer,
    outcome: isCoachQualified(coach, date, asked),
    waivedUntil: waiver.lastDay,
    lastDay,
    members: new Set(own.map(({ patient }) => patient)).size,
    memberDays: lastDay === undefined ? 0 : own.reduce((sum, one) => sum + daysAtRisk(one, lastDay, windowDays), 0),
  };
}

/** A waiver that nobody is said to have approved, or for which nothing was submitted, lets nobody go on (CR-5). */
function withApprovedWaivers(coach: CoachFacts): CoachFacts {
  const qualifications = coach.qualifications.map((one) => ({
    ...one,
    waivers: one.waivers.filter(({ approved, document }) => approved !== undefined && document !== undefined),
  }));
  return { ...coach, qualifications };
}

/**
 * The days that a contact on the coach's last day would carry a member through: `windowDays` dates after it, as far as the coverage and
 * the episode reach. They are lost unless the coach is certified by then, or another coach has a contact of her own.
 */
export function daysAtRisk(member: ServedMember, lastDay: LocalDate, windowDays: number): number {
  const dates = Array.from({ length: windowDays }, (_, index) => addDays(lastDay, index + 1));
  return dates.filter(
    (date) =>
      member.coverage.some((span) => holds(span, date)) &&
      holds(member.episode, date) &&
      (member.death === undefined || date <= member.death),
  ).length;
}

/**
 * Until when an answer that is not contradicted on D stays so; what is missing does not end it, since it may come. Only the days are
 * looked at on which it can change by itself.
 */
function lastDayFrom(
  coach: CoachFacts,
  asked: Asked,
  from: LocalDate,
  ask: (coach: CoachFacts, date: LocalDate, asked: Asked) => Outcome,
): { readonly holds: boolean; readonly lastDay: LocalDate | undefined } {
  if (ask(coach, from, asked).result === 'not-met') return { holds: false, lastDay: undefined };
  const changes = qualificationDates(coach, asked).filter((date) => date > from);
  const stop = changes.sort().find((date) => ask(coach, date, asked).result === 'not-met');
  return { holds: true, lastDay: stop === undefined ? undefined : addDays(stop, -1) };
}

function stateOf(coach: CoachFacts, asked: Asked, date: LocalDate): RunwayState {
  if (isCertified(coach, date, asked).result === 'met') return 'certified';
  const { result } = isCredentialed(coach, date, asked);
  if (result === 'met') return 'working';
  const waivers = coach.qualifications
    .flatMap((one) => one.waivers)
    .map(({ payer }) => isWaived(coach, date, { ...asked, payer }));
  if (waivers.some((waiver) => waiver.result === 'met')) return 'waived';
  if (waivers.some((waiver) => waiver.result === 'indeterminate')) return 'indeterminate';
  return result === 'not-met' ? 'unqualified' : 'indeterminate';
}

/** Each part of B-5 that the ruleset holds and that is not met on D; of a coach on the way to CARC, CARC itself too. */
function missingOf(coach: CoachFacts, asked: Asked, date: LocalDate): Missing[] {
  const { ruleset } = asked;
  const certified = isCertified(coach, date, asked);
  const limit = withinTwoYears(coach, date, asked);
  const waived = coach.qualifications.some((one) =>
    one.waivers.some((waiver) => holds(spanIn(ruleset.zone, waiver), date)),
  );
  const attested = (rule: string, code: string, what: string): [string, () => Outcome] => [
    rule,
    () => isAttested(coach, code, date, ruleset.zone, `${rule} ${what}-not-attested`),
  ];
  const asks: [string, () => Outcome][] = [
    attested('CR-1', 'recovery-attestation', 'recovery'),
    attested('CR-10', 'board-requirements', 'board-requirements'),
    ['CR-2', () => certified],
    ...(certified.result === 'met' ? [] : ([['CR-3', () => isWorking(coach, date, asked)]] as typeof asks)),
    ['CR-4', () => limit],
    ...(limit.result === 'not-met' && !waived ? ([['CR-5', () => isWaived(coach, date, asked)]] as typeof asks) : []),
  ];
  return asks
    .filter(([rule]) => rule in ruleset.rules)
    .flatMap(([rule, ask]) => {
      const outcome = ask();
      return 'reasons' in outcome
        ? outcome.reasons.map((reason) => ({ rule, reason: reason.replace(`${rule} `, '') }))
        : [];
    });
}

/** Coaches employed at the organisation on D; a role without a start is in force. */
export function employedOn(
  coaches: Iterable<CoachFacts>,
  organization: string,
  date: LocalDate,
  ruleset: Ruleset,
): CoachFacts[] {
  const asked: Asked = { ruleset, payer: noPayer, organization };
  return [...coaches].filter((coach) => rolesInForce(coach, date, asked).length > 0);
}

/** Rulesets that hold a rule, were published by K and are in force on the day that `dateOf` gives for their zone. */
export function rulesetsHolding(
  rulesets: readonly Ruleset[],
  rule: string,
  knownAt: string,
  dateOf: (ruleset: Ruleset) => LocalDate,
): Ruleset[] {
  return rulesets.filter(
    (one) =>
      rule in one.rules &&
      Date.parse(one.publishedAt) <= Date.parse(knownAt) &&
      holds({ start: one.effectiveFrom, end: one.effectiveTo }, dateOf(one)),
  );
}
