import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTestDatabase } from './database.ts';
import { freePort, type ServerProcess, startProcess } from './process.ts';

/** A server process with the sandbox's whole world, as `npm start` makes it. */
export interface Sandbox {
  readonly server: ServerProcess;
  readonly dataDir: string;
  stop(): Promise<void>;
}

export async function startSandbox(): Promise<Sandbox> {
  const database = await createTestDatabase();
  const dataDir = mkdtempSync(join(tmpdir(), 'footbridge-sandbox-'));
  const { connectionString } = database.connection as { connectionString: string };
  const server = await startProcess({ DATABASE_URL: connectionString, DATA_DIR: dataDir }, await freePort(), 60_000);
  const stop = async (): Promise<void> => {
    await server.kill('SIGTERM');
    await database.drop();
    rmSync(dataDir, { recursive: true, force: true });
  };
  return { server, dataDir, stop };
}
