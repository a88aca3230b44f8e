import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Parameters, ParametersParameter } from '@medplum/fhirtypes';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { addMonths, localDate } from '../../../src/base/time.ts';
import { organization } from '../../../src/cli/sandbox/people.ts';
import { previewRulesets } from '../../../src/service/preview-rulesets.ts';
import type { Access } from '../../../src/store/access.ts';
import { ago, contactOn, post, provider, settled, setUpMember, today } from '../../support/caseload.ts';
import { michiganMember, michiganVisit } from '../../support/michigan-member.ts';
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
  await post(await server.caller('admin'), organization(provider, 'Riverside', 'prov'));
  for (const [member, days] of Object.entries({ edge: 21, near: 20, far: 40 })) {
    await setUpMember(ehr, member, { since: ago(60) });
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

function changesOf(json: unknown, name = 'change'): Record<string, unknown>[] {
  const flat = (part: ParametersParameter): unknown =>
    part.part
      ? Object.fromEntries(part.part.map((one) => [one.name, flat(one)]))
      : (part.valueReference?.reference ??
        part.valuePeriod ??
        part.valueCode ??
        part.valueDate ??
        part.valueUri ??
        part.valueInteger ??
        part.valueString);
  return ((json as Parameters).parameter ?? [])
    .filter((part) => part.name === name)
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

const days = (start: string, end: string): ParametersParameter[] => [
  { name: 'start', valueDate: start },
  { name: 'end', valueDate: end },
];

test('the day that is lost is not billable any more; a day that is not closed and days to come are no change', async () => {
  const { json } = await ask(ehr, file(strict));
  expect((json as unknown as Parameters).parameter).toContainEqual({
    name: 'period',
    valuePeriod: { start: addMonths(localDate(`${today().slice(0, 7)}-01`), -1), end: today() },
  });
  const lost = {
    episode: 'EpisodeOfCare/episode-far',
    payer: 'Organization/org-payer',
    period: { start: ago(19), end: ago(19) },
    before: { result: 'met', charge: 'H2016-HM', units: 1 },
    after: { result: 'not-met', reason: 'caseload-off: no contact within 20 days' },
  };
  expect(changesOf(json, 'billing')).toMatchObject([{ ...lost, charged: 0 }]);
  const before = await ask(ehr, file(strict), ...days(ago(40), ago(20)));
  expect(changesOf(before.json, 'billing')).toEqual([]);
});

test('what the ledger says of the day is what stands before; a charged day is told as one that would be corrected', async () => {
  const day = `start=${ago(19)}&end=${ago(19)}`;
  const ledger = async (): Promise<Record<string, unknown>[]> =>
    changesOf((await ehr.send('GET', `/EpisodeOfCare/episode-far/$ledger?${day}`)).json, 'billing');
  expect(await ledger()).toMatchObject([{ result: 'met', charge: 'H2016-HM' }]);
  const charged = await ehr.send('POST', '/EpisodeOfCare/episode-far/$charge', {
    resourceType: 'Parameters',
    parameter: days(ago(25), ago(18)),
  });
  expect(charged.status, charged.text).toBe(200);
  expect(await ledger()).toMatchObject([{ result: 'not-met', reason: 'already-charged' }]);
  const [change, ...others] = changesOf((await ask(ehr, file(strict))).json, 'billing');
  expect(others).toEqual([]);
  expect(change).toMatchObject({ before: { result: 'met' }, after: { result: 'not-met' }, charged: 1 });
});

test('a contact that would be other units is told by its reference, to whom may not read contacts by its date alone', async () => {
  const admin = await server.caller('admin');
  const lakeshore = await server.caller('ehr', 'detroit-recovery');
  await post(admin, ...michiganMember.filter(({ resourceType }) => resourceType === 'Organization'));
  await post(lakeshore, ...michiganMember.filter(({ resourceType }) => resourceType !== 'Organization'));
  await post(lakeshore, michiganVisit());
  const cmhsp = readFileSync(resolve(import.meta.dirname, '../../../rulesets/michigan-cmhsp.yaml'), 'utf8');
  const halfHours = cmhsp.replace(/unitMinutes:(\s+)value: 15/, 'unitMinutes:$1value: 30');
  expect(halfHours).not.toBe(cmhsp);
  const asked = [file(halfHours), ...days('2025-03-01', '2025-03-31')];
  const change = {
    period: { start: '2025-03-05', end: '2025-03-05' },
    before: { result: 'met', charge: 'T1012', units: 4 },
    after: { result: 'met', charge: 'T1012', units: 2 },
  };
  expect(changesOf((await ask(lakeshore, ...asked)).json, 'billing')).toMatchObject([
    { ...change, contact: 'Encounter/visit' },
  ]);
  const narrow = await server.caller('ehr', 'detroit-recovery', 'system/Observation.r system/EpisodeOfCare.r');
  const { json, text } = await ask(narrow, ...asked);
  expect(changesOf(json, 'billing')).toMatchObject([change]);
  expect(text).not.toContain('Encounter/visit');
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
  expect(seen.map(String).sort()).toEqual([
    'EpisodeOfCare/episode-edge',
    'EpisodeOfCare/episode-far',
    'EpisodeOfCare/episode-near',
  ]);
});

test('the records of some members at a time are read, and each read is audited with its members', async () => {
  const many = await server.caller('ehr', 'org-many');
  const names = Array.from({ length: 60 }, (_, index) => `many-${String(index).padStart(2, '0')}`);
  for (const name of names)
    await post(
      many,
      { resourceType: 'Patient', id: name, name: [{ family: 'Alder' }], gender: 'unknown' },
      {
        resourceType: 'EpisodeOfCare',
        id: `episode-${name}`,
        status: 'active',
        patient: { reference: `Patient/${name}` },
        managingOrganization: { reference: 'Organization/org-many' },
        period: { start: ago(60) },
      },
    );
  const { headers, json } = await ask(many, file(strict));
  expect((json as unknown as Parameters).parameter).toContainEqual({ name: 'members', valueInteger: 60 });
  const { rows } = await server.database.owner.query<{ patients: string[] }>(
    `select patients from audit where tenant = $1 and request_id = $2 order by patients`,
    [server.tenant, headers.get('x-request-id')],
  );
  expect(rows.map(({ patients }) => patients.length)).toEqual([25, 25, 10]);
  expect(rows.flatMap(({ patients }) => patients)).toEqual(names);
});

test('a page that takes long ends with the member that it is at, and the next one goes on there', async () => {
  let now = Date.now();
  // Each look at the clock is ten seconds after the last: the second member is one too many.
  const wallClock = {
    now: () => {
      now += 10_000;
      return new Date(now);
    },
  };
  const access: Access = {
    tenant: server.tenant,
    clientId: ehr.clientId,
    kind: 'ehr',
    organization: provider,
    grants: [{ type: '*', rights: new Set(['r']), filter: [] }],
    clock: { now: () => new Date() },
    today: today(),
  };
  const page = (after: string | undefined) =>
    previewRulesets({ ...server.running.services, wallClock }, access, {
      files: [strict],
      start: undefined,
      end: undefined,
      after,
      most: 200,
      requestId: 'slow',
    });
  const seen = async (after: string | undefined) => {
    const answer = await page(after);
    if (!answer.ok) throw new Error(JSON.stringify(answer.error));
    const { parameter = [] } = answer.value;
    return [
      parameter.find(({ name }) => name === 'members')?.valueInteger,
      parameter.find(({ name }) => name === 'next')?.valueString,
    ];
  };
  expect(await seen(undefined)).toEqual([2, 'far']);
  expect(await seen('far')).toEqual([1, undefined]);
});

test('another organisation’s members are not in it', async () => {
  const other = await server.caller('ehr', 'org-b');
  const { json } = await ask(other, file(strict));
  expect((json as unknown as Parameters).parameter).toEqual([
    { name: 'total', valueInteger: 0 },
    { name: 'members', valueInteger: 0 },
    expect.objectContaining({ name: 'period' }),
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
    { resourceType: 'Parameters', parameter: [file(mce), { name: 'start', valueDate: '2026-02-30' }] },
    { resourceType: 'Parameters', parameter: [file(mce), ...days(ago(9), ago(8)), ...days(ago(9), ago(8))] },
  ]) {
    const answer = await ehr.send('POST', '/EpisodeOfCare/$preview-rulesets', body);
    expect([answer.status, answer.text]).toEqual([400, expect.stringContaining('takes Parameters with ruleset')]);
  }
});

test.each([
  ['ends before it begins', ago(3), ago(4)],
  ['is longer than a year and a day', ago(400), ago(1)],
])('a period that %s is refused with its length', async (_name, start, end) => {
  const answer = await ask(ehr, file(mce), ...days(start, end));
  expect([answer.status, answer.text]).toEqual([400, expect.stringContaining('Preview 1 to 367 days')]);
});
