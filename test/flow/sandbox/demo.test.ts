import { execFile } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { Redis } from 'ioredis';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { createTestDatabase } from '../../support/database.ts';
import { freePort, type ServerProcess, startProcess } from '../../support/process.ts';
import { redisUrl } from '../../support/server.ts';

const root = resolve(import.meta.dirname, '../../..');
const run = promisify(execFile);

async function demo(dataDir: string): Promise<{ ok: boolean; steps: { title: string; differs: string[] }[] }> {
  const env = { PATH: process.env['PATH'], HOME: process.env['HOME'], DATA_DIR: dataDir, RATE_LIMITS: 'off' };
  const { stdout } = await run(process.execPath, ['src/cli/main.ts', 'demo', '--json'], { cwd: root, env });
  return JSON.parse(stdout) as never;
}

test('npm run demo starts a server where none runs, and every step comes out as told', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'footbridge-demo-'));
  chmodSync(dataDir, 0o755);
  try {
    const { ok, steps } = await demo(dataDir);
    expect(steps.flatMap(({ differs }) => differs)).toEqual([]);
    expect([ok, steps.length]).toEqual([true, 9]);
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
}, 120_000);

describe('the topology of docker-compose.yml', () => {
  test('two http and two jobs processes on one PostgreSQL and one Redis: one world, and the demo runs against each', async (context) => {
    context.skip(redisUrl() === '', 'no Redis');
    const compose = parse(readFileSync(join(root, 'docker-compose.yml'), 'utf8'), { merge: true }) as {
      services: Record<string, { environment?: { ROLES?: string } }>;
    };
    const roles = Object.values(compose.services).flatMap(({ environment }) => environment?.ROLES ?? []);
    const database = await createTestDatabase();
    const { connectionString } = database.connection as { connectionString: string };
    const folders = roles.map(() => mkdtempSync(join(tmpdir(), 'footbridge-topology-')));
    const redis = new Redis(redisUrl());
    let processes: ServerProcess[] = [];
    try {
      processes = await Promise.all(
        roles.map(async (role, index) =>
          startProcess(
            { ROLES: role, DATABASE_URL: connectionString, REDIS_URL: redisUrl(), DATA_DIR: folders[index] ?? '' },
            await freePort(),
            90_000,
          ),
        ),
      );
      const worlds = await database.owner.query<{ members: number }>(
        `select count(*)::int as members from resource where type = 'EpisodeOfCare'`,
      );
      expect(worlds.rows[0]?.members).toBe(60);
      for (const [index, role] of roles.entries())
        if (role === 'http') expect((await demo(folders[index] ?? '')).ok).toBe(true);
      const runs = await database.owner.query(
        `select local_date from schedule_run where job = 'caseload' group by tenant, zone, local_date having count(*) > 1`,
      );
      expect(runs.rowCount).toBe(0);
    } finally {
      await Promise.all(processes.map((one) => one.kill('SIGTERM')));
      redis.disconnect();
      await database.drop();
      for (const folder of folders) rmSync(folder, { recursive: true, force: true });
    }
  }, 180_000);
});
