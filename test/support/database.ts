import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { inject } from 'vitest';
import type { TenantId } from '../../src/base/ids.ts';
import type { ConnectionSettings } from '../../src/store/database.ts';
import { Database } from '../../src/store/database.ts';
import { migrate } from '../../src/store/migrate.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** connection string of a server on which tests may create databases */
    postgres: string;
    /** empty where no Redis is there */
    redis: string;
  }
}

export interface TestDatabase {
  readonly connection: ConnectionSettings;
  readonly db: Database;
  /** as the owner, beside row-level security: to look at what the application must not see */
  readonly owner: pg.Pool;
  drop(): Promise<void>;
}

/** A fresh, migrated database on the server of this test run: an outside PostgreSQL where one is given, else the embedded one. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const server = inject('postgres');
  const name = `footbridge_test_${randomBytes(6).toString('hex')}`;
  await administer(server, `create database ${name} encoding 'UTF8' template template0`);
  const connection = { connectionString: withDatabase(server, name) };
  await migrate(connection);
  const db = new Database({ connection });
  const owner = new pg.Pool({ ...connection, max: 2, options: '-c search_path=footbridge' });
  owner.on('error', () => undefined);
  const drop = async (): Promise<void> => {
    await db.close();
    await owner.end();
    await administer(server, `drop database if exists ${name} with (force)`);
  };
  return { connection, db, owner, drop };
}

/** A tenant whose clock stands at `domainAt`, or runs from it. */
export async function createTenant(db: Database, name: string, domainAt?: Date, running = true): Promise<TenantId> {
  const wallAt = new Date();
  // Both by this process's clock: a connection that takes its time must not set the tenant's clock behind by as much.
  const made = await db.unscoped<{ tenant: TenantId }>('select create_tenant($1, $2, $3, $4) as tenant', [
    name,
    domainAt ?? wallAt,
    wallAt,
    running,
  ]);
  if (!made.ok || !made.value[0]) throw new Error('no tenant was made');
  return made.value[0].tenant;
}

function withDatabase(server: string, name: string): string {
  const url = new URL(server);
  url.pathname = `/${name}`;
  return url.href;
}

async function administer(server: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: server });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
