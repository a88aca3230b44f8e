import { addDays, daysBetween, type LocalDate } from '../base/time.ts';
import { answer, notApplicable, type Question, type RuleAnswer } from './answer.ts';
import { wasKnown } from './binding.ts';
import { dateIn, instantOf, isReversed, spanIn } from './dating.ts';
import type { AuthorizationFact, ChargeFact } from './facts/authorizations.ts';
import { type Episode, holds } from './facts/facts.ts';
import { indeterminate, met, notMet, type Outcome } from './outcome.ts';

/** R4 types that A-2 reads. */
export const inputTypes = ['EpisodeOfCare', 'ClaimResponse'] as const;

/** What the exemption may be counted by beside the episode itself. */
export interface ServiceHistory {
  /** of the member, at any organisation */
  readonly episodes: readonly Episode[];
  /** of the member, by any organisation */
  readonly charges: readonly ChargeFact[];
  /** earlier days of the episode as they were judged: what may be billed will be */
  readonly judged: readonly { readonly date: LocalDate; readonly answer: RuleAnswer }[];
}

/**
 * A-2 "allow for at least the first 90 days of service to occur without prior approval" (MassHealth bulletin, Authorization and
 * Registration of Service): exempt through start + 89. Which days count and whether a new episode begins anew no document says [D]:
 * parameters `exemptDayCount` and `exemptRestart`; without them calendar days, anew in each episode. What a plan asks for afterwards
 * is its setting: the bulletin lets it ask for documents and obliges nobody to (8.2), so an unknown setting leaves the day open.
 *
 * @param history needed by the readings `billed-days` and `once` alone
 */
export function approvalOn(
  question: Question,
  facts: readonly AuthorizationFact[],
  history?: ServiceHistory,
): RuleAnswer {
  const { date, episode, ruleset } = question;
  if (!ruleset.rules['A-2']) return notApplicable('A-2', 'rule-not-in-ruleset');
  const days = ruleset.parameters.exemptDays?.value;
  if (days === undefined) return answer('A-2', indeterminate('missing-parameter: exemptDays'));
  const first = firstDayOfService(question, history);
  if ('result' in first) return answer('A-2', first, [episode.reference]);
  const own = dateIn(ruleset.zone, episode.start);
  if (own !== undefined && date < own) return answer('A-2', notMet('before-the-episode'), [episode.reference]);
  const used = usedBefore(question, first.start, history);
  if ('result' in used) return answer('A-2', used, [episode.reference]);
  const isCalendar = ruleset.parameters.exemptDayCount?.value !== 'billed-days';
  const figures = {
    ...(isCalendar && { lastExemptDate: addDays(first.start, days - 1), approvalFrom: addDays(first.start, days) }),
    serviceDay: used.certain + 1,
  };
  const evidence = [episode.reference, first.reference, ...used.evidence];
  if (used.certain >= days) return afterwards(question, facts, figures, evidence);
  const open = [...first.open, ...(used.possible >= days ? ['missing: whether earlier days are billed'] : [])];
  const outcome = open.length === 0 ? met : indeterminate(...open);
  const announced = alert(question, days, used.certain);
  return answer('A-2', outcome, evidence, { ...figures, ...(open.length === 0 && { status: 'exempt' }), ...announced });
}

interface FirstDay {
  readonly start: LocalDate;
  /** the EpisodeOfCare that began on it */
  readonly reference: string;
  /** why service may have begun earlier than that */
  readonly open: readonly string[];
}

/** From which day the exemption runs: the episode's own start, or the start of the member's first one at the organisation. */
function firstDayOfService(question: Question, history: ServiceHistory | undefined): FirstDay | Outcome {
  const { episode, ruleset } = question;
  const { zone } = ruleset;
  const isOnce = ruleset.parameters.exemptRestart?.value === 'once';
  if (isOnce && !history) return indeterminate('missing: earlier episodes');
  const earlier = history?.episodes.filter((one) => isOnce && one.organization === episode.organization) ?? [];
  const starts = [episode, ...earlier.filter(({ reference }) => reference !== episode.reference)].map((one) => ({
    reference: one.reference,
    start: isReversed(zone, one) ? undefined : dateIn(zone, one.start),
    why: isReversed(zone, one) ? 'episode-end-before-start' : 'missing: EpisodeOfCare.period.start',
  }));
  const [own] = starts;
  if (own?.start === undefined) return indeterminate(own?.why ?? 'missing: EpisodeOfCare.period.start');
  const known = starts.flatMap(({ reference, start }) => (start === undefined ? [] : [{ reference, start }]));
  const first = known.reduce((one, other) => (other.start < one.start ? other : one));
  const unknown = starts.flatMap(({ start, why }) => (start === undefined ? [why] : []));
  return { ...first, open: [...new Set(unknown)] };
}

interface Used {
  readonly certain: number;
  /** with those of which it is not known whether they are billed */
  readonly possible: number;
  readonly evidence: readonly string[];
}

