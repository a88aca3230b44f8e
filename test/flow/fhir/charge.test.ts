import type { Bundle, ChargeItem, OperationOutcome } from '@medplum/fhirtypes';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LocalDate } from '../../../src/base/time.ts';
import { coverage, organization } from '../../../src/cli/sandbox/people.ts';
import { hcpcs, structure } from '../../../src/fhir/canonical.ts';
import { ago, contactOn, payer, post, provider, setUpMember } from '../../support/caseload.ts';
import { michiganMember, michiganVisit } from '../../support/michigan-member.ts';
import { type Answer, type Caller, startTestServer, type TestServer } from '../../support/server.ts';

let server: TestServer;
let ehr: Caller;
beforeAll(async () => {
  server = await startTestServer();
  ehr = await server.caller('ehr', provider);
  const admin = await server.caller('admin');
  await post(admin, organization(provider, 'Riverside', 'prov'));
});
afterAll(async () => server.stop());

function body(start: LocalDate | string, end: LocalDate | string, more: object[] = []): object {
  const days = [
    { name: 'start', valueDate: start },
    { name: 'end', valueDate: end },
  ];
  return { resourceType: 'Parameters', parameter: [...days, ...more] };
}

function ask(member: string, start: LocalDate, end: LocalDate, more: object[] = [], caller = ehr): Promise<Answer> {
  return caller.send('POST', `/EpisodeOfCare/episode-${member}/$charge`, body(start, end, more));
}

interface Charged {
  readonly status: string | undefined;
  readonly item: ChargeItem;
}

async function charge(...asked: Parameters<typeof ask>): Promise<Charged[]> {
  const answer = await ask(...asked);
  expect(answer.status, answer.text).toBe(200);
  return chargedIn(answer);
}

function chargedIn({ json }: Answer): Charged[] {
  const { entry = [], type } = json as unknown as Bundle;
  expect(type).toBe('transaction-response');
  return entry.map(({ resource, response }) => ({ status: response?.status, item: resource as ChargeItem }));
}

function words({ json }: Answer): string {
  return ((json as unknown as OperationOutcome).issue ?? []).map(({ details }) => details?.text ?? '').join(' ');
}

