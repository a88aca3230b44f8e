import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TenantId } from '../../../src/base/ids.ts';
import { ok } from '../../../src/base/result.ts';
import { Params } from '../../../src/store/sql.ts';
import { applyWrites, insertStatement, type Write } from '../../../src/store/write.ts';
import { createTenant, createTestDatabase, type TestDatabase } from '../../support/database.ts';

let t: TestDatabase;
let tenant: TenantId;
beforeAll(async () => {
  t = await createTestDatabase();
  tenant = await createTenant(t.db, 'main');
});
afterAll(async () => t.drop());

const now = new Date('2026-03-01T12:00:00Z');
const write = (id: string, more: Partial<Write> = {}): Write => ({
  type: 'Encounter',
  id,
  version: 1,
  lastUpdated: now,
  deleted: false,
  owner: 'org-a',
  patient: 'p1',
  mixed: false,
  audience: undefined,
  viewVersion: 1,
  viewUpdated: now,
  keys: [
    'Encounter.status=finished',
    `Encounter.identifier=urn:x|${id}`,
    '@date=2026-03-01T10:00:00.000Z/2026-03-01T10:40:00.000Z',
  ],
  content: `{"resourceType":"Encounter","id":"${id}"}`,
  ...more,
});

async function stateOf(id: string): Promise<unknown> {
  const { rows } = await t.owner.query(
    `select (select array_agg(version || ':' || content order by version) from resource_history where id = $1) as history,
      (select version || ':' || content from resource where id = $1) as current,
      (select array_agg(key order by key) from search_key where id = $1) as keys,
      (select array_agg(param || ' ' || to_char(lo at time zone 'UTC', 'YYYY-MM-DD')) from search_date where id = $1) as dates,
      (select array_agg(version || ' ' || patient order by seq) from outbox where id = $1) as work,
      (select count(*)::int from audit where entity[1] = 'Encounter/' || $1) as audited`,
    [id],
  );
  return rows[0];
}

const asks = (...always: string[]) => ({ always, ifCharged: [] });

const audit = (id: string) => ({
  clientId: 'c',
  interaction: 'create',
  type: 'Encounter',
  entity: [`Encounter/${id}`],
  patients: ['p1'],
  outcome: 201,
});

test('one statement stores the row, its index, the outbox row and the audit row', async () => {
  const params = new Params();
  const sql = insertStatement(tenant, [write('a')], asks('Encounter'), [audit('a')], params);
  expect(await t.db.once(tenant, sql, params.values)).toEqual(ok([{ stored: 1 }]));
  expect(await stateOf('a')).toEqual({
    history: null,
    current: '1:{"resourceType":"Encounter","id":"a"}',
    keys: ['Encounter.identifier=urn:x|a', 'Encounter.status=finished'],
    dates: ['date 2026-03-01'],
    work: ['1 p1'],
    audited: 1,
  });
});

test('where its condition is false, nothing at all is stored', async () => {
  const params = new Params();
  const sql = insertStatement(tenant, [write('b')], asks('Encounter'), [audit('b')], params, '1 = 2');
  expect(await t.db.once(tenant, sql, params.values)).toEqual(ok([{ stored: 0 }]));
  expect(await stateOf('b')).toEqual({ history: null, current: null, keys: null, dates: null, work: null, audited: 0 });
});

test('an update archives the version before, moves only the keys that changed, and asks for work for both members when it moves', async () => {
  const first = write('c');
  const second = write('c', {
    version: 2,
    patient: 'p2',
    keys: ['Encounter.status=finished', 'Encounter.status=x'],
    previousKeys: first.keys,
    content: '{"v":2}',
  });
  await t.db.transaction(tenant, async (tx) => {
    await applyWrites(tx, tenant, [first], asks('Encounter'));
    await applyWrites(tx, tenant, [second], asks('Encounter'), [audit('c')]);
    return ok(undefined);
  });
  expect(await stateOf('c')).toEqual({
    history: ['1:{"resourceType":"Encounter","id":"c"}'],
    current: '2:{"v":2}',
    keys: ['Encounter.status=finished', 'Encounter.status=x'],
    dates: null,
    work: expect.arrayContaining(['1 p1', '2 p1', '2 p2']),
    audited: 1,
  });
});

test('a type that no rule reads asks for no work', async () => {
  const params = new Params();
  await t.db.once(tenant, insertStatement(tenant, [write('d')], asks('Patient'), [], params), params.values);
  expect(await stateOf('d')).toMatchObject({ current: expect.any(String), work: null });
});

test('a lost race on a version runs the transaction again, and gives up as a conflict after three tries', async () => {
  let runs = 0;
  const result = await t.db.transaction(tenant, async (tx) => {
    runs++;
    await applyWrites(tx, tenant, [write('a')], asks('Encounter'));
    return ok(undefined);
  });
  expect([runs, result.ok || result.error.category]).toEqual([3, 'conflict']);
});

test('two hundred writes of one call are all there', async () => {
  const many = Array.from({ length: 200 }, (_, index) => write(`many-${index}`));
  await t.db.transaction(tenant, async (tx) => ok(await applyWrites(tx, tenant, many, asks('Encounter'))));
  const { rows } = await t.owner.query(`select count(*)::int as n from search_key where id like 'many-%'`);
  expect(rows).toEqual([{ n: 400 }]);
});
