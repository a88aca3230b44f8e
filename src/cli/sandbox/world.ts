import type { Resource } from '@medplum/fhirtypes';
import { DateTime } from 'luxon';
import { addDays, addYears, type LocalDate, localDate } from '../../base/time.ts';
import {
  type CoachPapers,
  type ContactPlan,
  coachRole,
  consent,
  contact,
  coverage,
  episode,
  message,
  type Person,
  patient,
  practitioner,
  waiverRequest,
} from './people.ts';

/** Something that a partner sends at an instant of the sandbox's past. */
export interface WorldEvent {
  /** ISO instant at which the tenant's clock stands when it is sent */
  readonly at: string;
  /** name of the client that sends it */
  readonly client: string;
  readonly resources: readonly Resource[];
}

/** The day on which the sandbox's history begins: before the leap day that it has a member for. */
export const historyStart = '2024-02-01T06:00:00-05:00';

const providers = {
  'riverside-recovery': { client: 'ehr', zone: 'America/New_York' },
  'harbor-peer-support': { client: 'ehr-harbor', zone: 'America/New_York' },
  'lakeshore-prss': { client: 'ehr-lakeshore', zone: 'America/Detroit' },
} as const;
type Provider = keyof typeof providers;

interface Coach extends Person, CoachPapers {
  readonly provider: Provider;
}

interface Product {
  readonly payer: string;
  readonly product: string;
}
const mce: Product = { payer: 'commonwealth-care-mco', product: 'masshealth-mco' };
const products: readonly Product[] = [
  mce,
  mce,
  mce,
  mce,
  { payer: 'bay-one-care', product: 'masshealth-one-care' },
  { payer: 'elder-pace', product: 'masshealth-pace' },
  { payer: 'tufts-health-plan', product: 'tufts-commercial' },
  { payer: 'optum', product: 'optum-commercial' },
];
const cmhsp: Product = { payer: 'great-lakes-cmhsp', product: 'michigan-cmhsp' };

const given = [
  'Avery',
  'Blake',
  'Casey',
  'Devon',
  'Emery',
  'Finley',
  'Harper',
  'Jordan',
  'Kendall',
  'Logan',
  'Morgan',
  'Quinn',
];
const families = [
  'Alder',
  'Birch',
  'Cedar',
  'Dogwood',
  'Elder',
  'Fir',
  'Hazel',
  'Juniper',
  'Larch',
  'Maple',
  'Rowan',
  'Willow',
];

/** What one member's history is made of, in days before today or as calendar dates. */
interface Member extends Person {
  readonly provider: Provider;
  readonly coach: string;
  readonly product: Product;
  readonly since: LocalDate;
  readonly consents: boolean;
  readonly contacts: readonly PlannedContact[];
  readonly coverageUntil?: LocalDate;
  readonly died?: LocalDate;
  /** messages by date, from the coach or the member */
  readonly texts?: readonly { readonly on: LocalDate; readonly from: 'coach' | 'member' }[];
}

interface PlannedContact {
  readonly on: LocalDate;
  /** local time of day; 14:00 by default */
  readonly time?: string;
  readonly kind?: NonNullable<ContactPlan['kind']>;
  readonly engaged?: boolean;
  /** date on which the note is signed and sent: the day itself unless it is late, null while there is none */
  readonly signedOn?: LocalDate | null;
}

/** Everything that happened in the sandbox up to `today`, in the order in which it was sent. */
export function worldEvents(today: LocalDate): readonly WorldEvent[] {
  const coaches = coachesOf(today);
  const events = [...coaches.map(coachEvent), ...membersOf(today).flatMap((member) => memberEvents(member))];
  return events.sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
}

