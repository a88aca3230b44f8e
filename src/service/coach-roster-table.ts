import type { Parameters, ParametersParameter } from '@medplum/fhirtypes';

/** Columns of the coach roster as a table, as an employer gives it to a plan. */
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
] as const;

/** The answer of `$coach-roster` as a table: a line for each ruleset and coach under a line of titles. */
export function coachRosterTable({ parameter = [] }: Parameters): [titles: string[], ...rows: string[][]] {
  return [[...columns], ...parameter.flatMap(rowsOf)];
}

function rowsOf(roster: ParametersParameter): string[][] {
  const [ruleset = ''] = texts(roster, 'ruleset');
  const [date = ''] = texts(roster, 'date');
  return parts(roster, 'coach').map((line) => {
    const coach = parts(line, 'coach')[0]?.valueReference;
    const period = parts(line, 'period')[0]?.valuePeriod;
    const all = (name: string): string => texts(line, name).join('; ');
    const waivers = parts(line, 'waiver').flatMap((waiver) => texts(waiver, 'payer'));
    return [
      // `https://…/ruleset/tufts|1.0.0` as people say it
      ruleset.slice(ruleset.lastIndexOf('/') + 1).replace('|', ' '),
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
      waivers.map((payer) => payer.replace('Organization/', '')).join('; '),
    ];
  });
}

function parts({ part = [] }: ParametersParameter, name: string): ParametersParameter[] {
  return part.filter((one) => one.name === name);
}

function texts(part: ParametersParameter, name: string): string[] {
  return parts(part, name).flatMap(
    ({ valueCode, valueDate, valueReference, valueString, valueUri }) =>
      valueCode ?? valueDate ?? valueString ?? valueUri ?? valueReference?.reference ?? [],
  );
}
