import type { Bundle, Group } from '@medplum/fhirtypes';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addDays } from '../../../src/base/time.ts';
import { consent, coverage } from '../../../src/cli/sandbox/people.ts';
import {
  ago,
  caseloads,
  contactOn,
  payer,
  post,
  provider,
  settled,
  setUpMember,
  spells,
  until,
} from '../../support/caseload.ts';
import { type Answer, type Caller, startTestServer, type TestServer } from '../../support/server.ts';

let server: TestServer;
let ehr: Caller;
let plan: Caller;
let otherPlan: Caller;
let neighbour: Caller;
beforeAll(async () => {
  server = await startTestServer();
  ehr = await server.caller('ehr', provider);
  neighbour = await server.caller('ehr', 'org-b');
  plan = await server.caller('plan', payer, 'system/*.rs');
  otherPlan = await server.caller('plan', 'org-other-payer', 'system/*.rs');
  await setUpMember(ehr, 'asked');
  await post(ehr, contactOn('asked', ago(30)), contactOn('asked', ago(5)));
  await until(
    () => spells(ehr, 'asked'),
    (all) => all.length === 3,
  );
});
afterAll(async () => server.stop());

const path = '/EpisodeOfCare/episode-asked/$caseload-status';
const textOf = ({ json }: Answer): string =>
  (json as { issue: { details: { text: string } }[] }).issue[0]?.details.text ?? '';
const ask = async (query: string, caller: Caller = ehr) => caseloads(await caller.send('GET', `${path}${query}`))[0];

describe('$caseload-status answers for any day', () => {
  test.each([
    [30, 'on', 9],
    [9, 'on', 9],
    [8, 'off', undefined],
    [6, 'off', undefined],
    [5, 'on', -16],
    [0, 'on', -16],
  ] as const)('%i days ago: %s', async (days, status, lastDayAgo) => {
    const answer = await ask(`?asOf=${ago(days)}`);
    const lastDay = lastDayAgo === undefined ? undefined : ago(lastDayAgo);
    expect(answer).toMatchObject({ status });
    expect(answer?.['lastDay']).toBe(lastDay);
    expect(answer?.['daysLeft']).toBe(lastDayAgo === undefined ? undefined : days - lastDayAgo);
  });

  test('before the first contact and far ahead it is off, and the quoted sentence and its document stand beside it', async () => {
    for (const day of [ago(31), addDays(ago(5), 22)])
      expect(await ask(`?asOf=${day}`)).toMatchObject({ status: 'off', reason: 'no contact within 21 days' });
    const answer = await ask('');
    expect(answer?.['quote']).toContain('documented contact with the member within the past 21 days');
    expect(answer?.['source']).toMatch(/MassHealth .*Billing/);
    expect(answer?.['ruleset']).toBe('https://footbridge.example/fhir/ruleset/masshealth-mce|1.0.0');
  });

  test('knownAt: what was recorded later is not known, an earlier version counts, and a deletion is not yet', async () => {
    await setUpMember(ehr, 'bitemporal');
    const before = new Date().toISOString();
    await new Promise((resolve) => setTimeout(resolve, 20));
    await post(ehr, contactOn('bitemporal', ago(3)));
    const withContact = new Date(Date.now() + 5).toISOString();
    await new Promise((resolve) => setTimeout(resolve, 20));
    await post(ehr, { ...contactOn('bitemporal', ago(3)), status: 'entered-in-error' });
    expect((await ehr.send('DELETE', '/PractitionerRole/coach-bitemporal-role')).status).toBe(204);
    const statusAt = async (knownAt: string) =>
      caseloads(
        await ehr.send(
          'GET',
          `/EpisodeOfCare/episode-bitemporal/$caseload-status?knownAt=${encodeURIComponent(knownAt)}`,
        ),
      )[0]?.['status'];
    expect([await statusAt(before), await statusAt(withContact), await statusAt(new Date().toISOString())]).toEqual([
      'off',
      'on',
      'off',
    ]);
  });

  test('measures that do not bind stand as parts of a caseload that does not apply', async () => {
    await setUpMember(ehr, 'measured', { product: 'optum-commercial' });
    await post(ehr, contactOn('measured', ago(4)));
    const [answer] = caseloads(await ehr.send('GET', '/EpisodeOfCare/episode-measured/$caseload-status'));
    expect(answer).toMatchObject({ status: 'not-applicable' });
    const measure = Object.fromEntries(
      ((answer?.['measure'] ?? []) as { name: string }[]).map((part) => [
        part.name,
        Object.values(part).find((value) => value !== part.name),
      ]),
    );
    expect(measure).toMatchObject({ rule: expect.any(String), result: 'met', count: 1, dueDate: addDays(ago(4), 21) });
    await settled(server);
    expect(await spells(ehr, 'measured')).toEqual([]);
  });

  test.each([
    ['?asOf=yesterday', 'YYYY-MM-DD'],
    ['?asOf=2026-02-30', 'YYYY-MM-DD'],
    ['?knownAt=2026-01-01', 'offset'],
    ['?knownAt=2999-01-01T00:00:00Z', 'future'],
    ['?ruleset=nobody', 'masshealth-mce'],
    ['?day=2026-01-01', 'asOf'],
    ['?asOf=2026-01-01&asOf=2026-01-02', 'once'],
  ])('%s is answered with what to send', async (query, says) => {
    const answer = await ehr.send('GET', `${path}${query}`);
    expect(answer.status).toBe(400);
    expect(textOf(answer)).toContain(says);
  });

  test('a ruleset is asked for by name, url or url|version', async () => {
    const url = 'https://footbridge.example/fhir/ruleset/masshealth-mce';
    for (const name of ['masshealth-mce', url, `${url}|1.0.0`])
      expect(await ask(`?ruleset=${encodeURIComponent(name)}`)).toMatchObject({ status: 'on' });
    expect(await ask('?ruleset=optum')).toBeUndefined();
  });
});

