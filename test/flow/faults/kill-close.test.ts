import { afterAll, beforeAll, expect, test } from 'vitest';
import { localDate } from '../../../src/base/time.ts';
import { coachRole, coverage, episode, patient, practitioner } from '../../../src/cli/sandbox/people.ts';
import { type Books, closingFrom, openBooks } from '../../support/billing-close.ts';
import { contactOn, payer, post, provider, until } from '../../support/caseload.ts';
import { freePort, startProcess } from '../../support/process.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';

// F05: a crash in the middle of closing a billing period.
const members = 160;
const daysEach = 22;
const kills = 2;
const coach = 'close-coach';

let server: TestServer;
let books: Books;
let env: Record<string, string>;
beforeAll(async () => {
  // The jobs are processes of their own, to be killed.
  server = await startTestServer({ ROLES: 'http' });
  books = await openBooks(server, 'kill-close', '2026-04-09');
  const { connectionString } = server.database.connection as { connectionString: string };
  env = { DATABASE_URL: connectionString, ROLES: 'jobs', SANDBOX_WORLD: 'off' };
  await load();
}, 120_000);
afterAll(async () => server.stop());

async function load(): Promise<void> {
  const papers = { hired: '2025-06-02', certified: { until: '2099-01-01' } } as const;
  const person = { id: coach, given: 'Avery', family: 'Birch' };
  await post(books.admin, closingFrom('2026-03-01'));
  await post(
    books.ehr,
    practitioner(person, provider, papers),
    coachRole(`${coach}-role`, coach, provider, papers.hired),
  );
  for (let from = 0; from < members; from += 20)
    await post(
      books.ehr,
      ...Array.from({ length: 20 }, (_, index) => `c${String(from + index).padStart(4, '0')}`).flatMap((id) => [
        patient({ id, given: 'Robin', family: 'Alder' }),
        coverage(`coverage-${id}`, id, payer, 'masshealth-mco', { start: '2026-01-02' }),
        episode(`episode-${id}`, id, provider, coach, '2026-01-02'),
        contactOn(id, localDate('2026-03-05'), { coach }),
      ]),
    );
}

async function count(what: string): Promise<number> {
  const { rows } = await server.database.owner.query<{ n: number }>(`select count(*)::int as n from ${what}`, [
    books.tenant,
  ]);
  return rows[0]?.n ?? 0;
}

const charges = (): Promise<number> => count(`resource where tenant = $1 and type = 'ChargeItem'`);
const done = (date: string): Promise<number> =>
  count(`schedule_run where tenant = $1 and job = 'charges' and status = 'done' and local_date = '${date}'`);

test(`a close whose processes are killed ${kills} times charges every day of every member once (F05)`, {
  timeout: 240_000,
}, async () => {
  const before = await startProcess(env, await freePort());
  await until(
    () => count('outbox where tenant = $1 and parked is null'),
    (left) => left === 0,
    90_000,
  );
  await until(
    () => done('2026-04-09'),
    (zones) => zones === 2,
    30_000,
  );
  await before.kill('SIGKILL');
  expect(await charges()).toBe(0);
  await books.moveTo('2026-04-10');
  // What a killed process had sent may still be committed, and renew its lease; there is one process at a time, so the lease is ended
  // for as long as it takes instead of waiting its 30 seconds.
  const look = async (): Promise<number> => {
    await server.database.owner.query(
      `update schedule_run set lease_until = clock_timestamp() where tenant = $1 and status = 'running'`,
      [books.tenant],
    );
    return charges();
  };
  const all = members * daysEach;
  let killed = 0;
  for (let part = 1; part <= kills; part++) {
    const jobs = await startProcess(env, await freePort());
    const reached = await until(look, (made) => made >= Math.ceil((part * all) / (kills + 1)), 60_000);
    await jobs.kill('SIGKILL');
    if (reached < all) killed++;
  }
  expect(killed).toBeGreaterThan(0);
  const last = await startProcess(env, await freePort());
  await until(look, (made) => made >= all, 60_000);
  await until(
    () => done('2026-04-10'),
    (zones) => zones === 2,
    30_000,
  );
  await last.kill('SIGTERM');
  expect(await charges()).toBe(all);
  // Each in its first version, and each day of a member once.
  expect(await count(`resource where tenant = $1 and type = 'ChargeItem' and version > 1`)).toBe(0);
  expect(
    await count(
      `(select distinct patient, content::jsonb ->> 'occurrenceDateTime' from resource where tenant = $1 and type = 'ChargeItem') as days`,
    ),
  ).toBe(all);
  expect(await count(`billing_close where tenant = $1 and closed_at is null`)).toBe(0);
  expect(await count(`audit where tenant = $1 and client_id = 'footbridge' and type = 'ChargeItem'`)).toBe(all);
});
