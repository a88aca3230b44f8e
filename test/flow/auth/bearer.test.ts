import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Running } from '../../../src/app/server.ts';
import { disableClient } from '../../../src/store/clients.ts';
import { createTenant } from '../../support/database.ts';
import { freePort, startProcess } from '../../support/process.ts';
import { type Answer, request, startTestServer, type TestServer } from '../../support/server.ts';
import {
  askToken,
  errorOf,
  formOf,
  formType,
  nowSeconds,
  register,
  startNode,
  type TokenClient,
} from './token-client.ts';

// ../shared/reference/threats-and-faults.md, 1A: what a token is good for, and until when.
const publicUrl = 'https://footbridge.example';
const tokenUrl = `${publicUrl}/auth/token`;

let server: TestServer;
let node: Running;
let client: TokenClient;
beforeAll(async () => {
  server = await startTestServer({ PUBLIC_URL: publicUrl });
  const dataDir = mkdtempSync(join(tmpdir(), 'footbridge-node-'));
  node = await startNode(server.database, { PUBLIC_URL: publicUrl, DATA_DIR: dataDir });
  client = await register(server.database, server.tenant, tokenUrl);
});
afterAll(async () => {
  await node.stop();
  await server.stop();
});

async function tokenOf(asker: TokenClient, scope = 'system/Patient.rs'): Promise<string> {
  const answer = await askToken(server.url, await asker.assertion(), scope);
  expect(answer.status, answer.text).toBe(200);
  return answer.json['access_token'] as string;
}

const read = (authorization: string | undefined, path = '/fhir/R4/Patient', url = server.url): Promise<Answer> =>
  request(`${url}${path}`, 'GET', undefined, authorization === undefined ? {} : { authorization });

function isChallenge(answer: Answer, error?: string): void {
  expect(answer.status, answer.text).toBe(401);
  expect(answer.json['resourceType']).toBe('OperationOutcome');
  expect(answer.headers.get('www-authenticate')).toBe(
    `Bearer realm="Footbridge"${error === undefined ? '' : `, error="${error}"`}`,
  );
}

const hashOf = (token: string): Buffer => createHash('sha256').update(token).digest();

const changeToken = (token: string, change: string): Promise<unknown> =>
  server.database.owner.query(`update access_token set ${change} where token_hash = $1`, [hashOf(token)]);

describe('a token that is none', () => {
  test('missing, malformed or of another scheme gets 401 with WWW-Authenticate and what to do (T16)', async () => {
    const token = await tokenOf(client);
    const basic = Buffer.from(`${client.clientId}:secret`).toString('base64');
    for (const authorization of [
      undefined,
      'Bearer',
      'Bearer ',
      `Basic ${basic}`,
      token,
      `DPoP ${token}`,
      `Token ${token}`,
    ])
      isChallenge(await read(authorization));
    isChallenge(await read(`Bearer ${token} ${token}`));
    isChallenge(await read(`Bearer ${'x'.repeat(513)}`));
    const text = (await read(undefined)).text;
    expect(text).toContain('.well-known/smart-configuration');
  });

  test('guessed, tampered, cut, in other case, or an assertion gets invalid_token (T16)', async () => {
    const token = await tokenOf(client);
    const swapped = token === token.toUpperCase() ? token.toLowerCase() : token.toUpperCase();
    const flipped = `${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}`;
    const stored = hashOf(token);
    const forged = [
      randomBytes(32).toString('base64url'),
      flipped,
      swapped,
      token.slice(0, -1),
      `${token}A`,
      `${token}=`,
      stored.toString('hex'),
      stored.toString('base64url'),
      'null',
      'undefined',
    ];
    for (const guess of forged) isChallenge(await read(`Bearer ${guess}`), 'invalid_token');
    const assertion = await client.assertion();
    isChallenge(await read(`Bearer ${assertion}`), assertion.length > 512 ? undefined : 'invalid_token');
    expect((await read(`bearer ${token}`)).status).toBe(200);
    expect(errorOf(await askToken(server.url, token))).toEqual([401, 'invalid_client']);
  });

  test('expired or revoked gets invalid_token (T16)', async () => {
    for (const change of [`expires_at = now() - interval '1 second'`, 'revoked_at = now()']) {
      const token = await tokenOf(client);
      expect((await read(`Bearer ${token}`)).status).toBe(200);
      await changeToken(token, change);
      isChallenge(await read(`Bearer ${token}`), 'invalid_token');
    }
  });

  test('in the URL is refused, even beside a good header, and in a body counts for nothing (T16)', async () => {
    const token = await tokenOf(client);
    isChallenge(await read(undefined, `/fhir/R4/Patient?access_token=${token}`), 'invalid_request');
    isChallenge(await read(`Bearer ${token}`, `/fhir/R4/Patient?access_token=${token}`), 'invalid_request');
    isChallenge(await read(undefined, `/fhir/R4/Patient?access%5Ftoken=${token}`), 'invalid_request');
    isChallenge(await request(`${server.url}/fhir/R4/Patient/_search`, 'POST', `access_token=${token}`, formType));
  });

  test('two Authorization headers do not add up (T16)', async () => {
    const token = await tokenOf(client);
    const headers = new Headers({ authorization: 'Bearer nothing' });
    headers.append('authorization', `Bearer ${token}`);
    expect((await fetch(`${server.url}/fhir/R4/Patient`, { headers })).status).toBe(401);
  });
});

