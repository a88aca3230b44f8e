import type { Communication } from '@medplum/fhirtypes';
import { codeSystem } from '../../fhir/canonical.ts';
import type { Coaches } from './coaches.ts';
import { goalsOf } from './contact-details.ts';
import { episodesOf } from './contacts.ts';
import { codesIn, literal } from './extensions.ts';
import type { Episode, Message, Recorded } from './facts.ts';

const participationMode = 'http://terminology.hl7.org/CodeSystem/v3-ParticipationMode';
const categorySystem = 'http://terminology.hl7.org/CodeSystem/communication-category';
const media: Readonly<Record<string, Message['medium']>> = { SMSWRIT: 'text', EMAILWRIT: 'email' };

/**
 * Texts and e-mails between the member and one coach; what went to or came from anybody else is no message of theirs. A nurse of the
 * organisation who writes has no caseload, as one who takes part in an Encounter has none.
 */
export function coachMessages(
  patient: string,
  communications: readonly Recorded<Communication>[],
  episodes: readonly Episode[],
  coaches: Coaches,
  zone: string,
): Message[] {
  return communications.flatMap(({ owner, recordedAt, resource }): Message[] => {
    const code = codesIn(resource.medium, participationMode).find((one) => one in media);
    const medium = code === undefined ? undefined : media[code];
    const { sent } = resource;
    if (!medium || sent === undefined || resource.status !== 'completed') return [];
    const sender = literal(resource.sender?.reference);
    const fromMember = sender === patient;
    const others = fromMember
      ? (resource.recipient ?? []).map(({ reference }) => reference)
      : [resource.sender?.reference];
    const toMember = fromMember || (resource.recipient ?? []).some(({ reference }) => literal(reference) === patient);
    if (!toMember) return [];
    const found = new Set(others.flatMap((reference) => coaches.practitioner(reference) ?? []));
    const writers = [...found].filter((one) => !coaches.isOtherStaffAt(one, `Organization/${owner}`));
    return writers.map((coach) => ({
      reference: `Communication/${resource.id}`,
      coach,
      episodes: episodesOf(episodes, [], `Organization/${owner}`, sent, zone),
      medium,
      owner,
      sent,
      recordedAt,
      fromMember,
      automatic: isAutomatic(resource),
      purposes: codesIn(resource.reasonCode, codeSystem('service-component')),
      goals: goalsOf(resource),
    }));
  });
}

/** `automatic` of the coach app (8.5): category `notification`, or its plain text. */
function isAutomatic({ category }: Communication): boolean {
  return (
    codesIn(category, categorySystem).includes('notification') ||
    (category ?? []).some(({ text }) => text === 'automatic')
  );
}
