import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { type Stage, setStage } from '../faults/stage.ts';

let database: TestDatabase;
let stage: Stage;
let port: number;
const sockets: Socket[] = [];
beforeAll(async () => {
  database = await createTestDatabase();
  stage = await setStage(database, (database.connection as { connectionString: string }).connectionString);
  port = Number(new URL(stage.server.url).port);
});
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
});
afterAll(async () => {
  await stage?.stop();
  await database?.drop();
});

const metadata = 'GET /fhir/R4/metadata HTTP/1.1\r\nHost: x\r\n\r\n';

/** Opens a connection, sends `head`, and notes when the server has ended it. */
async function open(
  head: string,
): Promise<{ socket: Socket; received: () => string; endedAfter: () => number | undefined }> {
  const from = performance.now();
  let ended: number | undefined;
  let received = '';
  const socket = connect(port, '127.0.0.1');
  sockets.push(socket);
  socket.on('data', (chunk) => (received += chunk.toString()));
  socket.on('error', () => undefined);
  socket.on('close', () => (ended = performance.now() - from));
  await new Promise<void>((done) => socket.once('connect', done));
  if (head !== '') socket.write(head);
  return { socket, received: () => received, endedAfter: () => ended };
}

test('1,000 sockets with a head that never ends: /healthz stays quick, all are ended within 20 s (T75)', {
  timeout: 60_000,
}, async () => {
  const heads = ['', 'G', 'GET /fhir/R4/metadata HTTP/1.1\r\n', 'GET / HTTP/1.1\r\nHost: x\r\nX-Drip: '];
  const opened = await Promise.all(
    Array.from({ length: 1_000 }, (_, index) => open(heads[index % heads.length] ?? '')),
  );
  const drip = setInterval(() => {
    for (const { socket } of opened) if (socket.writable && socket.bytesWritten > 1) socket.write('a');
  }, 1_000);
  try {
    const times: number[] = [];
    const until = performance.now() + 20_000;
    while (performance.now() < until && opened.some(({ endedAfter }) => endedAfter() === undefined)) {
      const from = performance.now();
      const answer = await fetch(`${stage.server.url}/healthz`);
      times.push(performance.now() - from);
      expect(answer.status).toBe(200);
      await sleep(100);
    }
    times.sort((a, b) => a - b);
    expect(times[Math.floor(times.length * 0.99)]).toBeLessThan(1_000);
    expect(opened.filter(({ endedAfter }) => endedAfter() === undefined).length).toBe(0);
  } finally {
    clearInterval(drip);
  }
});

test('a connection that has had its answer and asks nothing more is ended within 20 s (T75)', {
  timeout: 30_000,
}, async () => {
  const idle = await open('GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n');
  await expect.poll(idle.received).toContain('200 OK');
  await expect.poll(idle.endedAfter, { timeout: 20_000 }).toBeDefined();
});

test('a body that drips is ended when the time of a request is over (T75)', { timeout: 90_000 }, async () => {
  const head = `POST /fhir/R4/Patient HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${stage.caller.token}\r\nContent-Type: application/fhir+json\r\nContent-Length: 100000\r\n\r\n`;
  const dripping = await open(head);
  const drip = setInterval(() => dripping.socket.writable && dripping.socket.write(' '), 1_000);
  await expect.poll(dripping.endedAfter, { timeout: 70_000, interval: 500 }).toBeDefined();
  clearInterval(drip);
  expect(dripping.endedAfter()).toBeGreaterThan(50_000);
});

test('a connection that piles up requests is ended at once (T75)', async () => {
  const piling = await open(metadata.repeat(200));
  await expect.poll(piling.endedAfter, { timeout: 5_000 }).toBeDefined();
});

test('clients that ask and never read do not hold up others, and are ended (T75)', {
  timeout: 90_000,
}, async () => {
  const opened = await Promise.all(Array.from({ length: 50 }, () => open('')));
  for (const { socket } of opened) {
    socket.pause();
    socket.write(metadata.repeat(16));
  }
  const from = performance.now();
  expect((await stage.caller.send('GET', `/Patient/${stage.member}`)).status).toBe(200);
  expect(performance.now() - from).toBeLessThan(5_000);
  await expect.poll(() => openAtServer(), { timeout: 80_000, interval: 1_000 }).toBeLessThan(10);
});

/** Connections that the server's process holds on its port. */
async function openAtServer(): Promise<number> {
  const { readFile } = await import('node:fs/promises');
  const hex = port.toString(16).toUpperCase().padStart(4, '0');
  const rows = (await Promise.all(['/proc/net/tcp', '/proc/net/tcp6'].map((file) => readFile(file, 'utf8')))).join('');
  return rows.split('\n').filter((row) => new RegExp(`^\\s*\\d+: \\S+:${hex} \\S+ 01 `).test(row)).length;
}
