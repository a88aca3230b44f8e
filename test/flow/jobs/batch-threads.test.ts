import { Worker } from 'node:worker_threads';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { ok } from '../../../src/base/result.ts';
import { BatchThreads } from '../../../src/jobs/batch-threads.ts';
import { runRecomputations } from '../../../src/jobs/recomputation.ts';
import { claimRecomputation } from '../../../src/store/recomputation.ts';
import { Fenced } from '../../../src/store/schedule.ts';
import { ago, contactOn, post, provider, setUpMember, until } from '../../support/caseload.ts';
import { type Caller, startTestServer, type TestServer } from '../../support/server.ts';

/** Enough for several batches of twenty-five. */
const members = Array.from({ length: 60 }, (_, index) => `member-${String(index).padStart(2, '0')}`);
let server: TestServer;
let ehr: Caller;
let started: Worker[] = [];
let open: BatchThreads[] = [];
let gone: string[] = [];

beforeAll(async () => {
  // Without jobs of its own, so that whatever is computed is computed by the threads of the test.
  server = await startTestServer({ ROLES: 'http' });
  ehr = await server.caller('ehr', provider);
  for (const member of members) {
    await setUpMember(ehr, member);
    await post(ehr, contactOn(member, ago(3)));
  }
}, 120_000);
afterEach(async () => {
  await Promise.all(open.map((threads) => threads.stop()));
  open = [];
  started = [];
  gone = [];
});
afterAll(async () => server.stop());

/** Threads as `src/app/server.ts` starts them, from the first member on. */
function threads(most = 2, whenStarted: (worker: Worker, nth: number) => void = () => undefined): BatchThreads {
  const { services, storage } = server.running;
  return made(most, () => {
    const worker = new Worker(new URL('../../../src/app/batch-thread.ts', import.meta.url), {
      workerData: { connection: storage.connection, rulesets: services.rulesets },
    });
    whenStarted(worker, started.length + 1);
    return worker;
  });
}

function made(most: number, start: () => Worker): BatchThreads {
  const counted = (): Worker => {
    const worker = start();
    started.push(worker);
    return worker;
  };
  const some = new BatchThreads({
    services: server.running.services,
    most,
    start: counted,
    from: 0,
    onGone: (reason) => gone.push(reason),
  });
  open.push(some);
  return some;
}

async function ask(): Promise<void> {
  await server.database.owner.query(
    `insert into recomputation (tenant, reason, requested_by, requested_at, total) values ($1, 'request', 'test', now(), 60)`,
    [server.tenant],
  );
}

const latest = async () =>
  (
    await server.database.owner.query<{ status: string; members: number; changed: number }>(
      'select status, members, changed from recomputation where tenant = $1 order by id desc limit 1',
      [server.tenant],
    )
  ).rows[0];

/** What stands of the answers, without the ids and times that each storing makes anew. */
const answers = async (): Promise<unknown[]> =>
  (
    await server.database.owner.query(
      `select type, patient, content::jsonb #- '{meta,lastUpdated}' #- '{meta,versionId}' as says from resource
        where tenant = $1 and type in ('Observation', 'Task', 'Flag') and not deleted order by type, patient, id`,
      [server.tenant],
    )
  ).rows;
/** Whoever was parked, and no longer is. */
const parkedRows = async (): Promise<unknown[]> =>
  (
    await server.database.owner.query(
      'delete from outbox where tenant = $1 and parked is not null returning patient, parked',
      [server.tenant],
    )
  ).rows;
const forget = async (): Promise<void> => {
  for (const table of ['resource', 'roster', 'caseload_series', 'due_wake'])
    await server.database.owner.query(
      `delete from ${table} where tenant = $1 ${table === 'resource' ? `and type in ('Observation', 'Task', 'Flag')` : ''}`,
      [server.tenant],
    );
};

