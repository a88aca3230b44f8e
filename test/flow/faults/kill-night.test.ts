import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TenantId } from '../../../src/base/ids.ts';
import { ok } from '../../../src/base/result.ts';
import { addDays, localDate, startOfLocalDate } from '../../../src/base/time.ts';
import { coachRole, coverage, episode, patient, practitioner } from '../../../src/cli/sandbox/people.ts';
import { moveTenantClock } from '../../../src/store/tenant-clock.ts';
import { contactOn, payer, post, provider, until, zone } from '../../support/caseload.ts';
import { createTenant } from '../../support/database.ts';
import { freePort, startProcess } from '../../support/process.ts';
import { type Caller, createCaller, startTestServer, type TestServer } from '../../support/server.ts';

// F05: a crash in the middle of the nightly run, and of a full recomputation.
const members = 400;
const kills = 3;
const night = localDate('2026-03-09');
const coach = 'night-coach';

let server: TestServer;
let tenant: TenantId;
let env: Record<string, string>;
beforeAll(async () => {
  // The jobs are processes of their own, to be killed.
  server = await startTestServer({ ROLES: 'http' });
  tenant = await createTenant(server.database.db, 'kill', startOfLocalDate(addDays(night, -1), zone), false);
  const { connectionString } = server.database.connection as { connectionString: string };
  env = { DATABASE_URL: connectionString, ROLES: 'jobs', SANDBOX_WORLD: 'off' };
  const ehr = await createCaller(
    server.database,
    `${server.url}/sandbox/kill`,
    tenant,
    'ehr',
    provider,
    'system/*.cruds',
  );
  await load(ehr);
  const jobs = await startProcess(env, await freePort());
  await until(
    () => count('outbox where parked is null'),
    (left) => left === 0,
    60_000,
  );
  await until(
    () => runs(),
    ({ done }) => done === 1,
  );
  await jobs.kill('SIGKILL');
}, 120_000);
afterAll(async () => server.stop());

/** All members fall off their coach's caseload in the same night. */
async function load(ehr: Caller): Promise<void> {
  const papers = { hired: '2025-06-02', certified: { until: '2099-01-01' } } as const;
  const person = { id: coach, given: 'Avery', family: 'Birch' };
  await post(ehr, practitioner(person, provider, papers), coachRole(`${coach}-role`, coach, provider, papers.hired));
  for (let from = 0; from < members; from += 20)
    await post(
      ehr,
      ...Array.from({ length: 20 }, (_, index) => `k${String(from + index).padStart(4, '0')}`).flatMap((id) => [
        patient({ id, given: 'Robin', family: 'Alder' }),
        coverage(`coverage-${id}`, id, payer, 'masshealth-mco', { start: '2026-01-01' }),
        episode(`episode-${id}`, id, provider, coach, '2026-01-01'),
        contactOn(id, addDays(night, -22), { coach }),
        contactOn(id, addDays(night, -50), { coach }),
      ]),
    );
}

async function count(what: string, values: unknown[] = []): Promise<number> {
  const { rows } = await server.database.owner.query<{ n: number }>(`select count(*)::int as n from ${what}`, values);
  return rows[0]?.n ?? 0;
}

async function runs(): Promise<{ done: number; members: number }> {
  const { rows } = await server.database.owner.query<{ done: number; members: number }>(
    `select count(*) filter (where status = 'done')::int as done, coalesce(max(members), 0) as members from schedule_run
      where tenant = $1 and job = 'caseload' and zone = $2`,
    [tenant, zone],
  );
  return rows[0] ?? { done: 0, members: 0 };
}

/** What is computed, without ids, versions and times, sorted. */
async function canonical(): Promise<string[]> {
  const { rows } = await server.database.owner.query<{ content: string }>(
    `select content from resource where tenant = $1 and type = 'Observation' and audience is not null and not deleted`,
    [tenant],
  );
  const spells = rows
    .map(({ content }) => JSON.parse(content) as Record<string, unknown>)
    .filter(({ status }) => status !== 'entered-in-error')
    .map(({ id: _id, meta: _meta, ...rest }) => JSON.stringify(rest));
  const roster = await server.database.owner.query<Record<string, unknown>>(
    'select payer, coach, patient, episode, ruleset, owner, starts::text, ends::text from roster where tenant = $1',
    [tenant],
  );
  return [...spells, ...roster.rows.map((row) => JSON.stringify(row))].sort();
}

