import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import './database.ts';

/**
 * The servers of a test run. `FOOTBRIDGE_TEST_DATABASE_URL` names an outside PostgreSQL on which databases may be created; without
 * it the embedded one serves. `FOOTBRIDGE_TEST_REDIS_URL` names a Redis; without it the tests that need one say that they are skipped.
 */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const redis = process.env['FOOTBRIDGE_TEST_REDIS_URL'] ?? '';
  if (!redis) console.log('No FOOTBRIDGE_TEST_REDIS_URL: the tests that need a Redis are skipped.');
  project.provide('redis', redis);
  const outside = process.env['FOOTBRIDGE_TEST_DATABASE_URL'];
  if (outside) {
    project.provide('postgres', outside);
    return async () => undefined;
  }
  console.log('No FOOTBRIDGE_TEST_DATABASE_URL: the tests run on embedded PostgreSQL.');
  const dataDir = mkdtempSync(join(tmpdir(), 'footbridge-test-'));
  // Open to the server's own user, so that the database stays inside this folder when the tests run as root.
  chmodSync(dataDir, 0o755);
  const { startEmbeddedPostgres } = await import('../../src/store/embedded/index.ts');
  const embedded = await startEmbeddedPostgres({ dataDir });
  const { host, port, user, database } = embedded.connection;
  project.provide('postgres', `postgres://${user}@localhost:${port}/${database}?host=${encodeURIComponent(host)}`);
  return async () => {
    await embedded.stop();
    rmSync(dataDir, { recursive: true, force: true });
  };
}
