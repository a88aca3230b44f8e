import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { Database } from '../../../src/store/database.ts';
import type { EmbeddedPostgres } from '../../../src/store/embedded/index.ts';
import { migrate } from '../../../src/store/migrate.ts';
import { createTenant, type TestDatabase } from '../../support/database.ts';
import { freePort, type ServerProcess, startProcess } from '../../support/process.ts';
import { type Caller, createCaller } from '../../support/server.ts';

/** A server in a process of its own, so that a fault which ends it is seen, over a database that the test may break. */
export interface Stage {
  readonly server: ServerProcess;
  readonly database: TestDatabase;
  readonly caller: Caller;
  readonly member: string;
  stop(): Promise<void>;
}

export function urlOf({ connection }: EmbeddedPostgres): string {
  const { host, port, user, database } = connection;
  return `postgres://${user}@localhost:${port}/${database}?host=${encodeURIComponent(host)}`;
}

/** A migrated database at `ownerUrl`, looked at beside whatever stands between it and the server. */
export async function openDatabase(ownerUrl: string): Promise<TestDatabase> {
  const connection = { connectionString: ownerUrl };
  await migrate(connection);
  const db = new Database({ connection });
  const owner = new pg.Pool({ ...connection, max: 2, options: '-c search_path=footbridge' });
  // The pool takes its listener off while a client is out; a restart of PostgreSQL then would end the test's own process.
  owner.on('error', () => undefined);
  owner.on('connect', (client) => client.on('error', () => undefined));
  const drop = async (): Promise<void> => {
    await db.close();
    await owner.end();
  };
  return { connection, db, owner, drop };
}

/** Starts a server that reaches `database` at `serverUrl`, one client and one patient. */
export async function setStage(
  database: TestDatabase,
  serverUrl: string,
  env: Record<string, string> = {},
): Promise<Stage> {
  const tenant = await createTenant(database.db, 'main');
  const dataDir = mkdtempSync(join(tmpdir(), 'footbridge-fault-'));
  const server = await startProcess(
    { DATABASE_URL: serverUrl, ROLES: 'http', SANDBOX_WORLD: 'off', DATA_DIR: dataDir, ...env },
    await freePort(),
  );
  const caller = await createCaller(database, server.url, tenant, 'ehr', 'org-a', 'system/*.cruds');
  const member = await caller.create({ resourceType: 'Patient', name: [{ family: 'Fault' }], gender: 'unknown' });
  const stop = async (): Promise<void> => {
    if (server.child.exitCode === null) await server.kill('SIGKILL');
    rmSync(dataDir, { recursive: true, force: true });
  };
  return { server, database, caller, member: member.id, stop };
}
