import type { Parameters, Task } from '@medplum/fhirtypes';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readConfig } from '../../../src/app/config.ts';
import { startFootbridge } from '../../../src/app/server.ts';
import { ok } from '../../../src/base/result.ts';
import { coachRole, practitioner, waiverRequest } from '../../../src/cli/sandbox/people.ts';
import { doCoachesAnew } from '../../../src/service/recompute-work.ts';
import { lockCoaches } from '../../../src/store/outbox.ts';
import { Fenced } from '../../../src/store/schedule.ts';
import { ago, contactOn, post, provider, settled, setUpMember, spells, until } from '../../support/caseload.ts';
import { type Caller, startTestServer, type TestServer } from '../../support/server.ts';

let server: TestServer;
let ehr: Caller;
let admin: Caller;
beforeAll(async () => {
  server = await startTestServer();
  ehr = await server.caller('ehr', provider);
  admin = await server.caller('admin');
  for (const member of ['one', 'two', 'three']) {
    await setUpMember(ehr, member);
    await post(ehr, contactOn(member, ago(3)));
  }
  await settled(server);
});
afterAll(async () => server.stop());

function told(json: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { parameter = [] } = json as unknown as Parameters;
  return Object.fromEntries(
    parameter.map(({ name, valueCode, valueInteger, valueString }) => [name, valueCode ?? valueInteger ?? valueString]),
  );
}

async function done(): Promise<Record<string, unknown>> {
  return until(
    async () => told((await admin.send('GET', '/EpisodeOfCare/$recompute')).json),
    ({ status }) => status === 'done',
  );
}

test('a full recomputation of what is right writes nothing', async () => {
  const asked = await admin.send('POST', '/EpisodeOfCare/$recompute');
  expect(asked.status).toBe(202);
  expect(asked.headers.get('content-location')).toMatch(/\/fhir\/R4\/EpisodeOfCare\/\$recompute$/);
  expect(await done()).toMatchObject({ reason: 'request', total: 3, members: 3, changed: 0 });
});

test('what was lost or altered in the store is made right, and nothing else is touched', async () => {
  const before = await spells(ehr, 'two');
  const { owner } = server.database;
  await owner.query(`delete from roster where tenant = $1 and patient = 'one'`, [server.tenant]);
  await owner.query(
    `update resource set content = replace(content, '"on"', '"off"') where tenant = $1 and patient = 'two' and type = 'Observation'`,
    [server.tenant],
  );
  await admin.send('POST', '/EpisodeOfCare/$recompute');
  expect(await done()).toMatchObject({ members: 3, changed: 1 });
  expect((await spells(ehr, 'two')).filter(({ status }) => status === 'final')).toEqual(before);
  const { rows } = await owner.query(`select patient from roster where tenant = $1 order by patient`, [server.tenant]);
  expect(rows.map(({ patient }: { patient: string }) => patient)).toEqual(['one', 'three', 'two']);
});

test('who asks while one is under way is told of that one', async () => {
  await server.database.owner.query(
    `insert into recomputation (tenant, reason, requested_by, requested_at, total, lease_until) values ($1, 'request', 'someone', now(), 9, now() + interval '1 hour')`,
    [server.tenant],
  );
  const asked = told((await admin.send('POST', '/EpisodeOfCare/$recompute')).json);
  expect(asked).toMatchObject({ status: 'waiting', total: 9 });
  await server.database.owner.query(`update recomputation set lease_until = now() where tenant = $1`, [server.tenant]);
  await done();
});

