import { daysBetween } from '../base/time.ts';
import { answer, notApplicable, type Question, type RuleAnswer } from './answer.ts';
import type { Judged } from './ct-1-documented-contact.ts';
import { all, indeterminate, met, notMet, type Outcome } from './outcome.ts';

/** R4 types that read. */
export const inputTypes = ['Encounter', 'PractitionerRole'] as const;

type Asked = Pick<Question, 'date' | 'ruleset' | 'contacts'>;

const unfit: readonly string[] = ['clinical', 'custodial', 'chaperone'];
const coaching: readonly string[] = ['sharing-experience', 'mentoring'];

/**
 * X-1 "comment on medical or clinical issues; serve as custodial help, provide transportation, or serve as a chaperone" (Transcom brief):
 * flags contacts so tagged. Transport is fit while temporary and with a transition plan [D]. Advisory.
 */
export function fidelity({ contacts, date, ruleset }: Asked): RuleAnswer {
  if (!('X-1' in ruleset.rules)) return notApplicable('X-1', 'rule-not-in-ruleset');
  const tagged = contacts.filter((one) => tookPlace(one, date) && one.contact.details.fidelityTags.length > 0);
  const evidence = tagged.map(({ contact }) => contact.reference);
  return answer('X-1', all(...tagged.flatMap(tagOutcomes)), evidence, { tagged: tagged.length });
}

function tagOutcomes({ contact }: Judged): Outcome[] {
  const { fidelityTags } = contact.details;
  const planned = fidelityTags.some(({ tag }) => tag === 'transition-plan');
  return fidelityTags.map(({ tag, temporary }) => {
    if (unfit.includes(tag)) return notMet(`unfit-activity: ${tag}`);
    if (tag !== 'transport') return met;
    if (temporary === false) return notMet('transport-not-temporary');
    if (temporary === undefined) return indeterminate('missing: temporary');
    return planned ? met : indeterminate('missing: transition-plan');
  });
}

/**
 * X-2 "regardless of stage of recovery, and little to no coaching" (Transcom brief): the share of coaching contacts among those said to
 * be early engagement, by the coach's role or by the contact itself, on the last `earlyEngagementDays` dates, must not pass `earlyEngagementPercent` [D]. Advisory.
 */
export function earlyEngagement({ contacts, date, ruleset }: Asked): RuleAnswer {
  if (!('X-2' in ruleset.rules)) return notApplicable('X-2', 'rule-not-in-ruleset');
  const { earlyEngagementDays, earlyEngagementPercent } = ruleset.parameters;
  if (!earlyEngagementDays) return answer('X-2', indeterminate('missing-parameter: earlyEngagementDays'));
  if (!earlyEngagementPercent) return answer('X-2', indeterminate('missing-parameter: earlyEngagementPercent'));
  const early = contacts.filter(
    (one) =>
      tookPlace(one, date) &&
      daysBetween(one.date, date) < earlyEngagementDays.value &&
      one.contact.details.coachRole === 'early-engagement',
  );
  if (early.length === 0) return notApplicable('X-2', 'no-early-engagement-contact');
  const coached = early.filter(({ contact }) => contact.details.purposes.some((code) => coaching.includes(code)));
  const passes = coached.length * 100 > early.length * earlyEngagementPercent.value;
  const evidence = early.map(({ contact }) => contact.reference);
  return answer('X-2', passes ? notMet('too-much-coaching') : met, evidence, {
    contacts: early.length,
    coaching: coached.length,
  });
}

/** A contact that was called off, or that is still ahead, shows nobody's way of working. */
function tookPlace({ contact, date: on }: Judged, date: Judged['date']): boolean {
  return on <= date && contact.status === 'finished';
}
