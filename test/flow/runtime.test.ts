import { execFile, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, copyFile, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, onTestFinished, test } from 'vitest';

// docs/architecture.md, Runtime: everything runs on the Node that npm installs, whatever the host has.

const root = join(import.meta.dirname, '..', '..');
const bringsNode = process.platform === 'linux' && ['x64', 'arm64'].includes(process.arch);
const run = promisify(execFile);

/** The environment of a user's shell: without the folders of programs that npm has put before it for this test run. */
const shellEnvironment = {
  ...process.env,
  PATH: (process.env['PATH'] ?? '')
    .split(delimiter)
    .filter((folder) => !folder.includes('node_modules'))
    .join(delimiter),
};

describe('process.version is the bundled one', () => {
  test('in a test worker', () => {
    expectRuntime(process.version);
  });

  test('in a child process started by name', async () => {
    const child = spawn('node', ['-p', 'process.version'], { stdio: ['ignore', 'pipe', 'inherit'] });
    expectRuntime(String((await once(child.stdout, 'data'))[0]));
  });

  test('in a forked process', async () => {
    const script = join(await folder(), 'child.mjs');
    await writeFile(script, 'process.send(process.version); process.disconnect();');
    const [version] = await once(fork(script), 'message');
    expectRuntime(version);
  });

  test.each(['start', 'demo', 'bench', 'test'])('in npm run %s', async (script) => {
    // npm hands the script's text to this shell, which tells the Node that the script would have got
    const shell = join(await folder(), 'shell');
    await writeFile(shell, '#!/bin/sh\nexec node -p process.version\n');
    await chmod(shell, 0o755);
    const { stdout } = await run('npm', ['run', '--silent', '--script-shell', shell, script], {
      cwd: root,
      env: shellEnvironment,
    });
    expectRuntime(stdout);
  });
});

describe('bin/footbridge.js', () => {
  const command = 'console.log(process.version, process.argv.slice(2).join("+")); process.exitCode = 3 as number;';

  test('runs the command in process where Node strips types', async () => {
    const result = await footbridge(await clone(command, true), []);
    expect(result).toMatchObject({ code: 3, stdout: `${process.version} status+--json\n` });
  });

  test.skipIf(!bringsNode)('runs the command on the Node that npm installed where the one at hand cannot', async () => {
    const result = await footbridge(await clone(command, true), ['--no-strip-types']);
    expect(result.code).toBe(3);
    expect(result.stdout).toMatch(/^v24\.\d+\.\d+ status\+--json\n$/);
  });

  test('says what is missing where neither can', async () => {
    const result = await footbridge(await clone(command, false), ['--no-strip-types']);
    expect(result.code).toBe(1);
    expect(result.stderr).toMatch(
      /^footbridge needs Node 22\.18 or later, and this is v.*Run npm ci without --omit=optional/,
    );
  });

  test.skipIf(!bringsNode)('runs on the Node that npm installed when the host has another one', async () => {
    const directory = await clone(command, true);
    const { stdout } = await run('/bin/sh', ['-c', 'node bin/footbridge.js; true'], {
      cwd: directory,
      env: shellEnvironment,
    });
    expectRuntime(stdout.split(' ')[0]);
  });
});

function expectRuntime(version: unknown): void {
  const [, major, minor] = String(version).match(/^v(\d+)\.(\d+)\./) ?? [];
  if (bringsNode) expect(major, `Node ${String(version)}`).toBe('24');
  else expect(Number(major) * 1000 + Number(minor), `Node ${String(version)}`).toBeGreaterThanOrEqual(22_018);
}

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'runtime-'));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
}

/** A clone of which only the start of the command line is there, with or without what npm installs. */
async function clone(command: string, installed: boolean): Promise<string> {
  const directory = await folder();
  await mkdir(join(directory, 'bin'));
  await mkdir(join(directory, 'src', 'cli'), { recursive: true });
  await writeFile(join(directory, 'package.json'), '{"type": "module"}');
  await copyFile(join(root, 'bin', 'footbridge.js'), join(directory, 'bin', 'footbridge.js'));
  await writeFile(join(directory, 'src', 'cli', 'main.ts'), command);
  if (installed) await symlink(join(root, 'node_modules'), join(directory, 'node_modules'));
  return directory;
}

async function footbridge(
  directory: string,
  nodeOptions: string[],
): Promise<{ code: number; stdout: string; stderr: string }> {
  const args = [...nodeOptions, join(directory, 'bin', 'footbridge.js'), 'status', '--json'];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const texts = [child.stdout, child.stderr].map(async (stream) => (await stream.toArray()).join(''));
  const [code] = await once(child, 'close');
  const [stdout = '', stderr = ''] = await Promise.all(texts);
  return { code, stdout, stderr };
}
