import type { LocalDate } from '../base/time.ts';
import { answer, notApplicable, type RuleAnswer } from './answer.ts';
import { dateIn, spanIn } from './dating.ts';
import { type CoachFacts, holds } from './facts/facts.ts';
import type { Supervision } from './facts/supervision.ts';
import { all, indeterminate, met, notMet, type Outcome } from './outcome.ts';
import type { Ruleset } from './ruleset.ts';

/** R4 types that X-3 reads. */
export const inputTypes = ['Appointment', 'Practitioner', 'PractitionerRole'] as const;

interface Asked {
  readonly ruleset: Ruleset;
  readonly date: LocalDate;
  readonly knownAt: string;
}

/**
 * X-3 "adhere to an established Code of Ethics" and "non-clinical supervision from trained RC Supervisors" (Transcom brief): the
 * coach's attestation of the code in force on D, and a supervision by D and K that was said to be non-clinical. Whether a clinical
 * one alone contradicts is not in the brief; here it does [D]. Advisory.
 */
export function ethicsAndSupervision(
  coach: CoachFacts | undefined,
  supervisions: readonly Supervision[],
  asked: Asked,
): RuleAnswer {
  if (!('X-3' in asked.ruleset.rules)) return notApplicable('X-3', 'rule-not-in-ruleset');
  if (!coach) return answer('X-3', indeterminate('missing: Practitioner'));
  const held = supervisions.filter((session) => wasHeld(session, coach, asked));
  const evidence = [...coach.evidence, ...held.map(({ reference }) => reference)];
  return answer('X-3', all(hasCodeOfEthics(coach, asked), isNonClinical(held)), evidence, {
    supervisions: held.length,
  });
}

/** It counts from the day as of which it was attested, else from its start; with neither it says nothing about a day. */
function hasCodeOfEthics({ qualifications }: CoachFacts, { date, knownAt, ruleset: { zone } }: Asked): Outcome {
  const today = dateIn(zone, knownAt);
  const given = qualifications.flatMap((one) => {
    const from = dateIn(zone, one.attestedAsOf ?? one.start);
    const had = from !== undefined && from <= date && today !== undefined && from <= today;
    return one.code === 'code-of-ethics' && had ? [one] : [];
  });
  if (given.length === 0) return indeterminate('missing: code-of-ethics');
  return given.some((one) => holds(spanIn(zone, one), date)) ? met : notMet('code-of-ethics-not-in-force');
}

function wasHeld(session: Supervision, { practitioner }: CoachFacts, { date, knownAt, ruleset }: Asked): boolean {
  const { coaches, fulfilled, start, supervisors } = session;
  const on = dateIn(ruleset.zone, start);
  if (start === undefined || on === undefined || on > date) return false;
  const past = Date.parse(start) <= Date.parse(knownAt);
  return past && fulfilled && supervisors.some((one) => one !== practitioner) && coaches.includes(practitioner);
}

function isNonClinical(held: readonly Supervision[]): Outcome {
  if (held.some(({ kind }) => kind === 'non-clinical')) return met;
  if (held.length === 0) return indeterminate('missing: supervision');
  return held.every(({ kind }) => kind === 'clinical')
    ? notMet('supervision-only-clinical')
    : indeterminate('missing: kind of supervision');
}
