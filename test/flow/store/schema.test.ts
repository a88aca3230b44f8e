import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dumpSchema } from '../../../scripts/dump-schema.ts';
import type { TenantId } from '../../../src/base/ids.ts';
import { listMigrations, migrate } from '../../../src/store/migrate.ts';
import { createTenant, createTestDatabase, type TestDatabase } from '../../support/database.ts';

let t: TestDatabase;
let connectionString: string;
beforeAll(async () => {
  t = await createTestDatabase();
  connectionString = (t.connection as { connectionString: string }).connectionString;
});
afterAll(async () => t.drop());

test('the committed schema is what the migrations make', async () => {
  const committed = readFileSync(join(import.meta.dirname, '../../../src/store/schema.txt'), 'utf8');
  expect(await dumpSchema(connectionString)).toBe(committed);
});

describe('row-level security is the second wall (T91)', () => {
  const scoped = `select c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = 'footbridge' and c.relkind in ('r', 'p') and c.relname <> 'migration'`;

  test('the application role owns nothing and is bound by the policies of every table', async () => {
    const { rows } = await t.owner.query<{ name: string; on: boolean; owner: string }>(
      `select c.relname as name, c.relrowsecurity as on, pg_get_userbyid(c.relowner) as owner from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where n.nspname = 'footbridge' and c.relkind in ('r', 'p') and c.relname <> 'migration'`,
    );
    expect(rows.length).toBeGreaterThan(20);
    expect(rows.filter(({ on }) => !on)).toEqual([]);
    expect(rows.filter(({ owner }) => owner === 'footbridge_app')).toEqual([]);
    const { rows: roles } = await t.owner.query(
      `select rolsuper, rolbypassrls, rolcanlogin from pg_roles where rolname = 'footbridge_app'`,
    );
    expect(roles).toEqual([{ rolsuper: false, rolbypassrls: false, rolcanlogin: false }]);
  });

  test('without a tenant, and as another tenant, every table shows no row of this one', async () => {
    const mine = await createTenant(t.db, 'mine');
    const other = await createTenant(t.db, 'other');
    await fillEveryTable(t.owner, mine);
    const client = new pg.Client({ connectionString, options: '-c role=footbridge_app -c search_path=footbridge' });
    await client.connect();
    try {
      const { rows: tables } = await t.owner.query<{ name: string }>(scoped);
      for (const { name } of tables.filter(({ name }) => name !== 'tenant_name' && name !== 'installation')) {
        const count = async (): Promise<number> =>
          Number(
            (await client.query<{ n: string }>(`select count(*) as n from ${name} where tenant = ${mine}`)).rows[0]?.n,
          );
        await client.query(`select set_config('footbridge.tenant', '', false)`);
        // A partition is reached only through its parent: the application role has no right on it at all.
        if (name.startsWith('audit_')) {
          await expect(count(), name).rejects.toThrow('permission denied');
          continue;
        }
        expect(await count(), `${name} without a tenant`).toBe(0);
        await client.query(`select set_config('footbridge.tenant', '${other}', false)`);
        expect(await count(), `${name} as another tenant`).toBe(0);
        await client.query(`select set_config('footbridge.tenant', '${mine}', false)`);
        expect(await count(), `${name} as its own tenant`).toBeGreaterThan(0);
      }
    } finally {
      await client.end();
    }
  });

  test('a row cannot be written for another tenant', async () => {
    const mine = await createTenant(t.db, 'writer');
    const other = await createTenant(t.db, 'victim');
    const written = t.db.once(mine, `insert into used_jti values ($1, 'c', 'j', now())`, [other]);
    await expect(written).rejects.toThrow('row-level security');
  });
});

