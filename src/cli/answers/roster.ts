import type { FhirClient } from '../client.ts';
import { type Asked, ask, type Part, query, rulesetName, textOf, told } from './parameters.ts';
import { drawTable } from './table.ts';

const columns = [
  'ruleset',
  'date',
  'coach',
  'name',
  'role',
  'hired',
  'status',
  'number',
  'issuer',
  'from',
  'until',
  'verified',
  'verified on',
  'qualified',
  'reasons',
  'waived by',
];

/**
 * `footbridge roster`: the record of certifications that CR-6 asks an employer to keep, on any past day, as a table or, for whom it is
 * given to, as CSV (RFC 4180).
 */
export async function roster(client: FhirClient, asked: Asked): Promise<number> {
  const { csv, date, json, knownAt, ruleset, subject, write } = asked;
  const path = subject === '' ? 'Organization' : `Organization/${subject.replace('Organization/', '')}`;
  const answer = await ask(client, `${path}/$coach-roster${query({ date, knownAt, ruleset })}`);
  const rows = ((answer['parameter'] ?? []) as Part[]).flatMap(rowsOf);
  if (json) write(JSON.stringify(answer, null, 2));
  else if (csv) write([columns, ...rows].map((row) => row.map(cell).join(',')).join('\r\n'));
  else if (rows.length === 0) write('No coach is employed on this day under a ruleset with CR-6.');
  else for (const line of drawTable(columns, rows)) write(line);
  return 0;
}

function rowsOf(roster: Part): string[][] {
  const { date = '', ruleset = '' } = told(roster);
  return parts(roster, 'coach').map((part) => {
    const coach = (part.part ?? []).find(({ name }) => name === 'coach')?.['valueReference'] as
      | { reference?: string; display?: string }
      | undefined;
    const period = (part.part ?? []).find(({ name }) => name === 'period')?.['valuePeriod'] as
      | { start?: string; end?: string }
      | undefined;
    const all = (name: string): string => parts(part, name).map(textOf).join('; ');
    const waivers = parts(part, 'waiver').map((waiver) => told(waiver)['payer']?.replace('Organization/', '') ?? '');
    return [
      rulesetName(ruleset),
      date,
      (coach?.reference ?? '').replace('Practitioner/', ''),
      coach?.display ?? '',
      all('role'),
      all('hired'),
      all('status'),
      all('number'),
      all('issuer'),
      period?.start ?? '',
      period?.end ?? '',
      all('verified'),
      all('verifiedOn'),
      all('qualified'),
      all('reason'),
      waivers.join('; '),
    ];
  });
}

function parts(part: Part, name: string): readonly Part[] {
  return (part.part ?? []).filter((one) => one.name === name);
}

/** A cell that a spreadsheet would take for a formula is told to be text. */
function cell(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
