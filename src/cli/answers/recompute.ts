import { setTimeout as sleep } from 'node:timers/promises';
import type { FhirClient } from '../client.ts';
import { ask, type Part, refusal, told } from './parameters.ts';
import { type ProgressBar, progressBar } from './progress.ts';

const everyMs = 300;

/**
 * `footbridge recompute`: everyone anew from the contacts. The server does it and goes on when this command is ended or the server
 * starts again; the same command then watches it further.
 */
export async function recompute(
  client: FhirClient,
  { json, write }: { readonly json: boolean; readonly write: (line: string) => void },
): Promise<number> {
  const { body, status } = await client.send('POST', 'EpisodeOfCare/$recompute');
  if (status !== 202 || !body) throw new Error(refusal(body, 'EpisodeOfCare/$recompute', status));
  const job = read(body)['job'];
  const bar = progressBar(process.stderr, 'members', 'computed anew');
  const done = await watch(client, bar);
  bar.end();
  const { changed = '0', members = '0' } = done;
  if (json) write(JSON.stringify({ job, members: Number(members), changed: Number(changed) }));
  else
    write(`${members} members computed anew; ${changed === '0' ? 'nothing differed' : `${changed} of them differed`}.`);
  return 0;
}

async function watch(client: FhirClient, bar: ProgressBar): Promise<Readonly<Record<string, string>>> {
  for (;;) {
    const told = read(await ask(client, 'EpisodeOfCare/$recompute'));
    bar.at(Number(told['members']), Number(told['total']));
    if (told['status'] === 'done') return told;
    await sleep(everyMs);
  }
}

function read(parameters: Record<string, unknown>): Readonly<Record<string, string>> {
  return told({ name: 'job', part: (parameters['parameter'] ?? []) as Part[] });
}
