import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { Agent, createServer as createHttpServer, get } from 'node:http';
import { createServer } from 'node:net';
import { cpus, tmpdir, totalmem } from 'node:os';
import { join, resolve } from 'node:path';
import { FhirClient, type SandboxClient } from './fhir-client.ts';
import { type Latency, statusLatency } from './status-latency.ts';
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

/** What the machine itself can do, by the same driver: figures of different days compare only through it. */
async function yardstick(): Promise<number> {
  const body = Buffer.alloc(2_048, 'x');
  const server = createHttpServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length }).end(body);
  });
  const port = await new Promise<number>((done) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      done(typeof address === 'object' && address ? address.port : 0);
    });
  });
  const agent = new Agent({ keepAlive: true, maxSockets: 32 });
  const ask = (): Promise<void> =>
    new Promise((done, fail) => {
      get({ host: '127.0.0.1', port, agent }, (response) => response.resume().on('end', done)).on('error', fail);
    });
  let answered = 0;
  const until = performance.now() + 3_000;
  await Promise.all(
    Array.from({ length: 32 }, async () => {
      for (; performance.now() < until; answered++) await ask();
    }),
  );
  agent.destroy();
  server.close();
  return Math.round(answered / 3);
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
  try {
    await drive(warm, cold.ms, dataDir);
  } finally {
    await warm.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

async function drive(warm: { pid: number; ms: number }, coldMs: number, dataDir: string): Promise<void> {
  const restMb = residentMb(warm.pid);
  const clients = JSON.parse(readFileSync(join(dataDir, 'sandbox-clients.json'), 'utf8')) as SandboxClient[];
  const ehr = clients.find(({ kind }) => kind === 'ehr');
  if (!ehr) throw new Error('the sandbox has no client of kind ehr');
  const fhir = new FhirClient({ ...ehr }, 64);
  const world = new BenchWorld(fhir);
  await world.fill(2_000);
  const mix = [world.create, world.create, world.read, world.searchEncounters, world.searchFamily, world.update(16)];
  // Each run ends when the work that it asked for is done, so that none pays for the one before it.
  const quiet = async (measured: Measured): Promise<Measured> => {
    await new Promise((later) => setTimeout(later, 5_000));
    return measured;
  };
  const results: Measured[] = [
    await quiet(await measure('mix (create 2, read, search 2, update)', 16, seconds, mix)),
    await quiet(await measure('transaction of 20 creates, resources', 4, seconds, [world.transaction])),
    await measure('read', 4, seconds, [world.read]),
    await measure('read', 32, seconds, [world.read]),
    await measure('search', 8, seconds, [world.searchEncounters, world.searchFamily]),
  ];
  const statuses = [await statusLatency(fhir, 100, 0), await statusLatency(fhir, 100, 100)];
  const wrong = await world.check();
  report(results, {
    statuses,
    yardstick: await yardstick(),
    coldMs,
    warmMs: warm.ms,
    restMb,
    loadedMb: residentMb(warm.pid),
    wrong,
  });
  fhir.close();
  if (wrong > 0 || results.some(({ failures }) => failures > 0)) process.exitCode = 1;
}

function report(
  results: readonly Measured[],
  more: {
    statuses: readonly Latency[];
    yardstick: number;
    coldMs: number;
    warmMs: number;
    restMb: number;
    loadedMb: number;
    wrong: number;
  },
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
  console.log('\n| latency | contacts/s beside | p50 ms | p95 ms | worst ms |\n| --- | --- | --- | --- | --- |');
  for (const { beside, name, p50, p95, worst } of more.statuses)
    console.log(`| ${name} | ${beside} | ${p50} | ${p95} | ${worst} |`);
  console.log(
    `\nYardstick of this machine: a bare node:http server answers ${more.yardstick} GETs a second to 32 clients.`,
  );
  console.log(
    `\nFirst start ${more.coldMs} ms, warm start ${more.warmMs} ms; server process ${more.restMb} MB at rest, ${more.loadedMb} MB after the runs, without PostgreSQL. Acknowledged resources read again: ${more.wrong} wrong.`,
  );
}

await run();
