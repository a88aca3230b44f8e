import type { LocalDate } from '../base/time.ts';
import { isLongerThanADay } from './at-once.ts';
import type { Qualified } from './b-5-coach-qualified.ts';
import { hasEngagement } from './ct-2-engagement.ts';
import { dateIn, dayIn, instantOf, isBefore, isReversed } from './dating.ts';
import type { Contact, Documentation, Span } from './facts/facts.ts';
import { all, indeterminate, met, notMet, type Outcome } from './outcome.ts';
import type { Ruleset } from './ruleset.ts';

/** R4 types that CT-1 reads. */
export const inputTypes = [
  'Encounter',
  'Communication',
  'DocumentReference',
  'Provenance',
  'Practitioner',
  'PractitionerRole',
] as const;

/** A contact as a rule sees it: its date, and whether it is accepted, pending (something is missing) or refused. */
export interface Judged {
  readonly contact: Contact;
  readonly date: LocalDate;
  readonly outcome: Outcome;
}

/** What a contact has to agree with, whichever coach had it. */
export interface Surroundings {
  /** instant K */
  readonly knownAt: string;
  /** the episode that the contact belongs to */
  readonly episode: Span;
  /** date or instant of death as sent */
  readonly deceased: string | undefined;
}

/**
 * CT-1 "documented contact" (MassHealth bulletin, Billing): finished, documented in a final note signed by the coach by K, with the
 * member's engagement, by a coach qualified on C. Undocumented is pending, not counted, and so is what cannot have been as it was sent.
 *
 * @param qualified B-5 of the contact's coach
 * @returns undefined when the contact has no date, or was entered in error: then it never was
 */
export function judgeContact(
  contact: Contact,
  qualified: Pick<Qualified, 'on'>,
  ruleset: Ruleset,
  surroundings: Surroundings,
): Judged | undefined {
  const date = dayIn(ruleset.zone, contact.start);
  if (date === undefined || contact.status === 'entered-in-error') return undefined;
  const outcome = all(
    isFinished(contact),
    isPossible(contact, date, ruleset.zone, surroundings),
    contact.episodeProblem === undefined ? met : indeterminate(contact.episodeProblem),
    isDocumented(contact, ruleset.zone, surroundings.knownAt),
    hasEngagement(contact, ruleset),
    qualified.on(date),
  );
  return { contact, date, outcome };
}

/** Why a contact is pending that is said to have begun later than K: it counts once that is past. */
export const aheadOfK = 'contact-in-the-future';

/** Facts that exclude each other: which of them is wrong a person must say, so none of them decides (src/domain/contradictions.ts). */
function isPossible(
  { details, start }: Contact,
  date: LocalDate,
  zone: string,
  { deceased, episode, knownAt }: Surroundings,
): Outcome {
  const isAfter = (limit: LocalDate | undefined): boolean => limit !== undefined && date > limit;
  const begin = dateIn(zone, episode.start);
  const reasons = [
    ...(isBefore(zone, knownAt, start) ? [aheadOfK] : []),
    ...(isReversed(zone, { start, end: details.end }) ? ['end-before-start'] : []),
    ...(isLongerThanADay(zone, { start, end: details.end }) ? ['longer-than-a-day'] : []),
    ...(isAfter(dateIn(zone, deceased, 'end')) ? ['contact-after-death'] : []),
    ...(isReversed(zone, episode) ? ['episode-end-before-start'] : []),
    ...(begin !== undefined && date < begin ? ['contact-before-episode'] : []),
  ];
  return reasons.length === 0 ? met : indeterminate(...reasons);
}

function isFinished({ status }: Contact): Outcome {
  if (status === 'finished') return met;
  return status === 'cancelled' ? notMet('cancelled') : indeterminate('not-finished');
}

/** One final note signed by the coach is enough. */
function isDocumented({ coach, documentation, start }: Contact, zone: string, knownAt: string): Outcome {
  if (documentation.length === 0) return indeterminate('no-documentation');
  const outcomes = documentation.map((note) => isSigned(note, coach, { knownAt, start, zone }));
  return outcomes.find(({ result }) => result === 'met') ?? (outcomes[0] as Outcome);
}

/** Instants are compared as instants: senders write them in different offsets. Nobody can sign for what is still to come. */
function isSigned(
  { signedAt, signedBy, status }: Documentation,
  coach: string,
  { knownAt, start, zone }: { readonly knownAt: string; readonly start: string; readonly zone: string },
): Outcome {
  if (status !== 'final') return indeterminate('note-not-final');
  if (signedAt === undefined) return indeterminate('note-not-signed');
  if (!signedBy.includes(coach)) return indeterminate('not-signed-by-the-coach');
  if (isBefore(zone, signedAt, start)) return indeterminate('signed-before-the-contact');
  const at = instantOf(signedAt);
  return at !== undefined && at <= Date.parse(knownAt) ? met : indeterminate('not-signed-by-then');
}
