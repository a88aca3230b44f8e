import { derivedId } from '../base/ids.ts';
import { remembered } from '../base/remembered.ts';
import { daysBetween, type LocalDate, parseLocalDate, startOfLocalDate } from '../base/time.ts';
import { dayIn, isBefore, spanIn } from './dating.ts';
import { coachRoleAt } from './facts/coaches.ts';
import { type Contact, holds, type MemberFacts, type Message, noDetails } from './facts/facts.ts';

/** A coach's message and the member's that make one contact, dated by the member's. */
export interface MessagePair {
  readonly date: LocalDate;
  readonly member: Message;
  readonly coach: Message;
  /** further messages of the member on that date */
  readonly more: readonly Message[];
}

/**
 * Pairs the messages of one thread (member, coach, medium): member messages by sent time each take the nearest unused coach message
 * within R local dates, the earlier on a tie; further ones on a date already paired are evidence of that contact (domain model 8.5).
 * So one coach message supports one date, and a later reply completes a pair but cannot extend the clock.
 *
 * @param reciprocityDays R, in calendar days
 */
export function pairMessages(messages: readonly Message[], reciprocityDays: number, zone: string): MessagePair[] {
  const dated = messages.flatMap((message) => {
    // Which day of a month it was nobody has said.
    const date = message.automatic ? undefined : dayIn(zone, message.sent);
    return date === undefined ? [] : [{ message, date }];
  });
  dated.sort(
    (a, b) =>
      Date.parse(a.message.sent) - Date.parse(b.message.sent) || (a.message.reference < b.message.reference ? -1 : 1),
  );
  const coachMessages = dated.filter(({ message }) => !message.fromMember);
  const used = new Set<Message>();
  const pairs = new Map<LocalDate, { date: LocalDate; member: Message; coach: Message; more: Message[] }>();
  for (const { message, date } of dated.filter(({ message }) => message.fromMember)) {
    const paired = pairs.get(date);
    if (paired) {
      paired.more.push(message);
      continue;
    }
    const near = coachMessages
      .filter((candidate) => !used.has(candidate.message))
      .map((candidate) => ({ ...candidate, distance: Math.abs(daysBetween(candidate.date, date)) }))
      .filter(({ distance }) => distance <= reciprocityDays)
      .toSorted((a, b) => a.distance - b.distance || Date.parse(a.message.sent) - Date.parse(b.message.sent))[0];
    if (!near) continue;
    used.add(near.message);
    pairs.set(date, { date, member: message, coach: near.message, more: [] });
  }
  return [...pairs.values()];
}

/**
 * The contacts that a coach's message pairs make, per medium. The messages are the documentation of their pair: signed by the coach
 * when the later of the two was recorded (domain model 8.5).
 */
export const pairedContacts = remembered(
  (facts: MemberFacts, reciprocityDays: number, zone: string): readonly Contact[] => {
    const threads = Map.groupBy(facts.messages, ({ coach, medium }) => `${medium} ${coach}`);
    return [...threads.values()].flatMap((thread) =>
      pairMessages(thread, reciprocityDays, zone).flatMap((pair) => {
        const { coach, episodes, owner } = pair.member;
        const coachRole = coachRoleAt(facts.coaches.get(coach), `Organization/${owner}`, (role) =>
          holds(spanIn(zone, role), pair.date),
        );
        return episodes.map((episode) => toContact(pair, episode, coachRole, zone));
      }),
    );
  },
);

/** The Encounter that stands for a pair: its id rests on the member's message, which dates the contact. */
export function pairEncounter(memberMessage: string): string {
  return `Encounter/${derivedId('pair', memberMessage)}`;
}

function toContact(pair: MessagePair, episode: string, coachRole: string | undefined, zone: string): Contact {
  const { coach, member, more } = pair;
  const evidence = [member, coach, ...more].map(({ reference }) => reference);
  const signedAt = [member, coach]
    .map((message) => wasThereAt(message, zone))
    .sort((a, b) => Date.parse(a) - Date.parse(b))[1];
  return {
    reference: pairEncounter(member.reference),
    coach: member.coach,
    episode,
    episodeProblem: member.episodes.length > 1 ? 'ambiguous-episode' : undefined,
    start: member.sent,
    status: 'finished',
    modality: member.medium,
    accompaniment: false,
    group: false,
    individualInteraction: undefined,
    memberEngaged: true,
    documentation: [{ status: 'final', signedAt, signedBy: [member.coach], evidence }],
    evidence,
    details: { ...noDetails, purposes: union('purposes', pair), goals: union('goals', pair), coachRole },
  };
}

/** A message is there when it is recorded; one that is said to be sent later than that has answered nobody until then. */
function wasThereAt({ recordedAt, sent }: Message, zone: string): string {
  if (!isBefore(zone, recordedAt, sent)) return recordedAt;
  const date = parseLocalDate(sent);
  return date === undefined ? sent : startOfLocalDate(date, zone).toISOString();
}

/** Purpose and goals stand on either message; the pair takes their union (domain model 8.5). */
function union(what: 'purposes' | 'goals', { coach, member, more }: MessagePair): string[] {
  return [...new Set([member, coach, ...more].flatMap((message) => message[what]))];
}
