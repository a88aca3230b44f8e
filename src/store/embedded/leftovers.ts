import { execFile } from 'node:child_process';
import { readdir, readFile, readlink, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Home } from './home.ts';
import { type EmbeddedLogger, EmbeddedPostgresRefusal } from './refusal.ts';

interface ServerProcess {
  readonly pid: number;
  readonly parent: number;
  readonly program: string;
}

// What a server may take to stop before the next stronger signal: a fast shutdown writes at most shared_buffers to disk.
const fastShutdownMs = 3_000;
const immediateShutdownMs = 1_000;
const killMs = 10_000;

/**
 * Ends every PostgreSQL process that still works on the home, whatever it is doing: running, starting, recovering, shutting
 * down or suspended. Only the owner of the home may call it. Nothing that was committed is lost: PostgreSQL recovers at the
 * next start what an immediate end leaves open.
 */
export async function endLeftovers(home: Home, logger: EmbeddedLogger): Promise<void> {
  const left = await serverProcesses(home);
  if (left.length > 0) {
    logger.info(`Stopping the PostgreSQL that an earlier run left in ${home.directory} (process ${left[0]?.pid}).`);
    await askToStop(home);
    if (await goneWithin(home, immediateShutdownMs, 'SIGQUIT')) {
      logger.info('The earlier PostgreSQL has stopped.');
    } else if (!(await goneWithin(home, killMs, 'SIGKILL'))) {
      throw new EmbeddedPostgresRefusal(
        `A PostgreSQL of an earlier run (process ${left[0]?.pid}) still works on ${home.directory} and cannot be ended. ` +
          'Look at its state with ps, end it or restart the machine, then start Footbridge again.',
      );
    }
  }
  // Its pid may belong to a stranger by now, which PostgreSQL would take for a live server; here it is known that none lives.
  await rm(join(home.cluster, 'postmaster.pid'), { force: true });
}

async function askToStop(home: Home): Promise<void> {
  const asked = new Set<number>();
  const giveUpAt = performance.now() + fastShutdownMs;
  for (;;) {
    const left = await serverProcesses(home);
    if (left.length === 0 || performance.now() > giveUpAt) return;
    for (const { pid, program } of heads(left)) {
      if (asked.has(pid)) continue;
      asked.add(pid);
      signal(pid, program === 'initdb' ? 'SIGKILL' : 'SIGINT');
    }
    // a suspended process acts on a signal only when it goes on
    for (const { pid } of left) signal(pid, 'SIGCONT');
    await sleep(10);
  }
}

async function goneWithin(home: Home, timeoutMs: number, by: 'SIGQUIT' | 'SIGKILL'): Promise<boolean> {
  const giveUpAt = performance.now() + timeoutMs;
  for (;;) {
    const left = await serverProcesses(home);
    if (left.length === 0) return true;
    if (performance.now() > giveUpAt) return false;
    for (const { pid } of left) signal(pid, by);
    await sleep(10);
  }
}

// The children are told by their postmaster; some signals mean other things to them (SIGINT to a checkpointer is a shutdown
// checkpoint in PostgreSQL 18).
function heads(processes: readonly ServerProcess[]): ServerProcess[] {
  const pids = new Set(processes.map(({ pid }) => pid));
  return processes.filter(({ parent }) => !pids.has(parent));
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // it has ended since the list was made
  }
}

/** The PostgreSQL programs whose working directory or arguments lie in the home, so that a reused process id never counts. */
async function serverProcesses(home: Home): Promise<ServerProcess[]> {
  return process.platform === 'linux' ? fromProc(home) : fromPs(home);
}

async function fromProc(home: Home): Promise<ServerProcess[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(pids.map((pid) => inspect(Number(pid), home)));
  return found.filter((process) => process !== undefined);
}

async function inspect(pid: number, home: Home): Promise<ServerProcess | undefined> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    const [, program = '', state, parent] = stat.match(/^\d+ \((.*)\) (\S) (\d+)/s) ?? [];
    if ((program !== 'postgres' && program !== 'initdb') || state === 'Z' || pid === process.pid) return undefined;
    const within = `${home.directory}/`;
    const works =
      (await readlink(`/proc/${pid}/cwd`)).startsWith(within) ||
      (await readFile(`/proc/${pid}/cmdline`, 'utf8')).split('\0').some((argument) => argument.startsWith(within));
    return works ? { pid, parent: Number(parent), program } : undefined;
  } catch {
    // ended meanwhile, or a stranger's
    return undefined;
  }
}

async function fromPs(home: Home): Promise<ServerProcess[]> {
  const { stdout } = await promisify(execFile)('ps', ['-axww', '-o', 'pid=,ppid=,command=']);
  return stdout.split('\n').flatMap((line) => {
    const [, pid, parent, command = ''] = line.match(/^\s*(\d+)\s+(\d+)\s+(.*)$/) ?? [];
    const program = command.match(/\/(postgres|initdb) /)?.[1];
    return program && command.includes(`${home.directory}/`)
      ? [{ pid: Number(pid), parent: Number(parent), program }]
      : [];
  });
}