/** Kills jobs processes at ever later points of the work, until it is done. @returns how many were killed in the middle */
async function killAtEachPart(doneSoFar: () => Promise<number>, expireLease: string): Promise<number> {
  // What a killed process had sent may still be committed, and renew its lease. There is one process at a time, so the lease is ended
  // for as long as it takes: nothing is gained by waiting the 30 seconds.
  const look = async (): Promise<number> => {
    await server.database.owner.query(expireLease, [tenant]);
    return doneSoFar();
  };
  let killed = 0;
  for (let part = 1; part <= kills; part++) {
    const jobs = await startProcess(env, await freePort());
    const target = Math.ceil((part * members) / (kills + 1));
    const reached = await until(look, (done) => done >= target, 40_000);
    await jobs.kill('SIGKILL');
    if (reached < members) killed++;
  }
  const last = await startProcess(env, await freePort());
  await until(look, (done) => done >= members, 40_000);
  return last.kill('SIGTERM').then(() => killed);
}

test(`a night whose processes are killed ${kills} times ends as one that was not disturbed, each status once (F05)`, {
  timeout: 240_000,
}, async () => {
  const { services } = server.running;
  const moved = await services.db.transaction(tenant, async (tx) =>
    ok(await moveTenantClock(tx, tenant, startOfLocalDate(night, zone), services.wallClock, false)),
  );
  expect(moved.ok).toBe(true);
  const begun = `resource where tenant = $1 and type = 'Observation' and content like '%"effectivePeriod":{"start":"' || $2 || '"}%'`;
  const offToday = (): Promise<number> => count(begun, [tenant, night]);
  const killed = await killAtEachPart(
    offToday,
    `update schedule_run set lease_until = clock_timestamp() where tenant = $1 and status = 'running'`,
  );
  expect(killed).toBeGreaterThan(0);
  await until(
    () => runs(),
    ({ done }) => done === 2,
    40_000,
  );
  expect((await runs()).members).toBe(members);
  // No status was told twice: each is in its first version, and nothing was taken back.
  expect(await count(`${begun} and version = 1`, [tenant, night])).toBe(members);
  expect(await count(`resource where tenant = $1 and content like '%entered-in-error%'`, [tenant])).toBe(0);
  const disturbed = await canonical();
  await recomputeAnew();
  expect(await canonical()).toEqual(disturbed);
});

/** Throws everything computed away and asks for it anew, with processes that are killed on the way. */
async function recomputeAnew(): Promise<void> {
  const { owner } = server.database;
  await owner.query(`delete from resource where tenant = $1 and type = 'Observation' and audience is not null`, [
    tenant,
  ]);
  await owner.query(
    `delete from resource_history where tenant = $1 and type = 'Observation' and audience is not null`,
    [tenant],
  );
  await owner.query('delete from caseload_series where tenant = $1', [tenant]);
  await owner.query('delete from roster where tenant = $1', [tenant]);
  const admin = await createCaller(
    server.database,
    `${server.url}/sandbox/kill`,
    tenant,
    'admin',
    undefined,
    'system/*.cruds',
  );
  const asked = await admin.send('POST', '/EpisodeOfCare/$recompute');
  expect(asked.status).toBe(202);
  const changed = (): Promise<number> =>
    owner
      .query<{ changed: number }>('select changed from recomputation where tenant = $1 order by id desc limit 1', [
        tenant,
      ])
      .then(({ rows }) => rows[0]?.changed ?? 0);
  const killed = await killAtEachPart(
    changed,
    `update recomputation set lease_until = clock_timestamp() where tenant = $1 and status = 'running'`,
  );
  expect(killed).toBeGreaterThan(0);
  expect(await changed()).toBe(members);
}
