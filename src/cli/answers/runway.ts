import type { FhirClient } from '../client.ts';
import { type Asked, ask, type Part, query, rulesetName, told } from './parameters.ts';
import { drawTable } from './table.ts';

/** A coach's standing, and the rulesets under which it is the same. */
interface Line {
  readonly deadline: string | undefined;
  readonly daysLeft: number | undefined;
  readonly alert: number | undefined;
  readonly coach: string;
  readonly name: string;
  readonly state: string;
  readonly missing: readonly string[];
  readonly rulesets: readonly string[];
  readonly members: number;
  readonly memberDays: number;
}

/**
 * `footbridge runway`: the coaches of the client's organisation by the day on which they must stop, with what is missing, and with the
 * members and days that are lost then. `--month` keeps only who must stop in it.
 */
export async function runway(client: FhirClient, asked: Asked): Promise<number> {
  const { date, json, knownAt, month, ruleset, subject, write } = asked;
  const path = subject === '' ? 'Organization' : `Organization/${subject.replace('Organization/', '')}`;
  const answer = await ask(client, `${path}/$credential-runway${query({ date, knownAt, ruleset, month })}`);
  if (json) {
    write(JSON.stringify(answer, null, 2));
    return 0;
  }
  const parts = (answer['parameter'] ?? []) as Part[];
  for (const line of table(joined(parts.map(toLine)), month)) write(line);
  return 0;
}

function toLine(part: Part): Line {
  const { alert, daysLeft, deadline, memberDays, members, ruleset = '', state = '' } = told(part);
  const coach = (part.part ?? []).find(({ name }) => name === 'coach')?.['valueReference'] as
    | { reference?: string; display?: string }
    | undefined;
  const parts = (name: string): Readonly<Record<string, string>>[] =>
    (part.part ?? []).filter((one) => one.name === name).map(told);
  const waivers = parts('payer').flatMap(({ payer = '', waivedUntil }) =>
    waivedUntil === undefined ? [] : [`${payer.replace('Organization/', '')} until ${waivedUntil}`],
  );
  return {
    deadline,
    daysLeft: daysLeft === undefined ? undefined : Number(daysLeft),
    alert: alert === undefined ? undefined : Number(alert),
    coach: (coach?.reference ?? '').replace('Practitioner/', ''),
    name: coach?.display ?? '',
    state: waivers.length === 0 ? state : `${state === 'waived' ? '' : `${state}, `}waived by ${waivers.join(' and ')}`,
    missing: parts('missing').map(({ reason, rule }) => `${rule} ${reason}`),
    rulesets: [rulesetName(ruleset).split(' ')[0] ?? ''],
    members: Number(members ?? 0),
    memberDays: Number(memberDays ?? 0),
  };
}

/** One line where several rulesets say the same of a coach: members and days add up. */
function joined(lines: readonly Line[]): Line[] {
  const groups = Map.groupBy(lines, ({ coach, deadline, missing, state }) =>
    JSON.stringify([coach, deadline, state, missing]),
  );
  return [...groups.values()].flatMap(([first, ...more]) =>
    first === undefined
      ? []
      : [
          more.reduce(
            (line, { memberDays, members, rulesets }) => ({
              ...line,
              rulesets: [...line.rulesets, ...rulesets],
              members: line.members + members,
              memberDays: line.memberDays + memberDays,
            }),
            first,
          ),
        ],
  );
}

function table(lines: readonly Line[], month: string | undefined): string[] {
  if (lines.length === 0)
    return [
      month === undefined
        ? 'No coach is employed on this day under a ruleset with CR-4.'
        : `Nobody must stop in ${month}.`,
    ];
  const rows = lines.map((line) => [
    line.deadline ?? 'none',
    line.daysLeft === undefined ? '' : String(line.daysLeft),
    line.name === '' ? line.coach : `${line.name} (${line.coach})`,
    line.state,
    String(line.members),
    String(line.memberDays),
    line.rulesets.join(' '),
  ]);
  const head = ['deadline', 'days left', 'coach', 'state', 'members', 'days at risk', 'rulesets'];
  const [title = '', ...drawn] = drawTable(head, rows, new Set([1, 4, 5]));
  return [
    `  ${title}`,
    ...drawn.flatMap((row, index) => {
      const { alert, daysLeft, missing = [] } = lines[index] ?? {};
      const isUrgent = alert !== undefined || (daysLeft !== undefined && daysLeft < 0);
      return [`${isUrgent ? '!' : ' '} ${row}`, ...(missing.length > 0 ? [`    missing: ${missing.join('; ')}`] : [])];
    }),
  ];
}
