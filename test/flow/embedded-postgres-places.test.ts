import { cpSync, lstatSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { EmbeddedPostgresRefusal } from '../../src/store/embedded/index.ts';
import { installedNative } from '../../src/store/embedded/native.ts';
import { canEnter } from '../../src/store/embedded/server-user.ts';
import { folder, query, start, startOwner, stopAll } from '../support/embedded.ts';

// Proves docs/adr/0001-embedded-postgresql.md as to where the data are and whose they are, and the fault row F21.

const isRoot = process.geteuid?.() === 0;
const isLinux = process.platform === 'linux';
const nobody = { uid: 65534, gid: 65534 };
const checkoutIsOpen =
  isRoot && [process.execPath, import.meta.filename].every((file) => canEnter(dirname(file), nobody));

afterEach(stopAll);

describe('never a silent empty database (F21)', () => {
  test.each([
    [
      'the cluster is missing',
      (home: string) => rename(join(home, 'cluster'), join(home, 'lost')),
      /The database of .* is gone/,
    ],
    [
      'the whole folder is missing',
      (home: string) => rename(home, `${home}-lost`),
      /should be in .*, but that folder is missing/,
    ],
    [
      'the pointer is torn',
      (home: string) => overwrite(join(home, '..', 'postgres.json'), '{"home'),
      /is not readable as that/,
    ],
    [
      'PG_VERSION is missing',
      (home: string) => rm(join(home, 'cluster', 'PG_VERSION')),
      /is damaged: its file PG_VERSION/,
    ],
    [
      'pg_control is zeroed',
      (home: string) => overwrite(join(home, 'cluster', 'global', 'pg_control'), '\0'.repeat(8192)),
      /PostgreSQL did not start/,
    ],
    [
      'another major version made it',
      (home: string) => overwrite(join(home, 'cluster', 'PG_VERSION'), '17\n'),
      /made by PostgreSQL 17/,
    ],
  ])('refuses in words where %s', async (_, damage, words) => {
    const dataDir = await folder();
    const postgres = await start({ dataDir });
    await postgres.stop();
    await damage(postgres.directory);
    await expect(start({ dataDir })).rejects.toThrow(words);
    await expect(start({ dataDir }), 'and again, having changed nothing').rejects.toThrow(EmbeddedPostgresRefusal);
  });
});

describe.skipIf(!isRoot || !isLinux)('as root', () => {
  test('runs the server as an unprivileged user without groups', async () => {
    const { pid } = await start({ dataDir: await folder() });
    const status = await readFile(`/proc/${pid}/status`, 'utf8');
    expect(status).toMatch(/^Uid:\s+65534\s+65534\s+65534\s+65534$/m);
    expect(status).toMatch(/^Groups:\s*$/m);
  });

  test('works in a clone below a folder that only root may enter, with the install script denied', async () => {
    const closed = await folder(0o700);
    const nativeDir = join(closed, 'clone', 'native');
    cpSync(installedNative(), nativeDir, { recursive: true, filter: (source) => !lstatSync(source).isSymbolicLink() });
    const dataDir = join(closed, 'clone', 'data');
    const systemDir = await folder();
    const first = await start({ dataDir, nativeDir, systemDir });
    await query(first, 'CREATE TABLE kept AS SELECT 1 AS n');
    expect(dirname(first.directory), 'the data are where the server user can go').toBe(systemDir);
    expect(readFileSync(join(first.directory, 'belongs-to.txt'), 'utf8').trim()).toBe(dataDir);
    await first.stop();

    const second = await start({ dataDir, nativeDir, systemDir });
    expect(await query(second, 'SELECT n FROM kept')).toEqual([{ n: 1 }]);
    await second.stop();

    rmSync(second.directory, { recursive: true });
    await expect(start({ dataDir, nativeDir, systemDir })).rejects.toThrow(
      /that folder is missing\. Restore it from a backup/,
    );
  });

  test('says which folder is in the way where there is no other place either', async () => {
    const closed = await folder(0o700);
    const file = join(closed, 'a-file');
    writeFileSync(file, '');
    const attempt = start({ dataDir: join(closed, 'data'), systemDir: join(file, 'below') });
    await expect(attempt).rejects.toThrow(
      new RegExp(`cannot enter ${closed} .*Set DATA_DIR to a folder that every user may enter`),
    );
  });

  test('runs the server as the owner of a database that an ordinary user made', async ({ skip }) => {
    skip(!checkoutIsOpen, 'the checkout is closed to other users');
    const dataDir = await folder(0o700, nobody);
    const owner = await startOwner(dataDir, nobody);
    await owner.stop();
    const { pid } = await start({ dataDir });
    expect(statSync(`/proc/${pid}`).uid).toBe(nobody.uid);
  });
});

describe('as an ordinary user', () => {
  test('makes, keeps and serves the database', async ({ skip }) => {
    skip(isRoot && !checkoutIsOpen, 'the checkout is closed to other users');
    const user = isRoot ? nobody : undefined;
    const dataDir = await folder(0o700, user);
    const first = await startOwner(dataDir, user);
    await query(first, 'CREATE TABLE kept AS SELECT 1 AS n');
    await first.kill();
    const second = await startOwner(dataDir, user);
    expect(await query(second, 'SELECT n FROM kept')).toEqual([{ n: 1 }]);
  });

  test('is told who owns a database that root made', async ({ skip }) => {
    skip(!checkoutIsOpen, 'needs root and a checkout that other users may enter');
    const dataDir = await folder();
    await (await start({ dataDir })).stop();
    await expect(startOwner(dataDir, nobody)).rejects.toThrow(/cannot be locked .*start it as that user again/);
  });
});

async function overwrite(file: string, text: string): Promise<void> {
  writeFileSync(file, text);
}
