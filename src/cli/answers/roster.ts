import type { Parameters } from '@medplum/fhirtypes';
import { csvOf } from '../../base/csv.ts';
import { coachRosterTable } from '../../service/coach-roster-table.ts';
import type { FhirClient } from '../client.ts';
import { type Asked, ask, query } from './parameters.ts';
import { drawTable } from './table.ts';

/**
 * `footbridge roster`: the record of certifications that CR-6 asks an employer to keep, on any past day, as a table or, for whom it is
 * given to, as CSV.
 */
export async function roster(client: FhirClient, asked: Asked): Promise<number> {
  const { csv, date, json, knownAt, ruleset, subject, write } = asked;
  const path = subject === '' ? 'Organization' : `Organization/${subject.replace('Organization/', '')}`;
  const answer = await ask(client, `${path}/$coach-roster${query({ date, knownAt, ruleset })}`);
  const [titles, ...rows] = coachRosterTable(answer as unknown as Parameters);
  if (json) write(JSON.stringify(answer, null, 2));
  // The line feed of the last CRLF is the writer's.
  else if (csv) write(csvOf([titles, ...rows]).slice(0, -1));
  else if (rows.length === 0) write('No coach is employed on this day under a ruleset with CR-6.');
  else for (const line of drawTable(titles, rows)) write(line);
  return 0;
}
