import { addDays, type LocalDate } from '../../base/time.ts';
import { type Asked, credentialLimit, isCertified, isWaived, qualificationDates } from '../b-5-coach-qualified.ts';
import { isEmployed, undatedEnd } from '../employment.ts';
import type { CoachFacts } from '../facts/facts.ts';
import { canonicalOf, type Ruleset } from '../ruleset.ts';
import { dueDay } from './accounts.ts';
import { basisOf, type DueItem, keyOf } from './item.ts';

/** Of which coach it is asked at which employer: a credential is the coach's, not a member's. */
export interface CoachDueInput {
  readonly coach: CoachFacts;
  /** Organization reference of the employer */
  readonly organization: string;
  /** Organization references of the payers whose members the coach serves; a waiver counts for the payer that approved it */
  readonly payers: readonly string[];
  readonly rulesets: readonly Ruleset[];
  readonly knownAt: string;
  readonly asOf?: { readonly zone: string; readonly date: LocalDate } | undefined;
}

interface Runway {
  readonly ruleset: Ruleset;
  readonly limit: LocalDate;
  /** days before the limit at which somebody is told, the farthest first */
  readonly steps: readonly number[];
}

/**
 * CR-4 as work: one item for a coach at an employer, from the farthest alert before the limit on, more pressing at each; it closes when
 * the coach is certified, no longer employed, or every payer waives the days after the limit. At the last step it is urgent, and it
 * stays after the limit: a coach who goes on then is not qualified.
 */
export function coachDueOf(input: CoachDueInput): readonly DueItem[] {
  const runway = runwayOf(input);
  if (!runway) return [];
  const { coach, organization } = input;
  const { limit, ruleset, steps } = runway;
  const date = dueDay(input, ruleset.zone);
  const opensOn = addDays(limit, -(steps[0] ?? 0));
  if (date < opensOn) return [];
  const reached = steps.findLast((days) => date >= addDays(limit, -days)) ?? 0;
  const runs =
    date > limit
      ? `passed on ${limit}: the coach may not go on as a Peer Recovery Coach`
      : `passes on ${limit}, in ${reached} days or fewer`;
  return [
    {
      kind: 'credential-alert',
      rule: 'CR-4',
      key: keyOf(organization, coach.practitioner),
      level: reached === steps.at(-1) ? 'urgent' : 'routine',
      dueDate: limit,
      dueAt: undefined,
      opensOn,
      subject: coach.practitioner,
      coach: undefined,
      payer: undefined,
      ruleset: canonicalOf(ruleset),
      basis: basisOf(ruleset, 'CR-4'),
      focus: coach.practitioner,
      evidence: coach.evidence,
      sentence: `The time to obtain the CARC ${runs}. Record the certification, or a plan’s waiver.`,
      closed: whyClosed(input, runway, date),
    },
  ];
}

/** Dates after D on which the answer of `coachDueOf` can change by itself, with the zone that they are dates of. */
export function coachDueDates(input: CoachDueInput): readonly { readonly zone: string; readonly date: LocalDate }[] {
  const runway = runwayOf(input);
  if (!runway) return [];
  const { limit, ruleset, steps } = runway;
  const today = dueDay(input, ruleset.zone);
  const dates = [
    ...steps.map((days) => addDays(limit, -days)),
    ...input.rulesets.flatMap((one) => qualificationDates(input.coach, askedBy(input, one))),
  ];
  return [...new Set(dates)]
    .filter((date) => date > today)
    .sort()
    .map((date) => ({ zone: ruleset.zone, date }));
}

/** The nearest limit of the rulesets that hold CR-4. */
function runwayOf(input: CoachDueInput): Runway | undefined {
  const { coach, knownAt, rulesets } = input;
  const runways = rulesets.flatMap((ruleset): Runway[] => {
    const steps = ruleset.parameters.credentialAlertDays?.value;
    if (!('CR-4' in ruleset.rules) || !steps?.length || Date.parse(ruleset.publishedAt) > Date.parse(knownAt))
      return [];
    const limit = credentialLimit(coach, askedBy(input, ruleset));
    return limit === undefined ? [] : [{ ruleset, limit, steps: steps.toSorted((a, b) => b - a) }];
  });
  return runways.sort((a, b) => (a.limit < b.limit ? -1 : a.limit > b.limit ? 1 : 0))[0];
}

function whyClosed(input: CoachDueInput, { limit, ruleset }: Runway, date: LocalDate): string | undefined {
  const { coach } = input;
  const asked = askedBy(input, ruleset);
  if (isCertified(coach, date, asked).result === 'met') return 'The coach is certified.';
  const employed = isEmployed(coach, date, asked);
  const hasLeft = employed.result === 'not-met' || ('reasons' in employed && employed.reasons.includes(undatedEnd));
  if (hasLeft) return 'The coach is no longer employed as a coach.';
  const after = date > limit ? date : addDays(limit, 1);
  const waived = input.payers.every((payer) => isWaived(coach, after, { ...asked, payer }).result === 'met');
  if (input.payers.length > 0 && waived && 'CR-5' in ruleset.rules) return 'Every plan waives it.';
  return undefined;
}

function askedBy({ organization }: CoachDueInput, ruleset: Ruleset): Asked {
  return { ruleset, organization, payer: '' };
}
