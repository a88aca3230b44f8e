import type { Contact } from './facts/facts.ts';
import { indeterminate, met, notMet, type Outcome } from './outcome.ts';
import type { Ruleset } from './ruleset.ts';

/** R4 types that CT-2 to CT-4 read. */
export const inputTypes = ['Encounter', 'Communication'] as const;

/**
 * CT-2 "during which the member demonstrates engagement through reciprocating texts, emails, or engaging in phone or audio-visual
 * communications", CT-3 "An in-person meeting", CT-4 "accompanying the member to an appointment" (MassHealth bulletin, Billing).
 * A remote contact needs the member's engagement said; voicemail and missed calls are none. Of which kind a contact was must be said in
 * words that are known: a letter is none of them. Whether a group session is a contact
 * with each member in it no document says [D]: parameter `groupContacts`.
 */
export function hasEngagement(contact: Contact, { parameters }: Pick<Ruleset, 'parameters'>): Outcome {
  if (contact.memberEngaged === false) return notMet('member-not-engaged');
  const group = contact.group ? countsInGroup(contact, parameters.groupContacts?.value) : met;
  if (group.result !== 'met' || contact.modality === 'in-person') return group;
  if (contact.modality === 'unknown') return indeterminate(contact.modalityProblem ?? 'missing: modality');
  return contact.memberEngaged === true ? met : indeterminate('missing: memberEngaged');
}

/** A ruleset that does not say is read as our own reading: the note must record interaction with this member. */
function countsInGroup(
  { individualInteraction }: Contact,
  reading: 'individual-interaction' | 'always' | 'never' = 'individual-interaction',
): Outcome {
  if (reading === 'always') return met;
  if (reading === 'never') return notMet('group-session');
  if (individualInteraction === undefined) return indeterminate('missing: individualInteraction');
  return individualInteraction ? met : notMet('no-individual-interaction');
}
