import { addDays, daysBetween, type LocalDate } from '../base/time.ts';
import { answer, notApplicable, type Question, type RuleAnswer } from './answer.ts';
import { wasKnown } from './binding.ts';
import { dateIn, spanIn } from './dating.ts';
import type { AuthorizationFact } from './facts/authorizations.ts';
import { holds } from './facts/facts.ts';
import { indeterminate, met, notMet } from './outcome.ts';

/** R4 types that A-2 reads. */
export const inputTypes = ['EpisodeOfCare', 'ClaimResponse'] as const;

/**
 * A-2 "allow for at least the first 90 days of service to occur without prior approval" (MassHealth bulletin, Authorization and
 * Registration of Service): exempt through start + 89, calendar days and not billed ones; a new episode begins anew [D]. What a plan
 * asks for afterwards is its setting: the bulletin lets it ask for documents and obliges nobody to (8.2), so an unknown setting
 * leaves the day open.
 */
export function approvalOn(question: Question, facts: readonly AuthorizationFact[]): RuleAnswer {
  const { date, episode, ruleset } = question;
  if (!ruleset.rules['A-2']) return notApplicable('A-2', 'rule-not-in-ruleset');
  const days = ruleset.parameters.exemptDays?.value;
  if (days === undefined) return answer('A-2', indeterminate('missing-parameter: exemptDays'));
  const start = dateIn(ruleset.zone, episode.start);
  if (start === undefined) return answer('A-2', indeterminate('missing: EpisodeOfCare.period.start'));
  if (date < start) return answer('A-2', notMet('before-the-episode'), [episode.reference]);
  const lastExemptDate = addDays(start, days - 1);
  const figures = { lastExemptDate, approvalFrom: addDays(start, days), serviceDay: daysBetween(start, date) + 1 };
  if (date > lastExemptDate) return afterwards(question, facts, figures);
  return answer('A-2', met, [episode.reference], { ...figures, status: 'exempt', ...alert(question, lastExemptDate) });
}

/** From the day that the ruleset names, the end of the exemption is announced, unless the plan is known to ask for nothing then. */
function alert({ date, ruleset }: Question, last: LocalDate): RuleAnswer['figures'] {
  const { exemptAlertDay, exemptDays, postExemption } = ruleset.parameters;
  const daysLeft = daysBetween(date, last);
  if (exemptAlertDay === undefined || exemptDays === undefined || postExemption?.value === 'none') return { daysLeft };
  const alertFrom = addDays(last, exemptAlertDay.value - exemptDays.value);
  return { daysLeft, alertFrom, ...(date >= alertFrom ? { alert: 'exemption-ends' } : {}) };
}

function afterwards(
  question: Question,
  facts: readonly AuthorizationFact[],
  figures: RuleAnswer['figures'],
): RuleAnswer {
  const asked = question.ruleset.parameters.postExemption?.value;
  const evidence = [question.episode.reference];
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
  return {
    approved: covering.filter(({ decision }) => decision === 'approved'),
    pending: decisions.filter(({ decision }) => decision === 'pending'),
    denied: covering.filter(({ decision }) => decision === 'denied'),
  };
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
