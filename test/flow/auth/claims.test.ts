import { createServer, request as httpRequest, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkAssertion } from '../../../src/auth/assertion.ts';
import { disableClient } from '../../../src/store/clients.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';
import {
  askToken,
  createSigner,
  errorOf,
  formOf,
  formType,
  nowSeconds,
  register,
  type TokenClient,
} from './token-client.ts';

// ../shared/reference/threats-and-faults.md, 1A: assertions whose signature is good and whose claims are not.
const publicUrl = 'https://footbridge.example';
const tokenUrl = `${publicUrl}/auth/token`;
const issuer = `${publicUrl}/fhir/R4`;

let server: TestServer;
let client: TokenClient;
beforeAll(async () => {
  server = await startTestServer({ PUBLIC_URL: publicUrl });
  client = await register(server.database, server.tenant, tokenUrl);
});
afterAll(async () => server.stop());

const describeError = async (assertion: string): Promise<string> =>
  String((await askToken(server.url, assertion)).json['error_description']);

/** 401 invalid_client for claims that are bent as the case says. */
async function expectRefused(cases: Readonly<Record<string, Record<string, unknown>>>): Promise<void> {
  for (const [name, claims] of Object.entries(cases)) {
    const answer = await askToken(server.url, await client.assertion({ claims }));
    expect(errorOf(answer), `${name}: ${answer.text}`).toEqual([401, 'invalid_client']);
  }
}

test('jti is a string of 1 to 128 bytes (T08)', async () => {
  await expectRefused({
    missing: { jti: undefined },
    empty: { jti: '' },
    number: { jti: 1 },
    null: { jti: null },
    array: { jti: ['a'] as never },
    '129 bytes': { jti: 'j'.repeat(129) },
    '65 characters of two bytes': { jti: 'é'.repeat(65) },
    long: { jti: 'j'.repeat(10_000) },
    'null byte': { jti: 'a\0b' },
    'half a surrogate pair': { jti: '\ud800' },
  });
  expect((await askToken(server.url, await client.assertion({ claims: { jti: 'j'.repeat(1_000_000) } }))).status).toBe(
    413,
  );
});

test('jti is compared by bytes: what only looks alike is another one (T08)', async () => {
  for (const jti of ['é', 'e\u0301', 'É', 'a', 'а', 'A', ' a', 'a ', 'ｊ', '𝐣', 'j'.repeat(128)]) {
    expect((await askToken(server.url, await client.assertion({ claims: { jti } }))).status, jti).toBe(200);
    expect((await askToken(server.url, await client.assertion({ claims: { jti } }))).status, jti).toBe(401);
  }
});

describe('aud', () => {
  test('is exactly the token URL for a client in smart mode (T09)', async () => {
    await expectRefused({
      missing: { aud: undefined },
      empty: { aud: '' },
      'array with ours': { aud: [tokenUrl] },
      'array with ours and another': { aud: [tokenUrl, 'https://other.example/token'] },
      'another server': { aud: 'https://other.example/auth/token' },
      'trailing slash': { aud: `${tokenUrl}/` },
      'http for https': { aud: tokenUrl.replace('https', 'http') },
      'upper-case host': { aud: tokenUrl.replace('footbridge', 'FOOTBRIDGE') },
      'explicit port': { aud: tokenUrl.replace('.example', '.example:443') },
      'with a query': { aud: `${tokenUrl}?a=b` },
      'where we listen': { aud: `${server.url}/auth/token` },
      'the base alone': { aud: publicUrl },
      issuer: { aud: issuer },
      'the token URL of a sandbox': { aud: `${publicUrl}/sandbox/main/auth/token` },
    });
    expect((await askToken(server.url, await client.assertion())).status).toBe(200);
  });

  test('is exactly the issuer for a client in issuer mode, and a refusal names both (T09)', async () => {
    const revised = await register(server.database, server.tenant, issuer, { audience: 'issuer' });
    expect((await askToken(server.url, await revised.assertion())).status).toBe(200);
    for (const aud of [tokenUrl, [issuer], `${issuer}/`, publicUrl])
      expect((await askToken(server.url, await revised.assertion({ claims: { aud } }))).status, String(aud)).toBe(401);
    const text = await describeError(await revised.assertion({ claims: { aud: `${issuer}/` } }));
    expect(text).toContain(tokenUrl);
    expect(text).toContain(issuer);
  });

  test('does not follow Host, X-Forwarded-Host or Forwarded (T09)', async () => {
    const forged = 'https://evil.example/auth/token';
    for (const headers of [
      { host: 'evil.example' },
      { 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'https' },
      { forwarded: 'host=evil.example;proto=https' },
    ]) {
      expect(await statusWith(headers, await client.assertion({ claims: { aud: forged } }))).toBe(401);
      expect(await statusWith(headers, await client.assertion())).toBe(200);
    }
  });
});

