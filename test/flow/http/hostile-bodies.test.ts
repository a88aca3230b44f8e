import { readFileSync } from 'node:fs';
import { Agent, request as httpRequest } from 'node:http';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { patient } from '../../support/people.ts';
import { type Stage, setStage } from '../faults/stage.ts';

let database: TestDatabase;
let stage: Stage;
beforeAll(async () => {
  database = await createTestDatabase();
  stage = await setStage(database, (database.connection as { connectionString: string }).connectionString);
});
afterAll(async () => {
  await stage?.stop();
  await database?.drop();
});

const mebibyte = 1024 * 1024;
/** An answer that is late by this much was computed over, not only waited for: T55's 200 ms, with room for a busy machine. */
const slowMs = 2_000;

interface Reply {
  readonly status: number;
  readonly text: string;
  readonly milliseconds: number;
}

/** Sends bytes as they are, and measures from the last one sent to the answer. */
function post(body: Buffer | string, headers: Record<string, string> = {}, path = '/Patient'): Promise<Reply> {
  return new Promise((done, failed) => {
    const sending = httpRequest(`${stage.server.url}/fhir/R4${path}`, {
      method: 'POST',
      agent: false,
      headers: {
        'content-type': 'application/fhir+json',
        'content-length': Buffer.byteLength(body),
        authorization: `Bearer ${stage.caller.token}`,
        ...headers,
      },
    });
    let from = performance.now();
    let text = '';
    sending.on('finish', () => (from = performance.now()));
    sending.on('response', (response) => {
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('end', () =>
        done({ status: response.statusCode ?? 0, text, milliseconds: performance.now() - from }),
      );
      response.on('error', failed);
    });
    sending.on('error', failed);
    sending.end(body);
  });
}

function rssMiB(): number {
  const status = readFileSync(`/proc/${stage.server.child.pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024;
}

const nested = (depth: number, open: string, close: string): string => open.repeat(depth) + close.repeat(depth);
const inPatient = (json: string): string => `{"resourceType":"Patient","name":[{"family":${json}}]}`;
const keys = (count: number): string => Array.from({ length: count }, (_, index) => `"k${index}":1`).join(',');
const bytes = (...parts: (string | number[])[]): Buffer =>
  Buffer.concat(parts.map((part) => Buffer.from(part as string)));

const families: readonly [string, readonly (() => Buffer | string)[]][] = [
  [
    'depth',
    [65, 100, 1_000, 100_000].flatMap((depth) => [
      () => nested(depth, '[', ']'),
      () => inPatient(nested(depth, '[', ']')),
      () => '{"a":'.repeat(depth) + '1' + '}'.repeat(depth),
      () => '['.repeat(depth),
      () => '{"a":'.repeat(depth),
      () => `{"resourceType":"Patient","extension":${'[{"url":"u","extension":'.repeat(depth)}[]${'}]'.repeat(depth)}}`,
    ]),
  ],
  ['width', [200_001, 1_000_000].map((count) => () => `{"resourceType":"Patient",${keys(count)}}`)],
  [
    'duplicate keys',
    [
      '{"resourceType":"Patient","resourceType":"Encounter"}',
      '{"resourceType":"Patient","gender":"male","gender":"female"}',
      '{"resourceType":"Patient","gender":"male","\\u0067ender":"female"}',
      '{"resourceType":"Patient","name":[{"family":"a","family":"b"}]}',
      '{"resourceType":"Patient","id":"a","id":"a"}',
      '{"resourceType":"Patient","meta":{},"meta":{"security":[]}}',
    ].map((text) => () => text),
  ],
  [
    'numbers',
    [
      '1e400',
      '-1e400',
      '9'.repeat(100_000),
      `0.${'1'.repeat(100_000)}`,
      '01',
      '+1',
      '.5',
      '1.',
      'NaN',
      'Infinity',
      '0x10',
    ].map((number) => () => `{"resourceType":"Patient","multipleBirthInteger":${number}}`),
  ],
  [
    'strings',
    [
      '"\\ud800"',
      '"\\udc00\\ud800"',
      '"\\ud83d"',
      '"a\u0000b"',
      '"a\tb"',
      '"\\x41"',
      '"unended',
      "'single'",
      '"\\u12"',
    ].map((text) => () => inPatient(text)),
  ],
  [
    'bytes that are not UTF-8',
    [[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xe2, 0x28, 0xa1], [0x80], [0xc3]].map(
      (bad) => () => bytes('{"resourceType":"Patient","name":[{"family":"', bad, '"}]}'),
    ),
  ],
  [
    'other encodings of text',
    [
      () => Buffer.from(JSON.stringify(patient()), 'utf16le'),
      () => Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(JSON.stringify(patient()), 'utf16le')]),
      () => Buffer.from(inPatient('"Ärger"'), 'latin1'),
    ],
  ],
  [
    'what is not one JSON object',
    [
      'null',
      'true',
      '1',
      '"Patient"',
      '[]',
      '{}',
      '{}{}',
      '{"resourceType":"Patient"} x',
      ' ',
      '\uFEFF',
      '<Patient/>',
      'undefined',
      '{"resourceType":null}',
      '{"resourceType":["Patient"]}',
      '{"resourceType":{}}',
    ].map((text) => () => text),
  ],
];

test.each(families)(
  'hostile JSON, %s: refused in an OperationOutcome at once, without an echo of it (T55)',
  async (_name, bodies) => {
    const slow: string[] = [];
    for (const [index, make] of bodies.entries()) {
      const body = make();
      const { status, text, milliseconds } = await post(body);
      const shown = `#${index} ${body.toString().slice(0, 60)}`;
      expect([400, 413, 422], `${shown}: ${status} ${text.slice(0, 300)}`).toContain(status);
      expect((JSON.parse(text) as { resourceType: string }).resourceType, shown).toBe('OperationOutcome');
      // What is told back is in proportion: no echo of a megabyte.
      expect(text.length, shown).toBeLessThan(20_000);
      if (milliseconds > slowMs) slow.push(`${shown}: ${Math.round(milliseconds)} ms`);
    }
    expect(slow).toEqual([]);
  },
);

