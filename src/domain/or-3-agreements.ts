import { answer, notApplicable, type RuleAnswer } from './answer.ts';
import { dateIn, spanIn } from './dating.ts';
import { holds } from './facts/facts.ts';
import type { Affiliation } from './facts/organizations.ts';
import type { ReferralFact } from './facts/referrals.ts';
import type { OrganizationQuestion } from './or-1-billing-organization.ts';
import { all, indeterminate, met, notMet } from './outcome.ts';

/** R4 types that OR-3 and OR-4 read. */
export const inputTypes = ['OrganizationAffiliation', 'ServiceRequest', 'PractitionerRole', 'Organization'] as const;

const groups = {
  addiction: ['addiction-non-24h', 'addiction-24h'],
  'other-behavioral-health': ['other-behavioral-health'],
  medical: ['medical'],
  other: ['other'],
} as const;
const clauses = ['referral', 'transition', 'aftercare', 'discharge'] as const;

/**
 * OR-3 "maintains written affiliation agreements … Such agreements include the referral process, as well as transition, aftercare, and
 * discharge processes" (Tufts, Optum): an agreement with its document, in force on D, with each group of partners, and each clause
 * in one of them. `figures` is the matrix. Agreements are "expected", so gaps warn.
 */
export function agreementMatrix(question: OrganizationQuestion, affiliations: readonly Affiliation[]): RuleAnswer {
  if (!('OR-3' in question.ruleset.rules)) return notApplicable('OR-3', 'rule-not-in-ruleset');
  const inForce = agreementsOn(question, affiliations);
  const figures: Record<string, number | boolean> = {};
  const gaps: string[] = [];
  for (const [group, categories] of Object.entries(groups)) {
    const own = inForce.filter((one) => one.categories.some((code) => categories.some((known) => known === code)));
    figures[group] = own.length;
    if (own.length === 0) gaps.push(`no-agreement: ${group}`);
    for (const clause of clauses) {
      const has = own.some(({ agreements }) => agreements.some((one) => one.document && one.clauses.includes(clause)));
      figures[`${group}.${clause}`] = has;
      if (own.length > 0 && !has) gaps.push(`no-clause: ${group} ${clause}`);
    }
  }
  const evidence = inForce.map(({ reference }) => reference);
  if (affiliations.length === 0) return answer('OR-3', indeterminate('missing: OrganizationAffiliation'));
  return answer('OR-3', gaps.length === 0 ? met : notMet(...gaps), evidence, figures);
}

/**
 * OR-4 "that refer a high volume of Members to its program and/or to which the program refers a high volume of Members" (Tufts,
 * Optum): members, not requests, with each partner up to D, those who come and those who go by themselves; from the set number on in
 * either direction an agreement in force must exist.
 */
export function referralVolume(
  question: OrganizationQuestion,
  referrals: readonly ReferralFact[],
  affiliations: readonly Affiliation[],
): RuleAnswer {
  const { date, organization, ruleset } = question;
  if (!('OR-4' in ruleset.rules)) return notApplicable('OR-4', 'rule-not-in-ruleset');
  const most = ruleset.parameters.highVolumeReferrals?.value;
  if (most === undefined) return answer('OR-4', indeterminate('missing-parameter: highVolumeReferrals'));
  if (organization === undefined) return answer('OR-4', indeterminate('missing: Organization'));
  const made = referrals.filter(({ authoredOn, status }) => {
    const on = dateIn(ruleset.zone, authoredOn);
    return (status === 'active' || status === 'completed') && on !== undefined && on <= date;
  });
  const flows = [...new Set(made.flatMap((one) => partnersOf(one, organization)))].map((partner) => ({
    partner,
    ...volumeWith(partner, made, organization),
  }));
  const high = flows.filter(({ volume }) => volume >= most);
  const inForce = agreementsOn(question, affiliations);
  const outcomes = high.map(({ partner }) =>
    inForce.some((one) => one.partner === partner || one.organization === partner)
      ? met
      : notMet(`no-agreement: ${partner}`),
  );
  return answer(
    'OR-4',
    all(...outcomes),
    high.flatMap(({ references }) => references),
    Object.fromEntries(flows.map(({ partner, volume }) => [partner, volume])),
  );
}

/** The larger of the two directions. A referral that names no member is one more of them. */
function volumeWith(
  partner: string,
  made: readonly ReferralFact[],
  organization: string,
): { readonly volume: number; readonly references: readonly string[] } {
  const own = made.filter((one) => partnersOf(one, organization).includes(partner));
  const people = (ours: boolean): number =>
    new Set(
      own
        .filter(({ requesterOrganization }) => (requesterOrganization === organization) === ours)
        .map(({ member, reference }) => member ?? reference),
    ).size;
  return { volume: Math.max(people(true), people(false)), references: own.map(({ reference }) => reference) };
}

function partnersOf({ performers, requesterOrganization }: ReferralFact, organization: string): string[] {
  const all =
    requesterOrganization === organization
      ? performers
      : performers.includes(organization) && requesterOrganization !== undefined
        ? [requesterOrganization]
        : [];
  return [...new Set(all)].filter((partner) => partner !== organization);
}

/** An agreement is one with a document; either side may have recorded the affiliation. */
function agreementsOn({ date, organization, ruleset }: OrganizationQuestion, affiliations: readonly Affiliation[]) {
  return affiliations.filter(
    (one) =>
      one.active &&
      organization !== undefined &&
      (one.organization === organization || one.partner === organization) &&
      one.agreements.some(({ document }) => document !== undefined) &&
      holds(spanIn(ruleset.zone, one), date),
  );
}