describe('alerts about coaches', () => {
  const late = ['coach-late-a', 'coach-late-m', 'coach-late-z'];
  const alerts = async (coach: string): Promise<(Task & { id: string })[]> => {
    const { json } = await ehr.send('GET', `/Task?subject=Practitioner/${coach}`);
    return ((json['entry'] as { resource: Task & { id: string } }[] | undefined) ?? []).map(({ resource }) => resource);
  };
  const wakes = async (): Promise<string[]> => {
    const { rows } = await server.database.owner.query<{ subject: string }>(
      `select distinct subject from due_wake where tenant = $1 and subject like 'Practitioner/coach-late-%' order by subject`,
      [server.tenant],
    );
    return rows.map(({ subject }) => subject.slice('Practitioner/'.length));
  };

  beforeAll(async () => {
    const hired = ago(2 * 365 - 60);
    for (const id of late)
      await post(
        ehr,
        practitioner({ id, given: 'Avery', family: 'Birch' }, provider, { hired, certified: 'working' }),
        coachRole(`${id}-role`, id, provider, hired),
      );
    for (const id of late)
      await until(
        () => alerts(id),
        (found) => found.length === 1,
      );
  });

  /** The store as it would be had nobody ever computed what is due of the late coaches. */
  async function lose(): Promise<void> {
    const { owner } = server.database;
    const { rows } = await owner.query<{ id: string }>(
      `delete from resource where tenant = $1 and type = 'Task' and content like '%Practitioner/coach-late-%' returning id`,
      [server.tenant],
    );
    for (const table of ['search_key', 'search_date'])
      await owner.query(`delete from ${table} where tenant = $1 and id = any($2::text[])`, [
        server.tenant,
        rows.map(({ id }) => id),
      ]);
    await owner.query(`delete from due_wake where tenant = $1 and subject like 'Practitioner/coach-late-%'`, [
      server.tenant,
    ]);
  }

  test('are computed anew with the members: what was lost is opened under its own id, and wakes again', async () => {
    const before = await Promise.all(late.map(alerts));
    await lose();
    expect([await wakes(), await alerts('coach-late-m')]).toEqual([[], []]);
    await admin.send('POST', '/EpisodeOfCare/$recompute');
    expect(await done()).toMatchObject({ members: 3, changed: 0 });
    const said = (tasks: readonly (Task & { id: string })[]): object[] => tasks.map(({ meta: _meta, ...rest }) => rest);
    expect((await Promise.all(late.map(alerts))).map(said)).toEqual(before.map(said));
    expect(await wakes()).toEqual(late);
  });

  test('one that was broken off among the coaches goes on after the last that was done, and does no member again', async () => {
    await lose();
    await server.database.owner.query(
      `insert into recomputation (tenant, reason, requested_by, requested_at, total, members, cursor)
        values ($1, 'request', 'someone', now(), 3, 3, 'Practitioner/coach-late-a')`,
      [server.tenant],
    );
    expect(await done()).toMatchObject({ total: 3, members: 3 });
    expect(await wakes()).toEqual(['coach-late-m', 'coach-late-z']);
  });

  test('whoever lost the recomputation writes none', async () => {
    await lose();
    const { services } = server.running;
    const stale = { tenant: server.tenant, id: '1', fence: '0', cursor: null };
    await expect(doCoachesAnew(services, stale, late)).rejects.toThrow(Fenced);
    expect([await wakes(), await alerts('coach-late-a')]).toEqual([[], []]);
  });

  test('one computation of a coach waits for another, so that who read older facts does not write last', async () => {
    const { services } = server.running;
    const stale = { tenant: server.tenant, id: '1', fence: '0', cursor: null };
    const other = await services.db.transaction(server.tenant, async (tx) => {
      await lockCoaches(tx, server.tenant, ['coach-late-m']);
      const asked = doCoachesAnew(services, stale, late).catch((error: unknown) => error);
      const soon = await Promise.race([asked, new Promise((later) => setTimeout(later, 300, 'waits'))]);
      return ok({ asked, soon });
    });
    if (!other.ok) throw new Error(JSON.stringify(other.error));
    expect(other.value.soon).toBe('waits');
    expect(await other.value.asked).toBeInstanceOf(Fenced);
  });
});

test('only an administrator may ask or watch', async () => {
  for (const caller of [ehr, await server.caller('plan', 'org-payer'), await server.caller('auditor')])
    for (const method of ['GET', 'POST']) {
      const answer = await caller.send(method, '/EpisodeOfCare/$recompute');
      expect(answer.status).toBe(403);
      expect(answer.text).toContain('kind admin');
    }
  const odd = await admin.send('GET', '/EpisodeOfCare/$recompute?since=2026-01-01');
  expect([odd.status, odd.text]).toEqual([400, expect.stringContaining('since=2026-01-01 is too much')]);
});

test('a process that comes up with other rulesets has everyone computed anew, once', async () => {
  const { connectionString } = server.database.connection as { connectionString: string };
  const restart = async (): Promise<void> => {
    const { config, secrets } = readConfig({
      PORT: '0',
      DATA_DIR: '/tmp',
      DATABASE_URL: connectionString,
      ROLES: 'jobs',
    });
    const other = await startFootbridge({ config, secrets });
    await done();
    await new Promise((later) => setTimeout(later, 1_500));
    await other.stop();
  };
  const changes = async (): Promise<number> =>
    (
      await server.database.owner.query<{ n: number }>(
        `select count(*)::int as n from recomputation where tenant = $1 and reason = 'ruleset-change'`,
        [server.tenant],
      )
    ).rows[0]?.n ?? 0;
  expect(await changes()).toBe(0);
  // What a process with another version of a file would have left.
  await server.database.owner.query(`update setting set value = 'another' where tenant = $1 and name = 'rulesets'`, [
    server.tenant,
  ]);
  await restart();
  expect(await changes()).toBe(1);
  expect(await done()).toMatchObject({ reason: 'ruleset-change', members: 3, changed: 0 });
  await restart();
  expect(await changes()).toBe(1);
});

test('what was submitted for a waiver has the coach’s members computed anew when it arrives, and when it is taken back', async () => {
  const coach = 'coach-waiting';
  await setUpMember(ehr, 'waiting', { coachId: coach });
  const waiver = { payer: 'org-payer', start: ago(30), end: ago(-30), document: 'waiver-request' };
  // Certified nowhere, and hired long ago: only the waiver can help.
  await post(
    ehr,
    practitioner({ id: coach, given: 'Wren', family: 'Willow' }, provider, {
      hired: '2022-03-01',
      certified: 'working',
      waiver,
    }),
    contactOn('waiting', ago(2), { coach }),
  );
  await settled(server);
  const now = async () =>
    (await spells(ehr, 'waiting')).flatMap(({ status, value }) =>
      status === 'entered-in-error' ? [] : [value ?? 'open'],
    );
  expect(await now()).toEqual(['open']);
  const request = waiverRequest('waiver-request', coach, provider, new Date().toISOString());
  await post(ehr, request);
  await settled(server);
  expect(await now()).toEqual(['on']);
  await post(ehr, { ...request, status: 'entered-in-error' });
  await settled(server);
  expect(await now()).toEqual(['open']);
});