function coachesOf(today: LocalDate): Coach[] {
  // Ten years, so that a sandbox kept for long tells the same story on any of its days.
  const certified = { until: addDays(today, 3_650) };
  const own = (index: number, id: string, provider: Provider, papers: CoachPapers): Coach => ({
    id,
    given: given[index % given.length] ?? '',
    family: families[(index * 5 + 3) % families.length] ?? '',
    provider,
    ...papers,
  });
  const hired = '2022-03-01';
  const late = addDays(addYears(today, -2), -40);
  return [
    own(0, 'coach-avery', 'riverside-recovery', { hired, certified }),
    own(1, 'coach-blake', 'riverside-recovery', { hired, certified }),
    own(2, 'coach-casey', 'riverside-recovery', { hired: addDays(today, -200), certified: 'working' }),
    own(3, 'coach-devon', 'riverside-recovery', { hired: late, certified: 'working' }),
    own(4, 'coach-emery', 'riverside-recovery', {
      hired: late,
      certified: 'working',
      waiver: {
        payer: mce.payer,
        start: addDays(today, -60),
        end: addDays(today, 120),
        document: 'waiver-request-emery',
      },
    }),
    own(5, 'coach-finley', 'harbor-peer-support', { hired, certified }),
    own(6, 'coach-harper', 'harbor-peer-support', { hired, certified: { until: addDays(today, -3) } }),
    own(7, 'coach-jordan', 'harbor-peer-support', { hired, certified }),
    own(8, 'coach-kendall', 'harbor-peer-support', { hired, certified }),
    own(9, 'coach-logan', 'lakeshore-prss', { hired, certified }),
    own(10, 'coach-morgan', 'lakeshore-prss', { hired, certified }),
    own(11, 'coach-quinn', 'lakeshore-prss', { hired, certified }),
  ];
}

/** Members at the edges of a rule first, each named for its edge, then others up to sixty. */
function membersOf(today: LocalDate): Member[] {
  const ago = (days: number): LocalDate => addDays(today, -days);
  const at = (index: number, id: string, contacts: readonly PlannedContact[], more: Partial<Member> = {}): Member => ({
    id,
    given: given[index % given.length] ?? '',
    family: families[(index * 7 + 1) % families.length] ?? '',
    provider: 'riverside-recovery',
    coach: 'coach-avery',
    product: mce,
    since: ago(75),
    consents: true,
    contacts,
    ...more,
  });
  const once = (days: number): PlannedContact[] => [{ on: ago(days) }];
  const edges = [
    at(0, 'day-20', once(20)),
    at(1, 'day-21', once(21)),
    at(2, 'day-22', once(22)),
    at(3, 'one-way-text', once(30), {
      texts: [12, 9, 5, 2].map((days) => ({ on: ago(days), from: 'coach' as const })),
    }),
    at(4, 'text-pair', once(40), {
      texts: [
        { on: ago(8), from: 'coach' },
        { on: ago(6), from: 'member' },
      ],
    }),
    at(5, 'late-entry', [{ on: ago(40) }, { on: ago(12), signedOn: ago(1) }]),
    at(6, 'deceased', once(10), { died: ago(5) }),
    at(7, 'unsigned-note', [{ on: ago(4), signedOn: null }]),
    at(8, 'voicemail', [{ on: ago(35) }, { on: ago(3), kind: 'phone', engaged: false }]),
    at(9, 'group-only', [{ on: ago(5), kind: 'group' }]),
    at(10, 'coach-two-years', once(6), { coach: 'coach-devon' }),
    at(11, 'coach-waived', once(6), { coach: 'coach-emery' }),
    at(12, 'coach-working', once(6), { coach: 'coach-casey' }),
    at(13, 'carc-lapsed', once(9), { coach: 'coach-harper', provider: 'harbor-peer-support' }),
    at(14, 'coverage-ended', once(7), { coverageUntil: ago(2) }),
    at(15, 'no-consent', once(3), { consents: false }),
    at(16, 'midnight', [{ on: localDate('2026-06-14'), time: '23:50' }], { since: localDate('2026-06-01') }),
    at(17, 'spring-forward', [{ on: localDate('2026-03-07'), time: '23:30' }], { since: localDate('2026-03-01') }),
    at(18, 'fall-back', [{ on: localDate('2025-10-25'), time: '15:00' }], { since: localDate('2025-10-01') }),
    at(19, 'leap-day', [{ on: localDate('2024-02-08') }], { since: localDate('2024-02-05') }),
  ];
  return [...edges, ...Array.from({ length: 60 - edges.length }, (_, index) => ordinary(index, today))];
}

const staff: Readonly<Record<Provider, readonly string[]>> = {
  'riverside-recovery': ['coach-avery', 'coach-blake', 'coach-casey'],
  'harbor-peer-support': ['coach-finley', 'coach-jordan', 'coach-kendall'],
  'lakeshore-prss': ['coach-logan', 'coach-morgan', 'coach-quinn'],
};

