import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { cpus, tmpdir, totalmem } from 'node:os';
import { join, resolve } from 'node:path';
import { FhirClient, type SandboxClient } from './fhir-client.ts';
import { BenchWorld, type Measured, measure } from './workloads.ts';

/**
 * `npm run bench [-- --seconds 10]`: starts a server of its own with auth, validation, history, audit and outbox on, drives it over
 * plain HTTP from this process, checks what was acknowledged, and prints a table for docs/benchmarks.md.
 */
const seconds = Number(process.argv[process.argv.indexOf('--seconds') + 1]) || 10;
const root = resolve(import.meta.dirname, '..');

async function freePort(): Promise<number> {
  return new Promise((done) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => done(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

async function start(dataDir: string, port: number): Promise<{ pid: number; ms: number; stop(): Promise<void> }> {
  const from = performance.now();
  const env = { ...process.env, PORT: String(port), DATA_DIR: dataDir, RATE_LIMITS: 'off' };
  const child = spawn(process.execPath, ['--disable-proto=throw', 'src/app/main.ts'], {
    cwd: root,
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const ended = new Promise<void>((done) => child.once('exit', () => done()));
  for (;;) {
    const ready = await fetch(`http://127.0.0.1:${port}/readyz`)
      .then(({ ok }) => ok)
      .catch(() => false);
    if (ready) break;
    if (child.exitCode !== null) throw new Error('the server ended before it was ready');
    await new Promise((later) => setTimeout(later, 10));
  }
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    await ended;
  };
  return { pid: child.pid ?? 0, ms: Math.round(performance.now() - from), stop };
}

/** Resident memory of one process, in MB. */
function residentMb(pid: number): number {
  const line = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Math.round(Number(line?.[1] ?? 0) / 1024);
}

async function run(): Promise<void> {
  const dataDir = mkdtempSync(join(tmpdir(), 'footbridge-bench-'));
  const port = await freePort();
  const cold = await start(dataDir, port);
  await cold.stop();
  const warm = await start(dataDir, port);
  const restMb = residentMb(warm.pid);
  const clients = JSON.parse(readFileSync(join(dataDir, 'sandbox-clients.json'), 'utf8')) as SandboxClient[];
  const ehr = clients.find(({ kind }) => kind === 'ehr');
  if (!ehr) throw new Error('the sandbox has no client of kind ehr');
  const fhir = new FhirClient({ ...ehr }, 64);
  const world = new BenchWorld(fhir);
  await world.fill(2_000);
  const mix = [world.create, world.create, world.read, world.searchEncounters, world.searchFamily, world.update(16)];
  const results: Measured[] = [
    await measure('mix (create 2, read, search 2, update)', 16, seconds, mix),
    await measure('transaction of 20 creates, resources', 4, seconds, [world.transaction]),
    await measure('read', 4, seconds, [world.read]),
    await measure('read', 32, seconds, [world.read]),
    await measure('search', 8, seconds, [world.searchEncounters, world.searchFamily]),
  ];
  const wrong = await world.check();
  report(results, { coldMs: cold.ms, warmMs: warm.ms, restMb, loadedMb: residentMb(warm.pid), wrong });
  fhir.close();
  await warm.stop();
  rmSync(dataDir, { recursive: true, force: true });
  if (wrong > 0 || results.some(({ failures }) => failures > 0)) process.exitCode = 1;
}

function report(
  results: readonly Measured[],
  more: { coldMs: number; warmMs: number; restMb: number; loadedMb: number; wrong: number },
): void {
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: root, encoding: 'utf8' }).trim();
  const machine = `${cpus().length} cores (${cpus()[0]?.model ?? 'unknown'}), ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}`;
  console.log(
    `Commit ${commit}, ${new Date().toISOString().slice(0, 10)}, ${machine}; server, embedded PostgreSQL and driver on the same machine; ${seconds} s a run.\n`,
  );
  console.log(
    '| workload | clients | per second | p50 ms | p95 ms | p99 ms | failures |\n| --- | --- | --- | --- | --- | --- | --- |',
  );
  for (const { name, clients, perSecond, p50, p95, p99, failures } of results)
    console.log(`| ${name} | ${clients} | ${perSecond} | ${p50} | ${p95} | ${p99} | ${failures} |`);
  console.log(
    `\nFirst start ${more.coldMs} ms, warm start ${more.warmMs} ms; server process ${more.restMb} MB at rest, ${more.loadedMb} MB after the runs, without PostgreSQL. Acknowledged resources read again: ${more.wrong} wrong.`,
  );
}

await run();
