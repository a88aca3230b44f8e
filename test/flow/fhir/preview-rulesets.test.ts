import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Parameters, ParametersParameter } from '@medplum/fhirtypes';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ago, contactOn, post, provider, settled, setUpMember, today } from '../../support/caseload.ts';
import { type Caller, startTestServer, type TestServer } from '../../support/server.ts';

const mce = readFileSync(resolve(import.meta.dirname, '../../../rulesets/masshealth-mce.yaml'), 'utf8');
const version = /^version: (\S+)$/m.exec(mce)?.[1] ?? '';
/** The stricter reading: the contact's own day is day 1. */
const strict = mce.replace(/windowDays:\s*\{ value: 21|windowDays:\n(\s+)value: 21/, (found) =>
  found.replace('21', '20'),
);

let server: TestServer;
let ehr: Caller;
beforeAll(async () => {
  server = await startTestServer();
  ehr = await server.caller('ehr', provider);
  for (const [member, days] of Object.entries({ edge: 21, near: 20, far: 40 })) {
    await setUpMember(ehr, member);
    await post(ehr, contactOn(member, ago(days)));
  }
  await settled(server);
});
afterAll(async () => server.stop());

const ask = (caller: Caller, ...parameter: ParametersParameter[]) =>
  caller.send('POST', '/EpisodeOfCare/$preview-rulesets', {
    resourceType: 'Parameters',
    parameter,
  } satisfies Parameters);
const file = (yaml: string): ParametersParameter => ({ name: 'ruleset', valueString: yaml });

function changesOf(json: unknown): Record<string, unknown>[] {
  const flat = (part: ParametersParameter): unknown =>
    part.part
      ? Object.fromEntries(part.part.map((one) => [one.name, flat(one)]))
      : (part.valueReference?.reference ??
        part.valueCode ??
        part.valueDate ??
        part.valueUri ??
        part.valueInteger ??
        part.valueString);
  return ((json as Parameters).parameter ?? [])
    .filter(({ name }) => name === 'change')
    .map((part) => flat(part) as Record<string, unknown>);
}

test('the file is really another one', () => {
  expect(strict).not.toBe(mce);
});

test('one day less would take off whom the 21st day keeps on; who is on all the same loses a day', async () => {
  const answer = await ask(ehr, file(strict));
  expect(answer.status).toBe(200);
  const changes = changesOf(answer.json);
  const of = (member: string) => changes.find(({ episode }) => episode === `EpisodeOfCare/episode-${member}`);
  expect(of('edge')).toMatchObject({
    coach: 'Practitioner/coach-edge',
    payer: 'Organization/org-payer',
    before: { status: 'on', lastDay: today() },
    after: { status: 'off', reason: 'no contact within 20 days' },
  });
  expect(of('near')).toMatchObject({
    before: { status: 'on', lastDay: ago(-1) },
    after: { status: 'on', lastDay: today() },
  });
  // Off today either way, and yet its past spell would have ended a day earlier.
  expect(of('far')).toMatchObject({ before: { status: 'off' }, after: { status: 'off' }, spells: 4 });
});

test('nothing was stored: the status is what it was', async () => {
  const status = await ehr.send('GET', '/EpisodeOfCare/episode-edge/$caseload-status');
  expect(status.text).toContain('"valueCode":"on"');
});

test('the same file changes nobody', async () => {
  const answer = await ask(ehr, file(mce));
  expect(changesOf(answer.json)).toEqual([]);
  expect((answer.json as unknown as Parameters).parameter).toContainEqual({ name: 'total', valueInteger: 3 });
});

test('pages go on where the last one ended, and come to an end', async () => {
  const seen: string[] = [];
  for (let after: string | undefined, page = 0; page === 0 || after !== undefined; page++) {
    expect(page).toBeLessThan(4);
    const more = after === undefined ? [] : [{ name: 'after', valueString: after }];
    const { json } = await ask(ehr, file(strict), { name: 'count', valueInteger: 1 }, ...more);
    seen.push(...changesOf(json).map(({ episode }) => String(episode)));
    after = (json as unknown as Parameters).parameter?.find(({ name }) => name === 'next')?.valueString;
  }
  expect(seen.sort()).toEqual([
    'EpisodeOfCare/episode-edge',
    'EpisodeOfCare/episode-far',
    'EpisodeOfCare/episode-near',
  ]);
});

test('another organisation’s members are not in it', async () => {
  const other = await server.caller('ehr', 'org-b');
  const { json } = await ask(other, file(strict));
  expect((json as unknown as Parameters).parameter).toEqual([
    { name: 'total', valueInteger: 0 },
    { name: 'members', valueInteger: 0 },
  ]);
});

test('a plan, a referrer and an administrator are refused in words', async () => {
  for (const caller of [
    await server.caller('plan', 'org-payer'),
    await server.caller('referrer', 'org-c'),
    await server.caller('admin'),
  ]) {
    const answer = await ask(caller, file(strict));
    expect([answer.status, answer.text]).toEqual([403, expect.stringContaining('provider whose they are')]);
  }
});

test.each([
  ['broken YAML', 'name: [', 400, 'Correct the YAML'],
  [
    'a notification window under 14 days',
    mce.replace(/notificationDays:([\s\S]*?)value: 14/, 'notificationDays:$1value: 13'),
    400,
    'under the 14 days',
  ],
  [
    'two versions on the same days',
    mce.replace(`version: ${version}`, 'version: 9.9.9'),
    400,
    'End the earlier one with effectiveTo',
  ],
])('%s is refused with the key and the remedy', async (_name, yaml, status, words) => {
  expect(yaml).not.toBe(mce);
  const answer = await ask(ehr, file(yaml));
  expect([answer.status, answer.text]).toEqual([status, expect.stringContaining(words)]);
});

test('a body that is none of its own is refused with what it takes', async () => {
  for (const body of [
    {},
    { resourceType: 'Parameters', parameter: [] },
    { resourceType: 'Parameters', parameter: [{ name: 'ruleset' }] },
    { resourceType: 'Parameters', parameter: [file(mce), { name: 'count', valueInteger: 0 }] },
  ]) {
    const answer = await ehr.send('POST', '/EpisodeOfCare/$preview-rulesets', body);
    expect([answer.status, answer.text]).toEqual([400, expect.stringContaining('takes Parameters with ruleset')]);
  }
});
