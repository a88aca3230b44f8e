import type { Bundle, BundleEntry, Resource, Task } from '@medplum/fhirtypes';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  coachRole,
  consent,
  coverage,
  episode,
  message,
  patient,
  practitioner,
} from '../../../src/cli/sandbox/people.ts';
import { ago, contactOn, payer, provider, settled, spells } from '../../support/caseload.ts';
import { type Answer, type Caller, startTestServer, type TestServer } from '../../support/server.ts';

// F22: what arrives twice is answered alike, and makes no version, no event and no other state.
let server: TestServer;
let ehr: Caller;
beforeAll(async () => {
  server = await startTestServer();
  ehr = await server.caller('ehr', provider);
});
afterAll(async () => server.stop());

const replays = [1, 2, 3, 4, 5];
/** One row a request, or a time of our own: they record that something was sent, not what is known. */
const records = /^(audit.*|access_token|idempotency_key|schedule_run)$/;

interface State {
  /** a hash of all rows, by table */
  readonly tables: Readonly<Record<string, string>>;
  /** rows that ever asked for work, whether taken since or not */
  readonly events: string;
}

async function state(): Promise<State> {
  await settled(server);
  const { owner } = server.database;
  const { rows: found } = await owner.query<{ name: string }>(
    `select table_name as name from information_schema.tables where table_schema = 'footbridge' and table_type = 'BASE TABLE'`,
  );
  const tables: Record<string, string> = {};
  for (const { name } of found.filter((table) => !records.test(table.name))) {
    const { rows } = await owner.query<{ hash: string }>(
      `select count(*) || ' ' || coalesce(md5(string_agg(t::text, E'\\n' order by t::text)), '') as hash from ${name} t`,
    );
    tables[name] = rows[0]?.hash ?? '';
  }
  const { rows } = await owner.query<{ events: string }>('select last_value::text as events from outbox_seq_seq');
  return { tables, events: rows[0]?.events ?? '' };
}

/** What an answer says beside whether this was the first time: 201 and 200 lead to the same version of the same resource. */
function said({ headers, json, text }: Answer): unknown {
  const entries = json['entry'] as BundleEntry[] | undefined;
  if (json['resourceType'] !== 'Bundle' || !entries) return [headers.get('etag'), headers.get('last-modified'), text];
  return entries.map(({ resource, response: { status: _status, ...response } = { status: '' } }) => ({
    resource,
    response,
  }));
}

const accesses = async (): Promise<number> =>
  (await server.database.owner.query<{ n: number }>('select count(*)::int as n from audit')).rows[0]?.n ?? 0;

/** Sends it once, then one to five times more, the last five at once. */
async function expectInert(send: () => Promise<Answer>, isRecorded = true): Promise<void> {
  const first = await send();
  expect(first.status, first.text).toBeLessThan(300);
  const after = await state();
  for (const times of replays) {
    const audited = await accesses();
    const again: Answer[] = [];
    for (let time = 0; time < times; time++) again.push(await send());
    for (const answer of again) {
      expect(answer.status, answer.text).toBeLessThan(300);
      expect(said(answer)).toEqual(said(first));
    }
    expect(await state(), `${times} more`).toEqual(after);
    if (isRecorded) expect(await accesses()).toBeGreaterThanOrEqual(audited + times);
  }
  const together = await Promise.all(replays.map(send));
  for (const answer of together) expect(said(answer), answer.text).toEqual(said(first));
  expect(await state(), 'five at once').toEqual(after);
}

const put = (resource: Resource): BundleEntry => ({
  resource,
  request: { method: 'PUT', url: `${resource.resourceType}/${resource.id}` },
});
const bundle = (type: 'transaction' | 'batch', entry: BundleEntry[]): Bundle => ({
  resourceType: 'Bundle',
  type,
  entry,
});

