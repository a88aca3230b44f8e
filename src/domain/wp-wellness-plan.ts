import type { LocalDate } from '../base/time.ts';
import { answer, notApplicable, type RuleAnswer } from './answer.ts';
import { dateIn, spanIn } from './dating.ts';
import type { PlanConsent } from './facts/consents.ts';
import { holds } from './facts/facts.ts';
import { indeterminate, met, notMet, type Outcome } from './outcome.ts';
import type { Ruleset } from './ruleset.ts';

/** R4 types that WP-1 and WP-2 read. */
export const inputTypes = ['CarePlan', 'Consent'] as const;

/**
 * WP-1 "Wellness plans do not need to follow a standard template but must meet the individual needs" (Tufts, Optum, Process 1): a
 * narrative or an attachment is enough; no structured field is ever asked for.
 */
export function wellnessPlanForm(
  plan: { readonly reference: string; readonly hasNarrative: boolean; readonly hasAttachment: boolean } | undefined,
  ruleset: Ruleset,
): RuleAnswer {
  if (!('WP-1' in ruleset.rules)) return notApplicable('WP-1', 'rule-not-in-ruleset');
  if (!plan) return answer('WP-1', indeterminate('missing: CarePlan'));
  const outcome = plan.hasNarrative || plan.hasAttachment ? met : indeterminate('missing: narrative or attachment');
  return answer('WP-1', outcome, [plan.reference]);
}

export interface ExposureQuestion {
  readonly ruleset: Ruleset;
  readonly date: LocalDate;
  readonly knownAt: string;
  /** CarePlan reference */
  readonly plan: string;
  /** reference of who would see it */
  readonly recipient: string;
  /** the member and the member's coach, who always see it */
  readonly alwaysSees: readonly string[];
}

/**
 * WP-2 "With the Enrollee's consent a copy of the wellness plan is part of the Enrollee's record" (Optum, Process 1): exposed only if an
 * active Consent that names this CarePlan permits it on D to this recipient; a refusal beside it wins. Anything but `met` means: do
 * not expose, on any read, `$everything` or export.
 */
export function mayExposePlan(question: ExposureQuestion, consents: readonly PlanConsent[]): RuleAnswer {
  const { alwaysSees, plan, recipient, ruleset } = question;
  if (!('WP-2' in ruleset.rules)) return notApplicable('WP-2', 'rule-not-in-ruleset');
  if (alwaysSees.includes(recipient)) return answer('WP-2', met, [plan]);
  const about = consents.filter((consent) => consent.plan === plan);
  return answer('WP-2', exposure(question, about), [plan, ...about.map(({ reference }) => reference)]);
}

/**
 * The member's consent that lets a plan go to a payer, whatever ruleset asks for it: WP-2's (domain model 8.2, A-4).
 *
 * @returns a Consent reference; undefined where none permits it on D, or one refuses
 */
export function consentToExpose(
  question: Omit<ExposureQuestion, 'alwaysSees'>,
  consents: readonly PlanConsent[],
): string | undefined {
  const about = consents.filter((consent) => consent.plan === question.plan);
  const permitting = about.filter(({ active, permits }) => active && permits);
  return exposure(question, about).result === 'met'
    ? permitting.find((consent) => exposure(question, [consent]).result === 'met')?.reference
    : undefined;
}

function exposure(
  { date, knownAt, recipient, ruleset }: Omit<ExposureQuestion, 'alwaysSees'>,
  about: readonly PlanConsent[],
): Outcome {
  const today = dateIn(ruleset.zone, knownAt);
  const given = about.filter((consent) => {
    // Of a consent that says its month alone a permit counts once that is over, a refusal from its first day.
    const on = dateIn(ruleset.zone, consent.given, consent.permits ? 'end' : 'start');
    return on !== undefined && on <= date && today !== undefined && on <= today;
  });
  if (given.length === 0) return indeterminate('missing: Consent that names the plan');
  const active = given.filter(({ active }) => active);
  if (active.length === 0) return notMet('consent-not-active');
  const inForce = active.filter((consent) => holds(spanIn(ruleset.zone, consent), date));
  if (inForce.length === 0) return notMet('consent-not-in-force');
  const toThem = inForce.filter(({ recipients }) => recipients.length === 0 || recipients.includes(recipient));
  if (toThem.some(({ permits }) => !permits)) return notMet('consent-refused');
  return toThem.length > 0 ? met : notMet('recipient-not-in-consent');
}
