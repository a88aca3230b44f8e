import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { type Proxy, startProxy } from '../../support/proxy.ts';
import { expectNothingHalf, expectOnlyStoredOrUnavailable, healed, type Sent, startLoad, write } from './load.ts';
import { type Stage, setStage } from './stage.ts';

// What the network does between the server and PostgreSQL, by a proxy; needs a PostgreSQL that listens on TCP.
let database: TestDatabase;
let proxy: Proxy | undefined;
let stage: Stage | undefined;
beforeAll(async () => {
  database = await createTestDatabase();
  const url = new URL((database.connection as { connectionString: string }).connectionString);
  if (url.searchParams.get('host')?.startsWith('/')) return;
  proxy = await startProxy({ host: url.hostname, port: Number(url.port || 5432) });
  url.host = `127.0.0.1:${proxy.port}`;
  stage = await setStage(database, url.href);
});
beforeEach((context) => context.skip(!stage, 'PostgreSQL is on a unix socket here: there is no TCP to cut'));
afterAll(async () => {
  await stage?.stop();
  await proxy?.close();
  await database?.drop();
});

const staged = (): { stage: Stage; proxy: Proxy } => {
  if (!stage || !proxy) throw new Error('the stage is not set');
  return { stage, proxy };
};
const isCommit = (chunk: Buffer): boolean => chunk.includes('commit\0');

test('200 times cut between COMMIT and its answer: 503, and the same Idempotency-Key ends in one effect and its answer (F15)', {
  timeout: 180_000,
}, async () => {
  const { stage, proxy } = staged();
  const sent: Sent[] = [];
  let unheard = 0;
  for (let round = 0; round < 200; round++) {
    const key = `ambiguous-${round}`;
    const entries = round % 2 === 0 ? 1 : 5;
    const send = () => write(stage.caller, stage.member, key, entries, { 'idempotency-key': key });
    let cuts = 0;
    // The token's check commits as well: every other round cuts only the write's own COMMIT.
    proxy.cutAfter((chunk) => isCommit(chunk) && (round % 4 < 2 || !chunk.includes('begin')) && cuts++ === 0);
    const first = await send();
    proxy.cutAfter(undefined);
    expect(cuts, key).toBe(1);
    expect(first.status, first.text).toBe(503);
    expect(Number(first.headers.get('retry-after'))).toBeGreaterThan(0);
    const again = await send();
    expect(again.status, again.text).toBe(entries === 1 ? 201 : 200);
    if (again.headers.get('idempotent-replayed') === 'true') unheard++;
    expect((await send()).text).toBe(again.text);
    sent.push({ key, entries, answer: again, at: 0, milliseconds: 0 });
  }
  await expectNothingHalf(stage, sent);
  // The cut came after COMMIT had arrived at the server: those writes were stored though nobody was told.
  expect(unheard).toBeGreaterThan(50);
});

test('connections cut at any moment of writes without a key: each is stored whole or not at all (F15)', {
  timeout: 60_000,
}, async () => {
  const { stage, proxy } = staged();
  const load = startLoad(stage, 6, 'anywhere');
  for (let round = 0; round < 100; round++) {
    await new Promise((later) => setTimeout(later, Math.random() * 60));
    proxy.cut();
  }
  const sent = await load.stop();
  expectOnlyStoredOrUnavailable(sent);
  expect(sent.filter(({ answer }) => answer?.status === 503).length).toBeGreaterThan(20);
  await expectNothingHalf(stage, sent);
  await healed(stage);
});

test('a network that swallows every byte: 503 in bounded time, /healthz answers meanwhile, then it heals (F14)', {
  timeout: 90_000,
}, async () => {
  const { stage, proxy } = staged();
  await healed(stage);
  proxy.silence(true);
  const from = performance.now();
  const asked = Array.from({ length: 30 }, (_, index) => write(stage.caller, stage.member, `silent-${index}`, 1));
  const live = await fetch(`${stage.server.url}/healthz`);
  expect(live.status).toBe(200);
  expect(performance.now() - from).toBeLessThan(1_000);
  const ready = fetch(`${stage.server.url}/readyz`);
  const answers = await Promise.all(asked);
  const took = performance.now() - from;
  for (const { status, headers, text } of answers) {
    expect(status, text).toBe(503);
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
  }
  expect((await ready).status).toBe(503);
  expect(took).toBeLessThan(15_000);
  proxy.silence(false);
  expect(await healed(stage)).toBeLessThan(5_000);
});