describe('batches of members in threads of their own', () => {
  test('compute what the process’s own thread computes, each member once, by two threads side by side', async () => {
    await ask();
    await runRecomputations(server.running.services, () => false);
    const own = await answers();
    expect(own.length).toBeGreaterThanOrEqual(2 * members.length);
    await forget();
    await ask();
    await runRecomputations(server.running.services, () => false, threads());
    expect(started).toHaveLength(2);
    expect(await latest()).toEqual({ status: 'done', members: 60, changed: 60 });
    expect(await answers()).toEqual(own);
  });

  test('what one had that ends in the middle is done without it, and what follows by a new one; nobody is parked', async () => {
    await forget();
    await ask();
    const killFirst = (worker: Worker, nth: number): void => {
      if (nth === 1) worker.once('online', () => void worker.terminate());
    };
    await runRecomputations(server.running.services, () => false, threads(1, killFirst));
    expect(started).toHaveLength(2);
    expect(gone).toEqual(['exit code 1']);
    expect(await latest()).toMatchObject({ status: 'done', changed: 60 });
    expect(await parkedRows()).toEqual([]);
  });

  test('where no thread can live the work is done without', async () => {
    await forget();
    await ask();
    const stillborn = made(2, () => new Worker(`throw new Error('no room')`, { eval: true }));
    await runRecomputations(server.running.services, () => false, stillborn);
    expect(new Set(gone)).toEqual(new Set(['no room']));
    expect(await latest()).toMatchObject({ status: 'done', changed: 60 });
    expect(await parkedRows()).toEqual([]);
  });

  test('a member that breaks us is parked with the reason, and the others are done', async () => {
    const { owner } = server.database;
    const { rows } = await owner.query<{ content: string }>(
      `update resource r set content = '{' from resource old where old.tenant = r.tenant and old.type = r.type and old.id = r.id
        and r.tenant = $1 and r.type = 'Coverage' and r.patient = 'member-30' returning old.content`,
      [server.tenant],
    );
    await forget();
    await ask();
    await runRecomputations(server.running.services, () => false, threads());
    await owner.query(
      `update resource set content = $2 where tenant = $1 and type = 'Coverage' and patient = 'member-30'`,
      [server.tenant, rows[0]?.content],
    );
    expect(await latest()).toMatchObject({ status: 'done', changed: 59 });
    expect(await parkedRows()).toEqual([{ patient: 'member-30', parked: expect.stringMatching(/JSON/) }]);
  });

  test('whoever lost the recomputation hears so from the thread, and what it did is rolled back', async () => {
    await forget();
    await ask();
    const { services } = server.running;
    const claimed = await claimRecomputation(services.db, server.tenant);
    if (!claimed.ok || !claimed.value) throw new Error('nothing to claim');
    const lost = { ...claimed.value, fence: '0' };
    await expect(threads(1).do({ kind: 'anew', job: lost, patients: ['member-01'] })).rejects.toThrow(Fenced);
    expect(await answers()).toEqual([]);
    await server.database.owner.query(`update recomputation set lease_until = now() where tenant = $1`, [
      server.tenant,
    ]);
    await runRecomputations(services, () => false, threads());
    expect(await latest()).toMatchObject({ status: 'done', changed: 60 });
  });

  test('stopping waits for what is under way, and a batch after it starts threads anew', async () => {
    await ask();
    const { services } = server.running;
    const claimed = await claimRecomputation(services.db, server.tenant);
    if (!claimed.ok || !claimed.value) throw new Error('nothing to claim');
    const some = threads(1);
    const batch = { kind: 'anew', job: claimed.value, patients: members.slice(0, 25) } as const;
    const working = some.do(batch);
    await some.stop();
    expect(await working).toEqual(ok(undefined));
    expect(await some.do(batch)).toEqual(ok(undefined));
    expect(started).toHaveLength(2);
  });
});

describe('a server of its own', () => {
  /** What a server starts while it computes everyone anew: 520 members of whom nothing but a series is left. */
  async function startedBy(batchThreads: string): Promise<{ threads: number; members: number | undefined }> {
    let threads = 0;
    const count = (): void => void threads++;
    const own = await startTestServer({ ROLES: 'jobs', BATCH_THREADS: batchThreads });
    process.on('worker', count);
    try {
      const { owner } = own.database;
      await owner.query(
        `insert into caseload_series (tenant, episode, coach, ruleset, payer, patient, owner, zone, next_transition)
          select $1, 'e' || n, 'c', 'r', 'p', 'm' || n, $2, 'America/New_York', '2999-01-01' from generate_series(1, 520) n`,
        [own.tenant, provider],
      );
      await owner.query(
        `insert into recomputation (tenant, reason, requested_by, requested_at, total) values ($1, 'request', 'test', now(), 520)`,
        [own.tenant],
      );
      const found = await until(
        async () =>
          (
            await owner.query<{ members: number }>(
              `select members from recomputation where tenant = $1 and status = 'done'`,
              [own.tenant],
            )
          ).rows[0],
        (row) => row !== undefined,
        30_000,
      );
      return { threads, members: found?.members };
    } finally {
      process.off('worker', count);
      await own.stop();
    }
  }

  test('hands 500 members and more to as many threads as it may have, and to none where it may have none', async () => {
    expect(await startedBy('2')).toEqual({ threads: 2, members: 520 });
    expect(await startedBy('0')).toEqual({ threads: 0, members: 520 });
  }, 90_000);
});
