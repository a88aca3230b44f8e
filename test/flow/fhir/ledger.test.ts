import type { Parameters } from '@medplum/fhirtypes';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addDays } from '../../../src/base/time.ts';
import { consent, coverage, organization, patient } from '../../../src/cli/sandbox/people.ts';
import { ago, caseloads, contactOn, payer, post, provider, setUpMember } from '../../support/caseload.ts';
import { type Caller, startTestServer, type TestServer } from '../../support/server.ts';

let server: TestServer;
let ehr: Caller;
let plan: Caller;
beforeAll(async () => {
  server = await startTestServer();
  ehr = await server.caller('ehr', provider);
  plan = await server.caller('plan', payer, 'system/*.rs');
  const admin = await server.caller('admin');
  const stored = await admin.send('PUT', `/Organization/${provider}`, organization(provider, 'Riverside', 'prov'));
  expect(stored.status, stored.text).toBe(201);
  await setUpMember(ehr, 'ledger', { consents: false });
  await post(ehr, contactOn('ledger', ago(30)), contactOn('ledger', ago(5)));
});
afterAll(async () => server.stop());

interface Span {
  readonly from: string;
  readonly to: string;
  readonly status: string;
  readonly [name: string]: unknown;
}

/** The caseload spans of an answer, as plain objects. */
async function ledger(query: string, caller: Caller = ehr, episode = 'ledger'): Promise<Span[]> {
  const answer = await caller.send('GET', `/EpisodeOfCare/episode-${episode}/$ledger?${query}`);
  expect(answer.status, answer.text).toBe(200);
  const spans = ((answer.json as unknown as Parameters).parameter ?? []).filter(({ name }) => name === 'caseload');
  return caseloads({ json: { parameter: spans } }).map((told) => {
    const { end, start } = told['period'] as { start: string; end: string };
    return { ...told, from: start, to: end, status: String(told['status']) };
  });
}

function billing(json: unknown): Record<string, unknown>[] {
  const spans = ((json as Parameters).parameter ?? []).filter(({ name }) => name === 'billing');
  return caseloads({ json: { parameter: spans } });
}

