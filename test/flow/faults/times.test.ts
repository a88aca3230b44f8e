import { afterAll, beforeAll, expect, test } from 'vitest';
import { addDays } from '../../../src/base/time.ts';
import { coverage, episode, message } from '../../../src/cli/sandbox/people.ts';
import { ago, contactOn, payer, provider, settled, setUpMember, spells, today } from '../../support/caseload.ts';
import { type Caller, startTestServer, type TestServer } from '../../support/server.ts';

// T84: times that no calendar has, or that lie at its ends, in every place that a rule dates. None moves a status or breaks the work.
let server: TestServer;
let ehr: Caller;
beforeAll(async () => {
  server = await startTestServer();
  ehr = await server.caller('ehr', provider);
});
afterAll(async () => server.stop());

const times = [
  '0001-01-01T00:00:00Z',
  '0001-01-01T00:00:00+14:00',
  '9999-12-31T23:59:59Z',
  '9999-12-31T23:59:59-12:00',
  '2016-12-31T23:59:60Z',
  '2026-03-08T02:30:00-05:00',
  '2026-02-30T12:00:00Z',
  '2026-03-01T24:00:00Z',
  '2026-03-01T25:00:00Z',
  '2026-03-01T12:00:00+15:00',
  '2026-03-01T12:00:00',
  '0000-01-01T00:00:00Z',
  '10000-01-01T00:00:00Z',
  '2026-03-01T12:00:00.123456789123456789Z',
];

test.each(times)('%s: refused, or stored and worked off, and the status stands', async (time) => {
  const id = `time-${times.indexOf(time)}`;
  await setUpMember(ehr, id);
  await ehr.send('PUT', `/Encounter/contact-${id}-${ago(3)}`, contactOn(id, ago(3)));
  await settled(server);
  const before = await spells(ehr, id);
  expect(before).toMatchObject([{ value: 'on', start: ago(3), end: addDays(ago(3), 21) }]);
  const odd = { id: `odd-${id}`, start: time, end: time, signedAt: time };
  const coach = `Practitioner/coach-${id}`;
  const asked = message(`asked-${id}`, coach, `Patient/${id}`, id, time);
  const replied = message(`replied-${id}`, `Patient/${id}`, coach, id, time);
  const answers = await Promise.all([
    ehr.send('PUT', `/Encounter/odd-${id}`, contactOn(id, today(), odd)),
    ehr.send('PUT', `/Communication/asked-${id}`, asked),
    ehr.send('PUT', `/Communication/replied-${id}`, replied),
    // A second coverage and a second episode for it alone: what they say of the first must not change.
    ehr.send(
      'PUT',
      `/Coverage/odd-${id}`,
      coverage(`odd-${id}`, id, payer, 'masshealth-mco', { start: time, end: time }),
    ),
    ehr.send('PUT', `/EpisodeOfCare/odd-${id}`, {
      ...episode(`odd-${id}`, id, provider, `coach-${id}`, time),
      period: { start: time, end: time },
    }),
  ]);
  for (const { status, text } of answers) expect([201, 400, 422], text).toContain(status);
  await settled(server);
  const { rows } = await server.database.owner.query('select parked from outbox where tenant = $1', [server.tenant]);
  expect(rows).toEqual([]);
  const after = await spells(ehr, id);
  expect(after.filter(({ end, start }) => (start ?? '') >= ago(3) || (end ?? '') >= ago(3))).toEqual(before);
  for (const path of [`$ledger?start=${ago(5)}&end=${today()}`, `$caseload-status?asOf=${today()}`]) {
    const answer = await ehr.send('GET', `/EpisodeOfCare/episode-${id}/${path}`);
    expect(answer.status, answer.text).toBe(200);
  }
});

test.each(['0000-01-01', '0000', 'ge0000-01-01T00:00:00Z', '0001-01-01T00:00:00%2B14:00', '9999-12-31T23:59:59-12:00'])(
  'a search by date=%s is refused with the reason, and the ends of the calendar are not',
  async (date) => {
    const answer = await ehr.send('GET', `/Encounter?date=${date}`);
    expect([answer.status, answer.json['resourceType']], answer.text).toEqual([400, 'OperationOutcome']);
    expect((await ehr.send('GET', '/Encounter?date=ge0001-01-01&date=le9999-12-31')).status).toBe(200);
  },
);
