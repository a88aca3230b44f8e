import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TenantId } from '../../../src/base/ids.ts';
import { createTenant, createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { patient } from '../../support/people.ts';
import { freePort, type ServerProcess, startProcess } from '../../support/process.ts';
import { type Caller, createCaller } from '../../support/server.ts';
import { expectNothingHalf, startLoad, write } from './load.ts';

const rounds = 20;

let database: TestDatabase;
let tenant: TenantId;
let port: number;
let env: Record<string, string>;
beforeAll(async () => {
  database = await createTestDatabase();
  tenant = await createTenant(database.db, 'main');
  port = await freePort();
  const { connectionString } = database.connection as { connectionString: string };
  env = { DATABASE_URL: connectionString, ROLES: 'http', SANDBOX_WORLD: 'off' };
});
afterAll(async () => database.drop());

async function begin(): Promise<{ server: ServerProcess; caller: Caller; member: string }> {
  const server = await startProcess(env, port);
  const caller = await createCaller(database, server.url, tenant, 'ehr', 'org-a', 'system/*.cruds');
  return { server, caller, member: (await caller.create(patient('Term'))).id };
}

test(`${rounds} times SIGTERM under load: exit 0 in time, and whatever was stored was answered (F34)`, {
  timeout: 180_000,
}, async () => {
  let slowest = 0;
  let unanswered = 0;
  for (let round = 0; round < rounds; round++) {
    const { server, caller, member } = await begin();
    const load = startLoad({ caller, member }, 8, `term-${round}`);
    await sleep(100 + Math.random() * 150);
    const from = performance.now();
    expect(await server.kill('SIGTERM'), server.output()).toBe(0);
    slowest = Math.max(slowest, performance.now() - from);
    const sent = await load.stop();
    for (const { answer } of sent) if (answer) expect(answer.status, answer.text).toBeLessThan(300);
    await expectNothingHalf({ database }, sent);
    unanswered += await countStoredUnheard(sent.filter(({ answer }) => !answer).map(({ key }) => key));
  }
  expect(unanswered, 'requests that were stored and never answered').toBe(0);
  expect(slowest).toBeLessThan(5_000);
});

async function countStoredUnheard(keys: readonly string[]): Promise<number> {
  const { rows } = await database.owner.query<{ n: number }>(
    `select count(*)::int as n from resource where content::jsonb #>> '{identifier,0,value}' = any($1)`,
    [keys],
  );
  return rows[0]?.n ?? 0;
}

test('a request under way at SIGTERM gets its answer, new connections are refused, an idle one does not hold the exit (F34)', async () => {
  const { server, caller, member } = await begin();
  const idle = connect(port, '127.0.0.1');
  await once(idle, 'connect');
  const client = await database.owner.connect();
  await client.query('begin; lock table resource in share row exclusive mode');
  const underWay = write(caller, member, 'under-way', 1);
  await expect.poll(waiting, { timeout: 3_000, interval: 10 }).toBe(1);
  const exit = server.kill('SIGTERM');
  await sleep(200);
  await expect(fetch(`${server.url}/healthz`, { headers: { connection: 'close' } })).rejects.toThrow('fetch failed');
  expect(server.child.exitCode).toBeNull();
  await client.query('commit');
  client.release();
  const answer = await underWay;
  expect(answer.status, answer.text).toBe(201);
  // Whoever hears this must not send its next request on the same connection.
  expect(answer.headers.get('connection')).toBe('close');
  const from = performance.now();
  expect(await exit, server.output()).toBe(0);
  expect(performance.now() - from).toBeLessThan(2_000);
  idle.destroy();
});

async function waiting(): Promise<number> {
  const { rows } = await database.owner.query<{ n: number }>(
    `select count(*)::int as n from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
  );
  return rows[0]?.n ?? 0;
}

test('a head that never comes whole does not hold the exit, a body holds it no longer than the time to drain (F34)', {
  timeout: 60_000,
}, async () => {
  for (const [sent, mostMs] of [
    ['Content-Le', 2_000],
    ['Content-Type: application/fhir+json\r\nContent-Length: 100\r\n\r\n{', 27_000],
  ] as const) {
    const { server, caller } = await begin();
    const stuck = connect(port, '127.0.0.1');
    stuck.on('error', () => undefined);
    await once(stuck, 'connect');
    stuck.write(`POST /fhir/R4/Patient HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${caller.token}\r\n${sent}`);
    await sleep(100);
    const from = performance.now();
    expect(await server.kill('SIGTERM'), server.output()).toBe(0);
    expect(performance.now() - from).toBeLessThan(mostMs);
    stuck.destroy();
  }
});
