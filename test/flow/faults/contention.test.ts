import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TenantId } from '../../../src/base/ids.ts';
import { ok } from '../../../src/base/result.ts';
import { Database, LostRace } from '../../../src/store/database.ts';
import { createTenant, createTestDatabase, type TestDatabase } from '../../support/database.ts';

let database: TestDatabase;
let tenant: TenantId;
beforeAll(async () => {
  database = await createTestDatabase();
  tenant = await createTenant(database.db, 'main');
  await database.owner.query(
    'create table tally (id int primary key, n int not null); grant all on tally to footbridge_app; insert into tally values (1, 0), (2, 0)',
  );
});
afterAll(async () => database.drop());

async function tally(): Promise<number[]> {
  const { rows } = await database.owner.query<{ n: number }>('select n from tally order by id');
  return rows.map(({ n }) => n);
}

test('a deadlock: the one that PostgreSQL ends runs again, both have their whole effect (F18)', async () => {
  const before = await tally();
  let runs = 0;
  const both = Array.from({ length: 2 }, () => {
    let arrived: (() => void) | undefined;
    const here = new Promise<void>((done) => (arrived = done));
    return { here, arrive: () => arrived?.() };
  });
  const cross = (own: 0 | 1) =>
    database.db.transaction(tenant, async (tx) => {
      runs++;
      await tx.query('update tally set n = n + 1 where id = $1', [own + 1]);
      both[own]?.arrive();
      await both[1 - own]?.here;
      await tx.query('update tally set n = n + 1 where id = $1', [2 - own]);
      return ok(own);
    });
  const results = await Promise.all([cross(0), cross(1)]);
  expect(results.map((result) => result.ok)).toEqual([true, true]);
  expect(runs).toBe(3);
  expect(await tally()).toEqual(before.map((n) => n + 2));
});

test.each([
  ['a serialization failure', '40001'],
  ['a deadlock', '40P01'],
])('%s that does not go away: three attempts, then 409 with Retry-After and no effect (F18)', async (_name, code) => {
  const before = await tally();
  let runs = 0;
  const result = await database.db.transaction(tenant, async (tx) => {
    runs++;
    await tx.query('update tally set n = n + 1 where id = 1');
    await tx.query(`do $$ begin raise exception 'again' using errcode = '${code}'; end $$`);
    return ok(1);
  });
  expect(runs).toBe(3);
  expect(result).toMatchObject({ ok: false, error: { category: 'conflict', status: 409, retryAfterSeconds: 1 } });
  expect(await tally()).toEqual(before);
});

test('a race lost on a version runs again and then counts once (F18)', async () => {
  const before = await tally();
  let runs = 0;
  const result = await database.db.transaction(tenant, async (tx) => {
    await tx.query('update tally set n = n + 1 where id = 2');
    if (++runs < 3) throw new LostRace('lost');
    return ok(runs);
  });
  expect(result).toEqual({ ok: true, value: 3 });
  expect(await tally()).toEqual([before[0], Number(before[1]) + 1]);
});

test('a statement past its time is ended with 503 and Retry-After, and the connection serves on (F14)', async () => {
  const hasty = new Database({ connection: database.connection, poolSize: 1, statementTimeoutMs: 200 });
  try {
    const from = performance.now();
    const slow = await hasty.once(tenant, 'select pg_sleep(30)');
    expect(performance.now() - from).toBeLessThan(2_000);
    expect(slow).toMatchObject({ ok: false, error: { status: 503, retryAfterSeconds: 5 } });
    expect(await hasty.once(tenant, 'select 1 as one')).toEqual({ ok: true, value: [{ one: 1 }] });
  } finally {
    await hasty.close();
  }
});

test('an SQL error of ours is thrown, not told as an outage, and leaves the connection clean', async () => {
  const single = new Database({ connection: database.connection, poolSize: 1 });
  try {
    await expect(single.once(tenant, 'select no_such_column')).rejects.toThrow('no_such_column');
    const work = single.transaction(tenant, async () => Promise.reject(new TypeError('a fault of ours')));
    await expect(work).rejects.toThrow('a fault of ours');
    expect(await single.once(tenant, 'select 1 as one')).toEqual({ ok: true, value: [{ one: 1 }] });
  } finally {
    await single.close();
  }
});

test.each([
  ['a port where nobody listens', (url: URL) => url.searchParams.set('port', '1')],
  ['a database that is not there', (url: URL) => (url.pathname = '/no_such_database')],
  ['a role that is not there', (url: URL) => (url.username = 'nobody_at_all')],
])('%s: the store is unavailable, which is no fault of a request (F12)', async (_name, change) => {
  const url = new URL((database.connection as { connectionString: string }).connectionString);
  change(url);
  const away = new Database({ connection: { connectionString: url.href } });
  try {
    expect(await away.once(tenant, 'select 1')).toMatchObject({ ok: false, error: { category: 'unavailable' } });
  } finally {
    await away.close();
  }
});
