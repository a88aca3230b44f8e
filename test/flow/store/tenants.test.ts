import { afterAll, beforeAll, expect, test } from 'vitest';
import { wallClock } from '../../../src/base/time.ts';
import { findTenant, tenantNamed } from '../../../src/store/tenants.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(async () => database.drop());

/** Eight who start together. */
async function together(insteadOf?: Awaited<ReturnType<typeof findTenant>>) {
  const given = insteadOf?.ok && insteadOf.value !== undefined ? { insteadOf: insteadOf.value } : {};
  const asked = Array.from({ length: 8 }, () =>
    tenantNamed(database.db, 'main', new Date('2026-01-01'), wallClock, { running: true, ...given }),
  );
  return (await Promise.all(asked)).map((answer) => (answer.ok ? answer.value : undefined));
}

test('of processes that start together one makes the tenant, and all have the same; so it is where it is given up', async () => {
  const first = await together();
  expect(first.filter((one) => one?.made)).toHaveLength(1);
  expect(new Set(first.map((one) => one?.tenant)).size).toBe(1);
  const given = await findTenant(database.db, 'main');
  const second = await together(given);
  expect(second.filter((one) => one?.made)).toHaveLength(1);
  expect(new Set(second.map((one) => one?.tenant)).size).toBe(1);
  expect(second[0]?.tenant).not.toBe(first[0]?.tenant);
  expect(await findTenant(database.db, 'main')).toMatchObject({ ok: true, value: second[0]?.tenant });
});
