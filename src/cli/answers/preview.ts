import { readFileSync } from 'node:fs';
import type { FhirClient } from '../client.ts';
import { type Part, refusal, rulesetName, told } from './parameters.ts';
import { progressBar } from './progress.ts';

const page = 200;

/** `footbridge preview FILE…`: whose caseload these rulesets would change, before they are put into `rulesets/`. */
export async function preview(
  client: FhirClient,
  files: readonly string[],
  { json, write }: { readonly json: boolean; readonly write: (line: string) => void },
): Promise<number> {
  const rulesets = files.map((file) => ({ name: 'ruleset', valueString: readFileSync(file, 'utf8') }));
  const bar = progressBar(process.stderr, 'members', 'looked at');
  const changes: Part[] = [];
  let seen = 0;
  for (let after: string | undefined, more = true; more; more = after !== undefined) {
    const parameter = [...rulesets, { name: 'count', valueInteger: page }];
    const { body, status } = await client.send('POST', 'EpisodeOfCare/$preview-rulesets', {
      resourceType: 'Parameters',
      parameter: after === undefined ? parameter : [...parameter, { name: 'after', valueString: after }],
    });
    if (status !== 200 || !body) throw new Error(refusal(body, 'EpisodeOfCare/$preview-rulesets', status));
    const parts = (body['parameter'] ?? []) as Part[];
    const { members, next, total } = told({ name: 'page', part: parts });
    changes.push(...parts.filter(({ name }) => name === 'change'));
    seen += Number(members);
    bar.at(seen, Number(total));
    after = next;
  }
  bar.end();
  if (json) write(JSON.stringify({ members: seen, changes }, null, 2));
  else for (const line of sentences(seen, changes)) write(line);
  return 0;
}

function sentences(members: number, changes: readonly Part[]): string[] {
  const first = `${changes.length} of the caseloads of ${members} members would change.`;
  return changes.length === 0 ? [first] : [first, '', ...changes.map(line)];
}

function line(change: Part): string {
  const { coach = '', episode = '', spells = '0' } = told(change);
  const side = (name: string): string => {
    const parts = change.part?.find((one) => one.name === name);
    const { lastDay, ruleset = '', status = '' } = parts ? told(parts) : {};
    return `${status}${lastDay === undefined ? '' : ` through ${lastDay}`}${ruleset === '' ? '' : ` (${rulesetName(ruleset)})`}`;
  };
  return `  ${episode}, ${coach}: ${side('before')} -> ${side('after')}; ${spells} spells differ`;
}
