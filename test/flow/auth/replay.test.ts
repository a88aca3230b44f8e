import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TenantId } from '../../../src/base/ids.ts';
import { createTenant, createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { freePort, type ServerProcess, startProcess } from '../../support/process.ts';
import { askToken, register, type TokenClient } from './token-client.ts';

// T07: the nodes share nothing but the database, so no Redis that is flushed and no node that is killed forgets a jti.
const publicUrl = 'https://footbridge.example';
const tokenUrl = `${publicUrl}/auth/token`;
const attempts = 1_000;

let database: TestDatabase;
let tenant: TenantId;
let client: TokenClient;
let env: Record<string, string>;
const nodes: ServerProcess[] = [];
beforeAll(async () => {
  database = await createTestDatabase();
  tenant = await createTenant(database.db, 'main');
  client = await register(database, tenant, tokenUrl);
  env = {
    DATABASE_URL: (database.connection as { connectionString: string }).connectionString,
    PUBLIC_URL: publicUrl,
    ROLES: 'http',
    SANDBOX_WORLD: 'off',
  };
  for (let index = 0; index < 3; index++) nodes.push(await startProcess(env, await freePort()));
});
afterAll(async () => {
  await Promise.all(nodes.map((node) => node.kill('SIGKILL')));
  await database.drop();
});

const count = async (table: 'access_token' | 'used_jti'): Promise<number> => {
  const found = await database.owner.query<{ count: number }>(`select count(*)::int from ${table}`);
  return found.rows[0]?.count ?? -1;
};

const statusAt = async (index: number, assertion: string): Promise<number> =>
  (await askToken(nodes[index]?.url ?? '', assertion)).status;

test(`${attempts} posts of one assertion at three processes at once get one token (T07)`, {
  timeout: 120_000,
}, async () => {
  const [tokens, jtis] = [await count('access_token'), await count('used_jti')];
  const assertion = await client.assertion();
  const statuses = await Promise.all(
    Array.from({ length: attempts }, (_, index) => statusAt(index % nodes.length, assertion)),
  );
  expect(statuses.filter((status) => status === 200)).toHaveLength(1);
  expect(statuses.filter((status) => status === 401)).toHaveLength(attempts - 1);
  expect([await count('access_token'), await count('used_jti')]).toEqual([tokens + 1, jtis + 1]);
});

test('an assertion that one node took is refused by it, by the others, and after kill -9 and restart (T07)', async () => {
  const assertion = await client.assertion();
  expect(await statusAt(0, assertion)).toBe(200);
  expect(await Promise.all([0, 1, 2].map((index) => statusAt(index, assertion)))).toEqual([401, 401, 401]);
  await nodes[0]?.kill('SIGKILL');
  nodes[0] = await startProcess(env, await freePort());
  expect(await statusAt(0, assertion)).toBe(401);
  expect(await statusAt(0, await client.assertion())).toBe(200);
});

test('a jti is one of its client: another client may use the same (T07)', async () => {
  const other = await register(database, tenant, tokenUrl);
  const claims = { jti: 'shared' };
  expect(await statusAt(0, await client.assertion({ claims }))).toBe(200);
  expect(await statusAt(1, await other.assertion({ claims }))).toBe(200);
  expect(await statusAt(2, await client.assertion({ claims, header: { typ: 'at+jwt' } }))).toBe(401);
});

test('an assertion that was refused has not used up its jti, and is remembered longer than any can live (T07)', async () => {
  const claims = { jti: 'kept' };
  const good = await client.assertion({ claims });
  expect(await statusAt(0, `${good.slice(0, -4)}AAAA`)).toBe(401);
  expect((await askToken(nodes[0]?.url ?? '', good, 'system/Unknown.rs')).status).toBe(400);
  expect(await statusAt(0, good)).toBe(200);
  const found = await database.owner.query<{ seconds: number }>(
    `select extract(epoch from expires_at - now())::float as seconds from used_jti where jti = 'kept'`,
  );
  expect(found.rows[0]?.seconds).toBeGreaterThan(300 + 30 + 30);
});