/** `fetch` does not let us choose Host. */
function statusWith(headers: IncomingHttpHeaders, assertion: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const sent = httpRequest(`${server.url}/auth/token`, { method: 'POST', headers: { ...formType, ...headers } });
    sent.on('response', (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    sent.on('error', reject);
    sent.end(formOf(assertion));
  });
}

describe('times', () => {
  const now = 1_790_000_000;
  const checked = async (claims: Record<string, unknown>): Promise<string> => {
    const result = checkAssertion(
      await client.assertion({ claims: { exp: now + 240, ...claims } }),
      [tokenUrl, issuer],
      new Date(now * 1000),
    );
    return result.ok ? 'taken' : (result.error.issues[0]?.text ?? '');
  };

  test('exp lies at most 300 s ahead, with 30 s for clocks that differ (T10)', async () => {
    const past = 'exp is in the past: make a new assertion, and check your clock.';
    const far = 'exp must be at most 300 s ahead, in seconds, not milliseconds.';
    const table: [number, string][] = [
      [-31, past],
      [-30, past],
      [-29, 'taken'],
      [0, 'taken'],
      [300, 'taken'],
      [301, 'taken'],
      [330, 'taken'],
      [331, far],
    ];
    for (const [ahead, expected] of table) expect(await checked({ exp: now + ahead }), `${ahead} s`).toBe(expected);
  });

  test('iat and nbf may lie 30 s ahead and not more (T10)', async () => {
    for (const claim of ['iat', 'nbf']) {
      expect(await checked({ [claim]: now + 30 })).toBe('taken');
      expect(await checked({ [claim]: now - 86_400 })).toBe('taken');
      expect(await checked({ [claim]: now + 31 })).toBe(`${claim} is in the future: check your clock.`);
      for (const value of ['now', null, {}, [now], true])
        expect(await checked({ [claim]: value })).toBe(`${claim} must be a number of seconds since 1970.`);
    }
  });

  test('exp is there, whole and in seconds, on the wire too (T10)', async () => {
    const soon = nowSeconds() + 240;
    await expectRefused({
      missing: { exp: undefined },
      null: { exp: null },
      string: { exp: String(soon) },
      float: { exp: soon + 0.5 },
      milliseconds: { exp: soon * 1000 },
      negative: { exp: -1 },
      zero: { exp: 0 },
      huge: { exp: 1e308 },
      array: { exp: [soon] },
      'an hour ago': { exp: soon - 3_600 },
      'in an hour': { exp: soon + 3_600 },
      'iat in an hour': { iat: soon + 3_600 },
      'nbf in an hour': { nbf: soon + 3_600 },
    });
  });
});

test('iss and sub are both this client, whose key it is (T11)', async () => {
  const other = await register(server.database, server.tenant, tokenUrl);
  const names = { missing: undefined, number: 1, empty: '', array: [client.clientId], long: 'c'.repeat(257) };
  const cases: Record<string, Record<string, unknown>> = {
    'iss is another client': { iss: other.clientId },
    'sub is another client': { sub: other.clientId },
    'both are another client, signed by our key': { iss: other.clientId, sub: other.clientId },
    'upper case': { iss: client.clientId.toUpperCase(), sub: client.clientId.toUpperCase() },
    'with a space': { iss: `${client.clientId} `, sub: `${client.clientId} ` },
    'null byte': { iss: `${client.clientId}\0`, sub: `${client.clientId}\0` },
    'half a surrogate pair': { iss: '\udc00', sub: '\udc00' },
  };
  for (const [name, value] of Object.entries(names)) {
    cases[`iss ${name}`] = { iss: value };
    cases[`sub ${name}`] = { sub: value };
    cases[`both ${name}`] = { iss: value, sub: value };
  }
  await expectRefused(cases);
});

test('client_id, where it is sent, is the client of the assertion (T11)', async () => {
  const ask = async (clientId: string) => {
    const body = `${formOf(await client.assertion())}&client_id=${clientId}`;
    return fetch(`${server.url}/auth/token`, { method: 'POST', body, headers: formType });
  };
  expect((await ask(client.clientId)).status).toBe(200);
  expect((await ask('another')).status).toBe(401);
});

