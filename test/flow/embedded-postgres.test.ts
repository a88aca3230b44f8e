import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Pool } from 'pg';
import { afterEach, describe, expect, onTestFinished, test } from 'vitest';
import { EmbeddedPostgresRefusal } from '../../src/store/embedded/index.ts';
import {
  connect,
  endOf,
  folder,
  isAlive,
  processGroup,
  query,
  serverProcesses,
  start,
  startOwner,
  stopAll,
  stopLater,
} from '../support/embedded.ts';

// Proves docs/adr/0001-embedded-postgresql.md as to running, owning and dying: the fault rows F12, F13 and F20.

const isLinux = process.platform === 'linux';

afterEach(stopAll);

describe('a start', () => {
  test('makes the database once and finds it again, durable and on a private unix socket only', async () => {
    const dataDir = await folder();
    const first = await start({ dataDir });
    const settings = await query(
      first,
      `SELECT current_setting('listen_addresses') AS listens, current_setting('fsync') AS fsync,
        current_setting('synchronous_commit') AS synchronous, pg_encoding_to_char(encoding) AS encoding, datlocale AS locale
       FROM pg_database WHERE datname = current_database()`,
    );
    expect(settings).toEqual([{ listens: '', fsync: 'on', synchronous: 'on', encoding: 'UTF8', locale: 'C.UTF-8' }]);
    expect(statSync(first.connection.host).mode & 0o777).toBe(0o700);
    await query(first, 'CREATE TABLE kept AS SELECT 1 AS n');
    await first.stop();
    expect(existsSync(first.connection.host)).toBe(false);

    const second = await start({ dataDir });
    expect(await query(second, 'SELECT n FROM kept')).toEqual([{ n: 1 }]);
  });

  test('works in a folder whose path is too long for a unix socket', async () => {
    const dataDir = join(await folder(), 'a-long-name-'.repeat(12));
    const postgres = await start({ dataDir });
    expect(Buffer.byteLength(join(postgres.connection.host, '.s.PGSQL.5432'))).toBeLessThan(100);
    expect(await query(postgres, 'SELECT 1 AS n')).toEqual([{ n: 1 }]);
    await postgres.stop();
    expect(existsSync(postgres.connection.host)).toBe(false);
  });

  test('begins again where an earlier first start was killed while it made the database', async () => {
    const dataDir = await folder();
    await mkdir(join(dataDir, 'postgres', 'making-abandoned', 'base'), { recursive: true });
    await start({ dataDir });
    expect(readdirSync(join(dataDir, 'postgres')).filter((name) => name.startsWith('making-'))).toEqual([]);
  });

  test('repeats the words of PostgreSQL where it refuses a setting', async () => {
    const attempt = start({ dataDir: await folder(), settings: { shared_buffers: 'plenty' } });
    await expect(attempt).rejects.toThrow(/PostgreSQL did not start .*postgres\.log, ends with: .*shared_buffers/);
  });

  test.skipIf(!isLinux)('hands none of our environment to the server and takes it out of reach of Ctrl-C', async () => {
    process.env['FOOTBRIDGE_PLANTED_SECRET'] = 'planted';
    onTestFinished(() => {
      delete process.env['FOOTBRIDGE_PLANTED_SECRET'];
    });
    const { pid } = await start({ dataDir: await folder() });
    expect(readFileSync(`/proc/${pid}/environ`, 'utf8')).not.toContain('planted');
    expect(processGroup(Number(pid))).not.toBe(processGroup(process.pid));
  });
});

