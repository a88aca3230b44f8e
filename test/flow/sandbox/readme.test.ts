import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { until } from '../../support/caseload.ts';
import { type Sandbox, startSandbox } from '../../support/sandbox.ts';

const root = resolve(import.meta.dirname, '../../..');
const run = promisify(execFile);

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox();
}, 90_000);
afterAll(async () => sandbox?.stop());

const blocks = [
  ...readFileSync(join(root, 'README.md'), 'utf8').matchAll(/\*\*(.+?)\*\*:[^`]*?```sh\n([\s\S]*?)```/g),
].map(([, user = '', script = '']) => ({ user, script }));

describe('the README\u2019s blocks run as they stand', () => {
  const says: Record<string, readonly (string | RegExp)[]> = {
    'EHR vendor': [
      '"type":"transaction-response"',
      '"name":"status","valueCode":"on"',
      '"name":"lastDay","valueDate":"2026-11-23"',
    ],
    'Health plan': ['"resourceType":"Group"', '"name":"status","valueCode":"on"'],
    'Referring provider': ['"type":"transaction-response"', '"status":"requested"'],
    'Integration engineer': ['"resourceType":"CapabilityStatement"', '"resourceType":"OperationOutcome"', 'pateint'],
  };

  test('there is one for each of the four users', () => {
    expect(blocks.map(({ user }) => user)).toEqual(Object.keys(says));
  });

  test.each(blocks)('$user', async ({ script, user }) => {
    const { stdout } = await run('bash', ['-euo', 'pipefail', '-c', script], {
      cwd: root,
      env: {
        PATH: process.env['PATH'],
        HOME: process.env['HOME'],
        DATA_DIR: sandbox.dataDir,
        FHIR: `${sandbox.server.url}/fhir/R4`,
      },
    });
    for (const expected of says[user] ?? []) expect(stdout).toContain(expected);
    if (user === 'Health plan') expect(stdout).not.toContain('Encounter/');
  });
});

test('the greeting tells where it listens, where the credentials are, the caseload and what to try next', async () => {
  // It comes once the caseload is computed, after the server is ready.
  const greeting = await until(
    async () => sandbox.server.output(),
    (output) => output.includes('npm run demo'),
    60_000,
  );
  expect(greeting).toContain('Footbridge listens on');
  expect(greeting).toContain('sandbox-clients.json');
  expect(greeting).toContain('npm run demo');
  const rowOf = (member: string): string =>
    greeting.split('\n').find((line) => line.trim().startsWith(`${member} `)) ?? '';
  for (const [member, status] of [
    ['day-20', 'on'],
    ['day-21', 'on'],
    ['day-22', 'off'],
    ['one-way-text', 'off'],
    ['text-pair', 'on'],
    ['late-entry', 'on'],
    ['deceased', 'off'],
    ['unsigned-note', 'indeterminate'],
    ['coach-two-years', 'off'],
    ['coach-waived', 'on'],
  ] as const)
    expect(
      rowOf(member)
        .split(/\s+/)
        .filter((word) => word === status),
    ).toHaveLength(1);
});

test('a second start takes up the same world at once', async () => {
  const before = readFileSync(join(sandbox.dataDir, 'sandbox-clients.json'), 'utf8');
  const count = async () =>
    (await sandbox.database.owner.query(`select count(*)::int as n from resource_history`)).rows[0] as { n: number };
  const resources = await count();
  await sandbox.restart();
  expect(readFileSync(join(sandbox.dataDir, 'sandbox-clients.json'), 'utf8')).toBe(before);
  expect(await count()).toEqual(resources);
});
