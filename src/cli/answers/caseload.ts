import { daysBetween, type LocalDate, localDate, localDateOf, parseLocalDate, wallClock } from '../../base/time.ts';
import type { FhirClient } from '../client.ts';
import { type Asked, ask, deskZone, inWords, partsOf, query, searchAll, told } from './parameters.ts';

interface Coded {
  readonly coding?: readonly { readonly code?: string; readonly display?: string }[];
}

interface Status {
  readonly subject?: { readonly reference?: string };
  readonly focus?: readonly { readonly reference?: string }[];
  readonly effectivePeriod?: { readonly start?: string; readonly end?: string };
  readonly valueCodeableConcept?: Coded;
  readonly status?: string;
  readonly component?: readonly { readonly code: Coded; readonly valueCodeableConcept?: Coded }[];
}

interface Line {
  readonly member: string;
  readonly ruleset: string;
  /** absent where another state of knowledge is asked about */
  readonly since?: string;
  readonly lastDay: string;
  readonly daysLeft: number;
}

/** For whom it is not decided, and what is open. */
interface Open {
  readonly member: string;
  readonly ruleset: string;
  readonly reason: string;
}

interface Question {
  readonly coach: string;
  readonly day: LocalDate;
  readonly knownAt: string | undefined;
  readonly ruleset: string | undefined;
}

/**
 * `footbridge caseload COACH`: who is on a coach's caseload, who falls off first on top, and for whom it is not decided, as who is one
 * signature away. The Observations tell it as it is known now; for another instant each episode that they name is asked.
 */
export async function caseload(client: FhirClient, asked: Asked): Promise<number> {
  const { date, json, knownAt, ruleset, subject, write } = asked;
  const day = parseLocalDate(date ?? localDateOf(knownAt ?? wallClock.now(), deskZone));
  if (day === undefined) throw new Error(`--date ${date} is not a date. Write it as YYYY-MM-DD.`);
  const coach = subject.includes('/') ? subject : `Practitioner/${subject}`;
  const question = { coach, day, knownAt, ruleset };
  const found = await searchAll(
    client,
    `Observation?performer=${encodeURIComponent(coach)}&code=caseload-status&_count=200`,
  );
  const statuses = found.map(({ resource }) => resource as Status);
  if (statuses.length === 0) await checkCoach(client, coach);
  const byEpisode = knownAt !== undefined || (ruleset !== undefined && statuses.some(({ focus }) => focus));
  const { lines, open } = byEpisode
    ? await asKnownThen(client, statuses, question)
    : await asKnownNow(client, statuses, question);
  const members = lines.toSorted((a, b) => a.daysLeft - b.daysLeft || (a.member < b.member ? -1 : 1));
  if (json) write(JSON.stringify({ coach, date: day, members, open }, null, 2));
  else for (const line of table(question, members, open)) write(line);
  return 0;
}

/** A coach of whom nothing is told may have nobody, or may not be there for this client: which of them is not said of another's. */
async function checkCoach(client: FhirClient, coach: string): Promise<void> {
  const { status } = await client.send('GET', coach);
  if (status >= 400)
    throw new Error(
      `${coach} is not known to this client, and nobody is on a caseload of that name. Check the id; footbridge roster lists the coaches of an employer.`,
    );
}

async function asKnownNow(
  client: FhirClient,
  statuses: readonly Status[],
  question: Question,
): Promise<{ lines: Line[]; open: Open[] }> {
  const { day } = question;
  const today = statuses.filter(
    (one) => one.status !== 'entered-in-error' && isOf(one, question.ruleset) && holds(one, day),
  );
  const lines = today.flatMap((one): Line[] => {
    const { end, start = '' } = one.effectivePeriod ?? {};
    if (valueOf(one) !== 'on' || end === undefined) return [];
    const daysLeft = daysBetween(day, localDate(end));
    return [{ member: memberOf(one), ruleset: rulesetOf(one), since: start, lastDay: end, daysLeft }];
  });
  const undecided = today.filter((one) => valueOf(one) === undefined);
  // What is open is the provider's own: whom it is not told reads the code that is there for everybody.
  const toAsk = undecided.filter(({ focus }) => focus);
  const told = toAsk.length === 0 ? [] : (await asKnownThen(client, toAsk, question)).open;
  const coded = undecided
    .filter(({ focus }) => !focus)
    .map((one) => ({
      member: memberOf(one),
      ruleset: rulesetOf(one),
      reason: componentOf(one, 'reason')?.display ?? '',
    }));
  return { lines, open: [...told, ...coded] };
}