test('a token lives 300 s by the wall clock and lies in the database as its hash only (T16)', async () => {
  const token = await tokenOf(client);
  const { rows } = await server.database.owner.query<Record<string, unknown>>(
    'select *, extract(epoch from expires_at - issued_at)::int as seconds from access_token',
  );
  expect(JSON.stringify(rows)).not.toContain(token);
  const mine = rows.find((row) => (row['token_hash'] as Buffer).equals(hashOf(token)));
  expect(mine).toMatchObject({
    seconds: 300,
    client_id: client.clientId,
    scopes: 'system/Patient.rs',
    revoked_at: null,
  });
  for (const table of ['used_jti', 'audit', 'client']) {
    const found = await server.database.owner.query(`select * from ${table}`);
    expect(JSON.stringify(found.rows), table).not.toContain(token);
  }
});

test('neither a token nor an assertion stands in the log, at its most talkative (T16)', {
  timeout: 60_000,
}, async () => {
  const { connectionString } = server.database.connection as { connectionString: string };
  const logged = await startProcess(
    { DATABASE_URL: connectionString, PUBLIC_URL: publicUrl, SANDBOX_WORLD: 'off', LOG_LEVEL: 'debug' },
    await freePort(),
  );
  const secrets: string[] = [];
  for (let round = 0; round < 3; round++) {
    const assertion = await client.assertion();
    const answer = await askToken(logged.url, assertion);
    const token = answer.json['access_token'] as string;
    secrets.push(assertion, token);
    await read(`Bearer ${token}`, '/fhir/R4/Patient', logged.url);
    await read(undefined, `/fhir/R4/Patient?access_token=${token}`, logged.url);
    await read(`Bearer ${assertion}`, '/fhir/R4/Patient', logged.url);
    await askToken(logged.url, assertion);
    await request(`${logged.url}/auth/token?${formOf(assertion)}`, 'POST', formOf(assertion), formType);
    await request(`${logged.url}/auth/token`, 'POST', `${formOf(assertion)}&scope=twice`, formType);
  }
  await logged.kill('SIGTERM');
  const output = logged.output();
  expect(output).toContain('answered');
  for (const secret of secrets) {
    expect(output).not.toContain(secret);
    for (const part of secret.split('.').slice(1)) expect(output).not.toContain(part);
    expect(output).not.toContain(encodeURIComponent(secret));
  }
});

