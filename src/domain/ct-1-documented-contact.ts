import type { LocalDate } from '../base/time.ts';
import { type Asked, isCoachQualified } from './b-5-coach-qualified.ts';
import { hasEngagement } from './ct-2-engagement.ts';
import { dateIn } from './dating.ts';
import type { CoachFacts, Contact, Documentation } from './facts/facts.ts';
import { all, indeterminate, met, notMet, type Outcome } from './outcome.ts';

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

/**
 * CT-1 "documented contact" (MassHealth bulletin, Billing): finished, documented in a final note signed by the coach by K, with the
 * member's engagement, by a coach qualified on C. Undocumented is pending, not counted.
 *
 * @returns undefined when the contact has no date, or was entered in error: then it never was
 */
export function judgeContact(
  contact: Contact,
  coach: CoachFacts | undefined,
  asked: Asked,
  knownAt: string,
): Judged | undefined {
  const date = dateIn(asked.ruleset.zone, contact.start);
  if (date === undefined || contact.status === 'entered-in-error') return undefined;
  const today = dateIn(asked.ruleset.zone, knownAt);
  const outcome = all(
    isFinished(contact),
    today !== undefined && date > today ? indeterminate('contact-in-the-future') : met,
    contact.episodeProblem === undefined ? met : indeterminate(contact.episodeProblem),
    isDocumented(contact, knownAt),
    hasEngagement(contact),
    isCoachQualified(coach, date, asked),
  );
  return { contact, date, outcome };
}

function isFinished({ status }: Contact): Outcome {
  if (status === 'finished') return met;
  return status === 'cancelled' ? notMet('cancelled') : indeterminate('not-finished');
}

/** One final note signed by the coach is enough. */
function isDocumented({ coach, documentation }: Contact, knownAt: string): Outcome {
  if (documentation.length === 0) return indeterminate('no-documentation');
  const outcomes = documentation.map((note) => isSigned(note, coach, knownAt));
  return outcomes.find(({ result }) => result === 'met') ?? (outcomes[0] as Outcome);
}

/** Instants are compared as instants: senders write them in different offsets. */
function isSigned({ signedAt, signedBy, status }: Documentation, coach: string, knownAt: string): Outcome {
  if (status !== 'final') return indeterminate('note-not-final');
  if (signedAt === undefined) return indeterminate('note-not-signed');
  if (!signedBy.includes(coach)) return indeterminate('not-signed-by-the-coach');
  return Date.parse(signedAt) <= Date.parse(knownAt) ? met : indeterminate('not-signed-by-then');
}
