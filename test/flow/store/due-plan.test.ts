import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TenantId } from '../../../src/base/ids.ts';
import { ok } from '../../../src/base/result.ts';
import { localDate } from '../../../src/base/time.ts';
import { membersToClose } from '../../../src/store/billing-close.ts';
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
      from generate_series(1, 3000) n, (values ('Task'), ('Flag'), ('ChargeItem'), ('EpisodeOfCare')) as t(type)`,
    [tenant],
  );
});
afterAll(async () => database.drop());

type Ask = (tx: Transaction) => Promise<readonly unknown[]>;

/** How the statement of `ask` is done. */
async function planOf(ask: Ask): Promise<string> {
  let lines = '';
  const done = await database.db.transaction(tenant, async (tx) => {
    const explaining: Transaction = {
      async query<R>(text: string, values?: readonly unknown[]): Promise<R[]> {
        const plan = await tx.query<Record<string, string>>(`explain (analyze, costs off) ${text}`, values);
        lines = plan.map((row) => row['QUERY PLAN'] ?? '').join('\n');
        return [];
      },
    };
    await ask(explaining);
    return ok(undefined);
  });
  expect(done.ok).toBe(true);
  return lines;
}

/** Rows that it read from tables and threw away. */
const thrownAway = (plan: string): number =>
  [...plan.matchAll(/Rows Removed by Filter: (\d+)/g)].reduce((sum, [, n]) => sum + Number(n), 0);

test.each<[string, Ask, string]>([
  ['Flags and Tasks that may be ours', (tx) => dueResources(tx, tenant, ['m7', 'm8'], []), 'resource_patient'],
  ['correction Tasks', (tx) => derivedTasks(tx, tenant, ['m7', 'm8']), 'resource_patient'],
  ['who was charged', (tx) => chargedMembers(tx, tenant, ['m7', 'm8']), 'resource_cut_charge'],
])('%s are found by the member', async (_name, ask, index) => {
  const plan = await planOf(ask);
  expect(plan).toContain(index);
  expect(thrownAway(plan)).toBeLessThan(20);
});

test('who has an episode is found page by page, a page at the cost of a page', async () => {
  const run = { tenant, job: 'charges', zone: 'UTC', date: localDate('2026-04-10'), fence: '1', cursor: 'm7' } as const;
  const asking: Ask = (tx) => {
    const db = { once: async (_tenant: TenantId, text: string, values: readonly unknown[]) => tx.query(text, values) };
    return membersToClose(db as never, run, ['org'], localDate('2026-03-01'), 10) as never;
  };
  const plan = await planOf(asking);
  expect(plan).toMatch(/Index Scan using resource_episode on resource e \(actual time=\S+ rows=10(\.00)? loops=1\)/);
  expect(thrownAway(plan)).toBe(0);
});

test('who was charged is who has a charge that Footbridge cut', async () => {
  const found = await database.db.transaction(tenant, async (tx) => ok(await chargedMembers(tx, tenant, ['m7', 'm8'])));
  expect(found).toEqual(ok(['m8']));
});
