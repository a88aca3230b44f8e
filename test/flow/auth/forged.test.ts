import {
  constants,
  createHmac,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomUUID,
  sign,
} from 'node:crypto';
import { exportJWK, type JWK } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../../support/server.ts';
import {
  askToken,
  createSigner,
  errorOf,
  nowSeconds,
  register,
  type Signer,
  type TokenClient,
} from './token-client.ts';

// ../shared/reference/threats-and-faults.md, 1A: assertions whose header, signature or key is forged.
let server: TestServer;
let audience: string;
let client: TokenClient;
let rsaClient: TokenClient;
let rsa: Signer;
beforeAll(async () => {
  server = await startTestServer();
  audience = `${server.url}/auth/token`.replace('127.0.0.1', 'localhost');
  client = await register(server.database, server.tenant, audience);
  rsa = await createSigner('RS384');
  rsaClient = await register(server.database, server.tenant, audience, {}, rsa);
});
afterAll(async () => server.stop());

const base64 = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

const claimsOf = (clientId: string): Record<string, unknown> => ({
  iss: clientId,
  sub: clientId,
  aud: audience,
  jti: randomUUID(),
  exp: nowSeconds() + 240,
});

const parts = (header: Record<string, unknown>, clientId: string): string =>
  `${base64(header)}.${base64(claimsOf(clientId))}`;

async function rowsOf(table: 'access_token' | 'audit', more = ''): Promise<number> {
  const found = await server.database.owner.query<{ count: number }>(
    `select count(*)::int from ${table} where tenant = $1 ${more}`,
    [server.tenant],
  );
  return found.rows[0]?.count ?? -1;
}

/** 401 invalid_client for each, no token, and one audit row of each refusal. */
async function expectRefused(cases: Readonly<Record<string, string>>): Promise<void> {
  const tokens = await rowsOf('access_token');
  const audited = await rowsOf('audit', `and interaction = 'token' and outcome = 401`);
  for (const [name, assertion] of Object.entries(cases))
    expect(errorOf(await askToken(server.url, assertion)), name).toEqual([401, 'invalid_client']);
  expect(await rowsOf('access_token')).toBe(tokens);
  expect(await rowsOf('audit', `and interaction = 'token' and outcome = 401`)).toBe(
    audited + Object.keys(cases).length,
  );
}

test('a well signed assertion gets a bearer token for 300 s, with ES384 and with RS384', async () => {
  for (const honest of [client, rsaClient]) {
    const answer = await askToken(server.url, await honest.assertion());
    expect(answer.json, answer.text).toEqual({
      access_token: expect.stringMatching(/^[\w-]{43}$/),
      token_type: 'bearer',
      expires_in: 300,
      scope: 'system/Patient.rs',
    });
    expect([answer.headers.get('cache-control'), answer.headers.get('pragma')]).toEqual(['no-store', 'no-cache']);
  }
});

test('an assertion without a signature is refused, however it says so (T01)', async () => {
  const { kid } = client.signer;
  const [, claims = '', signature = ''] = (await client.assertion()).split('.');
  const unsigned = (alg: unknown): string => `${parts({ alg, kid }, client.clientId)}.`;
  await expectRefused({
    none: unsigned('none'),
    None: unsigned('None'),
    NONE: unsigned('NONE'),
    nOnE: unsigned('nOnE'),
    'none with a signature': `${parts({ alg: 'none', kid }, client.clientId)}.${signature}`,
    'no alg': `${parts({ kid }, client.clientId)}.${signature}`,
    'empty alg': unsigned(''),
    'null alg': unsigned(null),
    'array alg': unsigned(['ES384']),
    'alg with a space': unsigned('ES384 '),
    'ES384 with an empty signature': unsigned('ES384'),
    'two parts': parts({ alg: 'ES384', kid }, client.clientId),
    'five parts': `${base64({ alg: 'ES384', kid })}.${claims}.a.b.c`,
    'a signature of zeros': `${parts({ alg: 'ES384', kid }, client.clientId)}.${Buffer.alloc(96).toString('base64url')}`,
    'no JWT': 'hello',
  });
});

