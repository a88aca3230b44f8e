import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ago, contactOn, post, provider, setUpMember, spells, until } from '../../support/caseload.ts';
import { createTenant, createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { freePort, type ServerProcess, startProcess } from '../../support/process.ts';
import { type Caller, createCaller } from '../../support/server.ts';

// F08, F09, F11: a Redis that hangs, is emptied, dies and comes back empty takes no work with it and refuses no write.
const isThere = spawnSync('redis-server', ['--version']).status === 0;
const skipped = isThere ? '' : ' (skipped: no redis-server on this machine)';

let database: TestDatabase;
let server: ServerProcess;
let ehr: Caller;
let redisPort: number;
let redis: ChildProcess;

async function startRedis(): Promise<void> {
  const args = ['--port', String(redisPort), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
  redis = spawn('redis-server', args, { stdio: 'ignore' });
  await asRedis((client) => client.ping());
}

/** Asks Redis on a connection of its own, once it answers. */
async function asRedis<T>(ask: (client: Redis) => Promise<T>): Promise<T> {
  const client = new Redis(redisPort, '127.0.0.1', { maxRetriesPerRequest: 100, retryStrategy: () => 50 });
  client.on('error', () => undefined);
  try {
    return await ask(client);
  } finally {
    client.disconnect();
  }
}

async function killRedis(): Promise<void> {
  const ended = once(redis, 'exit');
  redis.kill('SIGKILL');
  await ended;
}

beforeAll(async () => {
  if (!isThere) return;
  database = await createTestDatabase();
  redisPort = await freePort();
  await startRedis();
  const tenant = await createTenant(database.db, 'main');
  const { connectionString } = database.connection as { connectionString: string };
  server = await startProcess(
    { DATABASE_URL: connectionString, REDIS_URL: `redis://127.0.0.1:${redisPort}`, SANDBOX_WORLD: 'off' },
    await freePort(),
  );
  ehr = await createCaller(database, server.url, tenant, 'ehr', provider, 'system/*.cruds');
});
afterAll(async () => {
  if (!isThere) return;
  if (server?.child.exitCode === null) await server.kill('SIGKILL');
  if (redis?.exitCode === null && redis.signalCode === null) await killRedis();
  await database.drop();
});

const written: string[] = [];
/** Writes members with a contact of today, one after the other; throws at the first answer that is no success. */
async function write(name: string, count: number): Promise<number> {
  let slowest = 0;
  for (let index = 0; index < count; index++) {
    const id = `${name}-${index}`;
    const from = performance.now();
    await setUpMember(ehr, id);
    await post(ehr, contactOn(id, ago(1)));
    slowest = Math.max(slowest, performance.now() - from);
    written.push(id);
  }
  return slowest;
}

const waiting = async (): Promise<number> =>
  (await database.owner.query<{ count: number }>('select count(*)::int as count from outbox')).rows[0]?.count ?? -1;

/** Nothing waits, and every member that was written has its status. */
async function expectAllThere(): Promise<void> {
  await until(waiting, (count) => count === 0, 30_000);
  for (const id of written)
    expect(
      (await spells(ehr, id)).map(({ start, value }) => [start, value]),
      id,
    ).toEqual([[ago(1), 'on']]);
}

test(`a Redis that is killed and comes back empty, while contacts are written${skipped}`, {
  timeout: 120_000,
}, async (context) => {
  context.skip(!isThere, 'no redis-server on this machine');
  await write('before', 5);
  const during = write('during', 10);
  await killRedis();
  await during;
  await write('down', 10);
  // Work waits in PostgreSQL for as long as Redis is away.
  expect(await waiting()).toBeGreaterThan(0);
  await startRedis();
  expect(await asRedis((client) => client.dbsize())).toBeLessThan(100);
  await write('after', 3);
  await expectAllThere();
  expect(server.child.exitCode).toBeNull();
});

test(`a Redis that hangs holds up no write, and work goes on when it wakes${skipped}`, {
  timeout: 120_000,
}, async (context) => {
  context.skip(!isThere, 'no redis-server on this machine');
  let slowest = 0;
  redis.kill('SIGSTOP');
  try {
    slowest = await write('hung', 5);
    expect(await waiting()).toBeGreaterThan(0);
  } finally {
    redis.kill('SIGCONT');
  }
  // Two transactions a member; a write that waited for Redis would take the 2 s of its command timeout each.
  expect(slowest).toBeLessThan(4_000);
  await expectAllThere();
});

test(`a Redis that is emptied again and again under load${skipped}`, { timeout: 120_000 }, async (context) => {
  context.skip(!isThere, 'no redis-server on this machine');
  let flushes = 0;
  let running = true;
  const flushing = asRedis(async (client) => {
    while (running) {
      await client.flushall();
      flushes += 1;
      await new Promise((later) => setTimeout(later, 20));
    }
  });
  try {
    await write('flushed', 15);
    await until(
      async () => flushes,
      (count) => count >= 50,
      20_000,
    );
  } finally {
    running = false;
    await flushing;
  }
  await expectAllThere();
});
