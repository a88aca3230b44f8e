import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { caseload } from './answers/caseload.ts';
import { explain } from './answers/explain.ts';
import { ledger } from './answers/ledger.ts';
import type { Asked } from './answers/parameters.ts';
import { preview } from './answers/preview.ts';
import { recompute } from './answers/recompute.ts';
import { roster } from './answers/roster.ts';
import { runway } from './answers/runway.ts';
import { FhirClient, type SandboxClient } from './client.ts';
import { runDemo } from './demo/run.ts';
import { readCommandLine } from './options.ts';

const usage = `footbridge <command> [--json] [--data-dir DIR]

  demo             shows the whole path on a running sandbox, or on one that it starts
  clients          lists the sandbox's clients
  token NAME       prints an access token for a sandbox client, e.g. ehr or plan
  get NAME PATH    reads a FHIR path as a sandbox client, e.g. get plan Group

  explain MEMBER   why a member is on a caseload or not, and what every rule says of the day
                   [--date YYYY-MM-DD] [--known-at INSTANT] [--ruleset NAME] [--rule A-2,B-2]
  caseload COACH   who is on a coach's caseload, who falls off first on top, and for whom it is not decided
                   [--date YYYY-MM-DD] [--known-at INSTANT] [--ruleset NAME]
  ledger MEMBER    a month of a member, day by day  [--month YYYY-MM] [--known-at INSTANT] [--ruleset NAME]
  runway [ORG]     which coach must stop when, and whose days are lost  [--date YYYY-MM-DD] [--month YYYY-MM] [--known-at INSTANT] [--ruleset NAME]
  roster [ORG]     the record of coaches' certifications that CR-6 asks for  [--date YYYY-MM-DD] [--known-at INSTANT] [--ruleset NAME] [--csv]
  preview FILE...  whose caseload and billing other rulesets would change, before they are put into rulesets/  [--month YYYY-MM]
  recompute        everyone anew from the contacts, with a progress bar; the server finishes it, watched or not

  They ask as the sandbox's client ehr (recompute: admin), or as another one: --as NAME. A plan names EpisodeOfCare/ID as the member.

Exit codes: 0 as expected, 1 it went otherwise, 2 the command was not understood, or does not follow an option that it was given.`;

/** What the command line asks for, done. */
async function main(argv: readonly string[]): Promise<number> {
  const parsed = readCommandLine(argv);
  if ('refused' in parsed) return told(`${parsed.refused}\n\n${usage}`, 2);
  const { command, dataDir, help, json, rest } = parsed;
  if (help || command === '' || command === 'help') return told(usage, 0);
  const write = (line: string): void => void process.stdout.write(`${line}\n`);
  if (command === 'demo') return (await runDemo({ dataDir, json, write })) ? 0 : 1;
  if (command === 'clients') return listClients(dataDir, json, write);
  if (command === 'token' && rest.length === 1) return printToken(dataDir, rest[0] ?? '', json, write);
  if (command === 'get' && rest.length === 2) return read(dataDir, rest[0] ?? '', rest[1] ?? '', write);
  if (command === 'recompute' && rest.length === 0)
    return recompute(named(dataDir, parsed.as ?? 'admin'), { json, write });
  if (command === 'preview' && rest.length > 0)
    return preview(named(dataDir, parsed.as ?? 'ehr'), rest, { json, month: parsed.month, write });
  const answer = answers[command];
  if (answer && (rest.length === 1 || (rest.length === 0 && ofOrganization.has(command))))
    return answer(named(dataDir, parsed.as ?? 'ehr'), { ...parsed, subject: rest[0] ?? '', write });
  return told(usage, 2);
}

/** Questions of people, each answered by the operation that answers a program. */
const answers: Readonly<Record<string, (client: FhirClient, asked: Asked) => Promise<number>>> = {
  explain,
  caseload,
  ledger,
  roster,
  runway,
};

/** Commands that ask about the client's own organisation where none is named. */
const ofOrganization: ReadonlySet<string> = new Set(['roster', 'runway']);

function told(text: string, code: number): number {
  (code === 0 ? process.stdout : process.stderr).write(`${text}\n`);
  return code;
}

function clientsOf(dataDir: string): SandboxClient[] {
  return JSON.parse(readFileSync(join(dataDir, 'sandbox-clients.json'), 'utf8')) as SandboxClient[];
}

function listClients(dataDir: string, json: boolean, write: (line: string) => void): number {
  const clients = clientsOf(dataDir).map(({ clientId, kind, name, scopes }) => ({ name, kind, clientId, scopes }));
  if (json) write(JSON.stringify(clients, null, 2));
  else for (const { kind, name, scopes } of clients) write(`${name.padEnd(16)} ${kind.padEnd(10)} ${scopes}`);
  return 0;
}

function named(dataDir: string, name: string): FhirClient {
  const clients = clientsOf(dataDir);
  const found = clients.find((client) => client.name === name);
  if (!found)
    throw new Error(`The sandbox has no client ${name}. It has ${clients.map((client) => client.name).join(', ')}.`);
  return new FhirClient(found);
}

async function printToken(
  dataDir: string,
  name: string,
  json: boolean,
  write: (line: string) => void,
): Promise<number> {
  const token = await named(dataDir, name).token();
  write(json ? JSON.stringify({ access_token: token, token_type: 'Bearer' }) : token);
  return 0;
}

async function read(dataDir: string, name: string, path: string, write: (line: string) => void): Promise<number> {
  const { body, status } = await named(dataDir, name).send('GET', path);
  write(JSON.stringify(body, null, 2));
  return status < 400 ? 0 : 1;
}

// Whoever reads us may have seen enough: `footbridge ledger … | head` ends quietly.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
});

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    const text = error instanceof Error ? error.message : String(error);
    const hint =
      text.includes('sandbox-clients.json') && text.includes('ENOENT') ? ' Start the server first: npm start.' : '';
    process.stderr.write(`${text}${hint}\n`);
    process.exitCode = 1;
  },
);
