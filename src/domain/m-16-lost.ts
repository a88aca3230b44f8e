import { daysBetween } from '../base/time.ts';
import { answer, notApplicable, type Question, type RuleAnswer } from './answer.ts';
import { dateIn, spanIn } from './dating.ts';
import { holds, type SupportActivity } from './facts/facts.ts';
import type { PartyConsent } from './facts/michigan-episode.ts';
import { isDenied } from './m-18-family-consent.ts';
import { indeterminate, met, notMet } from './outcome.ts';

/** R4 types that M-16 reads. */
export const inputTypes = ['EpisodeOfCare', 'Encounter', 'Procedure', 'Consent'] as const;

/**
 * M-16 "must make active efforts to engage clients who are 'lost' or drop out of the program", "will utilize emergency contacts
 * provided by the client" (Michigan, XI.F): lost is who had no contact for more than `lostAfterDays` days, counted from the last contact or
 * the episode's begin [D]; an outreach since then is an effort. Figures count the attempts, and say whether a consent in force lets the
 * emergency contact be asked.
 */
export function m16Lost(
  question: Question,
  activities: readonly SupportActivity[],
  consents: readonly PartyConsent[],
): RuleAnswer {
  const { date, episode, ruleset } = question;
  if (!ruleset.rules['M-16']) return notApplicable('M-16', 'rule-not-in-ruleset');
  const limit = ruleset.parameters.lostAfterDays?.value;
  if (limit === undefined) return answer('M-16', indeterminate('missing-parameter: lostAfterDays'));
  const { end, start } = spanIn(ruleset.zone, episode);
  if (end !== undefined && end < date) return notApplicable('M-16', 'episode-ended');
  const contact = question.contacts.find((one) => one.outcome.result === 'met' && one.date <= date);
  const since = contact?.date ?? start;
  if (since === undefined) return answer('M-16', indeterminate('missing: begin of the episode'));
  const days = daysBetween(since, date);
  if (days <= limit) return answer('M-16', met, contact ? [contact.contact.reference] : [], { days, lost: false });
  const attempts = activities.filter((one) => isAttempt(one, since, question));
  const asking = askingOf(question, consents);
  return answer(
    'M-16',
    attempts.length > 0 ? met : notMet('lost-without-outreach'),
    [...attempts, ...asking].map(({ reference }) => reference),
    { days, lost: true, attempts: attempts.length, emergencyContact: asking.length > 0 },
  );
}

/** The consents that let the emergency contact be asked on D. */
function askingOf({ date, ruleset: { zone } }: Question, consents: readonly PartyConsent[]): PartyConsent[] {
  const party = 'emergency-contact';
  const permits = consents.filter(
    (consent) => consent.denies !== true && consent.parties.includes(party) && holds(spanIn(zone, consent), date),
  );
  return isDenied(party, permits, consents, { date, zone }) ? [] : permits;
}

/** Reached or not: an attempt counts where it took place after the last contact, by D and K. */
function isAttempt(
  { category, start, status }: SupportActivity,
  since: string,
  { date, knownAt, ruleset }: Question,
): boolean {
  const on = dateIn(ruleset.zone, start);
  if (category !== 'outreach' || status !== 'completed' || start === undefined || on === undefined) return false;
  return on >= since && on <= date && Date.parse(start) <= Date.parse(knownAt);
}