describe('the log file', () => {
  test('never quotes what a failed statement held, nor what a crashing one ran', async () => {
    const postgres = await start({ dataDir: await folder() });
    await query(postgres, 'CREATE TABLE unique_text (t text PRIMARY KEY)');
    await query(postgres, `INSERT INTO unique_text VALUES ('patient-secret')`);
    await expect(query(postgres, `INSERT INTO unique_text VALUES ('patient-secret')`)).rejects.toThrow(/duplicate key/);
    await expect(query(postgres, `SELECT 'patient-secret'::integer`)).rejects.toThrow(/patient-secret/);
    const crashing = await connect(postgres);
    const [backend] = (await crashing.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')).rows;
    const died = expect(crashing.query(`SELECT pg_sleep(60), 'patient-secret'`)).rejects.toThrow();
    await sleep(50);
    process.kill(Number(backend?.pid), 'SIGKILL');
    await died;
    const log = () => readFileSync(join(postgres.directory, 'postgres.log'), 'utf8');
    await expect.poll(log).toContain('was terminated by signal 9');
    expect(log()).not.toContain('patient-secret');
  });
});

describe('one owner a directory (F20)', () => {
  test('refuses a second process with a sentence that names the first, and lets it in when the first has stopped', async () => {
    const dataDir = await folder();
    const owner = await startOwner(dataDir);
    await expect(start({ dataDir })).rejects.toThrow(
      new RegExp(
        `Another Footbridge already runs on ${dataDir}: process ${owner.child.pid} on .*Stop that one, or .*DATABASE_URL`,
      ),
    );
    expect(isAlive(owner.serverPid), 'the first one goes on').toBe(true);
    await owner.stop();
    await start({ dataDir });
  });

  test('refuses a second start in the same process', async () => {
    const dataDir = await folder();
    await start({ dataDir });
    await expect(start({ dataDir })).rejects.toThrow(EmbeddedPostgresRefusal);
  });

  test('lets exactly one of two first starts at once through', async () => {
    const dataDir = await folder();
    const both = await Promise.allSettled([startOwner(dataDir), startOwner(dataDir)]);
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });

  test('follows two data directories that name one database', async () => {
    const dataDir = await folder();
    const postgres = await start({ dataDir });
    const copy = await folder();
    writeFileSync(join(copy, 'postgres.json'), JSON.stringify({ home: postgres.directory, initialised: true }));
    await expect(start({ dataDir: copy })).rejects.toThrow(`process ${process.pid}`);
  });

  test('takes over when the ids of the dead owner and its server now belong to a stranger', async () => {
    const dataDir = await folder();
    const owner = await startOwner(dataDir);
    await owner.kill();
    await endOf(owner.serverPid);
    const stranger = spawn('sleep', ['60'], { stdio: 'ignore' });
    stopLater({ stop: async () => stranger.kill() });
    const note = join(dataDir, 'postgres', 'owner.json');
    writeFileSync(note, JSON.stringify({ ...JSON.parse(readFileSync(note, 'utf8')), pid: stranger.pid }));
    writeFileSync(
      join(dataDir, 'postgres', 'cluster', 'postmaster.pid'),
      `${stranger.pid}\n${dataDir}\n1\n5432\n\n\n1 1\nready\n`,
    );

    const postgres = await start({ dataDir });
    expect(await query(postgres, 'SELECT 1 AS n')).toEqual([{ n: 1 }]);
    expect(isAlive(stranger.pid)).toBe(true);
  });
});

describe('after kill -9 of the owner', () => {
  test('the server ends by itself', async () => {
    const owner = await startOwner(await folder());
    await owner.kill();
    await endOf(owner.serverPid);
  });

  test('the next start works at once while every process of the old server is suspended', async () => {
    const dataDir = await folder();
    const owner = await startOwner(dataDir);
    await query(owner, 'CREATE TABLE kept AS SELECT 1 AS n');
    for (const pid of serverProcesses(dataDir)) process.kill(pid, 'SIGSTOP');
    await owner.kill();
    const before = performance.now();
    const next = await start({ dataDir });
    expect(performance.now() - before).toBeLessThan(5_000);
    expect(await query(next, 'SELECT n FROM kept')).toEqual([{ n: 1 }]);
    expect(next.pid).not.toBe(owner.serverPid);
  });

  test('the next start keeps every acknowledged row, whatever the old server is doing', {
    timeout: 60_000,
  }, async () => {
    const dataDir = await folder();
    let acknowledged = 0;
    for (let round = 0; round < 8; round += 1) {
      const owner = await startOwner(dataDir);
      const client = await connect(owner);
      await client.query('CREATE TABLE IF NOT EXISTS written (n integer)');
      await client.query('INSERT INTO written SELECT generate_series(1, 5000)');
      acknowledged += 5_000;
      await client.end().catch(() => undefined);
      // odd rounds: the server crashes first, so that it is down, starting or recovering when its owner dies
      if (round % 2 === 1) process.kill(owner.serverPid, 'SIGKILL');
      await sleep(round * 25);
      await owner.kill();
      const next = await start({ dataDir });
      expect(await query(next, 'SELECT count(*)::integer AS n FROM written')).toEqual([{ n: acknowledged }]);
      await next.stop();
    }
  });
});

describe('a server that ends unasked (F12, F13)', () => {
  test('is started again at the same socket, so that a pool heals', async () => {
    const postgres = await start({ dataDir: await folder() });
    const pool = new Pool({ ...postgres.connection, max: 2 });
    const lost: string[] = [];
    pool.on('error', (error) => lost.push(error.message));
    stopLater({ stop: () => pool.end() });
    await pool.query('CREATE TABLE kept AS SELECT 1 AS n');
    const { pid } = postgres;
    process.kill(Number(pid), 'SIGKILL');
    // A backend outlives its postmaster for a moment and may still answer: wait for the new server.
    await expect.poll(() => postgres.pid, { timeout: 10_000 }).not.toBe(pid);
    await expect
      .poll(
        () =>
          pool.query('SELECT n FROM kept').then(
            ({ rows }) => rows,
            () => 'away',
          ),
        { timeout: 10_000 },
      )
      .toEqual([{ n: 1 }]);
  });

  test('stays down when stop comes while it is being started again', async () => {
    const dataDir = await folder();
    const postgres = await start({ dataDir });
    process.kill(Number(postgres.pid), 'SIGKILL');
    await sleep(50);
    await postgres.stop();
    expect(postgres.pid).toBeUndefined();
    if (isLinux) expect(serverProcesses(dataDir)).toEqual([]);
    await start({ dataDir });
  });
});