test('the public key is no secret for HMAC, in any encoding of it (T02)', async () => {
  const cases: Record<string, string> = {};
  for (const signer of [rsa, client.signer]) {
    const clientId = signer === rsa ? rsaClient.clientId : client.clientId;
    const key = createPublicKey({ key: signer.publicJwk, format: 'jwk' });
    const secrets: Record<string, string | Buffer> = {
      pem: key.export({ type: 'spki', format: 'pem' }),
      der: key.export({ type: 'spki', format: 'der' }),
      jwk: JSON.stringify(signer.publicJwk),
      number: Buffer.from(signer.publicJwk.n ?? signer.publicJwk.x ?? '', 'base64url'),
      text: signer.publicJwk.n ?? signer.publicJwk.x ?? '',
    };
    for (const [encoding, secret] of Object.entries(secrets)) {
      for (const bits of ['256', '384', '512']) {
        const input = parts({ alg: `HS${bits}`, kid: signer.kid }, clientId);
        const mac = createHmac(`sha${bits}`, secret).update(input).digest('base64url');
        cases[`${signer.alg} ${encoding} HS${bits}`] = `${input}.${mac}`;
      }
    }
  }
  await expectRefused(cases);
});

interface SomeKey {
  readonly jwk: JWK;
  readonly privateKey: KeyObject;
}

async function someKey(type: 'rsa' | 'P-256' | 'P-384' | 'P-521' | 'ed25519', bits = 2_048): Promise<SomeKey> {
  const pair =
    type === 'rsa'
      ? generateKeyPairSync('rsa', { modulusLength: bits })
      : type === 'ed25519'
        ? generateKeyPairSync('ed25519')
        : generateKeyPairSync('ec', { namedCurve: type });
  return { jwk: { ...(await exportJWK(pair.publicKey)), kid: 'k' }, privateKey: pair.privateKey };
}

function signedBy(privateKey: KeyObject, alg: string, clientId: string): string {
  const input = parts({ alg, kid: 'k' }, clientId);
  const digits = /\d+$/.exec(alg)?.[0] ?? '384';
  const hash = privateKey.asymmetricKeyType === 'ed25519' ? null : `sha${digits}`;
  const isPss = alg.startsWith('PS') && privateKey.asymmetricKeyType === 'rsa';
  const pss = isPss && { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: Number(digits) / 8 };
  return `${input}.${sign(hash, Buffer.from(input), { key: privateKey, dsaEncoding: 'ieee-p1363', ...pss }).toString('base64url')}`;
}

/** Past registration, as an older version or a JWKS URL may have brought the key in. */
async function plant(jwk: JWK): Promise<string> {
  const { clientId } = await register(server.database, server.tenant, audience);
  await server.database.owner.query('update client set jwks = $3 where tenant = $1 and client_id = $2', [
    server.tenant,
    clientId,
    { keys: [jwk] },
  ]);
  return clientId;
}

describe('keys that do not fit', () => {
  const algorithms = ['RS256', 'RS384', 'RS512', 'PS384', 'ES256', 'ES384', 'ES512', 'EdDSA'];

  test('of every algorithm with every type of key only RS384 with RSA and ES384 with P-384 pass (T03)', async () => {
    const types = ['rsa', 'P-256', 'P-384', 'P-521', 'ed25519'] as const;
    const keys = await Promise.all(types.map((type) => someKey(type)));
    const passed: string[] = [];
    for (const [index, { jwk, privateKey }] of keys.entries()) {
      const clientId = await plant(jwk);
      for (const alg of algorithms) {
        const answer = await askToken(server.url, signedBy(privateKey, alg, clientId));
        if (answer.status === 200) passed.push(`${alg} ${types[index]}`);
        else expect(errorOf(answer), `${alg} ${types[index]}`).toEqual([401, 'invalid_client']);
      }
    }
    expect(passed).toEqual(['RS384 rsa', 'ES384 P-384']);
  });

  test('a key too small, for encryption, for other operations or another algorithm does not verify (T03)', async () => {
    const small = await someKey('rsa', 1_024);
    const almost = await someKey('rsa', 2_040);
    const good = await someKey('rsa');
    const padded = Buffer.concat([Buffer.alloc(160), Buffer.from(small.jwk.n ?? '', 'base64url')]);
    const cases: Record<string, string> = {};
    const bad: Record<string, [SomeKey, JWK]> = {
      '1024 bits': [small, {}],
      '1024 bits, padded to look like 2048': [small, { n: padded.toString('base64url') }],
      '2040 bits': [almost, {}],
      'exponent 1, whose signatures anyone can make': [good, { e: 'AQ' }],
      'for encryption': [good, { use: 'enc' }],
      'key_ops without verify': [good, { key_ops: ['encrypt'] }],
      'alg of another algorithm': [good, { alg: 'RS256' }],
      'alg of encryption': [good, { alg: 'RSA-OAEP' }],
    };
    for (const [name, [key, change]] of Object.entries(bad)) {
      const clientId = await plant({ ...key.jwk, ...change });
      cases[name] = signedBy(key.privateKey, 'RS384', clientId);
      const registered = register(server.database, server.tenant, audience, {
        jwks: { keys: [{ ...key.jwk, ...change }] },
      });
      await expect(registered, name).rejects.toThrow('The key cannot sign');
    }
    await expectRefused(cases);
    const clientId = await plant(good.jwk);
    expect((await askToken(server.url, signedBy(good.privateKey, 'RS384', clientId))).status).toBe(200);
  });

  test('a private or a secret key, and one without kid, is not registered (T03)', async () => {
    const { jwk, privateKey } = await someKey('P-384');
    const { kid: _, ...nameless } = jwk;
    const registerKey = (key: JWK) => register(server.database, server.tenant, audience, { jwks: { keys: [key] } });
    await expect(registerKey({ ...(await exportJWK(privateKey)), kid: 'k' })).rejects.toThrow('private part');
    await expect(registerKey(nameless as JWK)).rejects.toThrow('has no kid');
    await expect(registerKey({ kty: 'oct', k: 'c2VjcmV0', kid: 'k' })).rejects.toThrow('The key cannot sign');
  });
});

