import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encounter, patient } from '../../support/people.ts';
import { type Answer, type Caller, startTestServer, type TestServer } from '../../support/server.ts';

// What comes in a query is data: it finds what it says, or is refused in words; it never changes the question.
let server: TestServer;
let ehr: Caller;
let other: Caller;
let member: string;
beforeAll(async () => {
  server = await startTestServer();
  ehr = await server.caller('ehr', 'org-a');
  other = await server.caller('ehr', 'org-b');
  member = (await ehr.create(patient('Plain'))).id;
  await other.create(patient('Hidden'));
  for (let index = 0; index < 4; index++) await ehr.create(encounter(member));
}, 30_000);
afterAll(async () => server.stop());

const hostile = [
  `' or 1=1 --`,
  `'; drop table resource; --`,
  `") or true or ("`,
  '$1',
  '$$; select 1; $$',
  '\\',
  '\\\\',
  `\\'`,
  '"',
  '{"a":1}',
  '{}',
  '%',
  '_',
  '%25',
  '*',
  '(?:.*)',
  'NULL',
  '\u{10FFFF}',
  '\uFFFD',
  '\u001f',
  '\u202E',
  '\n\r\t',
  '💊',
  'İ',
  'a'.repeat(4_000),
  '𝒳'.repeat(400),
  '@date=1/2',
  'Patient.family=plain',
  '__proto__',
  'constructor',
];

const forms: ((value: string) => string)[] = [
  (value) => `/Patient?identifier=${value}`,
  (value) => `/Patient?identifier=${value}|`,
  (value) => `/Patient?identifier=${value}|${value}`,
  (value) => `/Patient?gender:not=${value}&_id=none`,
  (value) => `/Patient?family=${value}x`,
  (value) => `/Patient?family:exact=${value}`,
  (value) => `/Patient?family:contains=${value}x`,
  (value) => `/Patient?_id=${value}`,
  (value) => `/Patient?organization=${value}`,
  (value) => `/Patient?organization=Organization/${value}`,
  (value) => `/Patient?organization:Organization=${value}`,
  (value) => `/Encounter?patient.identifier=${value}`,
  (value) => `/Encounter?subject:Patient.family:exact=${value}`,
];

const totalOf = ({ json }: Answer): unknown => json['total'];
/** What all of it may see at most: never the other organisation's rows. */
const matches = (answer: Answer): number => (answer.text.match(/"mode":"match"/g) ?? []).length;

describe('values', () => {
  test('find nothing that they do not name, and never end in an error of ours', async () => {
    for (const value of hostile)
      for (const form of forms) {
        const path = `${form(encodeURIComponent(value))}&_total=accurate`;
        const answer = await ehr.send('GET', path);
        expect([200, 400], `${path}: ${answer.text}`).toContain(answer.status);
        if (answer.status === 200) expect([totalOf(answer), matches(answer)], path).toEqual([0, 0]);
        expect(answer.text, path).not.toContain('Hidden');
      }
  }, 60_000);

  test('are found again as they were stored', async () => {
    for (const value of hostile.filter((text) => text.trim() !== '' && !/\p{Cc}/u.test(text))) {
      const made = await ehr.create(patient('Stored', { identifier: [{ system: 'urn:h', value }] }));
      const escaped = encodeURIComponent(value.replaceAll(/[\\,|$]/g, '\\$&'));
      const found = await ehr.send('GET', `/Patient?identifier=urn:h|${escaped}&_total=accurate`);
      expect([found.status, totalOf(found)], value).toEqual([200, 1]);
      expect(found.text).toContain(made.id);
      expect((await ehr.send('DELETE', `/Patient/${made.id}`)).status).toBeLessThan(300);
    }
  }, 30_000);

  test('with a NUL are refused in words, wherever they stand', async () => {
    for (const query of ['identifier=a%00b', 'family=%00', '_id=%00', 'a%00b=1', '_sort=%00', '_include=%00']) {
      const answer = await ehr.send('GET', `/Patient?${query}`);
      expect([answer.status, answer.json['resourceType']], query).toEqual([400, 'OperationOutcome']);
    }
  });

  test('that are too many are refused before they cost anything', async () => {
    const many = Array.from({ length: 101 }, (_, index) => `v${index}`).join(',');
    expect((await ehr.send('GET', `/Patient?identifier=${many}`)).status).toBe(400);
    expect((await ehr.send('GET', `/Encounter?patient.identifier=${many}`)).status).toBe(400);
  });
});

