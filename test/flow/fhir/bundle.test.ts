import type { Bundle, BundleEntry, Resource } from '@medplum/fhirtypes';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encounter, patient } from '../../support/people.ts';
import { type Answer, type Caller, startTestServer, type TestServer } from '../../support/server.ts';

// https://hl7.org/fhir/R4/http.html#transaction
let server: TestServer;
let ehr: Caller;
let other: Caller;
beforeAll(async () => {
  server = await startTestServer({ ROLES: 'http' });
  ehr = await server.caller('ehr', 'org-a');
  other = await server.caller('ehr', 'org-b');
});
afterAll(async () => server.stop());

const bundle = (type: 'batch' | 'transaction', entry: BundleEntry[]): Bundle => ({
  resourceType: 'Bundle',
  type,
  entry,
});
const post = (resource: Resource, fullUrl?: string, ifNoneExist?: string): BundleEntry => ({
  ...(fullUrl && { fullUrl }),
  resource,
  request: { method: 'POST', url: resource.resourceType, ...(ifNoneExist && { ifNoneExist }) },
});
const entriesOf = (
  answer: Answer,
): { response: { status: string; location?: string; etag?: string; outcome?: unknown }; resource?: Resource }[] =>
  answer.json['entry'] as never;
const issueOf = (answer: Answer): { details: { text: string }; expression?: string[] } =>
  (answer.json['issue'] as never[])[0] as never;
const counts = async (): Promise<unknown> =>
  (
    await server.database.owner.query(
      'select (select count(*) from resource) as resources, (select count(*) from search_key) as keys, (select count(*) from outbox) as work, (select count(*) from resource_history) as history',
    )
  ).rows[0];

