import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TenantId } from '../../../src/base/ids.ts';
import { addDays, localDate } from '../../../src/base/time.ts';
import { runSchedules } from '../../../src/jobs/nightly.ts';
import type { Services } from '../../../src/service/context.ts';
import { doMembersWork } from '../../../src/service/recompute-work.ts';
import { createTenant } from '../../../src/store/tenants.ts';
import { contactOn, post, provider, setUpMember, spells, zone } from '../../support/caseload.ts';
import { type Caller, createCaller, startTestServer, type TestServer } from '../../support/server.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const never = () => false;

let server: TestServer;
beforeAll(async () => {
  // No jobs of its own: each test runs the schedules of nodes with clocks of their own.
  server = await startTestServer({ ROLES: 'http' });
  await server.database.owner.query('delete from tenant_name');
});
afterAll(async () => server.stop());

/** A tenant that no other test shares, whose clock shows `instant` when the wall clock shows `wallAt` and runs with it. */
async function tenantAt(name: string, instant: string, wallAt: Date): Promise<TenantId> {
  const made = await createTenant(server.database.db, name, new Date(instant), { now: () => wallAt }, true);
  if (!made.ok) throw new Error(JSON.stringify(made.error));
  return made.value;
}

/** A process of its own, which remembers nothing and whose clock is off. */
const node = (skewMs: number, more: Partial<Services> = {}): Services => ({
  ...server.running.services,
  wallClock: { now: () => new Date(Date.now() + skewMs) },
  ...more,
});

async function runsOf(tenant: TenantId, of: string) {
  const { rows } = await server.database.owner.query<{ date: string; status: string; members: number }>(
    `select local_date::text as date, status, members from schedule_run
      where tenant = $1 and job = 'caseload' and zone = $2 order by fence`,
    [tenant, of],
  );
  return rows;
}

describe('the night comes once for each date of a zone, at the first instant of the date that exists (F29)', () => {
  const cases: [zone: string, from: string, dates: string[]][] = [
    ['America/New_York', '2026-10-31T12:00:00Z', ['2026-10-31', '2026-11-01', '2026-11-02']],
    ['America/New_York', '2027-03-13T12:00:00Z', ['2027-03-13', '2027-03-14', '2027-03-15']],
    ['Australia/Lord_Howe', '2026-04-03T20:00:00Z', ['2026-04-04', '2026-04-05', '2026-04-06']],
    ['Australia/Lord_Howe', '2026-10-02T20:00:00Z', ['2026-10-03', '2026-10-04', '2026-10-05']],
    ['Europe/Dublin', '2026-10-24T12:00:00Z', ['2026-10-24', '2026-10-25', '2026-10-26']],
    ['Africa/Casablanca', '2026-02-14T12:00:00Z', ['2026-02-14', '2026-02-15', '2026-02-16']],
    ['America/Santiago', '2026-04-04T12:00:00Z', ['2026-04-04', '2026-04-05', '2026-04-06']],
    ['America/Santiago', '2026-09-05T12:00:00Z', ['2026-09-05', '2026-09-06', '2026-09-07']],
    ['America/Asuncion', '2023-09-30T12:00:00Z', ['2023-09-30', '2023-10-01', '2023-10-02']],
    ['America/Asuncion', '2024-03-23T12:00:00Z', ['2024-03-23', '2024-03-24', '2024-03-25']],
    // Samoa went from the 29th to the 31st; the run of the 30th is kept for what was to change on it, after the 29th has ended.
    ['Pacific/Apia', '2011-12-29T12:00:00Z', ['2011-12-29', '2011-12-30', '2011-12-31', '2012-01-01']],
    ['America/New_York', '2028-02-28T12:00:00Z', ['2028-02-28', '2028-02-29', '2028-03-01']],
  ];

  test.each(cases)('%s from %s', { timeout: 60_000 }, async (of, from, dates) => {
    const wallAt = new Date(Date.now() - 3 * day);
    const name = `zone-${from.slice(0, 10)}-${of.replaceAll(/[/_]/g, '-').toLowerCase()}`;
    const tenant = await tenantAt(name, from, wallAt);
    const [ruleset] = server.running.services.rulesets;
    if (!ruleset) throw new Error('no ruleset');
    let now = wallAt;
    const services = { ...node(0), wallClock: { now: () => now }, rulesets: [{ ...ruleset, zone: of }] };
    const calendar = new Intl.DateTimeFormat('en-CA', { timeZone: of });
    for (let tick = 0; tick <= (2 * day) / (15 * minute); tick++) {
      now = new Date(wallAt.getTime() + tick * 15 * minute);
      const today = calendar.format(new Date(Date.parse(from) + tick * 15 * minute));
      // One that has run since the start, and one that was started this moment.
      await Promise.all([runSchedules(services, never), runSchedules({ ...services }, never)]);
      const so = dates.slice(0, dates.indexOf(today) + 1);
      expect(so.at(-1)).toBe(today);
      expect(await runsOf(tenant, of)).toEqual(so.map((date) => ({ date, status: 'done', members: 0 })));
    }
    expect((await runsOf(tenant, of)).map(({ date }) => date)).toEqual(dates);
    await server.database.owner.query('delete from tenant_name where name = $1', [name]);
  });
});

