import { execFileSync } from 'node:child_process';
import { connect } from 'node:net';
import { resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { until } from '../../support/caseload.ts';
import { createTestDatabase } from '../../support/database.ts';
import { encounter, patient } from '../../support/people.ts';
import { type Stage, setStage } from './stage.ts';

// T59: what a sender writes cannot forge, break or colour a line of the log.
let stage: Stage;
beforeAll(async () => {
  const database = await createTestDatabase();
  const { connectionString } = database.connection as { connectionString: string };
  stage = await setStage(database, connectionString, { LOG_LEVEL: 'debug' });
});
afterAll(async () => {
  await stage.stop();
  await stage.database.drop();
});

const mark = 'FORGED';
const hostile = [
  `a\r\n{"level":50,"msg":"${mark} crlf"}\r\n`,
  `a\n${mark} a line of its own\n`,
  `\u001b[2J\u001b[31m${mark} ansi\u001b[0m`,
  `\u202e${mark} bidi\u2066\u2069\u200f`,
  `","level":60,"msg":"${mark} json","x":"`,
  `{"level":60,"msg":"${mark} object"}`,
  `\u2028${mark} line separator\u2029\u0085`,
  `\u0000\u0007\u0008\u009b31m${mark} controls`,
  `${mark} long `.repeat(400),
];

/** Sends bytes that no HTTP client would, and waits for the end of the connection. */
async function sendRaw(text: string, whole = false): Promise<string> {
  const socket = connect(Number(new URL(stage.server.url).port), '127.0.0.1');
  let answer = '';
  socket.setEncoding('latin1').on('data', (chunk: string) => (answer += chunk));
  const closed = new Promise<void>((done) => socket.once('close', () => done()).on('error', () => undefined));
  socket.write(text);
  // A server that has not answered yet may take the end of what we send for a client that is gone.
  if (!whole) socket.end();
  await closed;
  return answer;
}

/** All that these texts hold beside printable ASCII is escaped. */
const obeyed = /[^\x20-\x7e]/;

/** The lines beside those of the greeting. */
const logLines = (): string[] =>
  stage.server
    .output()
    .split('\n')
    .filter((line) => line !== '')
    .filter((line) => !/^(Footbridge listens on | {2}FHIR R4 )/.test(line));

const requestIds = (): string[] =>
  logLines().map((line) => String((JSON.parse(line) as { requestId?: string }).requestId));

test('every line of the log is one JSON object, whatever stands in ids, addresses, headers and bodies', async () => {
  const { caller, member, server } = stage;
  const answered: string[] = [];
  const note = (headers: Headers): void => void answered.push(headers.get('x-request-id') ?? '');
  for (const text of hostile) {
    for (const path of [`/${encodeURIComponent(text)}`, `/Patient/${encodeURIComponent(text)}`])
      note((await caller.send('GET', path)).headers);
    note((await caller.send('GET', `/Patient?name=${encodeURIComponent(text)}`)).headers);
    note((await caller.send('POST', '/Patient', patient(text))).headers);
    note((await caller.send('POST', '/Patient', `{"resourceType":"Patient","x":"${text}`)).headers);
    const oddKey = { ...encounter(member), [text]: text, identifier: [{ system: text, value: text }] };
    note((await caller.send('POST', '/Encounter', oddKey)).headers);
    note((await fetch(`${server.url}/fhir/R4/Patient?x=${encodeURIComponent(text)}`)).headers);
    note((await fetch(`${server.url}/${encodeURIComponent(text)}`)).headers);
    const form = new URLSearchParams({ grant_type: text, client_assertion: text, scope: text });
    note((await fetch(`${server.url}/oauth/token`, { method: 'POST', body: form })).headers);
    for (const header of ['X-Request-Id', 'User-Agent', 'If-Match', 'Idempotency-Key', 'Authorization', 'Prefer']) {
      // Bytes as they are: a CRLF in them ends the header, and what follows is a header or a request of its own.
      await sendRaw(`GET /fhir/R4/Patient HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${header}: ${text}\r\n\r\n`);
      const printable = text.replace(/[^\x20-\x7e]/g, '').slice(0, 4_000);
      const raw = await sendRaw(
        `GET /fhir/R4/Patient HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${header}: ${printable}\r\n\r\n`,
        true,
      );
      answered.push(/x-request-id: (.*)\r/i.exec(raw)?.[1] ?? '');
    }
    await sendRaw(`GET /${text} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
    await sendRaw(`${text} / HTTP/1.1\r\nHost: x\r\n\r\n`);
  }
  const id = 'the-last-of-the-log-test';
  await caller.send('GET', '/Patient', undefined, { 'x-request-id': id });
  await until(
    async () => server.output(),
    (output) => output.includes(id),
  );

  expect(answered.filter((one) => one === '')).toEqual([]);
  const lines = logLines();
  for (const line of lines) {
    const parsed: unknown = JSON.parse(line);
    expect(parsed, line).toMatchObject({
      level: expect.any(Number),
      time: expect.any(String),
      msg: expect.any(String),
    });
    expect((parsed as { msg: string }).msg).not.toContain(mark);
    expect(line).not.toMatch(obeyed);
    expect(line.length).toBeLessThan(20_000);
  }
  // One line for each answer that came, found by the id that the answer carries.
  const logged = new Map<string, number>();
  for (const one of requestIds()) logged.set(one, (logged.get(one) ?? 0) + 1);
  expect(new Set(answered).size).toBeGreaterThan(hostile.length * 12);
  for (const one of new Set(answered))
    expect(logged.get(one), one).toBe(answered.filter((other) => other === one).length);
});

test('an error that quotes what was sent is one line too, of bounded length, without the rows that a driver quotes', () => {
  const script = `
    import { createLogger } from './src/app/log.ts';
    const logger = createLogger('debug');
    for (const text of JSON.parse(process.argv[1]))
      logger.error({ err: Object.assign(new Error(text.repeat(20)), { code: '23505', detail: text }), requestId: text }, text);
  `;
  const args = ['--input-type=module', '-e', script, JSON.stringify(hostile)];
  const output = execFileSync(process.execPath, args, {
    cwd: resolve(import.meta.dirname, '../../..'),
    encoding: 'utf8',
  });
  const lines = output.split('\n').slice(0, -1);
  expect(lines).toHaveLength(hostile.length);
  for (const [index, line] of lines.entries()) {
    expect(line).not.toMatch(obeyed);
    const parsed = JSON.parse(line) as { level: number; msg: string; requestId: string; err: Record<string, string> };
    expect([parsed.level, parsed.msg, parsed.requestId]).toEqual([50, hostile[index], hostile[index]]);
    expect(Object.keys(parsed.err)).toEqual(['type', 'code', 'message', 'stack']);
    expect(parsed.err['message']?.length).toBeLessThanOrEqual(8_000);
    expect(parsed.err['stack']?.length).toBeLessThanOrEqual(8_000);
  }
});