const since = '2024-01-02';
const papers = { hired: '2022-03-01', certified: { until: '2099-01-01' } } as const;
/** What a member needs for a contact to count, all but the contact. */
function enrolment(id: string): Resource[] {
  const coach = `coach-${id}`;
  return [
    practitioner({ id: coach, given: 'Avery', family: 'Birch' }, provider, papers),
    coachRole(`${coach}-role`, coach, provider, papers.hired),
    patient({ id, given: 'Robin', family: 'Alder' }),
    coverage(`coverage-${id}`, id, payer, 'masshealth-mco', { start: since }),
    episode(`episode-${id}`, id, provider, coach, since),
    consent(`consent-${id}`, id, payer, since),
  ];
}

/** The same JSON with the elements of every object in the opposite order. */
function turned(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(turned);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .map(([key, child]) => [key, turned(child)])
      .reverse(),
  );
}

describe('sent again to the same ids (PUT)', () => {
  test('an enrolment, as a transaction', () =>
    expectInert(() => ehr.send('POST', '', bundle('transaction', enrolment('put').map(put)))));

  test('a contact, which makes a caseload status', async () => {
    const contact = contactOn('put', ago(3));
    await expectInert(() => ehr.send('PUT', `/Encounter/${contact.id}`, contact));
    expect(await spells(ehr, 'put')).toMatchObject([{ value: 'on', start: ago(3) }]);
  });

  test('contacts as a batch', () =>
    expectInert(() =>
      ehr.send(
        'POST',
        '',
        bundle(
          'batch',
          [5, 4].map((days) => put(contactOn('put', ago(days)))),
        ),
      ),
    ));

  test('with its elements in another order, and as it was read', async () => {
    const contact = contactOn('put', ago(3));
    const path = `/Encounter/${contact.id}`;
    await expectInert(() => ehr.send('PUT', path, turned(contact)));
    const read = (await ehr.send('GET', path)).json;
    await expectInert(() => ehr.send('PUT', path, read));
    await expectInert(() => ehr.send('PUT', path, read, { 'if-match': 'W/"1"' }));
  });

  test('both messages of a pair: it is known since it was first sent', async () => {
    const coach = 'Practitioner/coach-put';
    const asked = message('asked', coach, 'Patient/put', 'put', `${ago(2)}T15:00:00Z`);
    const replied = message('replied', 'Patient/put', coach, 'put', `${ago(2)}T16:00:00Z`);
    await expectInert(() => ehr.send('PUT', '/Communication/replied', replied));
    await expectInert(() => ehr.send('PUT', '/Communication/asked', asked));
    const evidence = await ehr.send('GET', '/Encounter?patient=Patient/put&_count=100');
    expect(evidence.text).toContain('message-evidence');
  });

  test('a referral, its answer, and the papers that visibility is derived from', async () => {
    const request = {
      resourceType: 'ServiceRequest',
      id: 'request-put',
      status: 'active',
      intent: 'order',
      subject: { reference: 'Patient/put' },
    } as const;
    const task = {
      resourceType: 'Task',
      id: 'task-put',
      status: 'requested',
      intent: 'order',
      code: { coding: [{ system: 'http://hl7.org/fhir/CodeSystem/task-code', code: 'fulfill' }] },
      focus: { reference: 'ServiceRequest/request-put' },
      for: { reference: 'Patient/put' },
      owner: { reference: 'Organization/org-b' },
    } satisfies Task;
    await expectInert(() => ehr.send('POST', '', bundle('transaction', [put(request), put(task)])));
    const target = await server.caller('ehr', 'org-b');
    expect((await target.send('GET', '/Patient/put')).status).toBe(200);
    await expectInert(() => target.send('PUT', '/Task/task-put', { ...task, status: 'accepted' }));
    expect((await target.send('GET', '/ServiceRequest/request-put')).status).toBe(200);
  });

  test('a retraction, and a deletion', async () => {
    const contact = contactOn('put', ago(3));
    await expectInert(() => ehr.send('PUT', `/Encounter/${contact.id}`, { ...contact, status: 'entered-in-error' }));
    await expectInert(() => ehr.send('DELETE', `/Encounter/${contact.id}`), false);
  });

  test('what differs is a new version and asks for work', async () => {
    const contact = contactOn('put', ago(5));
    const before = await state();
    const changed = await ehr.send('PUT', `/Encounter/${contact.id}`, { ...contact, status: 'in-progress' });
    expect(changed.headers.get('etag')).toBe('W/"2"');
    const after = await state();
    expect(after.events).not.toBe(before.events);
    expect(after.tables['resource']).not.toBe(before.tables['resource']);
  });

  test('what was deleted and is sent again is there again', async () => {
    const contact = contactOn('put', ago(3));
    const answer = await ehr.send('PUT', `/Encounter/${contact.id}`, contact);
    expect([answer.status, answer.headers.get('etag')]).toEqual([201, 'W/"4"']);
  });
});