/** One row in each table, made from the catalogue: a new table is tested without a change here. */
async function fillEveryTable(owner: pg.Pool, tenant: TenantId): Promise<void> {
  const { rows } = await owner.query<{ table: string; column: string; type: string; needed: boolean }>(
    `select c.relname as table, a.attname as column, format_type(a.atttypid, null) as type, a.attnotnull and not a.atthasdef and a.attidentity = '' as needed
      from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
      where n.nspname = 'footbridge' and c.relkind in ('r', 'p') and not c.relispartition and a.attnum > 0 and not a.attisdropped and c.relname not in ('migration', 'tenant', 'tenant_name', 'tenant_clock', 'setting', 'installation')`,
  );
  const sample: Record<string, string> = {
    text: `'x'`,
    'text[]': `'{}'`,
    integer: '1',
    bigint: '1',
    smallint: '1',
    boolean: 'false',
    date: `'2026-01-01'`,
    bytea: `'\\x00'`,
    jsonb: `'{}'`,
    'timestamp with time zone': 'now()',
    uuid: 'gen_random_uuid()',
    xid8: 'pg_current_xact_id()',
  };
  const special: Record<string, string> = {
    'client.kind': `'admin'`,
    'schedule_run.status': `'done'`,
    'recomputation.reason': `'request'`,
  };
  for (const [table, columns] of Object.entries(Object.groupBy(rows, ({ table }) => table))) {
    const needed = (columns ?? []).filter(
      (column) => column.needed || (table === 'client' && column.column === 'jwks'),
    );
    const values = needed.map(({ column, type }) =>
      column === 'tenant' ? String(tenant) : (special[`${table}.${column}`] ?? sample[type] ?? 'null'),
    );
    const client = await owner.connect();
    await client.query('set session_replication_role = replica');
    await client.query(
      `insert into ${table} (${needed.map(({ column }) => column).join(', ')}) values (${values.join(', ')}) on conflict do nothing`,
    );
    client.release(true);
  }
}

describe('migrations (F36)', () => {
  test('a second run finds nothing to do, and ten at once do not disturb each other', async () => {
    expect(await migrate(t.connection)).toBe(0);
    const fresh = await createTestDatabase();
    try {
      await fresh.owner.query('drop schema footbridge cascade');
      const counts = await Promise.all(Array.from({ length: 10 }, () => migrate(fresh.connection)));
      expect(counts.filter((count) => count > 0)).toEqual([listMigrations().length]);
    } finally {
      await fresh.drop();
    }
  });

  test('a migration that fails half-way leaves nothing of itself, and the next start goes on', async () => {
    const broken = {
      version: listMigrations().length + 1,
      name: '9999-broken.sql',
      sql: 'create table half (a int); select 1/0;',
      checksum: 'x',
    };
    await expect(migrate(t.connection, [...listMigrations(), broken])).rejects.toThrow(
      'migration 9999-broken.sql failed: division by zero',
    );
    const { rows } = await t.owner.query(`select to_regclass('footbridge.half') as half`);
    expect(rows).toEqual([{ half: null }]);
    expect(await migrate(t.connection)).toBe(0);
  });

  test('a migrator killed at each migration lets the next one finish', async () => {
    const fresh = await createTestDatabase();
    try {
      await fresh.owner.query('drop schema footbridge cascade');
      for (const [index] of listMigrations().entries()) {
        const slow = listMigrations().map((migration, at) =>
          at === index ? { ...migration, sql: `${migration.sql}; select pg_sleep(30)` } : migration,
        );
        const running = migrate(fresh.connection, slow).catch((error: unknown) => error);
        await killSleeper(fresh.owner);
        expect(await running).toBeInstanceOf(Error);
        expect(await migrate(fresh.connection, listMigrations().slice(0, index + 1))).toBe(1);
      }
      expect(await dumpSchema((fresh.connection as { connectionString: string }).connectionString)).toBe(
        await dumpSchema(connectionString),
      );
    } finally {
      await fresh.drop();
    }
  });

  test('a newer database and an edited migration are refused in words', async () => {
    await expect(migrate(t.connection, listMigrations().slice(0, 2))).rejects.toThrow('start the newer program');
    const edited = listMigrations().map((migration, index) =>
      index === 0 ? { ...migration, checksum: 'other' } : migration,
    );
    await expect(migrate(t.connection, edited)).rejects.toThrow('was changed after it had been applied');
  });
});

async function killSleeper(owner: pg.Pool): Promise<void> {
  for (;;) {
    const { rowCount } = await owner.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and state = 'active' and wait_event = 'PgSleep' and pid <> pg_backend_pid()`,
    );
    if ((rowCount ?? 0) > 0) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
