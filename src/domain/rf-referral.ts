import { answer, notApplicable, type Question, type RuleAnswer } from './answer.ts';
import { dateIn } from './dating.ts';
import type { ReferralFact } from './facts/referrals.ts';
import { all, any, indeterminate, met, notMet, type Outcome } from './outcome.ts';

/** R4 types that RF-1 and RF-2 read. */
export const inputTypes = ['ServiceRequest', 'PractitionerRole', 'Organization', 'DocumentReference'] as const;

type Asked = Pick<Question, 'date' | 'episode' | 'knownAt' | 'ruleset'>;

/**
 * RF-1 "medical necessity and a referral by a medical or behavioral health provider, Community Partner (CP), or other care manager"
 * (Tufts, Optum): a request made by D of a listed kind of requester, with its reason. A member's own request needs a referrer, and one
 * to somebody else alone, as when the coach's organisation refers the member on, brings nobody to this service.
 */
export function hasReferral(asked: Asked, referrals: readonly ReferralFact[]): RuleAnswer {
  const { parameters, rules } = asked.ruleset;
  if (!('RF-1' in rules)) return notApplicable('RF-1', 'rule-not-in-ruleset');
  const made = madeBy(asked, referrals);
  if (made.length === 0) return answer('RF-1', indeterminate('missing: ServiceRequest'));
  const types = parameters.referrerTypes?.value;
  const outcome = types
    ? any(...made.map((referral) => refers(referral, types)))
    : indeterminate('missing-parameter: referrerTypes');
  return answer(
    'RF-1',
    outcome,
    made.map(({ reference }) => reference),
  );
}

function refers({ hasReason, requester, requesterKinds }: ReferralFact, types: readonly string[]): Outcome {
  if (requester?.startsWith('Patient/')) return notMet('self-referral-needs-a-referrer');
  const kind =
    requesterKinds.length === 0
      ? indeterminate('missing: kind of requester')
      : requesterKinds.some((one) => types.includes(one))
        ? met
        : notMet('requester-not-listed');
  return all(kind, hasReason ? met : indeterminate('missing: reason'));
}

/** RF-2 "that has contact with the Member and is able to identify the need" (Tufts, Optum): the referrer's attestation, by D. */
export function referrerAttested(asked: Asked, referrals: readonly ReferralFact[]): RuleAnswer {
  if (!('RF-2' in asked.ruleset.rules)) return notApplicable('RF-2', 'rule-not-in-ruleset');
  const attested = madeBy(asked, referrals)
    .flatMap(({ attestations }) => attestations)
    .filter(({ on }) => isPast(asked, on));
  const outcome = attested.length > 0 ? met : indeterminate('missing: referrer attestation');
  return answer(
    'RF-2',
    outcome,
    attested.map(({ reference }) => reference),
  );
}

function madeBy(asked: Asked, referrals: readonly ReferralFact[]): ReferralFact[] {
  return referrals.filter(
    (one) =>
      (one.status === 'active' || one.status === 'completed') && isHere(asked, one) && isPast(asked, one.authoredOn),
  );
}

/** Whether a referral is to the episode's organisation: one that names no organisation as performer may be. */
function isHere({ episode }: Asked, { performers }: ReferralFact): boolean {
  return performers.length === 0 || episode.organization === undefined || performers.includes(episode.organization);
}

function isPast({ date, knownAt, ruleset }: Asked, value: string | undefined): boolean {
  const on = dateIn(ruleset.zone, value);
  const today = dateIn(ruleset.zone, knownAt);
  return on !== undefined && on <= date && today !== undefined && on <= today;
}