describe('$charge', () => {
  test('each billable day of a closed period is one H2016-HM, with the contact that it rests on', async () => {
    await setUpMember(ehr, 'month', { since: ago(60) });
    await post(ehr, contactOn('month', ago(30)));
    const made = await charge('month', ago(32), ago(1));
    expect(made.map(({ item }) => item.occurrenceDateTime)).toEqual(
      Array.from({ length: 22 }, (_, index) => ago(30 - index)),
    );
    expect(new Set(made.map(({ status }) => status))).toEqual(new Set(['201']));
    const [{ item }] = made as [Charged];
    expect(item).toMatchObject({
      status: 'billable',
      code: { coding: [{ system: hcpcs, code: 'H2016' }] },
      subject: { reference: 'Patient/month' },
      context: { reference: 'EpisodeOfCare/episode-month' },
      performingOrganization: { reference: `Organization/${provider}` },
      performer: [{ actor: { reference: 'Practitioner/coach-month' } }],
      quantity: { value: 1, unit: 'day' },
      definitionUri: [expect.stringMatching(/masshealth-mce\|/)],
    });
    expect(item.extension?.[0]).toMatchObject({
      url: structure('modifier'),
      valueCodeableConcept: { coding: [{ system: hcpcs, code: 'HM' }] },
    });
    expect(item.supportingInformation).toContainEqual({ reference: `Encounter/contact-month-${ago(30)}` });
    expect(item.meta?.security?.map(({ code }) => code)).toContain('42CFRPart2');
    const read = await ehr.send('GET', `/ChargeItem/${item.id}`);
    expect([read.status, read.json]).toEqual([200, item]);
    const found = await ehr.send('GET', '/ChargeItem?patient=Patient/month&_summary=count');
    expect(found.json['total']).toBe(22);
  });

  test('asked again, or for more days, it makes only what was not there; the ledger tells of the charge', async () => {
    await setUpMember(ehr, 'again', { since: ago(60) });
    await post(ehr, contactOn('again', ago(5)));
    const first = await charge('again', ago(5), ago(3));
    const second = await charge('again', ago(6), ago(1));
    expect(second.map(({ status }) => status)).toEqual(['200', '200', '200', '201', '201']);
    expect(second.slice(0, 3).map(({ item }) => item)).toEqual(first.map(({ item }) => item));
    const third = await charge('again', ago(6), ago(1));
    expect(third.map(({ status }) => status)).toEqual(['200', '200', '200', '200', '200']);
    const { text } = await ehr.send('GET', `/EpisodeOfCare/episode-again/$ledger?start=${ago(5)}&end=${ago(5)}`);
    expect(text).toContain('already-charged');
    expect(text).toContain(`ChargeItem/${first[0]?.item.id}`);
  });

  test('what was charged is told although its coverage has gone, and nothing is charged beside it', async () => {
    await setUpMember(ehr, 'lapsed', { since: ago(60) });
    await post(ehr, contactOn('lapsed', ago(5)));
    const first = await charge('lapsed', ago(5), ago(4));
    expect((await ehr.send('DELETE', '/Coverage/coverage-lapsed')).status).toBe(204);
    const again = await charge('lapsed', ago(5), ago(1));
    expect(again).toEqual(first.map(({ item }) => ({ status: '200', item })));
    const ruleset = (name: string) => [{ name: 'ruleset', valueString: name }];
    expect(await charge('lapsed', ago(5), ago(1), ruleset('masshealth-mce'))).toEqual(again);
    expect(await charge('lapsed', ago(5), ago(1), ruleset('tufts'))).toEqual([]);
  });

  test('requests that cross charge each day once', async () => {
    await setUpMember(ehr, 'crossing', { since: ago(60) });
    await post(ehr, contactOn('crossing', ago(5)));
    const answers = await Promise.all([1, 2, 3, 4].map(() => ask('crossing', ago(5), ago(1))));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    const made = answers.flatMap(chargedIn).filter(({ status }) => status === '201');
    expect(made).toHaveLength(5);
    const found = await ehr.send('GET', '/ChargeItem?patient=Patient/crossing&_summary=count');
    expect(found.json['total']).toBe(5);
  });

  test('an Idempotency-Key repeats the very answer', async () => {
    await setUpMember(ehr, 'key', { since: ago(60) });
    await post(ehr, contactOn('key', ago(5)));
    const send = () =>
      ehr.send('POST', '/EpisodeOfCare/episode-key/$charge', body(ago(5), ago(4)), { 'idempotency-key': 'charge-key' });
    const [first, second] = [await send(), await send()];
    expect(chargedIn(first).map(({ status }) => status)).toEqual(['201', '201']);
    expect(second.text).toBe(first.text);
  });

  test('the access and every charge stand in the audit', async () => {
    await setUpMember(ehr, 'audited', { since: ago(60) });
    await post(ehr, contactOn('audited', ago(3)));
    const [{ item }] = (await charge('audited', ago(3), ago(3))) as [Charged];
    const { rows } = await server.database.owner.query(
      'select interaction, entity from audit where tenant = $1 and (entity @> $2 or interaction = $3) and patients @> $4',
      [server.tenant, [`ChargeItem/${item.id}/_history/1`], '$charge', ['audited']],
    );
    expect((rows as { interaction: string }[]).map(({ interaction }) => interaction).sort()).toEqual([
      '$charge',
      'create',
    ]);
  });

  test('two payers for one day: nothing is made, for either, until a person ends one coverage', async () => {
    await setUpMember(ehr, 'double', { since: ago(60) });
    const second = (end?: string) =>
      coverage('coverage-double-2', 'double', 'org-second', 'masshealth-mco', { start: ago(60), ...(end && { end }) });
    await post(ehr, second());
    await post(ehr, contactOn('double', ago(3)));
    expect(await charge('double', ago(3), ago(1))).toEqual([]);
    for (const name of [payer, 'org-second']) {
      const named = [{ name: 'payer', valueReference: { reference: `Organization/${name}` } }];
      expect(await charge('double', ago(3), ago(1), named)).toEqual([]);
    }
    await post(ehr, second(ago(4)));
    expect((await charge('double', ago(3), ago(1))).map(({ status }) => status)).toEqual(['201', '201', '201']);
  });

  test('a period that has not closed, a payer that covers nothing and a ruleset that is none are refused in words', async () => {
    await setUpMember(ehr, 'refused', { since: ago(60) });
    const open = await ask('refused', ago(3), ago(0));
    expect([open.status, words(open)]).toEqual([422, expect.stringContaining('not closed')]);
    const stranger = [{ name: 'payer', valueReference: { reference: 'Organization/stranger' } }];
    expect(words(await ask('refused', ago(3), ago(1), stranger))).toContain('covers no day');
    const ruleset = [{ name: 'ruleset', valueString: 'nobody' }];
    expect(words(await ask('refused', ago(3), ago(1), ruleset))).toContain('not known here');
    expect(words(await ask('refused', ago(3), ago(4)))).toContain('1 to 367 days');
  });

  test.each<[string, unknown]>([
    ['takes a Parameters resource', undefined],
    ['takes a Parameters resource', { resourceType: 'Patient' }],
    ['must be a list', { resourceType: 'Parameters', parameter: 'start' }],
    ['start must be there', { resourceType: 'Parameters' }],
    ['start must be there', body('2025-02-30', '2025-03-01')],
    ['is too much', body('2025-02-01', '2025-03-01', [{ name: 'end', valueDate: '2025-03-02' }])],
    ['is too much', body('2025-02-01', '2025-03-01', [null as never])],
    ['ruleset must be given', body('2025-02-01', '2025-03-01', [{ name: 'ruleset', valueInteger: 1 }])],
    ['payer must be given', body('2025-02-01', '2025-03-01', [{ name: 'payer', valueString: 'x' }])],
  ])('%s: a body that is none is refused in words', async (expected, sent) => {
    const answer = await ehr.send('POST', '/EpisodeOfCare/episode-month/$charge', sent);
    expect([answer.status, words(answer)]).toEqual([400, expect.stringContaining(expected)]);
  });

  test('only a client of the provider’s own organisation with the right to make ChargeItems charges; a plan never', async () => {
    const other = await server.caller('ehr', 'org-other');
    const plan = await server.caller('plan', payer);
    const reader = await server.caller('ehr', provider, 'system/*.rs');
    const statuses = await Promise.all(
      [other, plan, reader].map(async (caller) => (await ask('month', ago(5), ago(1), [], caller)).status),
    );
    expect(statuses).toEqual([404, 403, 403]);
  });

  test('Michigan: a contact is charged with its code, its units and itself as evidence', async () => {
    const lakeshore = await server.caller('ehr', 'detroit-recovery');
    const admin = await server.caller('admin');
    await post(admin, ...michiganMember.filter(({ resourceType }) => resourceType === 'Organization'));
    await post(lakeshore, ...michiganMember.filter(({ resourceType }) => resourceType !== 'Organization'));
    await post(lakeshore, michiganVisit());
    const send = () => lakeshore.send('POST', '/EpisodeOfCare/michigan/$charge', body('2025-03-01', '2025-03-31'));
    const [first, second] = [chargedIn(await send()), chargedIn(await send())];
    expect(first).toHaveLength(1);
    expect(first[0]?.item).toMatchObject({
      code: { coding: [{ code: 'T1012' }] },
      quantity: { value: 4, unit: 'quarter-hour' },
      occurrenceDateTime: '2025-03-05',
    });
    expect(first[0]?.item.supportingInformation?.[0]).toEqual({ reference: 'Encounter/visit' });
    expect(second).toEqual([{ status: '200', item: first[0]?.item }]);
  });
});

