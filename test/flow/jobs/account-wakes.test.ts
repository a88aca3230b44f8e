import type { Encounter, Task } from '@medplum/fhirtypes';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { localDate } from '../../../src/base/time.ts';
import { coverage, organization } from '../../../src/cli/sandbox/people.ts';
import { runClosings, runSchedules } from '../../../src/jobs/nightly.ts';
import { doMembersWork } from '../../../src/service/recompute-work.ts';
import { type Books, closingFrom, openBooks } from '../../support/billing-close.ts';
import { contactOn, payer, post, provider, setUpMember, zone } from '../../support/caseload.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';

// Cost follows change (issue 4, background jobs): a night judges the charged days of those members alone for whom something comes true.
let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ ROLES: 'http' });
});
afterAll(async () => server.stop());

let opened = 0;
/** A member with one charged contact, of 3 March, on 20 March. */
async function charged(id: string): Promise<Books> {
  const it = await openBooks(server, `wakes-${++opened}`, '2026-03-20');
  await post(it.admin, organization(provider, 'Riverside', 'prov'));
  await setUpMember(it.ehr, id, { since: localDate('2026-01-02') });
  await post(it.ehr, contactOn(id, localDate('2026-03-03')));
  await night(it);
  const answer = await it.ehr.send('POST', `/EpisodeOfCare/episode-${id}/$charge`, {
    resourceType: 'Parameters',
    parameter: ['start', 'end'].map((name) => ({ name, valueDate: '2026-03-03' })),
  });
  expect(answer.status, answer.text).toBe(200);
  return it;
}

const night = (_: Books): Promise<void> => runSchedules({ ...server.running.services }, () => false);

async function recompute({ tenant }: Books, patient: string): Promise<void> {
  await server.database.owner.query(
    `insert into outbox (tenant, type, id, version, patient) values ($1, 'Encounter', 'any', 1, $2)`,
    [tenant, patient],
  );
  expect((await doMembersWork(server.running.services, tenant, [patient])).ok).toBe(true);
}

async function wakes({ tenant }: Books): Promise<string[]> {
  const { rows } = await server.database.owner.query<{ line: string }>(
    `select subject || ' ' || zone || ' ' || next_date as line from due_wake where tenant = $1 and subject like 'Account/%' order by 1`,
    [tenant],
  );
  return rows.map(({ line }) => line);
}

const states = async (it: Books, id: string): Promise<string[]> =>
  (await it.tasks(id, 'charge-correction')).map(({ status }: Task) => status ?? '');

describe('a member’s charges', () => {
  test('are looked at again in the night on which a note’s signature that lay ahead comes true, and the correction ends', async () => {
    const it = await charged('ahead');
    const contact: Encounter = contactOn('ahead', localDate('2026-03-03'), { signedAt: '2026-03-25T15:00:00Z' });
    const sent = await it.ehr.send('PUT', `/Encounter/${contact.id}`, contact);
    expect(sent.status, sent.text).toBe(200);
    await recompute(it, 'ahead');
    expect(await states(it, 'ahead')).toEqual(['requested']);
    expect((await wakes(it)).filter((line) => line.includes(zone))).toEqual([`Account/ahead ${zone} 2026-03-26`]);
    await it.moveTo('2026-03-25', '23:00:00');
    await night(it);
    expect(await states(it, 'ahead')).toEqual(['requested']);
    await it.moveTo('2026-03-26');
    await night(it);
    expect(await states(it, 'ahead')).toEqual(['cancelled']);
    expect((await wakes(it)).filter((line) => line.startsWith('Account/ahead America/New_York 2026-03'))).toEqual([]);
  });

  test('are left alone by a night without a wake for them, and judged by the next change and by such a night', async () => {
    const it = await charged('quiet');
    // Behind Footbridge’s back, so that nothing asks for work: a night that looked would see it.
    await server.database.owner.query(
      `update resource set content = replace(content, '"status":"finished"', '"status":"cancelled"') where tenant = $1 and type = 'Encounter'`,
      [it.tenant],
    );
    const due = (subject: string, date: string) =>
      server.database.owner.query(
        `insert into due_wake values ($1, $2, $3, $4) on conflict (tenant, subject, zone) do update set next_date = excluded.next_date`,
        [it.tenant, subject, zone, date],
      );
    await due('Patient/quiet', '2026-03-21');
    await it.moveTo('2026-03-21');
    await night(it);
    expect(await states(it, 'quiet')).toEqual([]);
    await due('Account/quiet', '2026-03-22');
    await it.moveTo('2026-03-22');
    await night(it);
    expect(await states(it, 'quiet')).toEqual(['requested']);
  });

  test('have their wake from the cutting on, whoever asked for it: what ends ahead is one', async () => {
    const it = await openBooks(server, `wakes-${++opened}`, '2026-04-09');
    await post(it.admin, closingFrom('2026-03-01'));
    await setUpMember(it.ehr, 'ends', { since: localDate('2026-01-02') });
    const ending = coverage('coverage-ends', 'ends', payer, 'masshealth-mco', {
      start: '2026-01-02',
      end: '2026-06-30',
    });
    expect((await it.ehr.send('PUT', '/Coverage/coverage-ends', ending)).status).toBe(200);
    await post(it.ehr, contactOn('ends', localDate('2026-03-03')));
    expect(await wakes(it)).toEqual([]);
    await it.moveTo('2026-04-10');
    await runClosings({ ...server.running.services }, () => false);
    expect(await it.charges('ends')).toHaveLength(22);
    expect((await wakes(it)).filter((line) => line.includes(zone))).toEqual([`Account/ends ${zone} 2026-06-30`]);
  });
});