test.each([
  ['a number too small to be kept', '{"resourceType":"Patient","multipleBirthInteger":1e-400}'],
  ['U+0000 in a string', inPatient('"\\u0000"')],
])('%s is refused, not stored as something else (T55)', async (_name, body) => {
  expect([400, 422]).toContain((await post(body)).status);
});

test('bodies past 16 MiB, announced or endless, are 413 at once and do not stay in memory (T55)', {
  timeout: 60_000,
}, async () => {
  const long = inPatient(JSON.stringify('x'.repeat(17 * mebibyte)));
  await post(long);
  const before = rssMiB();
  for (let round = 0; round < 5; round++) {
    const from = performance.now();
    expect((await post(long)).status).toBe(413);
    expect(await sendEndless()).toBe(413);
    expect(performance.now() - from).toBeLessThan(2_000);
  }
  expect((await stage.caller.send('GET', `/Patient/${stage.member}`)).status).toBe(200);
  expect(rssMiB()).toBeLessThan(before + 64);
});

/** A chunked body that goes on until the server has had enough; the status, or 0 where the connection ended without one. */
function sendEndless(): Promise<number> {
  const agent = new Agent({ keepAlive: true });
  return new Promise((done) => {
    const sending = httpRequest(`${stage.server.url}/fhir/R4/Patient`, {
      method: 'POST',
      agent,
      headers: { 'content-type': 'application/fhir+json', authorization: `Bearer ${stage.caller.token}` },
    });
    let going = true;
    const end = (status: number): void => {
      going = false;
      sending.destroy();
      agent.destroy();
      done(status);
    };
    sending.on('error', () => end(0));
    sending.on('response', (response) => end(response.statusCode ?? 0));
    const chunk = Buffer.alloc(64 * 1024, 0x20);
    const pump = (): void => {
      while (going && sending.write(chunk));
      if (going) sending.once('drain', pump);
    };
    pump();
  });
}

test('without a token nobody makes us read a body: 401 while it is still being sent, and the connection ends (T55)', async () => {
  let ended = 0;
  const status = await new Promise((done, failed) => {
    const sending = httpRequest(`${stage.server.url}/fhir/R4/Patient`, {
      method: 'POST',
      agent: false,
      headers: { 'content-type': 'application/fhir+json', 'content-length': String(10 * mebibyte) },
    });
    sending.on('response', (response) => {
      response.resume();
      done(response.statusCode);
    });
    sending.on('error', failed);
    // Nobody reads what is not asked for until the time of a request is over.
    sending.on('close', () => (ended = performance.now()));
    sending.write('{');
  });
  expect(status).toBe(401);
  await expect.poll(() => ended, { timeout: 3_000 }).toBeGreaterThan(0);
});

test('compressed bodies are 415, bombs included, and are never unpacked (T62)', { timeout: 60_000 }, async () => {
  const bomb = gzipSync(Buffer.alloc(256 * mebibyte, 0x20));
  const before = rssMiB();
  const bodies: [string, Buffer][] = [
    ['gzip', bomb],
    ['gzip', gzipSync(JSON.stringify(patient()))],
    ['GZIP', gzipSync(bomb)],
    ['x-gzip', bomb],
    ['deflate', deflateSync(Buffer.alloc(64 * mebibyte))],
    ['br', brotliCompressSync(Buffer.alloc(64 * mebibyte))],
    ['gzip, gzip', gzipSync(bomb)],
    ['zstd', Buffer.from('(\xb5/\xfd', 'latin1')],
    ['bogus', Buffer.from(JSON.stringify(patient()))],
  ];
  for (const [encoding, body] of bodies) {
    const { status, text } = await post(body, { 'content-encoding': encoding });
    expect(status, `${encoding}: ${text}`).toBe(415);
    expect(text).toContain('OperationOutcome');
  }
  expect((await post(JSON.stringify(patient()), { 'content-encoding': 'identity' })).status).toBe(201);
  expect(rssMiB()).toBeLessThan(before + 64);
});