describe('$ledger', () => {
  test('the days of a period are spans without a gap, each with its last day, its contact and its sentence', async () => {
    const spans = await ledger(`start=${ago(32)}&end=${ago(0)}`);
    expect(spans.map(({ from, status, to }) => [from, to, status])).toEqual([
      [ago(32), ago(31), 'off'],
      [ago(30), ago(9), 'on'],
      [ago(8), ago(6), 'off'],
      [ago(5), ago(0), 'on'],
    ]);
    expect(spans[1]).toMatchObject({ contactDate: ago(30), lastDay: ago(9) });
    expect(spans[3]).toMatchObject({ contactDate: ago(5), lastDay: addDays(ago(5), 21) });
    for (const span of spans) expect(span['quote']).toContain('within the past 21 days');
    expect(spans[3]?.['decidingContact']).toMatchObject({ reference: expect.stringMatching(/^Encounter\//) });
  });

  test('each span says what would change it', async () => {
    const spans = await ledger(`start=${ago(32)}&end=${ago(0)}`);
    expect(spans[3]?.['change']).toBe(`A documented contact by ${addDays(ago(5), 21)} keeps the member on.`);
    expect(spans[1]?.['change']).toBe(
      `Only a contact by ${ago(9)} that is documented late keeps the member on after it.`,
    );
    // Nobody can have a new contact on a day that is past.
    const late = 'Only a contact of that day or of the 21 days before it that is documented late puts the member on.';
    expect([spans[0]?.['change'], spans[2]?.['change']]).toEqual([late, late]);
    const [ahead] = await ledger(`start=${addDays(ago(5), 22)}&end=${addDays(ago(5), 30)}`);
    expect([ahead?.status, ahead?.['change']]).toEqual(['off', expect.stringMatching(/^A new contact/)]);
  });

  test('a coverage change in the middle: each day is judged by the ruleset of its own day', async () => {
    await setUpMember(ehr, 'moved');
    await post(ehr, contactOn('moved', ago(10)));
    const before = await ledger(`start=${ago(10)}&end=${ago(0)}`, ehr, 'moved');
    expect(before.map(({ status }) => status)).toEqual(['on']);
    const current = await ehr.send('GET', '/Coverage/coverage-moved');
    expect(current.status, current.text).toBe(200);
    const ended = { ...current.json, period: { start: ago(400), end: ago(5) } };
    expect((await ehr.send('PUT', '/Coverage/coverage-moved', ended)).status).toBe(200);
    const next = coverage('coverage-moved-next', 'moved', 'org-next', 'masshealth-one-care', { start: ago(4) });
    await post(ehr, next);
    const spans = await ledger(`start=${ago(10)}&end=${ago(0)}`, ehr, 'moved');
    const mce = spans.filter(({ ruleset }) => String(ruleset).includes('masshealth-mce'));
    expect(mce.map(({ from, reason, status, to }) => [from, to, status, reason])).toEqual([
      [ago(10), ago(5), 'on', 'coverage ends'],
      [ago(4), ago(0), 'not-applicable', 'no-coverage'],
    ]);
  });

  test('knownAt before a contact was entered: the days are as they were known then', async () => {
    await setUpMember(ehr, 'known');
    const before = new Date().toISOString();
    await new Promise((resolve) => setTimeout(resolve, 20));
    await post(ehr, contactOn('known', ago(3)));
    const at = `&knownAt=${encodeURIComponent(before)}`;
    const then = await ledger(`start=${ago(3)}&end=${ago(0)}${at}`, ehr, 'known');
    const now = await ledger(`start=${ago(3)}&end=${ago(0)}`, ehr, 'known');
    expect([then.map(({ status }) => status), now.map(({ status }) => status)]).toEqual([['off'], ['on']]);
  });

  test('billing: a closed day on the caseload bills H2016-HM, with a contact or without; today waits until it has closed', async () => {
    await setUpMember(ehr, 'billed', { since: ago(60) });
    await post(ehr, contactOn('billed', ago(30)), contactOn('billed', ago(5)));
    const { json } = await ehr.send('GET', `/EpisodeOfCare/episode-billed/$ledger?start=${ago(32)}&end=${ago(0)}`);
    const days = billing(json).map(({ charge, reason, result }) => [result, charge ?? reason]);
    expect(days).toEqual([
      ['not-met', 'caseload-off: no contact within 21 days'],
      ['met', 'H2016-HM'],
      ['not-met', 'caseload-off: no contact within 21 days'],
      ['met', 'H2016-HM'],
      ['indeterminate', 'day-not-closed'],
    ]);
    const [, billed] = billing(json);
    expect(billed).toMatchObject({ rule: 'B-2', period: { start: ago(30), end: ago(9) } });
    expect(billed?.['quote']).toContain('must allow providers to bill daily');
  });

  test('billing: past the first 90 days a plan whose settings nobody knows leaves the day open, and says so', async () => {
    await setUpMember(ehr, 'later', { since: ago(100) });
    await post(ehr, contactOn('later', ago(15)));
    const { json } = await ehr.send('GET', `/EpisodeOfCare/episode-later/$ledger?start=${ago(15)}&end=${ago(1)}`);
    // The first day is 100 days ago, so the 90th was 11 days ago.
    expect(billing(json).map(({ period, reason, result }) => [period, result, reason])).toEqual([
      [{ start: ago(15), end: ago(11) }, 'met', undefined],
      [{ start: ago(10), end: ago(1) }, 'indeterminate', 'A-2 plan-config'],
    ]);
  });

  test('billing: what another charge has taken is not billed twice', async () => {
    await setUpMember(ehr, 'charged', { since: ago(60) });
    await post(ehr, contactOn('charged', ago(4)), {
      resourceType: 'ChargeItem',
      id: 'charge-charged',
      status: 'billed',
      code: { coding: [{ system: 'http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets', code: 'H2016' }] },
      subject: { reference: 'Patient/charged' },
      context: { reference: 'EpisodeOfCare/episode-charged' },
      performingOrganization: { reference: `Organization/${provider}` },
      occurrenceDateTime: ago(3),
    });
    const { json } = await ehr.send('GET', `/EpisodeOfCare/episode-charged/$ledger?start=${ago(4)}&end=${ago(2)}`);
    expect(billing(json).map(({ evidence, reason, result }) => [result, reason, evidence !== undefined])).toEqual([
      ['met', undefined, true],
      ['not-met', 'already-charged', true],
      ['met', undefined, true],
    ]);
  });

  test('what cannot be right is told beside the answers, with what to correct; a plan is not told', async () => {
    await setUpMember(ehr, 'unknown', { product: 'gold-ppo' });
    await post(ehr, contactOn('unknown', ago(3)));
    const query = `start=${ago(3)}&end=${ago(0)}`;
    const contradictions = async (caller: Caller, member: string) => {
      const { json } = await caller.send('GET', `/EpisodeOfCare/episode-${member}/$ledger?${query}`);
      const parts = ((json as unknown as Parameters).parameter ?? []).filter(({ name }) => name === 'contradiction');
      return caseloads({ json: { parameter: parts } });
    };
    expect(await contradictions(ehr, 'unknown')).toMatchObject([
      {
        code: 'unknown-plan',
        result: 'indeterminate',
        reason: 'unknown-plan: gold-ppo',
        evidence: { reference: 'Coverage/coverage-unknown' },
        change: expect.stringContaining('Correct Coverage.class of type plan'),
      },
    ]);
    expect(await contradictions(ehr, 'ledger')).toEqual([]);
    await setUpMember(ehr, 'died');
    await post(ehr, { ...patient({ id: 'died', given: 'Robin', family: 'Alder' }), deceasedBoolean: true });
    expect(await contradictions(ehr, 'died')).toMatchObject([{ code: 'death-without-date' }]);
    expect((await plan.send('GET', `/EpisodeOfCare/episode-died/$ledger?${query}`)).status).toBe(200);
    expect(await contradictions(plan, 'died')).toEqual([]);
  });

  test('an episode that was deleted is gone now, and answers as it did to who asks what was known before', async () => {
    await setUpMember(ehr, 'deleted');
    await post(ehr, contactOn('deleted', ago(3)));
    const ask = (knownAt = ''): Promise<{ status: number; text: string }> =>
      ehr.send('GET', `/EpisodeOfCare/episode-deleted/$ledger?start=${ago(5)}&end=${ago(1)}${knownAt}`);
    const before = await ask();
    const known = `&knownAt=${encodeURIComponent(new Date().toISOString())}`;
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect((await ehr.send('DELETE', '/EpisodeOfCare/episode-deleted')).status).toBeLessThan(300);
    expect((await ask()).status).toBe(404);
    const replayed = await ask(known);
    expect([replayed.status, replayed.text]).toEqual([200, before.text]);
    expect(before.text).toContain('"on"');
    const stranger = await server.caller('ehr', 'org-stranger');
    const path = `/EpisodeOfCare/episode-deleted/$ledger?start=${ago(5)}&end=${ago(1)}${known}`;
    expect((await stranger.send('GET', path)).status).toBe(404);
  });

  test('a plan: nothing without a Consent, with one its own spans and no contact', async () => {
    const query = `start=${ago(32)}&end=${ago(0)}`;
    expect((await plan.send('GET', `/EpisodeOfCare/episode-ledger/$ledger?${query}`)).status).toBe(404);
    await post(ehr, consent('consent-ledger-plan', 'ledger', payer, ago(100)));
    const spans = await ledger(query, plan);
    expect(spans.map(({ status }) => status)).toEqual(['off', 'on', 'off', 'on']);
    for (const span of spans) expect(span).not.toHaveProperty('decidingContact');
    const { json } = await plan.send('GET', `/EpisodeOfCare/episode-ledger/$ledger?${query}`);
    expect(billing(json)).toEqual([]);
  });

  test.each([
    ['', 'start and end'],
    ['start=2026-01-01', 'start and end'],
    ['start=2026-02-30&end=2026-03-01', 'YYYY-MM-DD'],
    ['start=2026-03-02&end=2026-03-01', '1 to 367 days'],
    ['start=2020-01-01&end=2026-01-01', '1 to 367 days'],
    ['start=2026-01-01&end=2026-01-31&month=1', 'too much'],
    ['start=2026-01-01&end=2026-01-31&ruleset=nobody', 'not known here'],
    ['start=2026-01-01&end=2026-01-31&knownAt=2126-01-01T00:00:00Z', 'future'],
  ])('?%s is refused in words', async (query, words) => {
    const { json, status } = await ehr.send('GET', `/EpisodeOfCare/episode-ledger/$ledger?${query}`);
    expect(status).toBe(400);
    expect(JSON.stringify(json)).toContain(words);
  });
});
