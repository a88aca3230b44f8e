import { chmod, chown, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { database, ensureCluster, superuser } from './cluster.ts';
import { findHome, type Home } from './home.ts';
import { endLeftovers } from './leftovers.ts';
import { installedNative, usableNative } from './native.ts';
import { takeOwnership } from './ownership.ts';
import { type EmbeddedLogger, EmbeddedPostgresRefusal, errorCode } from './refusal.ts';
import { port } from './server.ts';
import { canEnter, type ServerUser, serverUser } from './server-user.ts';
import type { ServerSettings } from './settings.ts';
import { supervise } from './supervisor.ts';

export { EmbeddedPostgresRefusal };

export interface EmbeddedPostgresOptions {
  /** DATA_DIR; made when it is missing */
  readonly dataDir: string;
  readonly logger?: EmbeddedLogger;
  /** server settings over ours, by their names in postgresql.conf */
  readonly settings?: ServerSettings;
  /** the folder with PostgreSQL's `bin`, `lib` and `share`; default: the npm package's */
  readonly nativeDir?: string;
  /** where data and programs go that root's server user cannot reach; default /var/lib/footbridge */
  readonly systemDir?: string;
}

export interface EmbeddedPostgres {
  /** as `pg` takes it; `host` is the directory of the unix socket, `user` owns the database and is its superuser */
  readonly connection: {
    readonly host: string;
    readonly port: number;
    readonly user: string;
    readonly database: string;
  };
  /** where the data really is; below DATA_DIR except for root on a DATA_DIR that other users cannot enter */
  readonly directory: string;
  /** the server's process id at present; undefined while it is being restarted */
  readonly pid: number | undefined;
  /** Stops the server (connections are closed, what is committed stays) and gives the directory free. Repeatable. */
  stop(): Promise<void>;
}

const silent: EmbeddedLogger = { info: () => undefined, warn: () => undefined };

/**
 * Starts the PostgreSQL of a DATA_DIR, making the database at the first start, and keeps it running until `stop`. What an
 * earlier run left behind is taken over. Throws EmbeddedPostgresRefusal, with a sentence for people, where another process
 * owns the directory or the database is missing, damaged or out of reach (threats-and-faults F12, F13, F20, F21).
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  try {
    return await start(options);
  } catch (error) {
    if (!diskRefusals.has(errorCode(error) ?? '')) throw error;
    throw new EmbeddedPostgresRefusal(
      `The database cannot be kept in ${options.dataDir}: ${error instanceof Error ? error.message : String(error)}. ` +
        'Make room or give this user the right to write there, or set DATA_DIR to another folder.',
      { cause: error },
    );
  }
}

const diskRefusals = new Set(['EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'ENOTDIR', 'EEXIST']);

async function start(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const { logger = silent, settings = {}, systemDir = '/var/lib/footbridge' } = options;
  const home = await findHome(options.dataDir, systemDir);
  const ownership = await takeOwnership(home);
  let socketDir: string | undefined;
  try {
    await endLeftovers(home, logger);
    await removeSocketDir(ownership.formerSocketDir);
    const user = serverUser(home.cluster);
    const installed = options.nativeDir ?? installedNative();
    const native = await usableNative(installed, user, user ? systemDir : home.directory);
    await ensureCluster(home, { native, user });
    socketDir = await makeSocketDir(home, user);
    await ownership.noteSocketDir(socketDir);
    const server = await supervise({ home, programs: { native, user }, socketDir, settings, logger });
    const stop = async () => {
      await server.stop();
      await removeSocketDir(socketDir);
      ownership.release();
    };
    let stopped: Promise<void> | undefined;
    return {
      connection: { host: socketDir, port, user: superuser, database },
      directory: home.directory,
      get pid() {
        return server.pid();
      },
      stop: () => (stopped ??= stop()),
    };
  } catch (error) {
    await removeSocketDir(socketDir);
    ownership.release();
    throw error;
  }
}

const socketDirPrefix = 'footbridge-';

// The kernel takes 107 bytes for a socket's path; the socket's own name needs up to 20 of them.
const longestSocketDir = 80;

/** A private directory for the socket: in the home where its path is short enough, else in the system's temporary one. */
async function makeSocketDir(home: Home, user: ServerUser | undefined): Promise<string> {
  const inside = join(home.directory, 'socket');
  let directory = inside;
  if (Buffer.byteLength(inside) > longestSocketDir) {
    const fits = Buffer.byteLength(tmpdir()) <= longestSocketDir - 24 && (!user || canEnter(tmpdir(), user));
    directory = await mkdtemp(join(fits ? tmpdir() : '/tmp', socketDirPrefix));
  } else {
    await rm(inside, { recursive: true, force: true });
    await mkdir(inside);
  }
  await chmod(directory, 0o700);
  if (user) await chown(directory, user.uid, user.gid);
  return directory;
}

async function removeSocketDir(directory: string | undefined): Promise<void> {
  if (directory === undefined) return;
  const name = basename(directory);
  if (name === 'socket' || name.startsWith(socketDirPrefix)) await rm(directory, { recursive: true, force: true });
}
