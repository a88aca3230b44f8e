import type { DocumentReference, Encounter, Provenance, Resource } from '@medplum/fhirtypes';
import { addDays, type LocalDate } from '../../src/base/time.ts';
import { coachRole, coverage, episode, message, patient, practitioner } from '../../src/cli/sandbox/people.ts';
import { contactOn, payer, provider } from './caseload.ts';
import { random } from './random.ts';

/**
 * What a source sends in one message: a version of a resource. The source counts the versions of each resource, and that is all the
 * order it gives: what is about different resources may arrive in any.
 */
export interface SourceMessage {
  readonly type: Resource['resourceType'];
  readonly id: string;
  /** from 1 */
  readonly version: number;
  /** undefined: it is deleted */
  readonly resource: Resource | undefined;
}

/** Numbers the versions as they are said. Each differs from the one before, if only by the source's own number. */
class Source {
  readonly messages: SourceMessage[] = [];
  readonly #versions = new Map<string, number>();

  say(resource: Resource): void {
    const version = this.#count(resource);
    const tag = [{ system: 'urn:source-version', code: String(version) }];
    this.#push(resource, version, { ...resource, meta: { tag } });
  }

  withdraw(resource: Resource): void {
    this.#push(resource, this.#count(resource), undefined);
  }

  #count({ id, resourceType }: Resource): number {
    const key = `${resourceType}/${id}`;
    const version = (this.#versions.get(key) ?? 0) + 1;
    this.#versions.set(key, version);
    return version;
  }

  #push({ id, resourceType }: Resource, version: number, resource: Resource | undefined): void {
    this.messages.push({ type: resourceType, id: id as string, version, resource });
  }
}

/** A whole number below `most`. */
type UpTo = (most: number) => number;

/**
 * A member's history as its sources tell it, in the order in which it happened: papers that are corrected, contacts that are documented
 * late, moved, retracted or deleted, notes and their signatures, texts with late replies. The same seed tells the same for any member.
 */
export function messageSet(seed: number, member: string, today: LocalDate): SourceMessage[] {
  const next = random(seed);
  const upTo: UpTo = (most) => Math.floor(next() * most);
  const source = new Source();
  const coaches = [`coach-${member}`, `second-${member}`];
  tellPapers(source, member, coaches, today, upTo);
  for (let index = 0, most = 4 + upTo(7); index < most; index++) {
    const coach = coaches[upTo(4) === 0 ? 1 : 0] as string;
    tellContact(source, upTo(7), { member, coach, index, today }, upTo);
  }
  for (let index = 0, most = upTo(4); index < most; index++)
    tellTexts(source, { member, coach: coaches[0] as string, index, today }, upTo);
  return source.messages;
}

function tellPapers(source: Source, member: string, coaches: readonly string[], today: LocalDate, upTo: UpTo): void {
  const ago = (days: number): LocalDate => addDays(today, -days);
  for (const id of coaches) {
    const person = { id, given: 'Avery', family: 'Birch' };
    const certified = (until: string) => ({ hired: '2022-03-01', certified: { until } });
    source.say(practitioner(person, provider, certified('2099-01-01')));
    if (upTo(4) === 0) source.say(practitioner(person, provider, certified(ago(upTo(30)))));
    const role = coachRole(`role-${id}`, id, provider, '2022-03-01');
    source.say(role);
    if (upTo(5) === 0) source.say({ ...role, period: { start: '2022-03-01', end: ago(upTo(20)) } });
  }
  const person = patient({ id: member, given: 'Robin', family: 'Alder' });
  source.say(person);
  if (upTo(8) === 0) source.say({ ...person, deceasedDateTime: ago(upTo(15)) });
  const covered = (period: { start: string; end?: string }) =>
    coverage(`coverage-${member}`, member, payer, 'masshealth-mco', period);
  source.say(covered({ start: ago(100) }));
  if (upTo(3) === 0) source.say(covered({ start: ago(100 - upTo(60)), end: ago(upTo(25)) }));
  if (upTo(3) === 0) source.say(covered({ start: ago(90 - upTo(60)) }));
  const first = coaches[0] as string;
  const served = episode(`episode-${member}`, member, provider, first, ago(120));
  source.say(served);
  if (upTo(3) === 0) source.say({ ...served, period: { start: ago(120 - upTo(70)) } });
  if (upTo(6) === 0) source.say({ ...served, status: 'finished', period: { start: ago(120), end: ago(upTo(20)) } });
}

