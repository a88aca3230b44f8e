import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TenantId } from '../../../src/base/ids.ts';
import { ok } from '../../../src/base/result.ts';
import { chargedMembers, derivedTasks } from '../../../src/store/charges.ts';
import type { Transaction } from '../../../src/store/database.ts';
import { dueResources } from '../../../src/store/due.ts';
import { createTenant, createTestDatabase, type TestDatabase } from '../../support/database.ts';

/** What a recomputation asks of the store costs what the member has, not what the tenant has: 3,000 others' rows are not looked at. */
let database: TestDatabase;
let tenant: TenantId;
beforeAll(async () => {
  database = await createTestDatabase();
  tenant = await createTenant(database.db, 'main');
  // Statistics from before the rows came: as after a first start.
  await database.owner.query('analyze resource');
  await database.owner.query(
    `insert into resource (tenant, type, id, version, last_updated, owner, patient, view_updated, content)
      select $1, t.type, '00000000-0000-5000-8000-' || lpad(n::text, 12, '0'), 1, now(), 'org', 'm' || n, now(), case when t.type = 'ChargeItem' and n <> 7 then '{"url":"x/charge-basis"}' else '{}' end
      from generate_series(1, 3000) n, (values ('Task'), ('Flag'), ('ChargeItem')) as t(type)`,
    [tenant],
  );
});
afterAll(async () => database.drop());

type Ask = (tx: Transaction) => Promise<readonly unknown[]>;

/** Rows that the statement of `ask` read from tables and threw away. */
async function thrownAway(ask: Ask, index: string): Promise<number> {
  let removed = -1;
  const done = await database.db.transaction(tenant, async (tx) => {
    const explaining: Transaction = {
      async query<R>(text: string, values?: readonly unknown[]): Promise<R[]> {
        const plan = await tx.query<Record<string, string>>(`explain (analyze, costs off) ${text}`, values);
        const lines = plan.map((row) => row['QUERY PLAN'] ?? '').join('\n');
        expect(lines).toContain(index);
        removed = [...lines.matchAll(/Rows Removed by Filter: (\d+)/g)].reduce((sum, [, n]) => sum + Number(n), 0);
        return [];
      },
    };
    await ask(explaining);
    return ok(undefined);
  });
  expect(done.ok).toBe(true);
  return removed;
}

test.each<[string, Ask, string]>([
  ['Flags and Tasks that may be ours', (tx) => dueResources(tx, tenant, ['m7', 'm8'], []), 'resource_patient'],
  ['correction Tasks', (tx) => derivedTasks(tx, tenant, ['m7', 'm8']), 'resource_patient'],
  ['who was charged', (tx) => chargedMembers(tx, tenant, ['m7', 'm8']), 'resource_cut_charge'],
])('%s are found by the member', async (_name, ask, index) => {
  expect(await thrownAway(ask, index)).toBeLessThan(20);
});

test('who was charged is who has a charge that Footbridge cut', async () => {
  const found = await database.db.transaction(tenant, async (tx) => ok(await chargedMembers(tx, tenant, ['m7', 'm8'])));
  expect(found).toEqual(ok(['m8']));
});
