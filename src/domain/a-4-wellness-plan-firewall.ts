import { answer, notApplicable, type Question, type RuleAnswer } from './answer.ts';
import { hasHappened } from './binding.ts';
import type { CarePlanFact } from './facts/care-plans.ts';
import type { PlanConsent } from './facts/consents.ts';
import type { PlanAddition, ReviewRequest } from './facts/review-tasks.ts';
import { all, indeterminate, met, notMet, type Outcome } from './outcome.ts';
import { consentToExpose } from './wp-wellness-plan.ts';

/** R4 types that A-4 reads. */
export const inputTypes = ['CarePlan', 'Consent', 'Task'] as const;

/** A human's decision to add one plan to one package; `consent` is the member's that WP-2 found active for it. */
export interface Inclusion {
  /** CarePlan reference */
  readonly plan: string;
  /** Consent reference; undefined where WP-2 found none */
  readonly consent: string | undefined;
  /** Practitioner or PractitionerRole reference of the person who adds it */
  readonly addedBy: string | undefined;
  readonly addedAt: string | undefined;
}

/** What a payer lists as required for its review, by code of CodeSystem review-document. */
export interface PayerRequest {
  readonly reference: string;
  readonly required: readonly string[];
  readonly unread?: boolean;
}

export interface Firewall {
  readonly answer: RuleAnswer;
  /** CarePlan references that may go out */
  readonly included: readonly string[];
  /** CarePlan references that stay */
  readonly omitted: readonly string[];
}

/**
 * A-4 "MCEs may not require a recovery or wellness plan for authorization" (MassHealth bulletin, Authorization and Registration of
 * Service): every wellness plan is left out unless the member's consent of WP-2 covers it and a human adds it. A request that lists one
 * as required is a noncompliant request, opens nothing, and the package is complete without it. Which kinds of document mean one is the ruleset's
 * `planDocuments`; without it a request with any requirement stays open. Where the rule is not in the ruleset the plans go out
 * as WP-2 allows, so consent is asked for there too.
 */
export function wellnessPlanFirewall(
  question: Question,
  plans: readonly CarePlanFact[],
  inclusions: readonly Inclusion[],
  requests: readonly PayerRequest[] = [],
): Firewall {
  const wellness = plans.filter(({ kind }) => kind === 'wellness').map(({ reference }) => reference);
  const binds = question.ruleset.rules['A-4'] !== undefined;
  const allowed = inclusions.filter((one) => isAllowed(question, one));
  const included = wellness.filter((reference) => allowed.some(({ plan }) => plan === reference));
  const omitted = wellness.filter((reference) => !included.includes(reference));
  if (!binds) return { answer: notApplicable('A-4', 'rule-not-in-ruleset'), included, omitted };
  const kinds = question.ruleset.parameters.planDocuments?.value;
  const judged = requests.map((request) => ({ request, outcome: judge(request, kinds) }));
  const outcome = all(...judged.map((one) => one.outcome));
  const objected = judged.flatMap((one) => (one.outcome.result === 'met' ? [] : [one.request.reference]));
  const consents = allowed.flatMap(({ consent, plan }) => (included.includes(plan) ? (consent ?? []) : []));
  return {
    answer: answer('A-4', outcome, [...included, ...consents, ...objected], {
      included: included.length,
      omitted: omitted.length,
      complete: true,
    }),
    included,
    omitted,
  };
}

function judge(request: PayerRequest, planDocuments: readonly string[] | undefined): Outcome {
  if (request.required.length === 0 && !request.unread) return met;
  if (!planDocuments) return indeterminate('missing-parameter: planDocuments');
  if (request.required.some((one) => planDocuments.includes(one))) return notMet('noncompliant-request');
  // "Wellness Plan" in words is none of the codes, and a demand all the same.
  return request.unread ? indeterminate('missing: code of a required document') : met;
}

/**
 * What people decided to add to the package for this payer's review of this episode, each with the consent that permits it on D: one
 * that names no payer was decided for nobody's package.
 */
export function inclusionsOf(
  { date, episode, knownAt, payer, ruleset }: Question,
  additions: readonly PlanAddition[],
  consents: readonly PlanConsent[],
): Inclusion[] {
  return additions
    .filter((one) => one.payers.includes(payer) && (one.episode === undefined || one.episode === episode.reference))
    .map(({ addedAt, addedBy, plan }) => ({
      plan,
      addedAt,
      addedBy,
      consent: consentToExpose({ ruleset, date, knownAt, plan, recipient: payer }, consents),
    }));
}

/** What this payer asked for, for this episode, up to D and K. */
export function requestsOf(question: Question, requests: readonly ReviewRequest[]): PayerRequest[] {
  const { episode, payer } = question;
  return requests
    .filter((one) => one.payer === payer && (one.episode === undefined || one.episode === episode.reference))
    .filter(({ at }) => hasHappened(question, at));
}

function isAllowed(question: Question, { addedAt, addedBy, consent }: Inclusion): boolean {
  return consent !== undefined && addedBy !== undefined && hasHappened(question, addedAt);
}
