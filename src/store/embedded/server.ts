import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Programs, programEnvironment } from './cluster.ts';
import type { Home } from './home.ts';
import { type EmbeddedLogger, EmbeddedPostgresRefusal, errorCode } from './refusal.ts';
import { type ServerSettings, settingArguments } from './settings.ts';

export const port = 5432;

export interface Launch {
  readonly home: Home;
  readonly programs: Programs;
  readonly socketDir: string;
  readonly settings: ServerSettings;
  readonly logger: EmbeddedLogger;
}

/** One run of the server program, from its start to its exit. */
export interface ServerRun {
  readonly pid: number;
  /** settles when the server has ended, however it ended */
  readonly ended: Promise<string>;
  isRunning(): boolean;
  signal(name: NodeJS.Signals): void;
}

/**
 * Starts the server and waits until it takes connections, however long crash recovery may need.
 * Throws EmbeddedPostgresRefusal with the end of its log where it gives up instead.
 */
export async function launchServer(launch: Launch): Promise<ServerRun> {
  const { home, programs, socketDir, settings } = launch;
  const log = await freshLog(home);
  const child = spawn(
    join(programs.native, 'bin', 'postgres'),
    ['-D', home.cluster, '-k', socketDir, '-p', String(port), ...settingArguments(settings)],
    // a session of its own: Ctrl-C in the terminal reaches us alone, and we drain before we stop the database
    { cwd: '/', env: programEnvironment, stdio: ['ignore', log, log], detached: true, ...programs.user },
  );
  closeSync(log);
  const run = watch(child);
  if (child.pid !== undefined) {
    const watchdog = startWatchdog(child.pid, programs);
    void run.ended.then(() => watchdog.kill());
  }
  await untilReady(run, launch);
  return run;
}

function watch(child: ChildProcess): ServerRun {
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(signal ?? `status ${code}`));
  });
  return {
    pid: child.pid ?? -1,
    ended,
    isRunning: () => child.pid !== undefined && child.exitCode === null && child.signalCode === null,
    signal: (name) => void child.kill(name),
  };
}

async function untilReady(run: ServerRun, { home, logger }: Launch): Promise<void> {
  let tellAt = performance.now() + 5_000;
  while (!(await isReady(run, home))) {
    if (!run.isRunning()) {
      throw new EmbeddedPostgresRefusal(
        `PostgreSQL did not start on ${home.cluster} (${await run.ended}). Its log, ${home.log}, ends with: ${await logEnd(home)}`,
      );
    }
    if (performance.now() > tellAt) {
      tellAt += 10_000;
      logger.info(`PostgreSQL is still starting; after a crash it recovers first. Its log: ${home.log}`);
    }
    await sleep(5);
  }
}

// The eighth line of postmaster.pid is the server's state; pg_ctl waits for the same word (PostgreSQL 18, utils/pidfile.h).
async function isReady(run: ServerRun, home: Home): Promise<boolean> {
  try {
    const lines = (await readFile(join(home.cluster, 'postmaster.pid'), 'utf8')).split('\n');
    return Number(lines[0]) === run.pid && lines[7]?.trim() === 'ready';
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return false;
    throw error;
  }
}

async function freshLog(home: Home): Promise<number> {
  await rename(home.log, `${home.log}.1`).catch(() => undefined);
  return openSync(home.log, 'wx', 0o600);
}

async function logEnd(home: Home): Promise<string> {
  const text = await readFile(home.log, 'utf8').catch(() => '');
  return text.trim().split('\n').slice(-4).join(' | ') || '(nothing)';
}

/**
 * A shell that waits for the end of a pipe which only this process holds, and then asks the server to stop: a killed process
 * cannot do that itself, and PostgreSQL does not notice. Where it fails too, the next start takes over.
 */
function startWatchdog(serverPid: number, { user }: Programs): { kill(): void } {
  const shell = spawn('/bin/sh', ['-c', 'cat >/dev/null; kill -INT "$1"', 'footbridge-watchdog', String(serverPid)], {
    cwd: '/',
    env: programEnvironment,
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
    ...user,
  });
  shell.on('error', () => undefined);
  shell.stdin.on('error', () => undefined);
  shell.unref();
  return {
    kill: () => {
      try {
        // the group: the shell and its cat
        if (shell.pid !== undefined) process.kill(-shell.pid, 'SIGKILL');
      } catch {
        // it has ended
      }
    },
  };
}
