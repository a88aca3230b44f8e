import { daysBetween, localDate, localDateOf, parseLocalDate, wallClock } from '../../base/time.ts';
import type { FhirClient } from '../client.ts';
import { type Asked, deskZone, searchAll } from './parameters.ts';

interface Status {
  readonly subject?: { readonly reference?: string };
  readonly effectivePeriod?: { readonly start?: string; readonly end?: string };
  readonly valueCodeableConcept?: { readonly coding?: readonly { readonly code?: string }[] };
  readonly status?: string;
  readonly component?: readonly {
    readonly valueCodeableConcept?: { readonly coding?: readonly { code?: string }[] };
  }[];
}

interface Line {
  readonly member: string;
  readonly ruleset: string;
  readonly since: string;
  readonly lastDay: string;
  readonly daysLeft: number;
}

/** `footbridge caseload COACH`: who is on a coach's caseload, who falls off first on top. */
export async function caseload(client: FhirClient, { date, json, subject, write }: Asked): Promise<number> {
  const day = parseLocalDate(date ?? localDateOf(wallClock.now(), deskZone));
  if (day === undefined) throw new Error(`--date ${date} is not a date. Write it as YYYY-MM-DD.`);
  const coach = subject.includes('/') ? subject : `Practitioner/${subject}`;
  const found = await searchAll(
    client,
    `Observation?performer=${encodeURIComponent(coach)}&code=caseload-status&_count=200`,
  );
  const lines = found
    .map(({ resource }) => resource as Status)
    .flatMap((status): Line[] => {
      const { end, start = '' } = status.effectivePeriod ?? {};
      const isOn = status.valueCodeableConcept?.coding?.[0]?.code === 'on' && status.status !== 'entered-in-error';
      if (!isOn || end === undefined || start > day || end < day) return [];
      return [
        {
          member: status.subject?.reference?.replace('Patient/', '') ?? '',
          ruleset: (status.component?.[0]?.valueCodeableConcept?.coding?.[0]?.code ?? '').split('/').at(-1) ?? '',
          since: start,
          lastDay: end,
          daysLeft: daysBetween(day, localDate(end)),
        },
      ];
    })
    .sort((a, b) => a.daysLeft - b.daysLeft || (a.member < b.member ? -1 : 1));
  if (json) write(JSON.stringify({ coach, date: day, members: lines }, null, 2));
  else for (const line of table(coach, day, lines)) write(line);
  return 0;
}

/** A week: what a coach can still plan for. */
const soonDays = 7;

function table(coach: string, day: string, lines: readonly Line[]): string[] {
  if (lines.length === 0) return [`Nobody is on the caseload of ${coach} on ${day}.`];
  const lost = lines.filter(({ daysLeft }) => daysLeft < soonDays).length;
  const width = Math.max(6, ...lines.map(({ member }) => member.length));
  return [
    `${lines.length} on the caseload of ${coach} on ${day}; ${lost} of them fall off within a week without a new contact.`,
    '',
    `  ${'member'.padEnd(width)}  since       last day    days left  ruleset`,
    ...lines.map(
      ({ daysLeft, lastDay, member, ruleset, since }) =>
        `${daysLeft < soonDays ? '!' : ' '} ${member.padEnd(width)}  ${since}  ${lastDay}  ${String(daysLeft).padStart(9)}  ${ruleset}`,
    ),
  ];
}