describe('revocation', () => {
  test('a token revoked by one node is refused by the other at the next request (T17)', async () => {
    const token = await tokenOf(client);
    for (const url of [server.url, node.localUrl])
      expect((await read(`Bearer ${token}`, undefined, url)).status).toBe(200);
    await changeToken(token, 'revoked_at = now()');
    for (const url of [node.localUrl, server.url])
      isChallenge(await read(`Bearer ${token}`, undefined, url), 'invalid_token');
  });

  test('a disabled client gets no token, and its tokens are refused at the next request on every node (T17)', async () => {
    const leaving = await register(server.database, server.tenant, tokenUrl);
    const tokens = [await tokenOf(leaving), await tokenOf(leaving, 'system/*.cruds')];
    for (const token of tokens) expect((await read(`Bearer ${token}`, undefined, node.localUrl)).status).toBe(200);
    await disable(leaving);
    for (const url of [node.localUrl, server.url]) {
      for (const token of tokens) isChallenge(await read(`Bearer ${token}`, undefined, url), 'invalid_token');
      expect(errorOf(await askToken(url, await leaving.assertion()))).toEqual([401, 'invalid_client']);
    }
    const stay = await tokenOf(client);
    expect((await read(`Bearer ${stay}`, undefined, node.localUrl)).status).toBe(200);
  });

  test('a request that comes after the revocation is refused, however many are under way (T17)', async () => {
    const leaving = await register(server.database, server.tenant, tokenUrl);
    const token = await tokenOf(leaving);
    let revoked = false;
    let late = 0;
    const readers = Array.from({ length: 8 }, async () => {
      for (let round = 0; round < 60; round++) {
        const after = revoked;
        const { status } = await read(`Bearer ${token}`, undefined, node.localUrl);
        if (after) late++;
        if (after) expect(status).toBe(401);
      }
    });
    await new Promise((later) => setTimeout(later, 50));
    await disable(leaving);
    revoked = true;
    await Promise.all(readers);
    expect(late).toBeGreaterThan(50);
  });

  async function disable({ clientId }: TokenClient): Promise<void> {
    await server.database.db.transaction(server.tenant, async (tx) => {
      await disableClient(tx, server.tenant, clientId, new Date());
      return { ok: true, value: undefined };
    });
  }
});

test('a token of one tenant is nothing at the base of another, in both directions (T16)', async () => {
  const other = await createTenant(server.database.db, 'clinic');
  const clinicUrl = `${server.url}/sandbox/clinic`;
  const clinic = await register(server.database, other, `${publicUrl}/sandbox/clinic/auth/token`);
  const answer = await askToken(clinicUrl, await clinic.assertion());
  expect(answer.status, answer.text).toBe(200);
  const theirs = `Bearer ${answer.json['access_token'] as string}`;
  const ours = `Bearer ${await tokenOf(client)}`;
  expect((await read(theirs, '/fhir/R4/Patient', clinicUrl)).status).toBe(200);
  expect((await read(ours)).status).toBe(200);
  isChallenge(await read(ours, '/fhir/R4/Patient', clinicUrl), 'invalid_token');
  isChallenge(await read(theirs), 'invalid_token');
  expect(errorOf(await askToken(clinicUrl, await client.assertion()))).toEqual([401, 'invalid_client']);
  const aimed = await client.assertion({ claims: { aud: `${publicUrl}/sandbox/clinic/auth/token` } });
  expect(errorOf(await askToken(clinicUrl, aimed))).toEqual([401, 'invalid_client']);
  expect((await askToken(`${server.url}/sandbox/nowhere`, await client.assertion())).status).toBe(404);
});

test('tokens bound to a certificate or a DPoP key are not offered, and no proof of one is taken for a token (T20)', async () => {
  const configuration = await read(undefined, '/fhir/R4/.well-known/smart-configuration');
  expect(Object.keys(configuration.json).filter((name) => /dpop|mtls|certificate/i.test(name))).toEqual([]);
  const token = await tokenOf(client);
  isChallenge(await read(`DPoP ${token}`));
  const proof = await client.assertion({ header: { typ: 'dpop+jwt' }, claims: { htm: 'GET', iat: nowSeconds() } });
  const answer = await request(`${server.url}/fhir/R4/Patient`, 'GET', undefined, { dpop: proof });
  isChallenge(answer);
});
