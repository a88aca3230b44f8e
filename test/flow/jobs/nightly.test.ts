import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TenantId } from '../../../src/base/ids.ts';
import { ok } from '../../../src/base/result.ts';
import { addDays, localDate, startOfLocalDate } from '../../../src/base/time.ts';
import { runSchedules } from '../../../src/jobs/nightly.ts';
import { doNightlyMembers } from '../../../src/service/recompute-work.ts';
import { claimRun, Fenced, finishRun, type Run } from '../../../src/store/schedule.ts';
import { moveTenantClock } from '../../../src/store/tenant-clock.ts';
import { contactOn, post, provider, settled, setUpMember, spells, until, zone } from '../../support/caseload.ts';
import { createTenant } from '../../support/database.ts';
import { type Caller, createCaller, startTestServer, type TestServer } from '../../support/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(async () => server.stop());

let tenants = 0;
/** A sandbox tenant of its own, whose clock stands at an instant, with an EHR client. */
async function tenantAt(
  instant: string,
): Promise<{ tenant: TenantId; ehr: Caller; moveTo(date: string, time?: string): Promise<void> }> {
  const name = `night-${++tenants}`;
  const tenant = await createTenant(server.database.db, name, new Date(instant), false);
  const ehr = await createCaller(
    server.database,
    `${server.url}/sandbox/${name}`,
    tenant,
    'ehr',
    provider,
    'system/*.cruds',
  );
  const { services } = server.running;
  const moveTo = async (date: string, time = '00:00:00'): Promise<void> => {
    const midnight = startOfLocalDate(localDate(date), zone);
    const [hours = 0, minutes = 0, seconds = 0] = time.split(':').map(Number);
    const at = new Date(midnight.getTime() + ((hours * 60 + minutes) * 60 + seconds) * 1_000);
    const moved = await services.db.transaction(tenant, async (tx) =>
      ok(await moveTenantClock(tx, tenant, at, services.wallClock, false)),
    );
    if (!moved.ok) throw new Error(JSON.stringify(moved.error));
  };
  return { tenant, ehr, moveTo };
}

const runsOf = async (tenant: TenantId) =>
  (
    await server.database.owner.query<{ local_date: string; status: string; members: number }>(
      `select local_date::text, status, members from schedule_run where tenant = $1 and job = 'caseload' and zone = $2 order by local_date`,
      [tenant, zone],
    )
  ).rows;
const ranOn = (tenant: TenantId, date: string) =>
  until(
    () => runsOf(tenant),
    (runs) => runs.some((run) => run.local_date === date && run.status === 'done'),
  );

test('at the first instant of day 22 the answer turns off; a contact later that day turns it back on and takes the off spell back (8.3.3)', async () => {
  const { ehr, moveTo, tenant } = await tenantAt('2025-03-01T20:00:00Z');
  await setUpMember(ehr, 'edge');
  await post(ehr, contactOn('edge', localDate('2025-03-01')));
  await settled(server, tenant);
  await moveTo('2025-03-22', '23:59:59');
  await ranOn(tenant, '2025-03-22');
  expect(await spells(ehr, 'edge')).toEqual([{ status: 'final', value: 'on', start: '2025-03-01', end: '2025-03-22' }]);
  await moveTo('2025-03-23');
  await ranOn(tenant, '2025-03-23');
  expect(await spells(ehr, 'edge')).toMatchObject([
    { value: 'on' },
    { value: 'off', start: '2025-03-23', end: undefined },
  ]);
  await moveTo('2025-03-23', '14:00:00');
  await post(ehr, contactOn('edge', localDate('2025-03-23')));
  await until(
    () => spells(ehr, 'edge'),
    (all) => all[0]?.end === '2025-04-13',
  );
  expect(await spells(ehr, 'edge')).toEqual([
    { status: 'final', value: 'on', start: '2025-03-01', end: '2025-04-13' },
    { status: 'entered-in-error', value: 'off', start: '2025-03-23', end: undefined },
  ]);
});

test('the night looks only at members whose answer changes by itself, once for each local date', async () => {
  const { ehr, moveTo, tenant } = await tenantAt('2025-03-01T20:00:00Z');
  for (const [id, date] of [
    ['one', '2025-03-01'],
    ['two', '2025-02-20'],
    ['three', '2025-02-27'],
  ] as const) {
    await setUpMember(ehr, id);
    await post(ehr, contactOn(id, localDate(date)));
  }
  await settled(server, tenant);
  await ranOn(tenant, '2025-03-01');
  await moveTo('2025-03-14');
  const runs = await ranOn(tenant, '2025-03-14');
  // A signature's midnight; the second member at risk, urgent, and off on day 22; the third at risk. Every date stands once.
  expect(runs.map(({ local_date }) => local_date)).toEqual(
    Array.from({ length: 14 }, (_, day) => addDays(localDate('2025-03-01'), day)),
  );
  expect(runs.every(({ status }) => status === 'done')).toBe(true);
  expect(runs.filter(({ members }) => members > 0).map(({ local_date, members }) => [local_date, members])).toEqual([
    ['2025-03-02', 1],
    ['2025-03-06', 1],
    ['2025-03-11', 1],
    ['2025-03-13', 1],
    ['2025-03-14', 1],
  ]);
});

