import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { applicationRole, type ConnectionSettings, schemaName } from './database.ts';

/** Any fixed number: all migrators of a database queue on it. */
const advisoryLock = 7_310_214;

interface Migration {
  readonly version: number;
  readonly name: string;
  readonly sql: string;
  readonly checksum: string;
}

/** The numbered files of `migrations/`, in order. */
export function listMigrations(folder: string = join(import.meta.dirname, 'migrations')): Migration[] {
  const files = readdirSync(folder)
    .filter((name) => name.endsWith('.sql'))
    .sort();
  return files.map((name, index) => {
    const version = Number(name.slice(0, 4));
    if (version !== index + 1) throw new Error(`migration ${name} is out of sequence: expected number ${index + 1}`);
    const sql = readFileSync(join(folder, name), 'utf8');
    return { version, name, sql, checksum: createHash('sha256').update(sql).digest('hex') };
  });
}

/**
 * Brings the schema to this version. Each migration is one transaction with its own record, so a kill leaves either all of it or
 * nothing and the next start goes on; a session lock lets any number of processes start at once (F36).
 *
 * @throws Error in words when the database is newer than this program, or an applied migration was edited afterwards
 */
export async function migrate(
  connection: ConnectionSettings,
  migrations: Migration[] = listMigrations(),
): Promise<number> {
  const client = new pg.Client({ ...connection, connectionTimeoutMillis: 10_000 });
  client.on('error', () => undefined);
  await client.connect();
  try {
    await client.query('select pg_advisory_lock($1)', [advisoryLock]);
    await prepare(client);
    const applied = await client.query<{ version: number; checksum: string }>(
      'select version, checksum from migration order by version',
    );
    check(applied.rows, migrations);
    const pending = migrations.slice(applied.rows.length);
    for (const migration of pending) await apply(client, migration);
    return pending.length;
  } finally {
    await client.end();
  }
}

async function prepare(client: pg.Client): Promise<void> {
  await client.query(`do $$ begin
    if not exists (select from pg_roles where rolname = '${applicationRole}') then create role ${applicationRole} nologin; end if;
  exception when duplicate_object or unique_violation then null; end $$`);
  await client.query(`do $$ begin
    if not pg_has_role(current_user, '${applicationRole}', 'member') then execute format('grant ${applicationRole} to %I', current_user); end if;
  end $$`);
  await client.query(`create schema if not exists ${schemaName}`);
  await client.query(`set search_path = ${schemaName}`);
  await client.query(`create table if not exists migration (
    version integer primary key, name text not null, checksum text not null, applied_at timestamptz not null default now())`);
}

function check(applied: { version: number; checksum: string }[], known: Migration[]): void {
  if (applied.length > known.length) {
    throw new Error(
      `the database is at schema version ${applied.length}, this program knows ${known.length}: start the newer program, or restore a backup from before the upgrade`,
    );
  }
  for (const { version, checksum } of applied) {
    const migration = known[version - 1];
    if (migration?.checksum !== checksum) {
      throw new Error(
        `migration ${migration?.name ?? version} was changed after it had been applied: put its text back and write a new migration`,
      );
    }
  }
}

async function apply(client: pg.Client, migration: Migration): Promise<void> {
  await client.query('begin');
  try {
    await client.query(migration.sql);
    await client.query('insert into migration (version, name, checksum) values ($1, $2, $3)', [
      migration.version,
      migration.name,
      migration.checksum,
    ]);
    await client.query('commit');
  } catch (error) {
    await client.query('rollback');
    throw new Error(`migration ${migration.name} failed: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}
