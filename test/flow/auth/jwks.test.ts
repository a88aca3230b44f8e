import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { JwksFetcher } from '../../../src/auth/jwks-fetcher.ts';
import type { Clock } from '../../../src/base/time.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';
import { type Behaviour, JwksHost, serveKeys } from './jwks-host.ts';
import { askToken, createSigner, errorOf, register, type Signer } from './token-client.ts';

// T18, F43: what a JWKS host can do to us, and how often we ask it.
let host: JwksHost;
let now: number;
let signer: Signer;
const clock: Clock = { now: () => new Date(now) };
const create = (allowLoopback = true): JwksFetcher => new JwksFetcher(clock, allowLoopback);
beforeAll(async () => {
  host = await JwksHost.start();
  signer = await createSigner('ES384', 'known');
});
beforeEach(() => {
  now = Date.now();
  host.requests = [];
  host.connections = 0;
  host.behave = serveKeys([signer.publicJwk]);
});
afterAll(() => host.stop());

const has = async (fetcher: JwksFetcher, kid = 'known', url = host.url): Promise<boolean> =>
  (await fetcher.fetch(url, kid))?.keys.some((key) => key.kid === kid) ?? false;

describe('how often the host is asked', () => {
  test('once while its keys are fresh, and never longer than max-age or ten minutes (T18)', async () => {
    for (const [cacheControl, seconds] of [
      ['', 600],
      ['max-age=120', 120],
      ['public, max-age=60, must-revalidate', 60],
      ['max-age=86400', 600],
      ['max-age=0', 1],
      ['no-store', 1],
      ['no-cache', 1],
      ['max-age=-5', 600],
    ] as const) {
      host.behave = serveKeys([signer.publicJwk], cacheControl === '' ? {} : { 'cache-control': cacheControl });
      host.requests = [];
      const fetcher = create();
      for (let index = 0; index < 20; index++) expect(await has(fetcher)).toBe(true);
      now += seconds * 1_000 - 1;
      await has(fetcher);
      expect(host.requests.length, `${cacheControl}: before`).toBe(1);
      now += 1;
      await has(fetcher);
      expect(host.requests.length, `${cacheControl}: after`).toBe(2);
    }
  });

  test('at most twice a minute for 10,000 unknown kids, whatever its Cache-Control (T18)', async () => {
    for (const cacheControl of ['max-age=600', 'max-age=0', 'no-store']) {
      host.behave = serveKeys([signer.publicJwk], { 'cache-control': cacheControl });
      host.requests = [];
      const fetcher = create();
      for (let index = 0; index < 10_000; index++) {
        expect(await fetcher.fetch(host.url, `unknown-${index}`)).toBeDefined();
        now += 6;
      }
      expect(host.requests.length, cacheControl).toBeLessThanOrEqual(2);
    }
  });

  test('once for many assertions at the same time (T18)', async () => {
    host.behave = (request, response) => void setTimeout(() => serveKeys([signer.publicJwk])(request, response), 50);
    const fetcher = create();
    const found = await Promise.all(Array.from({ length: 100 }, () => has(fetcher)));
    expect([found.every(Boolean), host.requests.length]).toEqual([true, 1]);
  });

  test('at most twice a minute while it fails (T18)', async () => {
    host.behave = (_request, response) => response.writeHead(500).end();
    const fetcher = create();
    for (let second = 0; second < 60; second++) {
      expect(await has(fetcher)).toBe(false);
      now += 1_000;
    }
    expect(host.requests.length).toBeLessThanOrEqual(2);
  });
});