/** The same resources without ids of their own, found again by an identifier, and referring to each other by fullUrl. */
function byIdentifier(id: string, conditional: boolean): Bundle {
  const resources = [...enrolment(id), contactOn(id, ago(2))];
  const urls = new Map(
    resources.map((resource) => [`${resource.resourceType}/${resource.id}`, `urn:uuid:${crypto.randomUUID()}`]),
  );
  const entry = resources.map((resource): BundleEntry => {
    const { id: own, ...rest } = resource;
    const text = JSON.stringify({ ...rest, identifier: [{ system: 'urn:feed', value: own }] });
    const linked = text.replaceAll(/"reference":"([^"]+)"/g, (_all, reference: string) =>
      JSON.stringify({ reference: urls.get(reference) ?? reference }).slice(1, -1),
    );
    return {
      fullUrl: urls.get(`${resource.resourceType}/${own}`) as string,
      resource: JSON.parse(linked) as Resource,
      request: {
        method: 'POST',
        url: resource.resourceType,
        ...(conditional && { ifNoneExist: `identifier=urn:feed|${own}` }),
      },
    };
  });
  return bundle('transaction', entry);
}

describe('sent again with conditions (If-None-Exist)', () => {
  test('a transaction whose entries name an identifier', async () => {
    await expectInert(() => ehr.send('POST', '', byIdentifier('conditional', true)));
    const found = await ehr.send('GET', '/Patient?identifier=urn:feed|conditional');
    const [entry] = found.json['entry'] as BundleEntry[];
    expect(await spells(ehr, entry?.resource?.id ?? '')).toMatchObject([{ value: 'on', start: ago(2) }]);
  });

  test('a single create', () => {
    const { id: _id, ...contact } = contactOn('put', ago(1));
    const sent = { ...contact, identifier: [{ system: 'urn:feed', value: 'single' }] };
    return expectInert(() => ehr.send('POST', '/Encounter', sent, { 'if-none-exist': 'identifier=urn:feed|single' }));
  });
});

describe('sent again with an Idempotency-Key', () => {
  const keyed = (method: string, path: string, body?: unknown) => {
    const headers = { 'idempotency-key': crypto.randomUUID() };
    return () => ehr.send(method, path, body, headers);
  };

  test('a transaction of creates, which without a key would make them again', async () => {
    const feed = byIdentifier('keyed', false);
    const send = keyed('POST', '', feed);
    await expectInert(send);
    const [first, again] = [await send(), await send()];
    expect([again.status, again.text]).toEqual([first.status, first.text]);
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    const before = await state();
    expect((await ehr.send('POST', '', feed)).status).toBe(200);
    expect((await state()).tables['resource']).not.toBe(before.tables['resource']);
  });

  test('a feed replayed from its beginning after all of it arrived: older versions of a resource do not come back', async () => {
    const contact = contactOn('put', ago(9));
    const path = `/Encounter/${contact.id}`;
    const feed = [
      keyed('PUT', path, { ...contact, status: 'in-progress' }),
      keyed('PUT', path, contact),
      keyed('POST', '/Encounter', contactOn('put', ago(8))),
      keyed('PUT', path, { ...contact, status: 'entered-in-error' }),
      keyed('DELETE', path),
    ];
    const run = async (): Promise<unknown[]> => {
      const answers: unknown[] = [];
      for (const send of feed) {
        const answer = await send();
        answers.push([answer.status, said(answer)]);
      }
      return answers;
    };
    const first = await run();
    const after = await state();
    for (const times of replays) {
      expect(await run(), `replay ${times}`).toEqual(first);
      expect(await state(), `replay ${times}`).toEqual(after);
    }
  });
});
