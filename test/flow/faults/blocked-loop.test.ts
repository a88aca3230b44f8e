import type { Resource } from '@medplum/fhirtypes';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TenantId } from '../../../src/base/ids.ts';
import { addDays, type LocalDate, localDate, startOfLocalDate } from '../../../src/base/time.ts';
import { coachRole, coverage, episode, patient, practitioner, transaction } from '../../../src/cli/sandbox/people.ts';
import { contactOn, payer, provider, until, zone } from '../../support/caseload.ts';
import { createTenant, createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { freePort, type ServerProcess, startProcess } from '../../support/process.ts';
import { type Caller, createCaller } from '../../support/server.ts';

// F40 and F27: a process whose event loop stands still in the middle of a night and of writes, beside one that runs.
const blockMs = 5_000;
/** More than the night does in one transaction, and fewer than in two. */
const members = 60;
const begin = localDate('2025-03-01');

let database: TestDatabase;
let tenant: TenantId;
let env: Record<string, string>;
let first: ServerProcess;
let second: ServerProcess;
let ehr: Caller;
beforeAll(async () => {
  database = await createTestDatabase();
  // Noon, so that the date is the same in every zone.
  tenant = await createTenant(database.db, 'main', new Date(`${begin}T17:00:00Z`), false);
  const { connectionString } = database.connection as { connectionString: string };
  env = { DATABASE_URL: connectionString, SANDBOX_WORLD: 'off', BLOCK_MS: String(blockMs) };
  const script = 'test/flow/faults/blockable-server.ts';
  first = await startProcess(env, await freePort(), 30_000, script);
  second = await startProcess({ ...env, ROLES: 'jobs' }, await freePort());
  ehr = await createCaller(database, first.url, tenant, 'ehr', provider, 'system/*.cruds');
  // Their contacts end one night after the other.
  for (const [name, date] of [
    ['one', addDays(begin, -2)],
    ['two', addDays(begin, -1)],
  ] as const)
    await post(...Array.from({ length: members }, (_, index) => enrolled(`${name}-${index + 10}`, date)).flat());
  await post(...Array.from({ length: 20 }, (_, index) => enrolled(`late-${index}`)).flat());
  await worked();
}, 120_000);
afterAll(async () => {
  for (const server of [first, second]) if (server?.child.exitCode === null) await server.kill('SIGKILL');
  await database?.drop();
});

function enrolled(id: string, date?: LocalDate): Resource[] {
  const coach = { id: `coach-${id}`, given: 'Avery', family: 'Birch' };
  return [
    practitioner(coach, provider, { hired: '2022-03-01', certified: { until: '2099-01-01' } }),
    coachRole(`role-${id}`, coach.id, provider, '2022-03-01'),
    patient({ id, given: 'Robin', family: 'Alder' }),
    coverage(`coverage-${id}`, id, payer, 'masshealth-mco', { start: '2024-01-02' }),
    episode(`episode-${id}`, id, provider, coach.id, '2024-01-02'),
    ...(date === undefined ? [] : [contactOn(id, date)]),
  ];
}

async function post(...resources: Resource[]): Promise<void> {
  const answer = await ehr.send('POST', '', transaction(...resources));
  if (answer.status !== 200) throw new Error(`${answer.status} ${answer.text}`);
}

async function ask<T>(sql: string): Promise<T[]> {
  return (await database.owner.query(sql, [tenant])).rows as T[];
}

/** Nothing waits, and nothing was given up. */
const worked = () =>
  until(
    () => ask('select 1 from outbox where tenant = $1'),
    (rows) => rows.length === 0,
    60_000,
  );

interface Night {
  readonly status: string;
  readonly fence: string;
  readonly members: number;
}
const nightOf = async (date: LocalDate): Promise<Night | undefined> =>
  (
    await ask<Night>(
      `select status, fence::text, members from schedule_run
        where tenant = $1 and job = 'caseload' and zone = '${zone}' and local_date = '${date}'`,
    )
  )[0];

/**
 * Lets the tenant's day come, and acts when the first process is in the middle of the night: some members are done, and one of the rest
 * is held by somebody else until then. The second process is stopped meanwhile, so that the first is the one that runs.
 */
async function inTheMiddleOf(date: LocalDate, name: string, act: () => void): Promise<Night> {
  // What falls due on the days before has nights of its own.
  const dayBefore = addDays(date, -1);
  await ask(
    `update tenant_clock set domain_at = '${startOfLocalDate(dayBefore, zone).toISOString()}' where tenant = $1`,
  );
  await until(
    () => nightOf(dayBefore),
    (one) => one?.status === 'done',
    40_000,
  );
  second.child.kill('SIGSTOP');
  const client = await database.owner.connect();
  try {
    await client.query(
      `begin; select from resource where type = 'Observation' and patient = '${name}-${members + 9}' for update`,
    );
    await ask(`update tenant_clock set domain_at = '${startOfLocalDate(date, zone).toISOString()}' where tenant = $1`);
    const night = await until(
      () => nightOf(date),
      (one) => (one?.members ?? 0) > 0,
      20_000,
    );
    act();
    return night as Night;
  } finally {
    await client.query('rollback');
    client.release();
    second.child.kill('SIGCONT');
  }
}

/** Caseload statuses of the members whose ids begin so: one that was computed twice has a second version or a second Observation. */
async function statuses(name: string): Promise<{ patient: string; said: string[] }[]> {
  return ask(
    `select patient, array_agg(concat_ws(' ', content::jsonb #>> '{valueCodeableConcept,coding,0,code}',
        content::jsonb #>> '{effectivePeriod,start}', 'v' || version) order by content::jsonb #>> '{effectivePeriod,start}') as said
      from resource where tenant = $1 and type = 'Observation' and patient like '${name}-%' group by patient`,
  );
}

const pausesOf = ({ output }: ServerProcess): { milliseconds: number; cpuMilliseconds: number }[] =>
  output()
    .split('\n')
    .filter((line) => line.includes('the event loop was blocked'))
    .map((line) => JSON.parse(line) as { milliseconds: number; cpuMilliseconds: number });

/** Writes a contact until it is stored, as a client that is told to come again does. */
async function insist(id: string, date: LocalDate): Promise<number[]> {
  const contact = contactOn(id, date);
  const seen: number[] = [];
  while (seen.at(-1) !== 201) {
    const { status, text } = await ehr.send('PUT', `/Encounter/${contact.id}`, contact);
    expect([200, 201, 503], text).toContain(status);
    seen.push(status);
    if (status === 200) break;
  }
  return seen;
}

const ready = async (server: ServerProcess): Promise<[number, { status: string; pausedMs?: number }]> => {
  const answer = await fetch(`${server.url}/readyz`);
  return [answer.status, (await answer.json()) as { status: string }];
};

test('blocked for 5 s: health is red, the log says how long, the night stays its own and nothing is done twice (F40)', {
  timeout: 90_000,
}, async () => {
  const date = addDays(begin, 20);
  expect(await ready(first)).toEqual([200, { status: 'ready', storage: 'outside' }]);
  const writes: Promise<number[]>[] = [];
  const before = await inTheMiddleOf(date, 'one', () => {
    for (let index = 0; index < 10; index++) writes.push(insist(`late-${index}`, addDays(begin, 10)));
    first.child.kill('SIGUSR2');
  });
  // The kernel takes the connection, nobody answers on it.
  await expect(fetch(`${first.url}/healthz`, { signal: AbortSignal.timeout(1_000) })).rejects.toThrow('timeout');
  const held = await nightOf(date);
  expect(held).toMatchObject({ status: 'running', fence: before.fence });
  for (let index = 10; index < 20; index++) writes.push(insist(`late-${index}`, addDays(begin, 10)));
  const [status, said] = await ready(first);
  expect(status, JSON.stringify(said)).toBe(503);
  expect(said).toMatchObject({ status: 'event loop was blocked', storage: 'outside' });
  expect(said.pausedMs).toBeGreaterThanOrEqual(blockMs);
  expect((await fetch(`${first.url}/healthz`)).status).toBe(200);
  await Promise.all(writes);
  const after = await until(
    () => nightOf(date),
    (night) => night?.status === 'done',
    30_000,
  );
  await worked();
  // Its lease outlived the pause: the second process, which looked each second, did not take it over.
  expect(after).toMatchObject({ fence: before.fence, members });
  const one = await statuses('one');
  expect(one).toHaveLength(members);
  for (const { patient: id, said: spells } of one)
    expect(spells, id).toEqual([`on ${addDays(begin, -2)} v1`, `off ${date} v1`]);
  const late = await statuses('late');
  expect(late).toHaveLength(20);
  for (const { patient: id, said: spells } of late) expect(spells, id).toEqual([`on ${addDays(begin, 10)} v1`]);
  const pause = pausesOf(first).find(({ milliseconds }) => milliseconds === said.pausedMs);
  expect(pause?.milliseconds).toBeLessThan(blockMs + 3_000);
  // A machine that has much else to do gives it little of the five seconds.
  expect(pause?.cpuMilliseconds).toBeGreaterThan(200);
  // Green again by itself.
  await until(
    () => ready(first),
    ([code]) => code === 200,
    15_000,
  );
});

test('stopped for longer than its locks live: another process takes the night over, and what wakes up writes nothing (F27, F40)', {
  timeout: 90_000,
}, async () => {
  const date = addDays(begin, 21);
  const before = await inTheMiddleOf(date, 'two', () => first.child.kill('SIGSTOP'));
  const stopped = performance.now();
  expect((await nightOf(date))?.status).toBe('running');
  // The lease would end by itself after half a minute. Where a transaction of the first holds the row, PostgreSQL ends that after 10 s.
  await ask(
    `update schedule_run set lease_until = now() - interval '1 second' where tenant = $1 and status = 'running'`,
  );
  const after = await until(
    async () => {
      // Where the answer has filled the socket of the stopped process the session is not idle: only an operator ends it (limits).
      await database.owner.query(
        `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and wait_event = 'ClientWrite'`,
      );
      return nightOf(date);
    },
    (night) => night?.status === 'done',
    30_000,
  );
  // Long enough for the watchdog, where the other was quick.
  await new Promise((later) => setTimeout(later, Math.max(0, 4_000 - (performance.now() - stopped))));
  const pausedMs = performance.now() - stopped;
  first.child.kill('SIGCONT');
  expect(Number(after?.fence)).toBeGreaterThan(Number(before.fence));
  // It serves again, having tried to go on with its night before.
  await insist('late-0', addDays(begin, 12));
  await until(
    async () => pausesOf(first).at(-1)?.milliseconds ?? 0,
    (milliseconds) => milliseconds > pausedMs - 1_000,
  );
  await worked();
  expect(await nightOf(date)).toEqual({ ...after, members });
  const two = await statuses('two');
  expect(two).toHaveLength(members);
  for (const { patient: id, said } of two) expect(said, id).toEqual([`on ${addDays(begin, -1)} v1`, `off ${date} v1`]);
  const pause = pausesOf(first).at(-1);
  // Stopped, not computing: the log tells the two apart.
  expect(pause?.cpuMilliseconds).toBeLessThan(pausedMs / 4);
});
