import type { Parameters } from '@medplum/fhirtypes';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readConfig } from '../../../src/app/config.ts';
import { startFootbridge } from '../../../src/app/server.ts';
import { practitioner, waiverRequest } from '../../../src/cli/sandbox/people.ts';
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