test('keys in the header are not taken (T05)', async () => {
  const attacker = await createSigner('ES384', client.signer.kid);
  const { publicJwk: jwk } = attacker;
  const of = (header: Record<string, unknown>): Promise<string> => client.assertion({ signer: attacker, header });
  await expectRefused({
    jwk: await of({ jwk }),
    'jwk with our kid': await of({ jwk: { ...jwk, kid: client.signer.kid } }),
    x5c: await of({ x5c: ['MIIB'] }),
    x5u: await of({ x5u: 'https://attacker.example/cert.pem' }),
    'jwk beside a good signature': await client.assertion({ header: { jwk: client.signer.publicJwk } }),
    'a critical extension': await client.assertion({ header: { crit: ['exp'], exp: 1 } }).catch(() => 'hello'),
    'a wrong key with the right kid': await of({}),
  });
});

test('a kid names exactly one key of this client or the assertion fails (T06)', async () => {
  const other = await register(server.database, server.tenant, audience);
  const [first, second] = [await createSigner('ES384', 'twice'), await createSigner('ES384', 'twice')];
  const twice = await register(server.database, server.tenant, audience, {
    jwks: { keys: [first.publicJwk, second.publicJwk] },
  });
  const of = (kid: unknown): Promise<string> => client.assertion({ header: { kid } });
  await expectRefused({
    missing: await of(undefined),
    empty: await of(''),
    number: await of(1),
    unknown: await of('unknown'),
    'null byte': await of('a\0b'),
    path: await of('../../etc/passwd'),
    sql: await of(`' or 1=1 --`),
    prototype: await of('__proto__'),
    constructor: await of('constructor'),
    'upper case': await of(client.signer.kid.toUpperCase()),
    'trailing space': await of(`${client.signer.kid} `),
    long: await of('k'.repeat(257)),
    'another client has it': await client.assertion({ signer: other.signer }),
    'first of two': await twice.assertion({ signer: first }),
    'second of two': await twice.assertion({ signer: second }),
  });
  expect(errorOf(await askToken(server.url, await of('k'.repeat(40_000))))).toEqual([401, 'invalid_client']);
  expect((await askToken(server.url, await of('k'.repeat(1_000_000)))).status).toBe(413);
});

test('a kid may name an RSA and an EC key, since alg tells them apart (T06)', async () => {
  const [ec, rsaTwin] = [await createSigner('ES384', 'twin'), await createSigner('RS384', 'twin')];
  const both = await register(server.database, server.tenant, audience, {
    jwks: { keys: [ec.publicJwk, rsaTwin.publicJwk] },
  });
  for (const signer of [ec, rsaTwin])
    expect((await askToken(server.url, await both.assertion({ signer }))).status).toBe(200);
});