test('unknown client, disabled client, wrong key, wrong kid, used jti and wrong audience mode have one answer (T12)', async () => {
  const disabled = await register(server.database, server.tenant, tokenUrl);
  const { db } = server.database;
  await db.transaction(server.tenant, async (tx) => {
    await disableClient(tx, server.tenant, disabled.clientId, new Date());
    return { ok: true, value: undefined };
  });
  const used = await client.assertion();
  expect((await askToken(server.url, used)).status).toBe(200);
  const stranger = { iss: 'nobody', sub: 'nobody' };
  const assertions = [
    await client.assertion({ claims: stranger }),
    await client.assertion({ claims: stranger, header: { jku: 'https://nobody.example/jwks' } }),
    await disabled.assertion(),
    await client.assertion({ signer: await createSigner('ES384', client.signer.kid) }),
    await client.assertion({ signer: await createSigner('RS384', client.signer.kid) }),
    await client.assertion({ header: { kid: 'unknown' } }),
    await client.assertion({ claims: { aud: issuer } }),
    used,
  ];
  const answers = await Promise.all(assertions.map((assertion) => askToken(server.url, assertion)));
  expect([...new Set(answers.map(({ status, text }) => `${status} ${text}`))]).toHaveLength(1);
  expect(answers[0]?.text).toContain('one-time jti');
  const names = (headers: Headers): string => [...headers.keys()].join();
  expect([...new Set(answers.map(({ headers }) => names(headers)))]).toHaveLength(1);
});

test('how long a refusal takes does not tell whether the client exists (T12)', async () => {
  for (const alg of ['ES384', 'RS384'] as const) {
    const known = await register(server.database, server.tenant, tokenUrl, {}, await createSigner(alg));
    const forger = await createSigner(alg, known.signer.kid);
    const times: Record<'known' | 'unknown', number[]> = { known: [], unknown: [] };
    for (let round = 0; round < 220; round++) {
      for (const who of ['known', 'unknown'] as const) {
        const claims = who === 'known' ? {} : { iss: 'nobody', sub: 'nobody' };
        const assertion = await known.assertion({ signer: forger, claims });
        const started = performance.now();
        await askToken(server.url, assertion);
        if (round >= 20) times[who].push(performance.now() - started);
      }
    }
    const median = (all: number[]): number => all.sort((a, b) => a - b)[Math.floor(all.length / 2)] ?? 0;
    const ratio = median(times.known) / median(times.unknown);
    expect(Math.max(ratio, 1 / ratio), `${alg}: ${median(times.known)} ms, ${median(times.unknown)} ms`).toBeLessThan(
      1.5,
    );
  }
});

describe('jku', () => {
  let canary: Server;
  let connections = 0;
  beforeAll(async () => {
    canary = createServer((_request, response) => response.end('{"keys":[]}')).on('connection', () => connections++);
    await new Promise<void>((done) => canary.listen(0, '127.0.0.1', done));
  });
  afterAll(() => void canary.close());

  test('that is not the registered URL to the letter fails and is never fetched (T04)', async () => {
    const inside = `127.0.0.1:${(canary.address() as AddressInfo).port}`;
    const variants = [
      `http://${inside}/jwks`,
      `http://${inside}/`,
      `http://user@${inside}/jwks`,
      `http://keys.example@${inside}/jwks`,
      `http://${inside}/jwks?x=keys.example`,
      `http://${inside}/jwks#keys.example`,
      `http://localhost.:${(canary.address() as AddressInfo).port}/jwks`,
      `HTTP://${inside}/jwks`,
      `//${inside}/jwks`,
      'https://keys.example/other',
      'https://keys.example/jwks/',
      'https://keys.example/jwks?',
      'https://keys.example/jwks#',
      'https://keys.example./jwks',
      'https://KEYS.example/jwks',
      'https://keys.example:443/jwks',
      'https://user@keys.example/jwks',
      'http://keys.example/jwks',
      'https://keys.example/../jwks',
      'https://keys.example/%6awks',
      'https://keys.example.evil.example/jwks',
      '',
      1,
      ['https://keys.example/jwks'],
    ];
    const remote = await register(server.database, server.tenant, tokenUrl, {
      jwksUrl: 'https://keys.example/jwks',
    });
    for (const holder of [client, remote]) {
      for (const jku of variants)
        expect((await askToken(server.url, await holder.assertion({ header: { jku } }))).status, String(jku)).toBe(401);
    }
    expect(connections).toBe(0);
  });
});