describe('a charge that Footbridge cut', () => {
  let item: ChargeItem & { id: string };
  const put = (more: object): Promise<Answer> => ehr.send('PUT', `/ChargeItem/${item.id}`, { ...item, ...more });

  beforeAll(async () => {
    await setUpMember(ehr, 'frozen', { since: ago(60) });
    await post(ehr, contactOn('frozen', ago(5)));
    [{ item }] = (await charge('frozen', ago(5), ago(5))) as [{ item: ChargeItem & { id: string }; status: string }];
  });

  test('is frozen: nothing but its status changes, and it is not deleted', async () => {
    const changed = await put({ quantity: { value: 2, unit: 'day' } });
    expect([changed.status, words(changed)]).toEqual([422, expect.stringContaining('quantity cannot change')]);
    const { extension: _, ...bare } = item;
    const stripped = await ehr.send('PUT', `/ChargeItem/${item.id}`, bare);
    expect([stripped.status, words(stripped)]).toEqual([422, expect.stringContaining('extension cannot change')]);
    const deleted = await ehr.send('DELETE', `/ChargeItem/${item.id}`);
    expect([deleted.status, words(deleted)]).toEqual([409, expect.stringContaining('entered-in-error')]);
    const inBundle = await ehr.send('POST', '', {
      resourceType: 'Bundle',
      type: 'transaction',
      entry: [
        { resource: { ...item, occurrenceDateTime: ago(4) }, request: { method: 'PUT', url: `ChargeItem/${item.id}` } },
      ],
    });
    expect(inBundle.status).toBe(422);
    const deletedInBundle = await ehr.send('POST', '', {
      resourceType: 'Bundle',
      type: 'transaction',
      entry: [{ request: { method: 'DELETE', url: `ChargeItem/${item.id}` } }],
    });
    expect(deletedInBundle.status).toBe(409);
    const { json } = await ehr.send('GET', `/ChargeItem/${item.id}`);
    expect(json).toEqual(item);
  });

  test('its status moves one way; set to error, the day may be charged anew under another id', async () => {
    expect((await put({ status: 'billed' })).status).toBe(200);
    const back = await put({ status: 'billable' });
    expect([back.status, words(back)]).toEqual([422, expect.stringContaining('not-billable, aborted')]);
    expect((await charge('frozen', ago(5), ago(5))).map(({ status }) => status)).toEqual(['200']);
    expect((await put({ status: 'aborted' })).status).toBe(200);
    expect((await charge('frozen', ago(5), ago(5))).map(({ item: { status } }) => status)).toEqual(['aborted']);
    expect((await put({ status: 'entered-in-error' })).status).toBe(200);
    const anew = await charge('frozen', ago(5), ago(5));
    expect(anew.map(({ item: { id }, status }) => [status, id === item.id])).toEqual([['201', false]]);
    const history = await ehr.send('GET', `/ChargeItem/${item.id}/_history`);
    expect(history.json['total']).toBe(4);
  });

  test('a client cannot pass off its own as cut, and may keep its own as it likes', async () => {
    const { id: _, meta: _meta, ...copy } = item;
    const created = await ehr.send('POST', '/ChargeItem', copy);
    expect([created.status, words(created)]).toEqual([422, expect.stringContaining('charge-basis')]);
    const put = await ehr.send('PUT', '/ChargeItem/mine', { ...copy, id: 'mine' });
    expect(put.status).toBe(422);
    const own = { ...copy, extension: [], id: 'mine' };
    const { extension: _none, ...plain } = own;
    expect((await ehr.send('PUT', '/ChargeItem/mine', plain)).status).toBe(201);
    expect((await ehr.send('PUT', '/ChargeItem/mine', { ...plain, quantity: { value: 3 } })).status).toBe(200);
    expect((await ehr.send('PUT', '/ChargeItem/mine', { ...copy, id: 'mine' })).status).toBe(422);
    expect((await ehr.send('DELETE', '/ChargeItem/mine')).status).toBe(204);
  });
});
