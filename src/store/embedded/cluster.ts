import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chown, mkdtemp, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Home, rememberInitialised } from './home.ts';
import { majorVersion } from './native.ts';
import { EmbeddedPostgresRefusal } from './refusal.ts';
import { blockingFolder, type ServerUser } from './server-user.ts';

export const superuser = 'footbridge';
export const database = 'footbridge';

export interface Programs {
  readonly native: string;
  readonly user: ServerUser | undefined;
}

/** What every program of the server gets as its environment: none of ours, which may hold secrets or settings of libpq. */
export const programEnvironment: NodeJS.ProcessEnv = { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' };

/**
 * Makes the PostgreSQL data directory of a home at its first use and checks it afterwards. It is made aside and renamed into
 * place when complete, so that a kill in between leaves nothing half made. Never replaces a database that has gone missing.
 */
export async function ensureCluster(home: Home, programs: Programs): Promise<void> {
  if (existsSync(home.cluster)) {
    await checkCluster(home, programs);
  } else if (home.initialised) {
    throw new EmbeddedPostgresRefusal(
      `The database of ${home.dataDir} is gone: ${home.cluster} is missing. Restore it from a backup. ` +
        `To begin with an empty database instead, delete ${join(home.dataDir, 'postgres.json')}.`,
    );
  } else {
    await makeCluster(home, programs);
  }
  await rememberInitialised(home);
}

async function checkCluster(home: Home, { native, user }: Programs): Promise<void> {
  const owner = (await stat(home.cluster)).uid;
  const expected = user?.uid ?? process.geteuid?.();
  if (owner === 0 || owner !== expected) {
    throw new EmbeddedPostgresRefusal(
      `The database in ${home.cluster} belongs to user ${owner}, and ${owner === 0 ? 'PostgreSQL does not run as root' : `Footbridge runs as user ${expected}`}. ` +
        (owner === 0
          ? `Give it to an ordinary user: chown -R nobody ${home.cluster}`
          : 'Start Footbridge as that user, or as root.'),
    );
  }
  const blocking = user && blockingFolder(home.cluster, user);
  if (blocking) {
    throw new EmbeddedPostgresRefusal(
      `User ${owner}, who owns the database in ${home.cluster}, may no longer enter ${blocking}. ` +
        `Allow it again (chmod o+x ${blocking}), or move ${home.dataDir} to where that user may go and set DATA_DIR.`,
    );
  }
  const made = (await readVersion(home)).trim();
  const have = await majorVersion(native);
  if (made !== have) {
    throw new EmbeddedPostgresRefusal(
      `The database in ${home.cluster} was made by PostgreSQL ${made || '(unknown)'}, and this Footbridge brings ${have}. ` +
        'Start it with the Footbridge release that made it, dump it with pg_dump, and restore the dump into a new DATA_DIR.',
    );
  }
}

async function readVersion(home: Home): Promise<string> {
  try {
    return await readFile(join(home.cluster, 'PG_VERSION'), 'utf8');
  } catch (cause) {
    throw new EmbeddedPostgresRefusal(
      `The database in ${home.cluster} is damaged: its file PG_VERSION cannot be read. Restore ${home.directory} from a backup.`,
      { cause },
    );
  }
}

async function makeCluster(home: Home, programs: Programs): Promise<void> {
  for (const name of await readdir(home.directory)) {
    if (name.startsWith('making-'))
      await rm(join(home.directory, name), { recursive: true, force: true, maxRetries: 5 });
  }
  const making = await mkdtemp(join(home.directory, 'making-'));
  if (programs.user) await chown(making, programs.user.uid, programs.user.gid);
  const options = ['--auth-local=trust', '--auth-host=reject', '--encoding=UTF8', '--no-locale', '--no-instructions'];
  // PostgreSQL's own C.UTF-8: the same order on every machine, whatever locales it has
  const locale = ['--locale-provider=builtin', '--builtin-locale=C.UTF-8'];
  await run(programs, 'initdb', ['-D', making, '-U', superuser, ...options, ...locale]);
  const createDatabase = `CREATE DATABASE ${database};\n`;
  await run(programs, 'postgres', ['--single', '-D', making, '-c', 'exit_on_error=on', 'template1'], createDatabase);
  await rename(making, home.cluster);
  const directory = await open(home.directory);
  await directory.sync();
  await directory.close();
}

/** Runs one of the programs to its end; throws EmbeddedPostgresRefusal with its last words where it fails. */
async function run(programs: Programs, program: string, args: readonly string[], input = ''): Promise<void> {
  const child = spawn(join(programs.native, 'bin', program), args, {
    cwd: '/',
    env: programEnvironment,
    stdio: ['pipe', 'pipe', 'pipe'],
    ...programs.user,
  });
  const words: string[] = [];
  child.stdout.on('data', (chunk: Buffer) => words.push(chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => words.push(chunk.toString()));
  // a program that fails early closes its input; its exit status tells more
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  const status = await new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code, signal) => resolve(code === 0 ? '' : `status ${code ?? signal}`));
  });
  if (status) {
    throw new EmbeddedPostgresRefusal(
      `The database could not be made: ${program} ended with ${status}. ${words.join('').trim().slice(-600)} ` +
        'Remedy that and start again, or set DATABASE_URL to a PostgreSQL 15 or later.',
    );
  }
}
