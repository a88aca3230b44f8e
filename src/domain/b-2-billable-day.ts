import { addDays, type LocalDate, startOfLocalDate } from '../base/time.ts';
import { answer, notApplicable, type Question, type RuleAnswer } from './answer.ts';
import { knownDate } from './binding.ts';
import { type Caseload, type CaseloadAnswer, isKnownAlive, undatedCoverage } from './cl-1-caseload.ts';
import { type DateSpan, dateIn, isReversed, spanIn } from './dating.ts';
import { statusDoubt } from './episode-status.ts';
import { overlapping } from './episodes.ts';
import type { ChargeFact } from './facts/authorizations.ts';
import { type Episode, holds } from './facts/facts.ts';
import { all, any, indeterminate, met, notMet, type Outcome } from './outcome.ts';

/** R4 types that B-2 reads beside those of the answers that it is given. */
export const inputTypes = ['ChargeItem', 'Coverage', 'EpisodeOfCare', 'Patient'] as const;

/** What every product's day needs, whatever makes it billable. */
export interface DayFacts {
  /** days on which a coverage puts the member under the ruleset */
  readonly coverage: readonly (DateSpan & { readonly undated?: boolean })[];
  /** Organization references of further payers of the same document that cover the member on D */
  readonly otherPayers?: readonly string[];
  /** Coverage references of the payer's other plans under the same document that cover the member on D */
  readonly otherPlans?: readonly string[];
  /** date of death in the ruleset's zone */
  readonly death: LocalDate | undefined;
  /** a death without a date, as CL-1 knows it */
  readonly undatedDeath?: Caseload['undatedDeath'];
  /** all of the member's episodes */
  readonly episodes?: readonly Episode[];
  /** OR-1 for the billing entity */
  readonly soloBan: RuleAnswer;
  /** A-2 for D */
  readonly approval: RuleAnswer;
  /** answers of further rules that the ruleset makes a condition of the day */
  readonly conditions?: readonly RuleAnswer[];
  /** of the member, by any organisation; without the one that this answer is to renew */
  readonly charges: readonly ChargeFact[];
}

/** CL-1 and B-5 on D for one coach. */
export interface CoachDay {
  readonly coach: string;
  /** undefined: no coverage puts the member under the ruleset on D */
  readonly caseload: CaseloadAnswer | undefined;
  readonly qualified: Outcome;
}

/**
 * B-2 "must allow providers to bill daily for each member on the Peer Recovery Coach’s caseload" (MassHealth bulletin, Billing): on the
 * caseload of a qualified coach, covered, of an organisation and not a solo practitioner, exempt from or covered by an approval, and
 * not charged yet. Days without a contact bill as the contact's own day does; quantity 1. Every reason is told. A later contact can
 * still make today `on`, so nothing is said of D before it has closed (8.3.3).
 */
export function billableDay(
  question: Question,
  facts: DayFacts & { readonly coaches: readonly CoachDay[] },
): RuleAnswer {
  if (!question.ruleset.rules['B-2']) return notApplicable('B-2', 'rule-not-in-ruleset');
  const on = facts.coaches.map((coach) => ({ coach, outcome: onCaseload(coach) }));
  const deciding = on.find(({ outcome }) => outcome.result === 'met')?.coach;
  const caseload = on.length === 0 ? notMet('caseload-off: no coach') : any(...on.map(({ outcome }) => outcome));
  const contacts = (deciding ? [deciding] : facts.coaches).flatMap(
    (coach) => coach.caseload?.contact?.contact.evidence ?? [],
  );
  return judgeDay('B-2', question, facts, {
    outcomes: [caseload],
    evidence: contacts,
    figures: deciding ? { coach: deciding.coach } : {},
  });
}

function onCaseload({ caseload, qualified }: CoachDay): Outcome {
  const status =
    caseload === undefined
      ? notMet('coverage-not-active')
      : caseload.status === 'on'
        ? met
        : caseload.status === 'off'
          ? notMet(`caseload-off: ${caseload.reason}`)
          : indeterminate(`caseload: ${caseload.reason}`);
  return all(status, qualified);
}

interface Particular {
  readonly outcomes: readonly Outcome[];
  readonly evidence: readonly string[];
  readonly figures: RuleAnswer['figures'];
}

