import { afterAll, beforeAll, expect, test } from 'vitest';
import { ago, contactOn, post, provider, settled, setUpMember, spells, until } from '../../support/caseload.ts';
import { type Caller, startTestServer, type TestServer } from '../../support/server.ts';

let server: TestServer;
let ehr: Caller;
beforeAll(async () => {
  server = await startTestServer({ LOG_LEVEL: 'error' });
  ehr = await server.caller('ehr', provider);
});
afterAll(async () => server.stop());

test('a member whose facts break us is parked with the reason, and holds up nobody', async () => {
  const { owner } = server.database;
  await setUpMember(ehr, 'poison');
  await setUpMember(ehr, 'healthy');
  await settled(server);
  await owner.query(`update resource set content = '{' where type = 'Coverage' and patient = 'poison'`);
  await post(ehr, contactOn('poison', ago(1)));
  await owner.query(`update outbox set attempts = 4 where patient = 'poison'`);
  await post(ehr, contactOn('healthy', ago(1)));
  await until(
    () => spells(ehr, 'healthy'),
    ([spell]) => spell?.value === 'on',
  );
  const parked = await until(
    async () =>
      (
        await owner.query<{ patient: string; parked: string }>(
          'select patient, parked from outbox where parked is not null',
        )
      ).rows,
    (rows) => rows.length > 0,
    20_000,
  );
  expect(parked[0]?.patient).toBe('poison');
  expect(parked[0]?.parked).toMatch(/JSON/);
}, 30_000);

test('a second recomputation finds no difference and writes nothing', async () => {
  const { owner } = server.database;
  await setUpMember(ehr, 'again');
  await post(ehr, contactOn('again', ago(30)), contactOn('again', ago(2)));
  await until(
    () => spells(ehr, 'again'),
    (all) => all.length === 3,
  );
  const state = async () =>
    (await owner.query(`select type, id, version, content from resource where patient = 'again' order by type, id`))
      .rows;
  const roster = async () =>
    (await owner.query(`select *, xmin::text from roster where patient = 'again' order by starts`)).rows;
  await settled(server);
  const [before, rosterBefore] = [await state(), await roster()];
  expect(rosterBefore).toHaveLength(2);
  await owner.query(
    `insert into outbox (tenant, type, id, version, patient) values ($1, 'Patient', 'again', 1, 'again')`,
    [server.tenant],
  );
  await settled(server);
  expect([await state(), await roster()]).toEqual([before, rosterBefore]);
});
