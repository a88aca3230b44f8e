import { readFileSync } from 'node:fs';
import { DateTime } from 'luxon';
import type { FhirClient } from '../client.ts';
import { because, billed } from './billed.ts';
import { type Part, refusal, rulesetName, told } from './parameters.ts';
import { progressBar } from './progress.ts';

const page = 200;

/** How `footbridge preview` is asked. */
interface PreviewAsked {
  /** YYYY-MM whose billing is compared; undefined: the last closed month and what came since */
  readonly month: string | undefined;
  readonly json: boolean;
  readonly write: (line: string) => void;
}

/** What all pages said. */
interface Previewed {
  readonly members: number;
  readonly period: unknown;
  readonly changes: readonly Part[];
  readonly billing: readonly Part[];
}

/** `footbridge preview FILE…`: whose caseload, and which days and contacts to bill, these rulesets would change. */
export async function preview(
  client: FhirClient,
  files: readonly string[],
  { json, month, write }: PreviewAsked,
): Promise<number> {
  const rulesets = files.map((file) => ({ name: 'ruleset', valueString: readFileSync(file, 'utf8') }));
  const found = await allPages(client, [...rulesets, ...daysOf(month), { name: 'count', valueInteger: page }]);
  if (json) write(JSON.stringify(found, null, 2));
  else for (const line of sentences(found)) write(line);
  return 0;
}

function daysOf(month: string | undefined): { name: string; valueDate: string }[] {
  if (month === undefined) return [];
  const first = DateTime.fromISO(`${month}-01`, { zone: 'utc' });
  if (!first.isValid) throw new Error(`--month ${month} is not a month. Write it as YYYY-MM.`);
  return [
    { name: 'start', valueDate: first.toISODate() },
    { name: 'end', valueDate: first.endOf('month').toISODate() },
  ];
}

async function allPages(client: FhirClient, parameter: readonly object[]): Promise<Previewed> {
  const bar = progressBar(process.stderr, 'members', 'looked at');
  const parts: Part[] = [];
  let seen = 0;
  let period: unknown;
  for (let after: string | undefined, more = true; more; more = after !== undefined) {
    const { body, status } = await client.send('POST', 'EpisodeOfCare/$preview-rulesets', {
      resourceType: 'Parameters',
      parameter: after === undefined ? parameter : [...parameter, { name: 'after', valueString: after }],
    });
    if (status !== 200 || !body) throw new Error(refusal(body, 'EpisodeOfCare/$preview-rulesets', status));
    const own = (body['parameter'] ?? []) as Part[];
    const { members, next, total } = told({ name: 'page', part: own });
    period ??= own.find(({ name }) => name === 'period')?.['valuePeriod'];
    parts.push(...own);
    seen += Number(members);
    bar.at(seen, Number(total));
    after = next;
  }
  bar.end();
  const named = (wanted: string): Part[] => parts.filter(({ name }) => name === wanted);
  return { members: seen, period, changes: named('change'), billing: named('billing') };
}

function sentences({ billing, changes, members, period }: Previewed): string[] {
  const { end, start } = period as { start: string; end: string };
  const days = (wanted: (change: Part) => boolean): string => {
    const found = billing.filter(wanted).reduce((sum, change) => sum + countOf(change), 0);
    return `${found} ${found === 1 ? 'day or contact' : 'days and contacts'}`;
  };
  const charged = billing.reduce((sum, change) => sum + Number(told(change)['charged'] ?? 0), 0);
  return [
    `${changes.length} of the caseloads of ${members} members would change.`,
    ...(changes.length === 0 ? [] : ['', ...changes.map(caseloadLine), '']),
    `From ${start} to ${end} ${days((one) => is(one, 'before') && !is(one, 'after'))} would no longer be billable, ${days((one) => !is(one, 'before') && is(one, 'after'))} would become so, ${days((one) => is(one, 'before') && is(one, 'after'))} would be charged otherwise; ${charged} of all are charged and would be corrected.`,
    ...(billing.length === 0 ? [] : ['', ...billing.map(billingLine)]),
  ];
}

function sideOf(change: Part, side: 'after' | 'before'): Part {
  return change.part?.find(({ name }) => name === side) ?? { name: side };
}

function is(change: Part, side: 'after' | 'before'): boolean {
  return told(sideOf(change, side))['result'] === 'met';
}

function countOf(change: Part): number {
  const [start = '', end = ''] = (told(change)['period'] ?? '').split('/');
  return DateTime.fromISO(end, { zone: 'utc' }).diff(DateTime.fromISO(start, { zone: 'utc' }), 'days').days + 1;
}

function caseloadLine(change: Part): string {
  const { coach = '', episode = '', spells = '0' } = told(change);
  const side = (name: 'after' | 'before'): string => {
    const { lastDay, ruleset = '', status = '' } = told(sideOf(change, name));
    return `${status}${lastDay === undefined ? '' : ` through ${lastDay}`}${ruleset === '' ? '' : ` (${rulesetName(ruleset)})`}`;
  };
  return `  ${episode}, ${coach}: ${side('before')} -> ${side('after')}; ${spells} spells differ`;
}

function billingLine(change: Part): string {
  const { charged = '0', contact, episode = '', period = '' } = told(change);
  const [start = '', end = ''] = period.split('/');
  const days = start === end ? start : `${start} to ${end}`;
  const side = (name: 'after' | 'before'): string => {
    const part = sideOf(change, name);
    const { charge, result = '', ruleset, units } = told(part);
    const as = charge === undefined ? '' : ` as ${charge}${units === undefined ? '' : ` x ${units}`}`;
    return `${billed[result] ?? result}${as}${because(part)}${ruleset === undefined ? '' : ` (${rulesetName(ruleset)})`}`;
  };
  const standing = charged === '0' ? '' : `; ${charged} charged`;
  return `  ${episode}, ${days}${contact === undefined ? '' : ` (${contact})`}: ${side('before')} -> ${side('after')}${standing}`;
}
