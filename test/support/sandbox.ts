import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTestDatabase, type TestDatabase } from './database.ts';
import { freePort, type ServerProcess, startProcess } from './process.ts';

/** A server process with the sandbox's whole world, as `npm start` makes it. */
export interface Sandbox {
  /** of the latest start */
  server: ServerProcess;
  readonly dataDir: string;
  readonly database: TestDatabase;
  /** ends the server and starts it again at the same address */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export async function startSandbox(): Promise<Sandbox> {
  const database = await createTestDatabase();
  const dataDir = mkdtempSync(join(tmpdir(), 'footbridge-sandbox-'));
  const { connectionString } = database.connection as { connectionString: string };
  const start = (port: number): Promise<ServerProcess> =>
    startProcess({ DATABASE_URL: connectionString, DATA_DIR: dataDir }, port, 60_000);
  const sandbox: Sandbox = {
    server: await start(await freePort()),
    dataDir,
    database,
    async restart() {
      await sandbox.server.kill('SIGTERM');
      sandbox.server = await start(Number(new URL(sandbox.server.url).port));
    },
    async stop() {
      await sandbox.server.kill('SIGTERM');
      await database.drop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
  return sandbox;
}
