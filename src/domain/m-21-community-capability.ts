import { daysBetween } from '../base/time.ts';
import { answer, notApplicable, type Question, type RuleAnswer } from './answer.ts';
import { hasHappened } from './binding.ts';
import { dateIn, spanIn } from './dating.ts';
import type { CarePlanFact } from './facts/care-plans.ts';
import { holds } from './facts/facts.ts';
import type { ProviderAttestation } from './facts/provider-attestations.ts';
import { all, indeterminate, met, notMet, type Outcome } from './outcome.ts';

/** R4 types that M-21 reads. */
export const inputTypes = ['DocumentReference', 'CarePlan'] as const;

/**
 * M-21 "capability for face-to-face client interaction outside of the office setting", and changing needs: "document this information as
 * required" (Michigan, XI.H and I): the provider's attestation (DocumentReference of type `community-capability`) in force on D, and a
 * review of the member's needs (ext `needsReviewed` on a CarePlan) at most `needsReviewDays` old; no document says how old [D].
 */
export function m21CommunityCapability(
  question: Question,
  attestations: readonly ProviderAttestation[],
  plans: readonly CarePlanFact[],
): RuleAnswer {
  const { episode, ruleset } = question;
  if (!ruleset.rules['M-21']) return notApplicable('M-21', 'rule-not-in-ruleset');
  const own = attestations.filter(
    (one) =>
      one.code === 'community-capability' &&
      episode.organization !== undefined &&
      one.organization === episode.organization &&
      hasHappened(question, one.start),
  );
  const last = lastReview(question, plans);
  const evidence = [...own.map(({ reference }) => reference), ...(last ? [last.plan] : [])];
  return answer(
    'M-21',
    all(isCapable(question, own), isReviewed(question, last?.on)),
    evidence,
    last ? { lastReview: last.on } : {},
  );
}

function isCapable({ date, ruleset }: Question, own: readonly ProviderAttestation[]): Outcome {
  const signed = own.filter(({ attester }) => attester !== undefined);
  if (own.length === 0) return indeterminate('missing: attestation of community capability');
  if (signed.length === 0) return indeterminate('missing: attester');
  return signed.some((one) => holds(spanIn(ruleset.zone, one), date)) ? met : notMet('attestation-ended');
}

function lastReview(question: Question, plans: readonly CarePlanFact[]) {
  return plans
    .filter(({ kind }) => kind !== 'safe-care')
    .flatMap(({ needsReviewed, reference }) =>
      (needsReviewed ?? []).flatMap((said) => {
        const on = dateIn(question.ruleset.zone, said);
        return on !== undefined && hasHappened(question, said) ? [{ on, plan: reference }] : [];
      }),
    )
    .sort((a, b) => (a.on < b.on ? 1 : a.on > b.on ? -1 : 0))[0];
}

function isReviewed({ date, ruleset }: Question, on: ReturnType<typeof dateIn>): Outcome {
  const most = ruleset.parameters.needsReviewDays?.value;
  if (most === undefined) return indeterminate('missing-parameter: needsReviewDays');
  if (on === undefined) return indeterminate('missing: review of needs');
  return daysBetween(on, date) <= most ? met : notMet('needs-review-overdue');
}
