import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { SandboxClient } from '../client.ts';
import { play } from './play.ts';
import { Stage, type StepReport } from './stage.ts';

export interface DemoOptions {
  readonly dataDir: string;
  readonly json: boolean;
  readonly write: (line: string) => void;
}

/** A first start loads the sandbox's world. */
const startMs = 120_000;

/**
 * Shows the whole path on a running sandbox, or on one that it starts and stops.
 *
 * @returns whether everything came back as the demo says
 */
export async function runDemo({ dataDir, json, write }: DemoOptions): Promise<boolean> {
  const file = resolve(join(dataDir, 'sandbox-clients.json'));
  const running = await reachable(file);
  const stop = running ? undefined : await startServer(dataDir, file, json ? () => undefined : write);
  try {
    const stage = new Stage(readClients(file), json ? () => undefined : (step, number) => tell(step, number, write));
    await play(stage);
    const differing = stage.steps.filter(({ differs }) => differs.length > 0);
    if (json) write(JSON.stringify({ ok: differing.length === 0, steps: stage.steps }, null, 2));
    else
      write(
        differing.length === 0
          ? `All ${stage.steps.length} steps came out as told.`
          : `${differing.length} of ${stage.steps.length} steps differ from what the demo says.`,
      );
    return differing.length === 0;
  } finally {
    await stop?.();
  }
}

function readClients(file: string): SandboxClient[] {
  return JSON.parse(readFileSync(file, 'utf8')) as SandboxClient[];
}

async function reachable(file: string): Promise<boolean> {
  if (!existsSync(file)) return false;
  const origin = readClients(file)[0]?.tokenUrl.replace(/\/auth\/token$/, '');
  return fetch(`${origin}/readyz`).then(
    ({ ok }) => ok,
    () => false,
  );
}

async function startServer(dataDir: string, file: string, write: (line: string) => void): Promise<() => Promise<void>> {
  write('No server runs here: starting one for the demo.');
  const server = spawn(process.execPath, ['--disable-proto=throw', join(import.meta.dirname, '../../app/main.ts')], {
    env: { ...process.env, DATA_DIR: dataDir, PORT: process.env['PORT'] ?? '0' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  server.stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  const ended = new Promise<void>((done) => server.once('exit', () => done()));
  const until = Date.now() + startMs;
  while (!(await reachable(file))) {
    if (server.exitCode !== null || Date.now() > until) {
      server.kill();
      throw new Error(`The server did not start.\n${said}`);
    }
    await new Promise((next) => setTimeout(next, 100));
  }
  return async () => {
    server.kill('SIGINT');
    await ended;
  };
}

function tell(
  { cameBack, differs, means, sent, title }: StepReport,
  number: number,
  write: (line: string) => void,
): void {
  write('');
  write(`${number}. ${title}`);
  write(`   → ${sent}`);
  write(`   ← ${cameBack}`);
  write(`   = ${means}`);
  for (const difference of differs) write(`   ! ${difference}`);
}