test('nights that the server was down are caught up in order, and end like those of a server that was never down (F30)', async () => {
  const steady = await tenantAt('2025-03-01T20:00:00Z');
  const down = await tenantAt('2025-03-01T20:00:00Z');
  for (const { ehr } of [steady, down])
    for (const [id, date] of [
      ['one', '2025-02-06'],
      ['two', '2025-02-07'],
      ['three', '2025-02-08'],
      ['four', '2025-03-01'],
    ] as const) {
      await setUpMember(ehr, id);
      await post(ehr, contactOn(id, localDate(date)));
    }
  for (const { tenant } of [steady, down]) {
    await settled(server, tenant);
    await ranOn(tenant, '2025-03-01');
  }
  for (const date of ['2025-03-02', '2025-03-03', '2025-03-04']) {
    await steady.moveTo(date);
    await ranOn(steady.tenant, date);
  }
  await down.moveTo('2025-03-04');
  await ranOn(down.tenant, '2025-03-04');
  const canonical = async ({ ehr, tenant }: typeof steady) => ({
    runs: (await runsOf(tenant)).map(({ local_date, status }) => [local_date, status]),
    spells: await Promise.all(['one', 'two', 'three', 'four'].map((id) => spells(ehr, id))),
  });
  expect(await canonical(down)).toEqual(await canonical(steady));
  expect((await canonical(down)).spells.map((all) => all.at(-1)?.value)).toEqual(['off', 'off', 'off', 'on']);
});

describe('one run for each tenant, job, zone and local date (F26, F27)', () => {
  test('of fifty claims at once one is given, and while it is held no other', async () => {
    const quiet = await startTestServer({ ROLES: 'http' });
    try {
      const { db } = quiet.running.services;
      const schedule = { tenant: quiet.tenant, job: 'caseload', zone } as const;
      const claims = await Promise.all(
        Array.from({ length: 50 }, () => claimRun(db, schedule, localDate('2025-03-01'))),
      );
      const given = claims.flatMap((claim) => (claim.ok && claim.value ? [claim.value] : []));
      expect(given).toHaveLength(1);
      expect((await claimRun(db, schedule, localDate('2025-03-01'))).ok).toBe(true);
    } finally {
      await quiet.stop();
    }
  });

  test('a run whose lease ended is taken over; what the former holder then writes is rolled back', async () => {
    const quiet = await startTestServer({ ROLES: 'http' });
    try {
      const { owner } = quiet.database;
      const { services } = quiet.running;
      const ehr = await quiet.caller('ehr', provider);
      await setUpMember(ehr, 'zombie');
      await post(ehr, contactOn('zombie', localDate('2025-02-27')));
      const schedule = { tenant: quiet.tenant, job: 'caseload', zone } as const;
      const claim = async (): Promise<Run> => {
        const claimed = await claimRun(services.db, schedule, localDate('2025-03-01'));
        if (!claimed.ok || !claimed.value) throw new Error('no run');
        return claimed.value;
      };
      const zombie = await claim();
      await owner.query(`update schedule_run set lease_until = now() - interval '1 second'`);
      const heir = await claim();
      expect([heir.date, Number(heir.fence) > Number(zombie.fence)]).toEqual([zombie.date, true]);
      await expect(doNightlyMembers(services, zombie, ['zombie'])).rejects.toThrow(Fenced);
      const written = await owner.query(`select 1 from resource where type = 'Observation'`);
      expect(written.rowCount).toBe(0);
      expect((await doNightlyMembers(services, heir, ['zombie'])).ok).toBe(true);
      expect((await owner.query(`select 1 from resource where type = 'Observation'`)).rowCount).toBe(1);
      await expect(
        services.db.transaction(quiet.tenant, async (tx) => ok(await finishRun(tx, zombie))),
      ).rejects.toThrow(Fenced);
    } finally {
      await quiet.stop();
    }
  });

  test('two schedulers side by side: each date once, and each member once a night', async () => {
    const quiet = await startTestServer({ ROLES: 'http' });
    try {
      const { services } = quiet.running;
      const never = () => false;
      await Promise.all(Array.from({ length: 5 }, () => runSchedules({ ...services }, never)));
      const { rows } = await quiet.database.owner.query<{ job: string; runs: number }>(
        'select job, zone, count(*)::int as runs from schedule_run group by job, zone',
      );
      expect(rows.map(({ runs }) => runs)).toEqual(rows.map(() => 1));
    } finally {
      await quiet.stop();
    }
  });
});
