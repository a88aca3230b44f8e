import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { chmod, chown, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { expect, onTestFinished } from 'vitest';
import {
  type EmbeddedPostgres,
  type EmbeddedPostgresOptions,
  startEmbeddedPostgres,
} from '../../src/store/embedded/index.ts';

const running: { stop(): Promise<unknown> }[] = [];

/** Ends what the test has started, last first; the folders go afterwards. For `afterEach`. */
export async function stopAll(): Promise<void> {
  for (const one of running.splice(0).toReversed()) await one.stop();
}

export function stopLater(one: { stop(): Promise<unknown> }): void {
  running.push(one);
}

/** An embedded PostgreSQL in this process, stopped after the test. */
export async function start(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const postgres = await startEmbeddedPostgres(options);
  running.push(postgres);
  return postgres;
}

/** A new folder, gone after the test; open to other users unless `mode` says otherwise. */
export async function folder(mode = 0o755, owner?: { uid: number; gid: number }): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'embedded-'));
  await chmod(path, mode);
  if (owner) await chown(path, owner.uid, owner.gid);
  onTestFinished(() => rm(path, { recursive: true, force: true, maxRetries: 5 }));
  return path;
}

type Connection = EmbeddedPostgres['connection'];

interface Owner {
  readonly child: ChildProcess;
  readonly serverPid: number;
  readonly connection: Connection;
  stop(): Promise<unknown>;
  kill(): Promise<unknown>;
}

const ownerScript = `
  import { startEmbeddedPostgres } from ${JSON.stringify(new URL('../../src/store/embedded/index.ts', import.meta.url).href)};
  try {
    const postgres = await startEmbeddedPostgres({ dataDir: process.argv[1] });
    process.on('SIGTERM', () => postgres.stop().then(() => process.exit(0)));
    console.log(JSON.stringify({ serverPid: postgres.pid, connection: postgres.connection }));
  } catch (error) {
    console.log(JSON.stringify({ refusal: error.message }));
  }`;

/** Another process that owns `dataDir`; rejects with what it says where it is refused. */
export async function startOwner(dataDir: string, user?: { uid: number; gid: number }): Promise<Owner> {
  const child = spawn(process.execPath, ['--input-type=module', '--no-warnings', '-e', ownerScript, dataDir], {
    stdio: ['ignore', 'pipe', 'inherit'],
    cwd: '/',
    ...user,
  });
  const exit = once(child, 'exit');
  const end = (signal: NodeJS.Signals) => {
    child.kill(signal);
    return exit;
  };
  let line = '';
  for await (const chunk of child.stdout) {
    line += String(chunk);
    if (line.includes('\n')) break;
  }
  const said = JSON.parse(line) as { refusal: string } | { serverPid: number; connection: Connection };
  if ('refusal' in said) throw new Error(said.refusal);
  const owner = { child, ...said, stop: () => end('SIGTERM'), kill: () => end('SIGKILL') };
  running.push(owner);
  return owner;
}

export async function connect({ connection }: { connection: Connection }): Promise<Client> {
  const client = new Client(connection);
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

export async function query(server: { connection: Connection }, sql: string): Promise<unknown[]> {
  const client = await connect(server);
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

export function serverProcesses(dataDir: string): number[] {
  const { stdout } = spawnSync('pgrep', ['-x', 'postgres'], { encoding: 'utf8' });
  const cwd = (pid: string) => spawnSync('readlink', [`/proc/${pid}/cwd`], { encoding: 'utf8' }).stdout;
  return stdout
    .split('\n')
    .filter((pid) => pid && cwd(pid).startsWith(dataDir))
    .map(Number);
}

export function isAlive(pid: number | undefined): boolean {
  try {
    process.kill(Number(pid), 0);
    return true;
  } catch {
    return false;
  }
}

export async function endOf(pid: number): Promise<void> {
  await expect.poll(() => isAlive(pid) && !isZombie(pid), { timeout: 10_000 }).toBe(false);
}

// where nobody collects orphans, as in a bare container, the ended server stays listed
function isZombie(pid: number): boolean {
  return spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' }).stdout.startsWith('Z');
}

export function processGroup(pid: number): string | undefined {
  return readFileSync(`/proc/${pid}/stat`, 'utf8').match(/^\d+ \(.*\) \S \d+ (\d+)/s)?.[1];
}
