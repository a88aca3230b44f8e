import { randomUUID } from 'node:crypto';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { EvictingRedis, openQueue, type QueueOptions, type WorkData, type WorkQueue } from '../../../src/jobs/queue.ts';
import { ago, contactOn, post, provider, settled, setUpMember, spells, until } from '../../support/caseload.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { redisUrl, startTestServer } from '../../support/server.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(async () => database.drop());

const without = (): string => (redisUrl() === '' ? ' (skipped: no Redis)' : '');
const backends = ['PostgreSQL', 'Redis'] as const;

describe.each(backends)('the queue on %s', (backend) => {
  const isThere = (): boolean => backend === 'PostgreSQL' || redisUrl() !== '';
  const opened: WorkQueue[] = [];
  const open = async (name: string, more: Partial<QueueOptions> = {}): Promise<WorkQueue> => {
    const redis = backend === 'Redis' ? redisUrl() : undefined;
    const queue = await openQueue({
      connection: database.connection,
      redisUrl: redis,
      onError: () => undefined,
      name,
      ...more,
    });
    opened.push(queue);
    return queue;
  };
  afterAll(async () => {
    await Promise.all(opened.map((queue) => queue.close()));
  });
  const job = (id: string): { id: string; data: WorkData } => ({ id, data: { tenant: 1, patients: [id] } });

  test('hands every job to one worker, once, whoever added it', async (context) => {
    context.skip(!isThere(), 'no Redis');
    const name = randomUUID();
    const [first, second] = [await open(name), await open(name)];
    const seen: string[] = [];
    for (const queue of [first, second])
      queue.work(async ({ patients }) => {
        seen.push(patients?.[0] ?? '');
      }, 4);
    const ids = Array.from({ length: 200 }, (_, index) => `p${index}`);
    await Promise.all([first.add(ids.slice(0, 120).map(job)), second.add(ids.slice(80).map(job))]);
    await until(
      async () => seen.length,
      (length) => length >= 200,
    );
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(new Set(seen).size).toBe(200);
  });

  test('does not take an id twice while it holds it, and takes it again when the work is done', async (context) => {
    context.skip(!isThere(), 'no Redis');
    const queue = await open(randomUUID());
    await queue.add([job('same')]);
    await queue.add([job('same')]);
    let ran = 0;
    queue.work(async () => {
      ran += 1;
    }, 1);
    await until(
      async () => ran,
      (times) => times === 1,
    );
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(ran).toBe(1);
    await until(
      async () => queue.add([job('same')]),
      () => ran === 2,
    );
  });

  test('a job that throws harms neither the queue nor the jobs behind it', async (context) => {
    context.skip(!isThere(), 'no Redis');
    const queue = await open(randomUUID());
    const seen: string[] = [];
    queue.work(async ({ patients }) => {
      if (patients?.[0] === 'bad') throw new Error('bad');
      seen.push(patients?.[0] ?? '');
    }, 1);
    await queue.add(['bad', 'good'].map(job));
    await until(
      async () => seen,
      (all) => all.includes('good'),
    );
  });
});

describe(`Redis holds nothing that is lost with it${without()}`, () => {
  test('FLUSHALL at any moment under load: every contact becomes its status (F08, F11)', async (context) => {
    context.skip(redisUrl() === '', 'no Redis');
    const server = await startTestServer({ REDIS_URL: redisUrl() });
    const redis = new Redis(redisUrl());
    try {
      const ehr = await server.caller('ehr', provider);
      const ids = Array.from({ length: 25 }, (_, index) => `flush-${index}`);
      for (const id of ids) {
        await setUpMember(ehr, id);
        await post(ehr, contactOn(id, ago(2)));
        await redis.flushdb();
      }
      await until(
        async () => (await server.database.owner.query(`select 1 from outbox`)).rowCount,
        (rows) => rows === 0,
        30_000,
      );
      for (const id of ids) expect(await spells(ehr, id)).toMatchObject([{ value: 'on' }]);
    } finally {
      redis.disconnect();
      await server.stop();
    }
  }, 60_000);

  test('a Redis that hangs fails no request, and its backlog drains when it answers again (F09)', async (context) => {
    context.skip(redisUrl() === '', 'no Redis');
    const proxy = await hangable(redisUrl());
    const server = await startTestServer({ REDIS_URL: proxy.url });
    try {
      const ehr = await server.caller('ehr', provider);
      await setUpMember(ehr, 'hang');
      await settled(server);
      proxy.hang(true);
      const answers = await Promise.all(
        [1, 2, 3].map((days) => ehr.send('PUT', `/Encounter/contact-hang-${ago(days)}`, contactOn('hang', ago(days)))),
      );
      expect(answers.map(({ status }) => status)).toEqual([201, 201, 201]);
      expect((await ehr.send('GET', '/Encounter?patient=Patient/hang')).status).toBe(200);
      proxy.hang(false);
      await until(
        () => spells(ehr, 'hang'),
        ([spell]) => spell?.value === 'on',
        30_000,
      );
    } finally {
      await server.stop();
      await proxy.close();
    }
  }, 60_000);

  test('a Redis that evicts keys is refused at the start, with the remedy (F10)', async (context) => {
    context.skip(redisUrl() === '', 'no Redis');
    const redis = new Redis(redisUrl());
    const before = await redis.config('GET', 'maxmemory-policy');
    try {
      await redis.config('SET', 'maxmemory-policy', 'allkeys-lru');
      await expect(
        openQueue({ connection: database.connection, redisUrl: redisUrl(), onError: () => undefined, name: 'x' }),
      ).rejects.toThrow(EvictingRedis);
    } finally {
      await redis.config('SET', 'maxmemory-policy', before[1] ?? 'noeviction');
      redis.disconnect();
    }
  });
});

/** A TCP proxy before Redis that can stop passing bytes in both directions, as a stopped process does. */
async function hangable(target: string): Promise<{ url: string; hang(on: boolean): void; close(): Promise<void> }> {
  const { hostname, pathname, port } = new URL(target);
  const sockets = new Set<Socket>();
  let hung = false;
  const server = createServer((inbound) => {
    const outbound = connect(Number(port || 6379), hostname);
    for (const [from, to] of [[inbound, outbound] as const, [outbound, inbound] as const]) {
      sockets.add(from);
      from.on('data', (chunk) => to.write(chunk));
      from.on('error', () => to.destroy());
      from.on('close', () => to.destroy());
      if (hung) from.pause();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port: own } = server.address() as AddressInfo;
  return {
    url: `redis://127.0.0.1:${own}${pathname}`,
    hang(on) {
      hung = on;
      for (const socket of sockets) {
        if (on) socket.pause();
        else socket.resume();
      }
    },
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}