describe('rotation', () => {
  test('a new key serves within 30 s of its first use, a removed one no longer than the cache (T18)', async () => {
    const next = await createSigner('ES384', 'next');
    const fetcher = create();
    expect(await has(fetcher)).toBe(true);
    host.behave = serveKeys([next.publicJwk]);
    expect(await has(fetcher, 'next')).toBe(false);
    now += 30_000;
    expect(await has(fetcher, 'next')).toBe(true);
    expect(await has(fetcher, 'known')).toBe(false);
  });

  test('while the host is down its keys serve until their time is over, then nothing does (F43)', async () => {
    host.behave = serveKeys([signer.publicJwk], { 'cache-control': 'max-age=300' });
    const fetcher = create();
    expect(await has(fetcher)).toBe(true);
    host.behave = (_request, response) => response.destroy();
    now += 31_000;
    expect(await has(fetcher, 'unknown')).toBe(false);
    expect(await has(fetcher)).toBe(true);
    now += 268_000;
    expect(await has(fetcher)).toBe(true);
    now += 1_000;
    expect(await has(fetcher)).toBe(false);
    host.behave = serveKeys([signer.publicJwk]);
    now += 30_000;
    expect(await has(fetcher)).toBe(true);
  });
});

describe('a hostile host', () => {
  const json =
    (text: string): Behaviour =>
    (_request, response) =>
      response.end(text);
  const redirect =
    (status: number): Behaviour =>
    (request, response) => {
      if (request.url === '/moved') serveKeys([signer.publicJwk])(request, response);
      else response.writeHead(status, { location: '/moved' }).end(JSON.stringify({ keys: [signer.publicJwk] }));
    };
  /** Bodies without end: as fast as they are taken, or a byte at a time. */
  const endless: Behaviour = (_request, response) => {
    const more = (): void => {
      while (!response.destroyed && response.write(' '.repeat(65_536)));
      if (!response.destroyed) response.once('drain', more);
    };
    more();
  };
  const drip: Behaviour = (_request, response) => {
    response.write('{"keys":');
    const timer = setInterval(() => response.write(' '), 100);
    response.on('close', () => clearInterval(timer));
  };
  const behaviours: Record<string, Behaviour> = {
    'no JSON': json('<html>'),
    'empty body': json(''),
    'JSON without keys': json('{}'),
    'keys that are no list': json('{"keys":{"kid":"known"}}'),
    'keys without kty': json('{"keys":[{"kid":"known"}]}'),
    '101 keys': json(JSON.stringify({ keys: Array.from({ length: 101 }, () => ({ kty: 'EC', kid: 'known' })) })),
    '300 KB': json(`{"keys":[]}${' '.repeat(300_000)}`),
    'a body without end': endless,
    'a slow drip': drip,
    'no answer': () => undefined,
    'a cut-off body': (_request, response) => {
      response.writeHead(200, { 'content-length': '1000' });
      response.write('{"keys":[');
      setTimeout(() => response.destroy(), 20);
    },
    'deep nesting': json('['.repeat(100_000)),
    '204': (_request, response) => response.writeHead(204).end(),
    '404 with keys': (_request, response) => response.writeHead(404).end('{"keys":[]}'),
    '500 with keys': (_request, response) => response.writeHead(500).end('{"keys":[]}'),
  };
  for (const status of [301, 302, 303, 307, 308]) behaviours[`redirect ${status}`] = redirect(status);

  test.each(Object.entries(behaviours))('%s: no keys, within 3.5 s, no second request (T18)', async (_name, behave) => {
    host.behave = behave;
    const started = performance.now();
    expect(await create().fetch(host.url, 'known')).toBeUndefined();
    expect(performance.now() - started).toBeLessThan(3_500);
    expect(host.requests).toEqual(['/jwks.json']);
  });
});