describe('who may ask', () => {
  test('the plan that covers and was consented to; to all others the episode is not there, in the same words', async () => {
    expect(await ask('', plan)).toMatchObject({ status: 'on' });
    const unknown = await otherPlan.send('GET', '/EpisodeOfCare/episode-nobody/$caseload-status');
    for (const caller of [otherPlan, neighbour]) {
      const answer = await caller.send('GET', path);
      expect([answer.status, textOf(answer)]).toEqual([
        404,
        textOf(unknown).replace('episode-nobody', 'episode-asked'),
      ]);
    }
  });

  test('not when coverage or consent has ended, and not without the scope', async () => {
    await setUpMember(ehr, 'ended');
    await post(ehr, contactOn('ended', ago(2)));
    const see = () => plan.send('GET', '/EpisodeOfCare/episode-ended/$caseload-status');
    expect((await see()).status).toBe(200);
    await post(ehr, coverage('coverage-ended', 'ended', payer, 'masshealth-mco', { start: '2024-01-02', end: ago(1) }));
    expect((await see()).status).toBe(404);
    await post(ehr, coverage('coverage-ended', 'ended', payer, 'masshealth-mco', { start: '2024-01-02' }));
    await post(ehr, { ...consent('consent-ended', 'ended', payer, '2024-01-02'), status: 'inactive' });
    expect((await see()).status).toBe(404);
    const narrow = await server.caller('plan', payer, 'system/CarePlan.rs');
    expect((await narrow.send('GET', path)).status).toBe(403);
  });

  test('each answer leaves an audit row in its transaction', async () => {
    const count = async () =>
      (
        await server.database.owner.query<{ n: number }>(
          `select count(*)::int as n from audit where interaction = '$caseload-status' and client_id = $1`,
          [plan.clientId],
        )
      ).rows[0]?.n ?? 0;
    const before = await count();
    await ask('', plan);
    expect(await count()).toBe(before + 1);
  });
});

describe('rosters', () => {
  const rosters = async (caller: Caller, query = '') =>
    (((await caller.send('GET', `/Group${query}`)).json as unknown as Bundle<Group>).entry ?? []).map(
      ({ resource }) => resource as Group,
    );

  test('a plan reads its members on the caseload, by payer and by coach, with periods', async () => {
    const [whole] = await rosters(plan, `?managing-entity=Organization/${payer}&member=Patient/asked`);
    const member = whole?.member?.filter(({ entity }) => entity.reference === 'Patient/asked');
    expect(member).toEqual([
      { entity: { reference: 'Patient/asked' }, period: { start: ago(30), end: ago(9) }, inactive: true },
      { entity: { reference: 'Patient/asked' }, period: { start: ago(5), end: addDays(ago(5), 21) }, inactive: false },
    ]);
    const [byCoach] = await rosters(plan, '?coach=Practitioner/coach-asked');
    expect(new Set(byCoach?.member?.map(({ entity }) => entity.reference))).toEqual(new Set(['Patient/asked']));
    const read = await plan.send('GET', `/Group/${byCoach?.id}`);
    expect([read.status, read.headers.get('etag')]).toEqual([200, `W/"${byCoach?.meta?.versionId}"`]);
  });

  test('another plan and another organisation have none, and what they may not see does not move their ETag', async () => {
    expect(await rosters(otherPlan)).toEqual([]);
    expect(await rosters(neighbour)).toEqual([]);
    const [mine] = await rosters(plan, '?coach=Practitioner/coach-asked');
    expect((await neighbour.send('GET', `/Group/${mine?.id}`)).status).toBe(404);
    await setUpMember(ehr, 'hidden', { consents: false });
    const [whole] = await rosters(plan, `?managing-entity=Organization/${payer}`);
    await post(ehr, contactOn('hidden', ago(1)));
    await until(
      () => spells(ehr, 'hidden'),
      (all) => all.length === 1,
    );
    const [after] = await rosters(plan, `?managing-entity=Organization/${payer}`);
    expect(after).toEqual(whole);
  });

  test('cannot be written, and an unknown criterion is named', async () => {
    expect((await ehr.send('POST', '/Group', { resourceType: 'Group', type: 'person', actual: true })).status).toBe(
      405,
    );
    const answer = await plan.send('GET', '/Group?code=x');
    expect([answer.status, textOf(answer)]).toEqual([400, expect.stringContaining('managing-entity')]);
  });
});