describe('transaction', () => {
  test('urn:uuid references become literal, in entries before and after, and the answer follows the order of the request', async () => {
    const urn = `urn:uuid:${crypto.randomUUID()}`;
    const contact = { ...encounter('x'), subject: { reference: urn } };
    const answer = await ehr.send(
      'POST',
      '',
      bundle('transaction', [post(contact), post(patient(), urn), post(contact)]),
    );
    expect(answer.status).toBe(200);
    const ids = entriesOf(answer).map(({ response }) =>
      /(\w+)\/([^/]+)\/_history\/1$/.exec(response.location ?? '')?.slice(1),
    );
    expect(ids.map((id) => id?.[0])).toEqual(['Encounter', 'Patient', 'Encounter']);
    const stored = await ehr.send('GET', `/Encounter/${ids[0]?.[1]}`);
    expect((stored.json['subject'] as { reference: string }).reference).toBe(`Patient/${ids[1]?.[1]}`);
  });

  test('one refused entry takes all with it, and the outcome names the entry (F25)', async () => {
    const before = await counts();
    for (const [bad, where] of [
      [post({ ...encounter('x'), subject: { reference: 'Patient/nobody' } }), 'Encounter.subject'],
      [post({ ...encounter('x'), status: 'bogus' as never }), 'Bundle.entry[2]'],
      [
        { resource: { ...patient(), id: 'a' }, request: { method: 'PUT' as const, url: 'Patient/b' } },
        'Bundle.entry[2]',
      ],
      [
        {
          resource: { ...patient(), id: 'a' },
          request: { method: 'PUT' as const, url: 'Patient/a', ifMatch: 'W/"7"' },
        },
        'Bundle.entry[2]',
      ],
      [{ request: { method: 'PATCH' as const, url: 'Patient/a' } }, 'Bundle.entry[2]'],
    ] as const) {
      const answer = await ehr.send(
        'POST',
        '',
        bundle('transaction', [post(patient('One')), post(patient('Two')), bad]),
      );
      expect(answer.status, answer.text).toBeGreaterThanOrEqual(400);
      expect(answer.status).toBeLessThan(500);
      expect(answer.text).toContain(where);
    }
    expect(await counts()).toEqual(before);
  });

  test('deletes, updates and reads of one transaction see each other in the order of the specification', async () => {
    const gone = await ehr.create(patient('Gone'));
    const kept = await ehr.create(patient('Kept'));
    const answer = await ehr.send(
      'POST',
      '',
      bundle('transaction', [
        { request: { method: 'GET', url: `Patient/${kept.id}` } },
        {
          resource: { ...kept, birthDate: '2000-02-29' },
          request: { method: 'PUT', url: `Patient/${kept.id}`, ifMatch: 'W/"1"' },
        },
        { request: { method: 'DELETE', url: `Patient/${gone.id}` } },
      ]),
    );
    expect(answer.status, answer.text).toBe(200);
    expect(entriesOf(answer).map(({ response }) => response.status)).toEqual(['200', '200', '204']);
    expect((entriesOf(answer)[0]?.resource as { birthDate: string } | undefined)?.birthDate).toBe('2000-02-29');
    expect((await ehr.send('GET', `/Patient/${gone.id}`)).status).toBe(410);
  });

  test('the same resource twice, a nested Bundle and an unknown urn are refused in words', async () => {
    const put = { resource: { ...patient(), id: 'twice' }, request: { method: 'PUT' as const, url: 'Patient/twice' } };
    expect(issueOf(await ehr.send('POST', '', bundle('transaction', [put, put]))).details.text).toContain(
      'Patient/twice is written twice',
    );
    expect((await ehr.send('POST', '', bundle('transaction', [post(bundle('batch', []))]))).status).toBe(400);
    const dangling = await ehr.send(
      'POST',
      '',
      bundle('transaction', [post({ ...encounter('x'), subject: { reference: 'urn:uuid:0' } })]),
    );
    expect(issueOf(dangling).details.text).toContain('is not the fullUrl of any entry');
    expect(issueOf(dangling).expression).toEqual(['Bundle.entry[0].resource.Encounter.subject.reference']);
  });

  test('twenty crossing Bundles that update the same members all end, without a half one (F18)', async () => {
    const members = await Promise.all(Array.from({ length: 6 }, (_, n) => ehr.create(patient(`Cross${n}`))));
    const crossing = Array.from({ length: 20 }, async (_, turn) => {
      const order = turn % 2 ? members : members.toReversed();
      const entries = order.map((member) => ({
        resource: { ...member, birthDate: `19${10 + turn}-01-01` },
        request: { method: 'PUT' as const, url: `Patient/${member.id}` },
      }));
      return (await ehr.send('POST', '', bundle('transaction', entries))).status;
    });
    const statuses = await Promise.all(crossing);
    expect(statuses.filter((status) => status !== 200 && status !== 409)).toEqual([]);
    const dates = await Promise.all(
      members.map(
        async ({ id }) =>
          (await ehr.send('GET', `/Patient/${id}`)).json as { birthDate?: string; meta?: { versionId: string } },
      ),
    );
    expect(new Set(dates.map(({ birthDate }) => birthDate)).size).toBe(1);
    expect(new Set(dates.map(({ meta }) => meta?.versionId))).toEqual(
      new Set([String(1 + statuses.filter((status) => status === 200).length)]),
    );
  });
});