/** The day's common conditions joined with a rule's own; a contradiction decides, and what is open beside it is told too. */
export function judgeDay(rule: string, question: Question, facts: DayFacts, particular: Particular): RuleAnswer {
  const { date, ruleset } = question;
  const today = knownDate(question);
  if (today === undefined) return answer(rule, indeterminate('missing: knownAt'));
  if (today <= date) {
    const closesAt = startOfLocalDate(addDays(date, 1), ruleset.zone).toISOString();
    return answer(rule, indeterminate('day-not-closed'), [], { closesAt });
  }
  const charged = chargesOf(question, facts.charges);
  const conditions = [facts.soloBan, facts.approval, ...(facts.conditions ?? [])];
  const outcomes = [
    ...particular.outcomes,
    isCovered(date, facts.coverage),
    inEpisode(question),
    isOnlyEpisode(question, facts.episodes ?? []),
    (facts.otherPayers ?? []).length > 0 ? indeterminate('two-payers-at-once') : met,
    (facts.otherPlans ?? []).length > 0 ? indeterminate('two-plans-at-once') : met,
    facts.death !== undefined && date > facts.death ? notMet('deceased') : met,
    isKnownAlive({ undatedDeath: facts.undatedDeath }, date) ? met : indeterminate('missing: date of death'),
    ...conditions.flatMap(gate),
    isUncharged(charged),
  ];
  const outcome = all(...outcomes);
  const open = outcomes.flatMap((one) => (one.result === 'indeterminate' ? one.reasons : []));
  return answer(
    rule,
    outcome,
    [
      ...particular.evidence,
      ...conditions.flatMap(({ evidence }) => evidence),
      ...charged.map(({ reference }) => reference),
    ],
    {
      ...particular.figures,
      quantity: outcome.result === 'met' ? 1 : 0,
      ...duplicateWarning(question, facts.charges),
      ...(outcome.result === 'not-met' && open.length > 0 ? { open: [...new Set(open)].join('; ') } : {}),
    },
  );
}

/** A rule that does not apply to the product asks for nothing. Its name is kept: several rules share a reason's words. */
export function gate({ outcome, rule }: RuleAnswer): Outcome[] {
  if (outcome.result === 'not-applicable') return [];
  if (outcome.result === 'met') return [met];
  return [{ result: outcome.result, reasons: outcome.reasons.map((reason) => `${rule} ${reason}`) }];
}

export function isCovered(date: LocalDate, coverage: readonly (DateSpan & { readonly undated?: boolean })[]): Outcome {
  if (coverage.length === 0) return indeterminate('missing: Coverage');
  const covering = coverage.filter((span) => holds(span, date));
  if (covering.length === 0) return notMet('coverage-not-active');
  return covering.some(({ undated }) => !undated) ? met : indeterminate(undatedCoverage);
}

export function inEpisode({ contacts, date, episode, ruleset }: Question): Outcome {
  const span = spanIn(ruleset.zone, episode);
  if (span.start === undefined) return indeterminate('missing: EpisodeOfCare.period.start');
  if (episode.organization === undefined) return indeterminate('missing: EpisodeOfCare.managingOrganization');
  if (isReversed(ruleset.zone, episode)) return indeterminate('episode-end-before-start');
  if (date < span.start) return notMet('episode-not-begun');
  if (!holds(span, date)) return notMet('episode-ended');
  const served = contacts.find(({ outcome }) => outcome.result === 'met')?.date;
  const doubt = statusDoubt(episode, date, ruleset.zone, served);
  return doubt === undefined ? met : indeterminate(doubt);
}

/** One unit a member, organisation and day: while two episodes run at once, nobody can say which of them it belongs to. */
export function isOnlyEpisode({ date, episode, ruleset }: Question, episodes: readonly Episode[]): Outcome {
  const overlaps = overlapping(episode, episodes, ruleset.zone).some((other) =>
    holds(spanIn(ruleset.zone, other), date),
  );
  return overlaps ? indeterminate('two-episodes-at-once') : met;
}

function onDay({ date, ruleset }: Question, charges: readonly ChargeFact[]): ChargeFact[] {
  return charges.filter(({ at }) => dateIn(ruleset.zone, at) === date);
}

/** One unit for (organisation, member, D); a planned or refused one is none. */
function chargesOf(question: Question, charges: readonly ChargeFact[]): ChargeFact[] {
  return onDay(question, charges).filter(
    ({ organization, status }) =>
      ['billable', 'billed', 'unknown'].includes(status) &&
      (organization === undefined || organization === question.episode.organization),
  );
}

function isUncharged(charged: readonly ChargeFact[]): Outcome {
  if (charged.some(({ organization, status }) => status !== 'unknown' && organization !== undefined))
    return notMet('already-charged');
  return charged.length > 0 ? indeterminate('missing: status or organization of a ChargeItem of the day') : met;
}

/** 8.3.2: two organisations on one day are each judged, with a warning. */
function duplicateWarning(question: Question, charges: readonly ChargeFact[]): RuleAnswer['figures'] {
  const other = onDay(question, charges).some(
    ({ organization, status }) =>
      ['billable', 'billed'].includes(status) &&
      organization !== undefined &&
      organization !== question.episode.organization,
  );
  return other ? { warning: 'charged-by-another-organisation' } : {};
}