async function asKnownThen(
  client: FhirClient,
  statuses: readonly Status[],
  { coach, day, knownAt, ruleset }: Question,
): Promise<{ lines: Line[]; open: Open[] }> {
  const members = new Map(
    statuses.flatMap((one) => (one.focus ?? []).map(({ reference = '' }) => [reference, memberOf(one)])),
  );
  if (members.size === 0 && statuses.length > 0)
    throw new Error(
      'This client may not read whose episodes these are, so --known-at cannot be followed. Leave it out.',
    );
  const lines: Line[] = [];
  const open: Open[] = [];
  for (const [episode, member] of members) {
    const answer = await ask(client, `${episode}/$caseload-status${query({ asOf: day, knownAt, ruleset })}`);
    for (const part of partsOf(answer)
      .map(told)
      .filter((one) => one['coach'] === coach)) {
      const { daysLeft, lastDay = '', reason = '', status } = part;
      const under = (part['ruleset'] ?? '').split('/').at(-1) ?? '';
      if (status === 'on') lines.push({ member, ruleset: under, lastDay, daysLeft: Number(daysLeft) });
      if (status === 'indeterminate') open.push({ member, ruleset: under, reason: inWords(reason) });
    }
  }
  return { lines, open };
}

function holds({ effectivePeriod }: Status, day: LocalDate): boolean {
  const { end, start = '' } = effectivePeriod ?? {};
  return start <= day && (end === undefined || day <= end);
}

/** By name, url or `url|version`. */
function isOf(one: Status, asked: string | undefined): boolean {
  const canonical = componentOf(one, 'ruleset')?.code ?? '';
  const [url = ''] = canonical.split('|');
  return asked === undefined || [canonical, url, url.split('/').at(-1)].includes(asked);
}

function valueOf({ valueCodeableConcept }: Status): string | undefined {
  return valueCodeableConcept?.coding?.[0]?.code;
}

function memberOf({ subject }: Status): string {
  return subject?.reference?.replace('Patient/', '') ?? '';
}

function rulesetOf(one: Status): string {
  return (componentOf(one, 'ruleset')?.code ?? '').split('/').at(-1) ?? '';
}

function componentOf({ component }: Status, name: string): { code?: string; display?: string } | undefined {
  return component?.find(({ code }) => code.coding?.[0]?.code === name)?.valueCodeableConcept?.coding?.[0];
}

/** A week: what a coach can still plan for. */
const soonDays = 7;

function table({ coach, day, knownAt }: Question, lines: readonly Line[], open: readonly Open[]): string[] {
  const known = knownAt === undefined ? '' : ` as known at ${knownAt}`;
  const width = Math.max(6, ...[...lines, ...open].map(({ member }) => member.length));
  const undecided =
    open.length === 0
      ? []
      : [
          '',
          'Not decided:',
          ...open.map(({ member, reason, ruleset }) => `? ${member.padEnd(width)}  ${reason}  ${ruleset}`),
        ];
  if (lines.length === 0) return [`Nobody is on the caseload of ${coach} on ${day}${known}.`, ...undecided];
  const lost = lines.filter(({ daysLeft }) => daysLeft < soonDays).length;
  return [
    `${lines.length} on the caseload of ${coach} on ${day}${known}; ${lost} of them fall off within a week without a new contact.`,
    '',
    `  ${'member'.padEnd(width)}  since       last day    days left  ruleset`,
    ...lines.map(
      ({ daysLeft, lastDay, member, ruleset, since = '' }) =>
        `${daysLeft < soonDays ? '!' : ' '} ${member.padEnd(width)}  ${since.padEnd(10)}  ${lastDay}  ${String(daysLeft).padStart(9)}  ${ruleset}`,
    ),
    ...undecided,
  ];
}
