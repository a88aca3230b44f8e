import type { Contact } from './facts/facts.ts';
import { indeterminate, met, notMet, type Outcome } from './outcome.ts';

/** R4 types that CT-2 to CT-4 read. */
export const inputTypes = ['Encounter', 'Communication'] as const;

/**
 * CT-2 "during which the member demonstrates engagement through reciprocating texts, emails, or engaging in phone or audio-visual
 * communications", CT-3 "An in-person meeting", CT-4 "accompanying the member to an appointment" (MassHealth bulletin, Billing).
 * A remote contact needs the member's engagement said; voicemail and missed calls are none. A group counts only where the note
 * records interaction with this member.
 */
export function hasEngagement(contact: Contact): Outcome {
  if (contact.memberEngaged === false) return notMet('member-not-engaged');
  if (contact.group) {
    if (contact.individualInteraction === undefined) return indeterminate('missing: individualInteraction');
    if (!contact.individualInteraction) return notMet('no-individual-interaction');
  }
  if (contact.modality === 'in-person') return met;
  return contact.memberEngaged === true ? met : indeterminate('missing: memberEngaged');
}
