import { existsSync } from 'node:fs';
import { chmod, link, mkdir, mkdtemp, readFile, realpath, rename, rm, writeFile } from 'node:fs/promises';
import { isAbsolute, join, resolve } from 'node:path';
import { EmbeddedPostgresRefusal, errorCode } from './refusal.ts';
import { blockingFolder, canEnter, serverUser } from './server-user.ts';

/**
 * Where the database of one DATA_DIR lives. `DATA_DIR/postgres.json` names it, so that the answer never changes between
 * starts: `DATA_DIR/postgres` in general, a folder below /var/lib/footbridge where root's server user cannot reach DATA_DIR.
 */
export interface Home {
  readonly dataDir: string;
  readonly directory: string;
  /** the PostgreSQL data directory */
  readonly cluster: string;
  readonly log: string;
  /** whether a database has been made here once: then its absence is a loss, not a first start */
  readonly initialised: boolean;
}

interface Pointer {
  readonly home: string;
  readonly initialised: boolean;
}

/** Finds the home that DATA_DIR names, or chooses one. Throws EmbeddedPostgresRefusal where there is none to be had. */
export async function findHome(dataDir: string, systemDir: string): Promise<Home> {
  await mkdir(dataDir, { recursive: true });
  const real = await realpath(dataDir);
  const known = await readPointer(real);
  if (known) return toHome(real, known);

  const inside = join(real, 'postgres');
  const user = serverUser(join(inside, 'cluster'));
  if (!user || existsSync(join(inside, 'cluster')) || canEnter(real, user)) {
    await mkdir(inside, { recursive: true, mode: user ? 0o711 : 0o700 });
    return toHome(real, await choose(real, { home: 'postgres', initialised: false }));
  }
  const outside = await makeOutside(real, systemDir, blockingFolder(real, user) ?? real);
  const chosen = await choose(real, { home: outside, initialised: false });
  if (chosen.home !== outside) await rm(outside, { recursive: true, force: true });
  return toHome(real, chosen);
}

/** Remembers that the home holds a database from now on. */
export async function rememberInitialised(home: Home): Promise<void> {
  const pointer = await readPointer(home.dataDir);
  if (!pointer || pointer.initialised) return;
  const next = `${pointerFile(home.dataDir)}.${process.pid}`;
  await writeFile(next, pointerText({ ...pointer, initialised: true }), { flush: true });
  await rename(next, pointerFile(home.dataDir));
}

async function makeOutside(dataDir: string, systemDir: string, blocking: string): Promise<string> {
  try {
    await mkdir(systemDir, { recursive: true, mode: 0o755 });
    const outside = await mkdtemp(join(systemDir, 'database-'));
    await chmod(outside, 0o711);
    await writeFile(join(outside, 'belongs-to.txt'), `${dataDir}\n`);
    return outside;
  } catch (cause) {
    throw new EmbeddedPostgresRefusal(
      `As root, Footbridge runs PostgreSQL as an unprivileged user, who cannot enter ${blocking} to reach ${dataDir}; ` +
        `and a place in ${systemDir} cannot be made (${errorCode(cause) ?? String(cause)}). ` +
        'Set DATA_DIR to a folder that every user may enter, or set DATABASE_URL.',
      { cause },
    );
  }
}

// link() fails where the name is taken, so that of two first starts at once both use the first one's choice
async function choose(dataDir: string, pointer: Pointer): Promise<Pointer> {
  const draft = `${pointerFile(dataDir)}.${process.pid}.draft`;
  await writeFile(draft, pointerText(pointer), { flush: true });
  try {
    await link(draft, pointerFile(dataDir));
    return pointer;
  } catch (error) {
    const other = await readPointer(dataDir);
    if (!other) throw error;
    return other;
  } finally {
    await rm(draft, { force: true });
  }
}

async function readPointer(dataDir: string): Promise<Pointer | undefined> {
  let text: string;
  try {
    text = await readFile(pointerFile(dataDir), 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
  const pointer = parsePointer(text);
  if (pointer) return pointer;
  throw new EmbeddedPostgresRefusal(
    `${pointerFile(dataDir)} should name the place of the database, but is not readable as that. ` +
      'Restore it from a backup, or write {"home": "<folder of the database>", "initialised": true} into it.',
  );
}

function parsePointer(text: string): Pointer | undefined {
  try {
    const { home, initialised } = JSON.parse(text) as Partial<Pointer>;
    return typeof home === 'string' && typeof initialised === 'boolean' ? { home, initialised } : undefined;
  } catch {
    return undefined;
  }
}

function toHome(dataDir: string, pointer: Pointer): Home {
  const directory = isAbsolute(pointer.home) ? pointer.home : resolve(dataDir, pointer.home);
  if (!existsSync(directory)) {
    throw new EmbeddedPostgresRefusal(
      `The database of ${dataDir} should be in ${directory}, as ${pointerFile(dataDir)} says, but that folder is missing. ` +
        `Restore it from a backup. To begin with an empty database instead, delete ${pointerFile(dataDir)}.`,
    );
  }
  return {
    dataDir,
    directory,
    cluster: join(directory, 'cluster'),
    log: join(directory, 'postgres.log'),
    initialised: pointer.initialised,
  };
}

function pointerText(pointer: Pointer): string {
  return `${JSON.stringify(pointer, null, 2)}\n`;
}

function pointerFile(dataDir: string): string {
  return join(dataDir, 'postgres.json');
}
