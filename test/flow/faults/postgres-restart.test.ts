import { mkdtempSync, rmSync } from 'node:fs';
import { chmod } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../../src/store/embedded/index.ts';
import type { TestDatabase } from '../../support/database.ts';
import { expectNothingHalf, expectOnlyStoredOrUnavailable, healed, startLoad } from './load.ts';
import { openDatabase, type Stage, setStage, urlOf } from './stage.ts';

// The server reaches this PostgreSQL by DATABASE_URL, as it would an outside one: only the test starts it again.
const rounds = 20;

let folder: string;
let postgres: EmbeddedPostgres;
let database: TestDatabase;
let stage: Stage;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'footbridge-restart-'));
  await chmod(folder, 0o755);
  postgres = await startEmbeddedPostgres({ dataDir: folder });
  database = await openDatabase(urlOf(postgres));
  stage = await setStage(database, urlOf(postgres));
});
afterAll(async () => {
  await stage?.stop();
  await database?.drop();
  await postgres?.stop();
  rmSync(folder, { recursive: true, force: true });
});

test.each([
  ['a fast restart of PostgreSQL (F12)', restart],
  ['kill -9 of the PostgreSQL postmaster (F13)', killPostmaster],
  ['kill -9 of a PostgreSQL backend (F13)', killBackend],
] as const)(
  `${rounds} times %s under load: 503 with Retry-After, then healed, nothing lost or half stored`,
  {
    timeout: 300_000,
  },
  async (name, disturb) => {
    const load = startLoad(stage, 6, name);
    const outages: number[] = [];
    for (let round = 0; round < rounds; round++) {
      await new Promise((later) => setTimeout(later, 50 + Math.random() * 200));
      const from = performance.now();
      await disturb();
      await healed(stage);
      outages.push(Math.round(performance.now() - from));
    }
    const sent = await load.stop();
    expectOnlyStoredOrUnavailable(sent);
    expect(sent.filter(({ answer }) => answer?.status === 503).length).toBeGreaterThan(0);
    expect(Math.max(...outages), `outages ${outages.join(', ')}`).toBeLessThan(5_000);
    expect(stage.server.child.exitCode).toBeNull();
    await expectNothingHalf(stage, sent);
  },
);

/** Ends open transactions, shuts down and starts again at the same address. */
async function restart(): Promise<void> {
  const before = urlOf(postgres);
  await postgres.stop();
  postgres = await startEmbeddedPostgres({ dataDir: folder });
  expect(urlOf(postgres)).toBe(before);
}

async function killPostmaster(): Promise<void> {
  process.kill(Number(postgres.pid), 'SIGKILL');
  await restart();
}

/** One backend killed makes the postmaster end all others and recover. */
async function killBackend(): Promise<void> {
  // The round before may still be recovering when the server's own retry was already answered: ask until it is over.
  for (;;) {
    const found = await database.owner
      .query<{ pid: number }>(
        `select pid from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid() order by random() limit 1`,
      )
      .catch(() => undefined);
    const pid = found?.rows[0]?.pid;
    if (pid !== undefined) {
      process.kill(pid, 'SIGKILL');
      return;
    }
    await new Promise((later) => setTimeout(later, 20));
  }
}
