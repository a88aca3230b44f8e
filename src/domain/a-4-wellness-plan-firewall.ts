import { answer, notApplicable, type Question, type RuleAnswer } from './answer.ts';
import { wasKnown } from './binding.ts';
import type { CarePlanFact } from './facts/care-plans.ts';
import { indeterminate, met, notMet, type Outcome } from './outcome.ts';

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
 * as required is a noncompliant request; the package is complete without it. Which kinds of document mean one is the ruleset's
 * `planDocuments`; without it a request with any requirement stays open. Where the rule is not in the ruleset the plans go out
 * as WP-2 allows, so consent is asked for there too.
 */
export function wellnessPlanFirewall(
  question: Question,
  plans: readonly CarePlanFact[],
  inclusions: readonly Inclusion[],
  request?: PayerRequest,
): Firewall {
  const wellness = plans.filter(({ kind }) => kind === 'wellness').map(({ reference }) => reference);
  const binds = question.ruleset.rules['A-4'] !== undefined;
  const allowed = inclusions.filter((one) => isAllowed(question, one));
  const included = wellness.filter((reference) => allowed.some(({ plan }) => plan === reference));
  const omitted = wellness.filter((reference) => !included.includes(reference));
  if (!binds) return { answer: notApplicable('A-4', 'rule-not-in-ruleset'), included, omitted };
  const outcome = judge(request, question.ruleset.parameters.planDocuments?.value);
  const consents = allowed.flatMap(({ consent, plan }) => (included.includes(plan) ? (consent ?? []) : []));
  return {
    answer: answer(
      'A-4',
      outcome,
      [...included, ...consents, ...(outcome.result !== 'met' && request ? [request.reference] : [])],
      { included: included.length, omitted: omitted.length, complete: true },
    ),
    included,
    omitted,
  };
}

function judge(request: PayerRequest | undefined, planDocuments: readonly string[] | undefined): Outcome {
  if (!request || request.required.length === 0) return met;
  if (!planDocuments) return indeterminate('missing-parameter: planDocuments');
  return request.required.some((one) => planDocuments.includes(one)) ? notMet('noncompliant-request') : met;
}

function isAllowed(question: Question, { addedAt, addedBy, consent }: Inclusion): boolean {
  return consent !== undefined && addedBy !== undefined && wasKnown(question, addedAt);
}
