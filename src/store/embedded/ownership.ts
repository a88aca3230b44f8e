import { accessSync, constants, writeFileSync } from 'node:fs';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { wallClock } from '../../base/time.ts';
import type { Home } from './home.ts';
import { EmbeddedPostgresRefusal, errorCode } from './refusal.ts';

export interface Ownership {
  /** where the last owner's sockets were, if it left any behind */
  readonly formerSocketDir: string | undefined;
  noteSocketDir(socketDir: string): Promise<void>;
  release(): void;
}

interface OwnerNote {
  readonly pid: number;
  readonly host: string;
  readonly since: string;
  readonly socketDir?: string;
}

// A process that was just killed frees its memory before its locks, and is still listed meanwhile.
const liveOwnerGraceMs = 500;
const goneOwnerGraceMs = 2_000;
const sqliteBusy = 5;

/**
 * Makes this process the only owner of a home, or throws EmbeddedPostgresRefusal naming the process that is.
 *
 * The lock is the kernel's (fcntl, taken through SQLite because Node has no call for it), not a file's existence: it ends with
 * its process however that ends, so a stale lock and a reused process id cannot occur, and server children do not inherit it.
 * `owner.json` only tells people who holds it.
 */
export async function takeOwnership(home: Home): Promise<Ownership> {
  const lock = await acquire(home);
  const former = await readNote(home);
  await writeNote(home);
  return {
    formerSocketDir: former?.socketDir,
    noteSocketDir: (socketDir) => writeNote(home, socketDir),
    release: () => lock.close(),
  };
}

async function acquire(home: Home): Promise<DatabaseSync> {
  const startedAt = performance.now();
  for (;;) {
    const lock = tryLock(home);
    if (lock) return lock;
    const owner = await readNote(home);
    const graceMs = owner && isAlive(owner) ? liveOwnerGraceMs : goneOwnerGraceMs;
    if (performance.now() - startedAt > graceMs) throw new EmbeddedPostgresRefusal(refusal(home, owner));
    await sleep(20);
  }
}

function tryLock(home: Home): DatabaseSync | undefined {
  const file = join(home.directory, 'owner.lock');
  let lock: DatabaseSync | undefined;
  try {
    makeLockFile(file);
    lock = new DatabaseSync(file);
    // the journal stays in memory: no second file that another user might not be able to open
    lock.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
    return lock;
  } catch (cause) {
    lock?.close();
    if (cause instanceof Error && 'errcode' in cause && cause.errcode === sqliteBusy) return undefined;
    throw new EmbeddedPostgresRefusal(
      `${file} cannot be locked (${cause instanceof Error ? cause.message : String(cause)}). If Footbridge was first started here ` +
        `as another user, start it as that user again or change the owner of ${home.directory}.`,
      { cause },
    );
  }
}

// Never opened here once it exists: closing it would drop the lock that this process may hold on it. SQLite opens a file that
// it may not write read-only, and then locks nothing, so that is ruled out first.
function makeLockFile(file: string): void {
  try {
    writeFileSync(file, '', { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error;
  }
  accessSync(file, constants.R_OK | constants.W_OK);
}

function refusal(home: Home, owner: OwnerNote | undefined): string {
  const who = owner ? `process ${owner.pid} on ${owner.host} since ${owner.since}` : 'another process';
  return (
    `Another Footbridge already runs on ${home.dataDir}: ${who}. Stop that one, or give this one a DATA_DIR of its own. ` +
    'To run several processes on the same data, set DATABASE_URL.'
  );
}

function isAlive(owner: OwnerNote): boolean {
  if (owner.host !== hostname()) return true;
  try {
    process.kill(owner.pid, 0);
    return true;
  } catch (error) {
    return errorCode(error) === 'EPERM';
  }
}

async function readNote(home: Home): Promise<OwnerNote | undefined> {
  try {
    const note = JSON.parse(await readFile(noteFile(home), 'utf8')) as Partial<OwnerNote>;
    return typeof note.pid === 'number' ? (note as OwnerNote) : undefined;
  } catch {
    return undefined;
  }
}

async function writeNote(home: Home, socketDir?: string): Promise<void> {
  const note: OwnerNote = {
    pid: process.pid,
    host: hostname(),
    since: wallClock.now().toISOString(),
    ...(socketDir !== undefined && { socketDir }),
  };
  await writeFile(`${noteFile(home)}.next`, `${JSON.stringify(note)}\n`);
  await rename(`${noteFile(home)}.next`, noteFile(home));
}

function noteFile(home: Home): string {
  return join(home.directory, 'owner.json');
}