/** Days of the exemption that lie behind D: dates since the first, or distinct dates that were, or may and so will be, billed. */
function usedBefore(
  { date, episode, ruleset }: Question,
  start: LocalDate,
  history: ServiceHistory | undefined,
): Used | Outcome {
  if (ruleset.parameters.exemptDayCount?.value !== 'billed-days') {
    const certain = daysBetween(start, date);
    return { certain, possible: certain, evidence: [] };
  }
  if (!history) return indeterminate('missing: charges');
  const isBefore = (on: LocalDate | undefined): boolean => on !== undefined && on >= start && on < date;
  const charges = history.charges.filter(
    ({ at, organization, status }) =>
      isBefore(dateIn(ruleset.zone, at)) &&
      ['billable', 'billed', 'unknown'].includes(status) &&
      (organization === undefined || organization === episode.organization),
  );
  const sure = charges.filter(({ organization, status }) => organization !== undefined && status !== 'unknown');
  const judged = (result: Outcome['result']): LocalDate[] =>
    history.judged.flatMap((day) => (isBefore(day.date) && day.answer.outcome.result === result ? [day.date] : []));
  const datesOf = (facts: readonly ChargeFact[]) => facts.map(({ at }) => dateIn(ruleset.zone, at));
  const certain = new Set([...datesOf(sure), ...judged('met')]);
  const possible = new Set([...certain, ...datesOf(charges), ...judged('indeterminate')]);
  return { certain: certain.size, possible: possible.size, evidence: charges.map(({ reference }) => reference) };
}

/** From the day that the ruleset names, the end of the exemption is announced, unless the plan is known to ask for nothing then. */
function alert({ date, ruleset }: Question, days: number, used: number): RuleAnswer['figures'] {
  const { exemptAlertDay, exemptDayCount, postExemption } = ruleset.parameters;
  const daysLeft = days - used - 1;
  if (exemptAlertDay === undefined || postExemption?.value === 'none') return { daysLeft };
  const isDue = used + 1 >= exemptAlertDay.value;
  return {
    daysLeft,
    ...(exemptDayCount?.value !== 'billed-days' && { alertFrom: addDays(date, exemptAlertDay.value - used - 1) }),
    ...(isDue && { alert: 'exemption-ends' }),
  };
}

function afterwards(
  question: Question,
  facts: readonly AuthorizationFact[],
  figures: RuleAnswer['figures'],
  evidence: readonly string[],
): RuleAnswer {
  const asked = question.ruleset.parameters.postExemption?.value;
  if (asked === undefined) return answer('A-2', indeterminate('plan-config'), evidence, figures);
  if (asked === 'none') return answer('A-2', met, evidence, { ...figures, status: 'nothing-asked' });
  const { approved, denied, pending } = decisionsOn(question, facts);
  const references = (list: readonly AuthorizationFact[]) => [...evidence, ...list.map(({ reference }) => reference)];
  const due = { ...figures, status: 'due', alert: 'approval-due' };
  if (approved.length > 0) return answer('A-2', met, references(approved), { ...figures, status: 'covered' });
  if (pending.length > 0)
    return answer('A-2', indeterminate('authorization-pending'), references(pending), { ...due, status: 'pended' });
  if (denied.length > 0) return answer('A-2', notMet('authorization-denied'), references(denied), due);
  // A review that has not been made contradicts nothing; a prior approval that is not there was not given.
  return asked === 'prior-auth'
    ? answer('A-2', notMet('no-authorization'), evidence, due)
    : answer('A-2', indeterminate('missing: concurrent review'), evidence, due);
}

/** What the payer has decided about D, as far as it was known at K; an open request counts whatever days it is for. */
export function decisionsOn(
  question: Question,
  facts: readonly AuthorizationFact[],
): Readonly<Record<AuthorizationFact['decision'], readonly AuthorizationFact[]>> {
  const decisions = own(question, facts);
  const covering = decisions.filter((one) => covers(question, one));
  const denied = covering.filter(({ decision }) => decision === 'denied');
  return {
    approved: covering.filter(
      (one) => one.decision === 'approved' && !denied.some((refusal) => takesBack(refusal, one, question.ruleset.zone)),
    ),
    pending: decisions.filter(({ decision }) => decision === 'pending'),
    denied,
  };
}

/**
 * A refusal of the same request takes an approval back, unless the approval came later, as after an appeal. Of two on one date the one
 * that denies stands: a contradiction must not be outvoted by its order.
 */
function takesBack(refusal: AuthorizationFact, approval: AuthorizationFact, zone: string): boolean {
  if (refusal.request === undefined || refusal.request !== approval.request) return false;
  const [refused, approved] = [instantOf(refusal.created), instantOf(approval.created)];
  if (refused !== undefined && approved !== undefined) return refused >= approved;
  return (dateIn(zone, refusal.created) ?? '') >= (dateIn(zone, approval.created) ?? '');
}

/** Answers of this payer to this organisation that were known at K; a plan may approve days that are past. */
function own(question: Question, facts: readonly AuthorizationFact[]): AuthorizationFact[] {
  const known = facts.filter(
    ({ created, organization, payer }) =>
      payer === question.payer &&
      (organization === undefined || organization === question.episode.organization) &&
      (created === undefined || wasKnown(question, created)),
  );
  const decided = new Set(known.flatMap(({ decision, request }) => (decision === 'pending' ? [] : (request ?? []))));
  return known.filter(({ decision, request }) => decision !== 'pending' || !decided.has(request ?? ''));
}

/** An approval needs a period; a refusal without one refuses what was asked. */
function covers({ date, ruleset }: Question, fact: AuthorizationFact): boolean {
  const span = spanIn(ruleset.zone, fact);
  if (fact.decision === 'denied') return holds(span, date);
  return span.start !== undefined && holds(span, date);
}
