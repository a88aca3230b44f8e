import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { expectNothingHalf, expectOnlyStoredOrUnavailable, healed, startLoad, write } from './load.ts';
import { type Stage, setStage } from './stage.ts';

let database: TestDatabase;
let stage: Stage;
beforeAll(async () => {
  database = await createTestDatabase();
  stage = await setStage(database, (database.connection as { connectionString: string }).connectionString);
});
afterAll(async () => {
  await stage?.stop();
  await database?.drop();
});

/** Ends the server's connections, busy and idle ones alike, and tells how many. */
async function terminateAll(): Promise<number> {
  const { rowCount } = await database.owner.query(
    `select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and pid <> pg_backend_pid() and query not like '%pg_stat_activity%'`,
  );
  return rowCount ?? 0;
}

test('500 connections ended, busy and idle: the process stays up, answers 503, heals, and stores nothing half (F17)', {
  timeout: 120_000,
}, async () => {
  const load = startLoad(stage, 8, 'terminated');
  let ended = 0;
  while (ended < 500) {
    ended += await terminateAll();
    await new Promise((later) => setTimeout(later, 30));
  }
  const sent = await load.stop();
  // The pool is idle now: its own listener hears of these.
  await terminateAll();
  expect(await healed(stage)).toBeLessThan(5_000);
  expectOnlyStoredOrUnavailable(sent);
  expect(sent.some(({ answer }) => answer?.status === 503)).toBe(true);
  expect(stage.server.child.exitCode).toBeNull();
  await expectNothingHalf(stage, sent);
});

test('a store that turns read-only under load is unavailable, reads included since each is audited, and heals (F16)', {
  timeout: 60_000,
}, async () => {
  const { rows } = await database.owner.query<{ name: string }>('select current_database() as name');
  const load = startLoad(stage, 4, 'standby');
  await new Promise((later) => setTimeout(later, 200));
  await database.owner.query(`alter database ${rows[0]?.name} set default_transaction_read_only = on`);
  await terminateAll();
  const from = performance.now();
  await new Promise((later) => setTimeout(later, 300));
  const read = await stage.caller.send('GET', `/Patient/${stage.member}`);
  const ready = await fetch(`${stage.server.url}/healthz`);
  await database.owner.query(
    `begin; set transaction read write; alter database ${rows[0]?.name} reset default_transaction_read_only; commit`,
  );
  const until = performance.now();
  expect(await healed(stage)).toBeLessThan(5_000);
  const sent = await load.stop();
  expect(read.status).toBe(503);
  expect(ready.status).toBe(200);
  expectOnlyStoredOrUnavailable(sent);
  const during = sent.filter(({ at, milliseconds }) => at > from && at + milliseconds < until);
  expect(during.length).toBeGreaterThan(0);
  for (const { answer } of during) expect(answer?.status).toBe(503);
  await expectNothingHalf(stage, sent);
});

test('a table locked by someone else holds requests for the lock timeout only, then 409 with Retry-After (F18)', async () => {
  const client = await database.owner.connect();
  try {
    await client.query('begin; lock table resource in access exclusive mode');
    const from = performance.now();
    const answer = await write(stage.caller, stage.member, 'locked', 1);
    expect(performance.now() - from).toBeLessThan(4_000);
    expect(answer.status, answer.text).toBe(409);
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(answer.text).toContain('Nothing was stored');
  } finally {
    await client.query('rollback');
    client.release();
  }
  await healed(stage);
  const { rows } = await database.owner.query(
    `select 1 from resource where content::jsonb #>> '{identifier,0,value}' = 'locked'`,
  );
  expect(rows).toEqual([]);
});

test('a pool used up by requests that wait refuses the rest with 503, in bounded time, and serves again after (F14)', async () => {
  const client = await database.owner.connect();
  const from = performance.now();
  let answers: Awaited<ReturnType<typeof write>>[];
  try {
    await client.query('begin; lock table resource in access exclusive mode');
    const asked = Array.from({ length: 120 }, (_, index) => write(stage.caller, stage.member, `crowd-${index}`, 1));
    answers = await Promise.all(asked);
  } finally {
    await client.query('rollback');
    client.release();
  }
  const took = performance.now() - from;
  expect(new Set(answers.map(({ status }) => status)), answers[0]?.text).toEqual(new Set([409, 503]));
  for (const { headers } of answers) expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
  // A request may wait 5 s for its token's check, 5 s for its own transaction, and 2 s for the lock.
  expect(took).toBeLessThan(13_000);
  expect(await healed(stage)).toBeLessThan(2_000);
});