interface Occasion {
  readonly member: string;
  readonly coach: string;
  readonly index: number;
  readonly today: LocalDate;
}

function tellContact(source: Source, kind: number, { coach, index, member, today }: Occasion, upTo: UpTo): void {
  const day = (): LocalDate => addDays(today, -1 - upTo(75));
  const of = (date: LocalDate): Encounter => contactOn(member, date, { id: `contact-${member}-${index}`, coach });
  const date = day();
  const contact = of(date);
  if (kind === 1) source.say({ ...contact, status: 'in-progress' });
  if (kind === 5) return tellNote(source, contact, coach, upTo);
  source.say(contact);
  if (kind === 2) source.say({ ...contact, status: 'entered-in-error' });
  if (kind === 3) source.withdraw(contact);
  if (kind === 4) {
    source.say(of(day()));
    if (upTo(2) === 0) source.say({ ...contact, status: 'entered-in-error' });
  }
}

/** A contact whose note and signature are resources of their own. */
function tellNote(source: Source, contact: Encounter, coach: string, upTo: UpTo): void {
  const { extension = [], id = '', subject } = contact;
  const note: DocumentReference = {
    resourceType: 'DocumentReference',
    id: `note-${id}`,
    status: 'current',
    docStatus: 'preliminary',
    type: { coding: [{ system: 'http://loinc.org', code: '11506-3' }] },
    ...(subject && { subject }),
    content: [{ attachment: { contentType: 'text/plain', data: 'bm90ZQ==' } }],
    context: { encounter: [{ reference: `Encounter/${id}` }] },
  };
  const signed = contact.period?.end as string;
  const signature: Provenance = {
    resourceType: 'Provenance',
    id: `signature-${id}`,
    target: [{ reference: `DocumentReference/${note.id}` }],
    recorded: signed,
    agent: [{ who: { reference: `Practitioner/${coach}` } }],
    signature: [
      {
        type: [{ system: 'urn:iso-astm:E1762-95:2013', code: '1.2.840.10065.1.12.1.1' }],
        when: signed,
        who: { reference: `PractitionerRole/role-${coach}` },
      },
    ],
  };
  source.say({ ...contact, extension: extension.filter(({ url }) => !url.endsWith('/documentation')) });
  source.say(note);
  source.say({ ...note, docStatus: 'final' });
  source.say(signature);
  if (upTo(4) === 0) source.say({ ...note, docStatus: 'entered-in-error' });
}

/** The coach's text and the member's reply, up to four days later; one of them may be retracted. */
function tellTexts(source: Source, { coach, index, member, today }: Occasion, upTo: UpTo): void {
  const days = 6 + upTo(60);
  const sent = (date: LocalDate, hour: number): string => `${date}T${hour}:00:00Z`;
  const [person, writer] = [`Patient/${member}`, `Practitioner/${coach}`];
  const asked = message(`asked-${member}-${index}`, writer, person, member, sent(addDays(today, -days), 15));
  const answer = sent(addDays(today, upTo(5) - days), 16 + upTo(4));
  const replied = message(`replied-${member}-${index}`, person, writer, member, answer);
  source.say(asked);
  source.say(replied);
  const retracted = upTo(6);
  if (retracted === 0) source.say({ ...asked, status: 'entered-in-error' });
  if (retracted === 1) source.say({ ...replied, status: 'entered-in-error' });
}
