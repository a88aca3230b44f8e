import type { Parameters } from '@medplum/fhirtypes';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addDays } from '../../../src/base/time.ts';
import { consent, coverage } from '../../../src/cli/sandbox/people.ts';
import { ago, caseloads, contactOn, payer, post, provider, setUpMember } from '../../support/caseload.ts';
import { type Caller, startTestServer, type TestServer } from '../../support/server.ts';

let server: TestServer;
let ehr: Caller;
let plan: Caller;
beforeAll(async () => {
  server = await startTestServer();
  ehr = await server.caller('ehr', provider);
  plan = await server.caller('plan', payer, 'system/*.rs');
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
    expect(spans[2]?.['change']).toMatch(/^A new contact/);
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

  test('a plan: nothing without a Consent, with one its own spans and no contact', async () => {
    const query = `start=${ago(32)}&end=${ago(0)}`;
    expect((await plan.send('GET', `/EpisodeOfCare/episode-ledger/$ledger?${query}`)).status).toBe(404);
    await post(ehr, consent('consent-ledger-plan', 'ledger', payer, ago(100)));
    const spans = await ledger(query, plan);
    expect(spans.map(({ status }) => status)).toEqual(['off', 'on', 'off', 'on']);
    for (const span of spans) expect(span).not.toHaveProperty('decidingContact');
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
