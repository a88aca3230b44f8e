import { randomInt } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { encounter, patient } from '../../support/people.ts';
import { type Answer, type Caller, startTestServer, type TestServer } from '../../support/server.ts';

let server: TestServer;
let ehr: Caller;
beforeAll(async () => {
  server = await startTestServer({ ROLES: 'http' });
  ehr = await server.caller('ehr', 'org-a');
});
afterAll(async () => server.stop());

const members = ['cross-a', 'cross-b', 'cross-c', 'cross-d'];

function shuffled<T>(items: readonly T[]): T[] {
  const rest = [...items];
  return items.map(() => rest.splice(randomInt(rest.length), 1)[0] as T);
}

test('500 transactions that update the same resources in other orders: stored whole, or 409/503 and not at all (F18)', {
  timeout: 120_000,
}, async () => {
  for (const id of members)
    expect((await ehr.send('PUT', `/Patient/${id}`, { ...patient('start'), id })).status).toBe(201);
  const left = Array.from({ length: 500 }, (_, index) => `cross-${index}`);
  const answers = new Map<string, Answer>();
  const work = async (): Promise<void> => {
    for (let family = left.pop(); family !== undefined; family = left.pop()) {
      const name = family;
      const entry = shuffled(members).map((id) => ({
        resource: { ...patient(name), id },
        request: { method: 'PUT', url: `Patient/${id}` },
      }));
      answers.set(name, await ehr.send('POST', '', { resourceType: 'Bundle', type: 'transaction', entry }));
    }
  };
  await Promise.all(Array.from({ length: 16 }, work));
  const { rows } = await server.database.owner.query<{ family: string; versions: number }>(
    `select content::jsonb #>> '{name,0,family}' as family, count(*)::int as versions
      from (select content from resource where type = 'Patient' union all select content from resource_history where type = 'Patient') all_versions
      group by 1`,
  );
  const versions = new Map(rows.map(({ family, versions }) => [family, versions]));
  for (const [family, { status, headers, text }] of answers) {
    expect([200, 409, 503], text).toContain(status);
    if (status !== 200) expect(Number(headers.get('retry-after')), family).toBeGreaterThan(0);
    expect(versions.get(family) ?? 0, `${status} ${family}`).toBe(status === 200 ? members.length : 0);
  }
  const stored = [...answers.values()].filter(({ status }) => status === 200).length;
  expect(stored).toBeGreaterThan(0);
  // One Bundle is the last for all of them.
  const last = await Promise.all(members.map((id) => ehr.send('GET', `/Patient/${id}`)));
  expect(new Set(last.map(({ json }) => JSON.stringify(json['name']))).size).toBe(1);
  console.log(`crossing transactions: ${stored} of ${answers.size} stored`);
});

const breaks: readonly [string, (entry: Record<string, unknown>) => Record<string, unknown>, readonly number[]][] = [
  [
    'an element that R4 does not know',
    (entry) => ({ ...entry, resource: { ...encounter('m'), bogus: 1 } }),
    [400, 422],
  ],
  [
    'a required element that is missing',
    (entry) => ({ ...entry, resource: { resourceType: 'Encounter' } }),
    [400, 422],
  ],
  ['a reference to nobody', (entry) => ({ ...entry, resource: encounter('nobody') }), [422]],
  [
    'a version that is not the current one',
    (entry) => ({
      resource: { ...(entry['resource'] as object), id: 'whole' },
      request: { method: 'PUT', url: 'Encounter/whole', ifMatch: 'W/"7"' },
    }),
    [404, 409, 412],
  ],
  ['a type that is not served', (entry) => ({ ...entry, request: { method: 'POST', url: 'Bogus' } }), [400, 404, 422]],
  [
    'a method that does not exist',
    (entry) => ({ ...entry, request: { method: 'BREW', url: 'Encounter' } }),
    [400, 405, 422],
  ],
  ['no request', (entry) => ({ resource: entry['resource'] }), [400, 422]],
  ['a read of nothing', () => ({ request: { method: 'GET', url: 'Patient/nobody' } }), [404]],
];

/** A transaction of 100 contacts whose entry 57 was spoilt. */
async function sendSpoilt(spoil: (typeof breaks)[number][1]): Promise<Answer> {
  const member = await ehr.create(patient('Whole'));
  const entry = Array.from({ length: 100 }, (_, index) => {
    const sound = { resource: encounter(member.id), request: { method: 'POST', url: 'Encounter' } };
    return index === 57 ? spoil(sound) : sound;
  });
  return ehr.send('POST', '', { resourceType: 'Bundle', type: 'transaction', entry });
}

test.each(breaks)(
  'entry 57 of 100 with %s: refused, nothing stored, indexed or queued (F25)',
  async (_name, spoil, statuses) => {
    const before = await counts();
    const answer = await sendSpoilt(spoil);
    expect(statuses, answer.text).toContain(answer.status);
    expect(answer.json['resourceType']).toBe('OperationOutcome');
    // The one that is more is the Patient, made before.
    expect(await counts()).toEqual({ ...before, resources: before.resources + 1 });
  },
);

function expectNamed({ json, text }: Answer): void {
  const issues = json['issue'] as { expression?: string[] }[];
  const paths = issues.flatMap(({ expression = [] }) => expression);
  expect(
    paths.some((path) => path.startsWith('Bundle.entry[57]')),
    text,
  ).toBe(true);
}

test.each(breaks)('entry 57 of 100 with %s: the OperationOutcome names the entry (F25)', async (_name, spoil) =>
  expectNamed(await sendSpoilt(spoil)),
);

interface Counts {
  readonly resources: number;
  readonly versions: number;
  readonly queued: number;
  readonly indexed: number;
}

/** Contacts leave none of these; the Patient before them leaves its own. */
async function counts(): Promise<Counts> {
  const { rows } = await server.database.owner.query<Counts>(
    `select (select count(*)::int from resource) as resources, (select count(*)::int from resource_history) as versions,
      (select count(*)::int from outbox where type = 'Encounter') as queued,
      (select count(*)::int from search_key where key like 'Encounter.%') as indexed`,
  );
  return rows[0] as Counts;
}