describe('conditional create and conditional references look only at what the caller may see (T30, T31)', () => {
  const identifier = (value: string): object => ({ identifier: [{ system: 'urn:mrn', value }] });

  test('If-None-Exist: none creates, one is returned, several are 412; fifty at once create one', async () => {
    const condition = { 'if-none-exist': 'identifier=urn:mrn|cond-1' };
    const many = await Promise.all(
      Array.from({ length: 50 }, () => ehr.send('POST', '/Patient', patient('Cond', identifier('cond-1')), condition)),
    );
    expect(many.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(many.filter(({ status }) => status === 200)).toHaveLength(49);
    expect(new Set(many.map(({ json }) => json['id'])).size).toBe(1);
    await ehr.create(patient('Cond', identifier('cond-1')));
    expect((await ehr.send('POST', '/Patient', patient(), condition)).status).toBe(412);
  });

  test.each(['birthdate=1901-02-03', 'gender=other&birthdate=1901-02-03'])(
    'by what many may meet, %s, one is created and then returned',
    async (query) => {
      const born = patient('Weak', { birthDate: '1901-02-03', gender: 'other' });
      const answers = [];
      for (let turn = 0; turn < 2; turn++)
        answers.push((await ehr.send('POST', '/Patient', born, { 'if-none-exist': query })).status);
      expect(answers[1]).toBe(200);
    },
  );

  test("another organisation's match is no match: 201, not 200", async () => {
    await other.create(patient('Hidden', identifier('hidden-1')));
    const answer = await ehr.send('POST', '/Patient', patient('Mine', identifier('hidden-1')), {
      'if-none-exist': 'identifier=urn:mrn|hidden-1',
    });
    expect(answer.status).toBe(201);
  });

  test('a conditional reference links to the visible match, and is 412 for a hidden one as for none', async () => {
    const mine = await ehr.create(patient('Seen', identifier('seen-1')));
    await other.create(patient('Hidden', identifier('hidden-2')));
    const refer = (value: string): Promise<Answer> =>
      ehr.send(
        'POST',
        '',
        bundle('transaction', [
          post({ ...encounter('x'), subject: { reference: `Patient?identifier=urn:mrn|${value}` } }),
        ]),
      );
    const linked = await refer('seen-1');
    expect((entriesOf(linked)[0]?.resource as { subject: { reference: string } } | undefined)?.subject.reference).toBe(
      `Patient/${mine.id}`,
    );
    const [hidden, none] = [await refer('hidden-2'), await refer('nobody')];
    expect([hidden.status, none.status]).toEqual([412, 412]);
    expect(hidden.text).toBe(none.text);
  });

  test('an absolute reference to our own base is the relative one; one to another host is kept and never fetched', async () => {
    const mine = await ehr.create(patient());
    const own = await ehr.create({
      ...encounter('x'),
      subject: { reference: `${server.url}/fhir/R4/Patient/${mine.id}` },
    });
    expect(own.subject?.reference).toBe(`Patient/${mine.id}`);
    const foreign = await ehr.create({
      ...encounter(mine.id),
      serviceProvider: { reference: 'https://elsewhere.invalid/Organization/1' },
    });
    expect(foreign.serviceProvider?.reference).toBe('https://elsewhere.invalid/Organization/1');
  });
});

describe('batch', () => {
  test('each entry is authorised and answered as if alone', async () => {
    const hidden = await other.create(patient('Hidden'));
    const answer = await ehr.send(
      'POST',
      '',
      bundle('batch', [
        post(patient('Batch')),
        { request: { method: 'GET', url: `Patient/${hidden.id}` } },
        post({ ...patient(), gender: 'bogus' as never }),
        { request: { method: 'GET', url: 'Patient?family=Batch' } },
        { request: { method: 'DELETE', url: 'Patient/none' } },
      ]),
    );
    expect(entriesOf(answer).map(({ response }) => response.status)).toEqual(['201', '404', '422', '200', '204']);
    expect((entriesOf(answer)[3]?.resource as Bundle | undefined)?.entry).toHaveLength(1);
  });

  test('more than a thousand entries are refused before any is looked at', async () => {
    const answer = await ehr.send(
      'POST',
      '',
      bundle(
        'batch',
        Array.from({ length: 1_001 }, () => post(patient())),
      ),
    );
    expect([answer.status, issueOf(answer).details.text]).toEqual([413, expect.stringContaining('at most 1000')]);
  });
});

describe('Idempotency-Key (F15, T85)', () => {
  test('a repeated request has one effect and the same answer; another body is 422; the key is the client’s own', async () => {
    const key = { 'idempotency-key': crypto.randomUUID() };
    const body = bundle('transaction', [post(patient('Once'))]);
    const all = await Promise.all(Array.from({ length: 20 }, () => ehr.send('POST', '', body, key)));
    expect(new Set(all.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
    expect((await ehr.send('POST', '', bundle('transaction', [post(patient('Twice'))]), key)).status).toBe(422);
    const elsewhere = await other.send('POST', '', body, key);
    expect([elsewhere.status, elsewhere.text === all[0]?.text]).toEqual([200, false]);
    const found = await ehr.send('GET', '/Patient?family=Once');
    expect(found.json['entry']).toHaveLength(1);
  });
});
