import type { Encounter } from '@medplum/fhirtypes';
import type { Contact, Message } from '../domain/facts/facts.ts';
import { codeSystem, structure } from '../fhir/canonical.ts';

/**
 * The Encounter that stands for a reciprocated pair of messages (domain model 8.5): the messages are its evidence and its
 * documentation, and their words are nowhere in it.
 */
export function pairEncounter(
  id: string,
  patient: string,
  contact: Contact,
  episodes: readonly string[],
  messages: readonly Message[],
): Encounter {
  const [documented] = contact.documentation;
  const sent = messages.map((message) => message.sent).sort((a, b) => Date.parse(a) - Date.parse(b));
  const ends = sent.filter((at) => Date.parse(at) > Date.parse(contact.start)).at(-1) ?? contact.start;
  return {
    resourceType: 'Encounter',
    id,
    status: 'finished',
    class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'VR', display: 'virtual' },
    type: [
      {
        coding: [{ system: codeSystem('contact-type'), code: contact.modality }],
        text: contact.modality === 'text' ? 'Exchange of text messages' : 'Exchange of e-mails',
      },
    ],
    subject: { reference: patient },
    ...(episodes.length === 1 && { episodeOfCare: [{ reference: contact.episode }] }),
    participant: [{ individual: { reference: contact.coach } }],
    period: { start: contact.start, end: ends },
    extension: [
      { url: structure('member-engaged'), valueBoolean: true },
      ...contact.evidence.map((reference) => ({ url: structure('message-evidence'), valueReference: { reference } })),
      {
        url: structure('documentation'),
        extension: [
          { url: 'status', valueCode: 'final' },
          ...(documented?.signedAt === undefined ? [] : [{ url: 'signedAt', valueInstant: documented.signedAt }]),
          { url: 'signedBy', valueReference: { reference: contact.coach } },
        ],
      },
    ],
  };
}