test('names of parameters are data, too', async () => {
  for (const name of [
    ...hostile,
    'family:',
    'family:exact:exact',
    'patient..x',
    '.',
    ':',
    'subject:Patient.subject:Patient.name',
    '_sort:asc',
    '_count:not',
    '_include:iterate',
  ]) {
    const answer = await ehr.send('GET', `/Patient?${encodeURIComponent(name)}=1&_id=none`);
    expect([400], `${name}: ${answer.text}`).toContain(answer.status);
    expect(answer.json['resourceType'], name).toBe('OperationOutcome');
  }
});

test('dates that are none are refused in words', async () => {
  for (const value of [
    '',
    'xx2026',
    '2026-13',
    '2026-02-30',
    '2026-3-1',
    '20260301',
    'ge',
    '2026-03-01T25:00:00Z',
    '2026-03-01T10',
    "2026' or 1=1",
    '٢٠٢٦',
    '99999-01-01',
  ]) {
    const answer = await ehr.send('GET', `/Encounter?date=${encodeURIComponent(value)}`);
    expect([answer.status, answer.json['resourceType']], value).toEqual([400, 'OperationOutcome']);
  }
});

describe('a cursor', () => {
  const nextOf = ({ json }: Answer): string =>
    (json['link'] as { relation: string; url: string }[])
      .find(({ relation }) => relation === 'next')
      ?.url.split('/fhir/R4')[1] ?? '';

  test('that was forged, changed or taken to another search or client is refused', async () => {
    const next = nextOf(await ehr.send('GET', `/Encounter?patient=${member}&_count=2`));
    const [, cursor = ''] = next.split('_cursor=');
    const [payload = '', signature = ''] = cursor.split('.');
    expect((await ehr.send('GET', next)).status).toBe(200);
    const forged = Buffer.from(JSON.stringify([['2020-01-01'], 'x', 9e15])).toString('base64url');
    const flipped = `${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`;
    for (const wrong of [
      '',
      '.',
      'x',
      payload,
      `${payload}.`,
      `.${signature}`,
      `${forged}.${signature}`,
      `${payload}.${flipped}`,
      `${payload}x.${signature}`,
      `${payload}.${signature}.${signature}x`,
      '%00',
      `${'A'.repeat(5_000)}.${signature}`,
    ]) {
      const answer = await ehr.send('GET', `/Encounter?patient=${member}&_count=2&_cursor=${wrong}`);
      expect([answer.status, answer.json['resourceType']], wrong).toEqual([400, 'OperationOutcome']);
    }
    const elsewhere = [`/Encounter?patient=${member}&_count=3`, `/Encounter?_count=2`, `/Patient?_count=2`];
    for (const path of elsewhere) expect((await ehr.send('GET', `${path}&_cursor=${cursor}`)).status, path).toBe(400);
    expect((await other.send('GET', next)).status).toBe(400);
  });

  test('of a tampered sort, or of another tenant, is refused', async () => {
    const next = nextOf(await ehr.send('GET', `/Encounter?patient=${member}&_count=2&_sort=-date`));
    expect((await ehr.send('GET', next.replace('_sort=-date', '_sort=date'))).status).toBe(400);
    expect((await ehr.send('GET', next.replace('-date', '_id'))).status).toBe(400);
  });
});
