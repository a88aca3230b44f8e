import { isBefore } from '../dating.ts';
import type { Contact, Documentation } from '../facts/facts.ts';
import { type Contradiction, contradiction, type Scene } from './scene.ts';

/** What is said of how a contact was made, by whom, and of the note that documents it. */
export function ofNotes(scene: Scene, contact: Contact): Contradiction[] {
  const { coach, modalityProblem, reference } = contact;
  const found: Contradiction[] = [];
  if (modalityProblem !== undefined)
    found.push(
      contradiction(
        'modality-unknown',
        [reference],
        `How ${reference} was made is not known (${modalityProblem}). Send one contact type of CodeSystem contact-type, and a class that agrees with it: VR for remote contacts, AMB, HH or FLD in person.`,
      ),
    );
  if (!scene.facts.coaches.has(coach))
    found.push(
      contradiction(
        'coach-unknown',
        [reference],
        `${reference} names ${coach}, of whom nothing is known here. Send the Practitioner and the PractitionerRole, or name the coach who was there.`,
      ),
    );
  return [...found, ...ofSignatures(scene, contact)];
}

/** A signature that cannot be so, where no other one of the coach's can. */
function ofSignatures({ knownAt, zones }: Scene, { coach, documentation, reference, start }: Contact): Contradiction[] {
  const own = documentation.filter(({ signedAt, signedBy }) => signedAt !== undefined && signedBy.includes(coach));
  const early = (note: Documentation): boolean => zones.some((zone) => isBefore(zone, note.signedAt, start));
  const ahead = (note: Documentation): boolean => zones.some((zone) => isBefore(zone, knownAt, note.signedAt));
  // Of a contact that lies ahead itself one correction is asked, not two.
  const isAhead = zones.some((zone) => isBefore(zone, knownAt, start));
  if (isAhead || own.some((note) => !early(note) && !ahead(note))) return [];
  const [first] = own;
  if (!first) return [];
  return [
    early(first)
      ? contradiction(
          'note-signed-before-contact',
          [reference, ...first.evidence],
          `The note of ${reference} was signed at ${first.signedAt}, before the contact began at ${start}. Correct the time of the signature, or period.start.`,
        )
      : contradiction(
          'note-signed-ahead',
          [reference, ...first.evidence],
          `The note of ${reference} is said to have been signed at ${first.signedAt}, which lies ahead. Correct the time of the signature.`,
        ),
  ];
}