/** Members with nothing special about them: a contact each week or so, some long gone. */
function ordinary(index: number, today: LocalDate): Member {
  const names = Object.keys(providers) as Provider[];
  const provider = names[index % names.length] ?? 'riverside-recovery';
  const coach = staff[provider][Math.floor(index / 3) % 3] ?? '';
  const gap = 4 + ((index * 3) % 7);
  const last = index % 6 === 5 ? 24 + index : (index * 5) % 18;
  return {
    id: `member-${String(index + 1).padStart(2, '0')}`,
    given: given[(index + 4) % given.length] ?? '',
    family: families[(index * 7 + 2) % families.length] ?? '',
    provider,
    coach,
    product: provider === 'lakeshore-prss' ? cmhsp : (products[index % products.length] ?? mce),
    since: addDays(today, -90),
    consents: index % 4 !== 3,
    contacts: Array.from({ length: 5 }, (_, back) => ({
      on: addDays(today, -(last + back * gap)),
      kind: (['in-person', 'phone', 'video'] as const)[(index + back) % 3] ?? 'in-person',
    })).reverse(),
  };
}

function coachEvent(coach: Coach): WorldEvent {
  const begin = DateTime.fromISO(historyStart).plus({ minutes: 5 });
  const joined = DateTime.fromISO(`${coach.hired}T12:00:00`, { zone: providers[coach.provider].zone });
  return {
    at: isoOf(joined < begin ? begin : joined),
    client: providers[coach.provider].client,
    resources: [
      practitioner(coach, coach.provider, coach),
      coachRole(`${coach.id}-role`, coach.id, coach.provider, coach.hired),
      ...(coach.waiver ? [waiverRequest(coach.waiver.document, coach.id, coach.provider, isoOf(joined))] : []),
    ],
  };
}

function memberEvents(member: Member): WorldEvent[] {
  const { client, zone } = providers[member.provider];
  const episodeId = `episode-${member.id}`;
  const on = (date: LocalDate, time: string): DateTime => DateTime.fromISO(`${date}T${time}:00`, { zone });
  const send = (when: DateTime, ...resources: Resource[]): WorldEvent => ({ at: isoOf(when), client, resources });
  const insured = (end?: LocalDate) =>
    coverage(`coverage-${member.id}`, member.id, member.product.payer, member.product.product, {
      start: member.since,
      ...(end && { end }),
    });
  const events = [
    send(
      on(member.since, '09:00'),
      patient(member),
      insured(),
      episode(episodeId, member.id, member.provider, member.coach, member.since),
      ...(member.consents ? [consent(`consent-${member.id}`, member.id, member.product.payer, member.since)] : []),
    ),
    ...member.contacts.map((planned) => contactEvent(member, episodeId, planned, on)),
    ...(member.texts ?? []).map(({ from, on: date }, index) => {
      const sent = on(date, from === 'coach' ? '10:00' : '10:20');
      const ends: [string, string] = [`Practitioner/${member.coach}`, `Patient/${member.id}`];
      if (from === 'member') ends.reverse();
      return send(
        sent.plus({ minutes: 1 }),
        message(`message-${member.id}-${index + 1}`, ends[0], ends[1], member.id, isoOf(sent)),
      );
    }),
  ];
  if (member.coverageUntil) events.push(send(on(member.coverageUntil, '17:00'), insured(member.coverageUntil)));
  if (member.died)
    events.push(send(on(addDays(member.died, 1), '08:00'), patient(member, { deceasedDateTime: member.died })));
  return events;
}

function contactEvent(
  member: Member,
  episodeId: string,
  planned: PlannedContact,
  on: (date: LocalDate, time: string) => DateTime,
): WorldEvent {
  const start = on(planned.on, planned.time ?? '14:00');
  const end = start.plus({ minutes: 40 });
  const signed =
    planned.signedOn === null
      ? undefined
      : planned.signedOn === undefined
        ? end.plus({ minutes: 15 })
        : on(planned.signedOn, '09:30');
  const resource = contact({
    id: `contact-${member.id}-${planned.on}`,
    patient: member.id,
    episode: episodeId,
    coach: member.coach,
    provider: member.provider,
    start: isoOf(start),
    end: isoOf(end),
    ...(planned.kind && { kind: planned.kind }),
    ...(planned.engaged !== undefined && { engaged: planned.engaged }),
    ...(signed && { signedAt: isoOf(signed) }),
  });
  return {
    at: isoOf((signed ?? end).plus({ minutes: 1 })),
    client: providers[member.provider].client,
    resources: [resource],
  };
}

function isoOf(at: DateTime): string {
  return at.toISO({ suppressMilliseconds: true }) ?? '';
}