test('addresses inside, in any spelling, are not connected to in production (T18)', { timeout: 60_000 }, async () => {
  const { port } = host;
  const spellings = [
    ['127.0.0.1', 'localhost', 'localhost.', '127.1', '2130706433', '0x7f000001', '0177.0.0.1', '127.0.0.2'],
    ['[::1]', '[::ffff:127.0.0.1]', '[::ffff:7f00:1]', '[::127.0.0.1]', '0.0.0.0', '0', '[::]'],
    ['10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.1.1', '169.254.169.254', '100.64.0.1', '198.18.0.1'],
    ['224.0.0.1', '255.255.255.255', '192.0.0.1', '[fe80::1]', '[fc00::1]', '[fd12:3456::1]', '[ff02::1]'],
    ['[64:ff9b::7f00:1]', '[64:ff9b:1::7f00:1]', '[2002:7f00:1::]', '[2001::1]', '[::ffff:a9fe:a9fe]', '[fec0::1]'],
    ['127。0。0。1', '①②⑦.0.0.1', 'user@127.0.0.1', 'footbridge.example@127.0.0.1'],
  ];
  const urls = spellings
    .flat()
    .flatMap((name) => [`https://${name}:${port}/jwks.json`, `http://${name}:${port}/jwks.json`]);
  urls.push(
    'file:///etc/passwd',
    'ftp://127.0.0.1/',
    'data:application/json,{"keys":[]}',
    'gopher://127.0.0.1/',
    'jwks',
  );
  const fetcher = create(false);
  for (const url of urls) {
    const started = performance.now();
    expect(await fetcher.fetch(url, 'known'), url).toBeUndefined();
    expect(performance.now() - started, url).toBeLessThan(1_500);
  }
  expect(host.connections).toBe(0);
});

test('in the sandbox only loopback itself is open, not the rest of the inside (T18)', async () => {
  for (const name of ['10.0.0.1', '169.254.169.254', '192.168.1.1', '0.0.0.0', '[::ffff:127.0.0.1]'])
    expect(await create().fetch(`http://${name}:${host.port}/jwks.json`, 'known'), name).toBeUndefined();
  expect(await create().fetch(`http://user:secret@127.0.0.1:${host.port}/jwks.json`, 'known')).toBeUndefined();
  expect(host.connections).toBe(0);
});

describe('over the token endpoint', () => {
  const servers: TestServer[] = [];
  const start = async (env: Record<string, string>): Promise<TestServer> => {
    const server = await startTestServer({ PUBLIC_URL: 'https://footbridge.example', ...env });
    servers.push(server);
    return server;
  };
  const audience = 'https://footbridge.example/auth/token';
  afterAll(async () => void (await Promise.all(servers.map((server) => server.stop()))));

  test('a client with a JWKS URL gets a token, with its jku and without, and after it rotated (T18)', async () => {
    const server = await start({});
    const client = await register(server.database, server.tenant, audience, { jwksUrl: host.url }, signer);
    expect((await askToken(server.url, await client.assertion())).status).toBe(200);
    const jku = { header: { jku: host.url } };
    expect((await askToken(server.url, await client.assertion(jku))).status).toBe(200);
    expect(host.requests).toEqual(['/jwks.json']);
    const other = { signer: await createSigner('ES384', 'known') };
    expect(errorOf(await askToken(server.url, await client.assertion(other)))).toEqual([401, 'invalid_client']);
    expect(host.requests).toEqual(['/jwks.json']);
  });

  test('production refuses a JWKS URL on its own machine without a connection (T18)', async () => {
    const server = await start({ PROFILE: 'production', RATE_LIMITS: 'on' });
    const client = await register(server.database, server.tenant, audience, { jwksUrl: host.url }, signer);
    expect(errorOf(await askToken(server.url, await client.assertion()))).toEqual([401, 'invalid_client']);
    expect(host.connections).toBe(0);
  });

  test('a JWKS URL that is not https, holds credentials or is none is not registered (T18)', async () => {
    const [server] = servers;
    if (!server) throw new Error('no server was started');
    for (const jwksUrl of [
      'http://keys.example/jwks',
      'https://user:secret@keys.example/jwks',
      'https://user@keys.example/jwks',
      'https://keys.example/jwks#a',
      'ftp://keys.example/jwks',
      'file:///etc/passwd',
      'keys.example/jwks',
      '',
      `https://keys.example/${'a'.repeat(2_000)}`,
    ])
      await expect(register(server.database, server.tenant, audience, { jwksUrl }), jwksUrl).rejects.toThrow('jwksUrl');
  });
});
