import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TenantId } from '../../../src/base/ids.ts';
import { ok } from '../../../src/base/result.ts';
import { localDate } from '../../../src/base/time.ts';
import { membersToClose } from '../../../src/store/billing-close.ts';
import { chargedMembers, derivedTasks } from '../../../src/store/charges.ts';
import { compartmentsOf } from '../../../src/store/compartment.ts';
import type { Transaction } from '../../../src/store/database.ts';
import { dueResources } from '../../../src/store/due.ts';
import { rowsOfMembers } from '../../../src/store/facts.ts';
import { organizationRows } from '../../../src/store/organization-facts.ts';
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

const idOf = (n: number): string => `00000000-0000-5000-8000-${String(n).padStart(12, '0')}`;

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

/** How all statements of `ask` are done, each answered. */
async function plansOf(ask: Ask): Promise<string> {
  const plans: string[] = [];
  const done = await database.db.transaction(tenant, async (tx) => {
    const telling: Transaction = {
      async query<R>(text: string, values?: readonly unknown[]): Promise<R[]> {
        const plan = await tx.query<Record<string, string>>(`explain (analyze, costs off) ${text}`, values);
        plans.push(...plan.map((row) => row['QUERY PLAN'] ?? ''));
        return tx.query<R>(text, values);
      },
    };
    await ask(telling);
    return ok(undefined);
  });
  expect(done.ok).toBe(true);
  return plans.join('\n');
}

/** Rows that it read from tables and threw away. */
const thrownAway = (plan: string): number =>
  [...plan.matchAll(/Rows Removed by Filter: (\d+)/g)].reduce((sum, [, n]) => sum + Number(n), 0);

test.each<[string, Ask, string]>([
  [
    'facts and answers',
    async (tx) => [...(await compartmentsOf(tx, tenant, ['m7', 'm8'], ['Task', 'EpisodeOfCare']))],
    'resource_patient',
  ],
  [
    'facts',
    async (tx) => [...(await rowsOfMembers(tx, tenant, ['m7', 'm8'], ['Task', 'EpisodeOfCare']))],
    'resource_patient',
  ],
  ['Flags and Tasks of an id', (tx) => dueResources(tx, tenant, [idOf(7)]), 'resource_pkey'],
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

test('an organisation’s people and their papers are found by their ids', async () => {
  await database.owner.query(
    `insert into resource (tenant, type, id, version, last_updated, owner, view_updated, content) values
      ($1, 'PractitionerRole', 'r', 1, now(), 'org', now(), '{"resourceType":"PractitionerRole","id":"r","practitioner":{"reference":"Practitioner/p"}}'),
      ($1, 'Practitioner', 'p', 1, now(), 'org', now(), '{"resourceType":"Practitioner","id":"p"}')`,
    [tenant],
  );
  await database.owner.query(
    `insert into search_key (tenant, key, id) values ($1, 'PractitionerRole.organization=Organization/org', 'r')`,
    [tenant],
  );
  const asked = { owner: 'org', organizations: ['org'], patient: 'm7', coaches: [], knownAt: undefined };
  let found: readonly unknown[] = [];
  const plan = await plansOf(async (tx) => {
    found = await organizationRows(tx, tenant, asked, ['PractitionerRole', 'VerificationResult']);
    return found;
  });
  expect(found).toHaveLength(2);
  expect(plan).not.toContain('Seq Scan on resource');
  expect(thrownAway(plan)).toBeLessThan(20);
});