describe('clocks of nodes that are off or jump (F28)', () => {
  /** A member who turns off at the midnight after `instant`, at which the tenant's clock stands when the wall clock shows now. */
  async function beforeMidnight(name: string, instant: string): Promise<{ tenant: TenantId; ehr: Caller }> {
    // Begun two hours before, since a tenant's clock never shows less than it began with.
    const before = new Date(Date.parse(instant) - 2 * hour).toISOString();
    const tenant = await tenantAt(name, before, new Date(Date.now() - 2 * hour));
    const base = `${server.url}/sandbox/${name}`;
    const ehr = await createCaller(server.database, base, tenant, 'ehr', provider, 'system/*.cruds');
    await setUpMember(ehr, name);
    await post(ehr, contactOn(name, addDays(localDate('2025-03-22'), -21)));
    expect((await doMembersWork(node(0), tenant, [name])).ok).toBe(true);
    expect(await spells(ehr, name)).toMatchObject([{ value: 'on', start: '2025-03-01', end: '2025-03-22' }]);
    return { tenant, ehr };
  }
  const forget = (name: string) => server.database.owner.query('delete from tenant_name where name = $1', [name]);
  /** Lets the tenant's time pass: the day went by for the database and for every node. */
  const pass = (tenant: TenantId, milliseconds: number) =>
    server.database.owner.query(
      `update tenant_clock set domain_at = domain_at + $2 * interval '1 millisecond' where tenant = $1`,
      [tenant, milliseconds],
    );

  test('nodes an hour and five minutes apart, side by side over a midnight: no night and no member twice', async () => {
    const { ehr, tenant } = await beforeMidnight('skewed', '2025-03-22T23:30:00-04:00');
    const skews = [-hour, -5 * minute, 0, 5 * minute];
    for (let tick = 0; tick < 8; tick++) {
      await Promise.all(skews.map((skew) => runSchedules(node(skew), never)));
      await pass(tenant, 15 * minute);
    }
    expect(await runsOf(tenant, zone)).toEqual([
      { date: '2025-03-22', status: 'done', members: 0 },
      { date: '2025-03-23', status: 'done', members: 1 },
    ]);
    expect((await spells(ehr, 'skewed')).map(({ start, value }) => [start, value])).toEqual([
      ['2025-03-01', 'on'],
      ['2025-03-23', 'off'],
    ]);
    await forget('skewed');
  });

  test('a node a day ahead does not run the night of tomorrow; tomorrow it runs', async () => {
    const { ehr, tenant } = await beforeMidnight('ahead', '2025-03-22T12:00:00-04:00');
    await runSchedules(node(day), never);
    expect(await runsOf(tenant, zone)).toEqual([{ date: '2025-03-22', status: 'done', members: 0 }]);
    const purges = await server.database.owner.query(
      `select from schedule_run where tenant = $1 and job = 'purge' and local_date > (now() at time zone 'UTC')::date`,
      [tenant],
    );
    expect(purges.rowCount).toBe(0);
    expect(await spells(ehr, 'ahead')).toHaveLength(1);
    await pass(tenant, day);
    await runSchedules(node(-hour), never);
    expect((await runsOf(tenant, zone)).at(-1)).toEqual({ date: '2025-03-23', status: 'done', members: 1 });
    expect((await spells(ehr, 'ahead')).map(({ start, value }) => [start, value])).toEqual([
      ['2025-03-01', 'on'],
      ['2025-03-23', 'off'],
    ]);
    await forget('ahead');
  });

  test('a node a day ahead leaves the tokens and jtis of today', async () => {
    const { tenant } = await beforeMidnight('purge', '2025-03-22T12:00:00-04:00');
    const { owner } = server.database;
    await owner.query(
      `insert into used_jti (tenant, client_id, jti, expires_at) select $1, client_id, 'one', now() + interval '4 minutes' from client where tenant = $1`,
      [tenant],
    );
    await runSchedules(node(day), never);
    expect((await owner.query('select from used_jti where tenant = $1', [tenant])).rowCount).toBe(1);
    expect((await owner.query('select from access_token where tenant = $1', [tenant])).rowCount).toBe(1);
    await forget('purge');
  });

  test('a worker an hour behind counts the contact that was signed and stored a moment ago by clocks that are right', async () => {
    const { ehr, tenant } = await beforeMidnight('behind', '2025-03-22T12:00:00-04:00');
    await pass(tenant, day);
    const at = (time: string): string => `2025-03-23T${time}:00-04:00`;
    await post(
      ehr,
      contactOn('behind', localDate('2025-03-23'), { start: at('11:15'), end: at('11:45'), signedAt: at('11:50') }),
    );
    expect((await doMembersWork(node(-hour), tenant, ['behind'])).ok).toBe(true);
    expect(await spells(ehr, 'behind')).toMatchObject([{ value: 'on', start: '2025-03-01', end: '2025-04-13' }]);
    await forget('behind');
  });
});
