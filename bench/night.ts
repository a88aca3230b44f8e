import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import pg from 'pg';
import { loadRulesets } from '../src/app/rulesets.ts';
import type { TenantId } from '../src/base/ids.ts';
import { localDate, startOfLocalDate } from '../src/base/time.ts';
import { startEmbeddedPostgres } from '../src/store/embedded/index.ts';
import { migrate } from '../src/store/migrate.ts';
import { copyIn, copyOut, inChunks } from './night/copy.ts';
import {
  coachKeyRows,
  contactColumns,
  contactRows,
  evening,
  night,
  resourceColumns,
  resourceRows,
  rosterColumns,
  rosterRows,
  seriesColumns,
  seriesRows,
  type World,
  wakeColumns,
  wakeRows,
} from './night/world.ts';

/**
 * `npm run bench:night [-- --members 10000,100000 --full]`: worlds of so many members with twenty contacts each, generated from
 * a seed and loaded by COPY into the embedded PostgreSQL; then a real jobs process comes to the night on which three of a hundred fall
 * due, and, with --full, computes everyone anew. Prints a table for docs/benchmarks.md.
 *
 * `--data DIR` keeps the world where it says; `--load` makes it and stops, `--loaded` takes one made so. `--profile DIR` leaves V8 CPU profiles of
 * the jobs processes there.
 */
const option = (name: string): string | undefined => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? undefined : (process.argv[at + 1] ?? '');
};
const sizes = (option('members') ?? '10000,100000').split(',').map(Number);
const root = resolve(import.meta.dirname, '..');
/** While rows are loaded nothing needs to survive a crash. */
const loading = {
  fsync: 'off',
  full_page_writes: 'off',
  synchronous_commit: 'off',
  wal_level: 'minimal',
  max_wal_senders: '0',
  max_wal_size: '4GB',
  maintenance_work_mem: '512MB',
};

type Client = pg.Client;

async function connect(connection: pg.ClientConfig): Promise<Client> {
  const client = new pg.Client({ ...connection, options: '-c search_path=footbridge' });
  await client.connect();
  return client;
}

async function load(dataDir: string, members: number): Promise<{ world: World; seconds: number }> {
  const postgres = await startEmbeddedPostgres({ dataDir, settings: loading });
  try {
    await migrate(postgres.connection);
    const client = await connect(postgres.connection);
    const now = startOfLocalDate(evening, 'America/New_York');
    const made = await client.query<{ tenant: TenantId }>('select create_tenant($1, $2, now(), false) as tenant', [
      'main',
      new Date(now.getTime() + 20 * 3_600_000),
    ]);
    const world = worldOf(made.rows[0]?.tenant, members);
    const from = performance.now();
    await fill(client, `resource (${resourceColumns})`, resourceRows(world));
    await fill(client, 'search_key (tenant, key, id)', coachKeyRows(world));
    await fill(client, `caseload_series (${seriesColumns})`, seriesRows(world));
    await fill(client, `roster (${rosterColumns})`, rosterRows(world));
    await fill(client, `due_wake (${wakeColumns})`, wakeRows(world));
    const seconds = (performance.now() - from) / 1_000;
    await client.query(
      'create table bench_contact (tenant int, member text collate "C", coach text collate "C", local_date date, qualifies bool)',
    );
    await fill(client, `bench_contact (${contactColumns})`, contactRows(world));
    await client.query('vacuum (freeze, analyze)');
    await client.end();
    return { world, seconds };
  } finally {
    await postgres.stop();
  }
}

function worldOf(tenant: TenantId | undefined, members: number): World {
  const ruleset = loadRulesets().find(({ name }) => name === 'masshealth-mce');
  if (!ruleset || tenant === undefined) throw new Error('the ruleset or the tenant is missing');
  return { tenant, members, ruleset, quiet: localDate('2027-01-07') };
}

/** Truncated in the same transaction, a table takes rows without write-ahead log and frozen. */
async function fill(client: Client, target: string, rows: Iterable<string>): Promise<void> {
  await client.query('begin');
  await client.query(`truncate ${target.split(' ')[0]}`);
  await copyIn(client, target, inChunks(rows));
  await client.query('commit');
}

async function fastest(work: () => Promise<unknown>): Promise<number> {
  let best = Number.POSITIVE_INFINITY;
  for (let run = 0; run < 3; run++) {
    const from = performance.now();
    await work();
    best = Math.min(best, (performance.now() - from) / 1_000);
  }
  return best;
}

type Postgres = Awaited<ReturnType<typeof startEmbeddedPostgres>>;

/** A real process with the role `jobs` on this database. */
async function jobsProcess({ connection }: Postgres): Promise<{ pid: number; stop(): Promise<void> }> {
  const { database, host, port, user } = connection;
  const url = `postgres://${user}@localhost:${port}/${database}?host=${encodeURIComponent(host)}`;
  const env = { ...process.env, PORT: String(await freePort()), DATABASE_URL: url, ROLES: 'jobs', LOG_LEVEL: 'warn' };
  const profiles = option('profile');
  const profiled = profiles ? ['--cpu-prof', `--cpu-prof-dir=${resolve(profiles)}`] : [];
  const child = spawn(process.execPath, ['--disable-proto=throw', ...profiled, 'src/app/main.ts'], {
    cwd: root,
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const ended = new Promise<void>((done) => child.once('exit', () => done()));
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    await ended;
  };
  return { pid: child.pid ?? 0, stop };
}

function freePort(): Promise<number> {
  return new Promise((done) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => done(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

function peakMb(pid: number): number {
  const line = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Math.round(Number(line?.[1] ?? 0) / 1_024);
}

/** Processor seconds that a process has used: its threads together. `/proc/PID/stat` counts in ticks of a hundredth. */
function processorSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** Processor seconds of the database's processes that live now; those of connections that ended in between are not in it. */
function databaseSeconds(postmaster: number | undefined): number {
  let seconds = 0;
  for (const pid of childrenOf(postmaster)) seconds += processorSeconds(pid);
  return seconds;
}

function childrenOf(postmaster: number | undefined): number[] {
  return readdirSync('/proc')
    .filter((one) => /^\d+$/.test(one))
    .map(Number)
    .filter((pid) => {
      try {
        const parent = Number(readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[1]);
        return pid === postmaster || parent === postmaster;
      } catch {
        return false; // the process has ended meanwhile
      }
    });
}

/** Proportional memory of the database's processes: what they share is counted once. */
function databaseMb(postmaster: number | undefined): number {
  let kb = 0;
  for (const pid of childrenOf(postmaster)) {
    try {
      kb += Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1] ?? 0);
    } catch {
      // the process has ended meanwhile
    }
  }
  return Math.round(kb / 1_024);
}

async function poll<T>(ask: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    const found = await ask();
    if (found !== undefined) return found;
    await new Promise((later) => setTimeout(later, 250));
  }
}

/** The clock of the world comes to the night while a jobs process runs; what it then does is read from its own record. */
async function nightRun(postgres: Postgres, client: Client, { tenant }: World) {
  const jobs = await jobsProcess(postgres);
  const finished = (date: string): Promise<{ seconds: number; members: number }> =>
    poll(async () => {
      const { rows } = await client.query<{ seconds: number; members: number }>(
        `select extract(epoch from finished_at - started_at)::float8 as seconds, members from schedule_run
          where tenant = $1 and job = 'caseload' and zone = 'America/New_York' and local_date = $2 and status = 'done'`,
        [tenant, date],
      );
      return rows[0];
    });
  await finished(evening);
  const at = startOfLocalDate(night, 'America/New_York');
  const before = { jobs: processorSeconds(jobs.pid), database: databaseSeconds(postgres.pid) };
  await client.query('update tenant_clock set domain_at = $2 where tenant = $1', [tenant, at]);
  let database = 0;
  const watching = setInterval(() => {
    database = Math.max(database, databaseMb(postgres.pid));
  }, 1_000);
  const run = await finished(night);
  clearInterval(watching);
  const peak = peakMb(jobs.pid);
  const jobsCpu = processorSeconds(jobs.pid) - before.jobs;
  const databaseCpu = databaseSeconds(postgres.pid) - before.database;
  await jobs.stop();
  return { due: run.members, nightSeconds: run.seconds, jobsCpu, databaseCpu, peakMb: peak, databaseMb: database };
}

/**
 * Everyone anew, as an administrator asks for it: once for the alerts that the world was made without, and once more, where nothing differs
 * and so nothing but the reading and the rules is measured.
 */
async function fullRun(postgres: Postgres, client: Client, { tenant }: World) {
  const jobs = await jobsProcess(postgres);
  await anew(client, tenant);
  const before = { jobs: processorSeconds(jobs.pid), database: databaseSeconds(postgres.pid) };
  const from = performance.now();
  const fullChanged = await anew(client, tenant);
  const fullSeconds = (performance.now() - from) / 1_000;
  const fullJobsCpu = processorSeconds(jobs.pid) - before.jobs;
  const fullDatabaseCpu = databaseSeconds(postgres.pid) - before.database;
  const fullPeakMb = peakMb(jobs.pid);
  await jobs.stop();
  return { fullSeconds, fullChanged, fullJobsCpu, fullDatabaseCpu, fullPeakMb };
}

/** @returns how many members were changed */
async function anew(client: Client, tenant: TenantId): Promise<number> {
  const asked = await client.query<{ id: string }>(
    `insert into recomputation (tenant, reason, requested_by, requested_at, total)
      select $1, 'request', 'bench', now(), count(*) from caseload_series returning id::text`,
    [tenant],
  );
  return poll(async () => {
    const { rows } = await client.query<{ changed: number }>(
      `select changed from recomputation where tenant = $1 and id = $2 and status = 'done'`,
      [tenant, asked.rows[0]?.id],
    );
    return rows[0]?.changed;
  });
}

/** Everyone who fell due, and nobody else, has an open off spell that begins on the night. */
async function wrongAnswers(client: Client, { members, tenant }: World): Promise<number> {
  const { rows } = await client.query<{ off: number; others: number }>(
    `select count(*) filter (where o.content like '%"start":"' || $2 || '"}%' and o.content like '%"code":"off"%'
          and substr(o.patient, 8)::int < 3)::int as off, count(*) filter (where substr(o.patient, 8)::int >= 3)::int as others
      from resource o where o.tenant = $1 and o.type = 'Observation' and o.last_updated >= $3`,
    [tenant, night, startOfLocalDate(night, 'America/New_York')],
  );
  return (rows[0]?.others ?? 0) + Math.abs((rows[0]?.off ?? 0) - Math.floor(members * 0.03));
}

async function measure(members: number): Promise<void> {
  const dataDir = option('data') ?? mkdtempSync(join(tmpdir(), 'footbridge-night-'));
  const made = process.argv.includes('--loaded') ? undefined : await load(dataDir, members);
  if (made) console.error(`${members} members loaded in ${Math.round(made.seconds)} s`);
  if (process.argv.includes('--load')) return;
  const postgres = await startEmbeddedPostgres({ dataDir });
  try {
    const client = await connect(postgres.connection);
    const { rows } = await client.query<{ tenant: TenantId }>('select min(tenant) as tenant from caseload_series');
    const world = worldOf(rows[0]?.tenant, members);
    const copySeconds = await fastest(() => copyOut(client, `bench_contact (${contactColumns})`));
    const run = await nightRun(postgres, client, world);
    const wrong = await wrongAnswers(client, world);
    const full = process.argv.includes('--full') ? await fullRun(postgres, client, world) : {};
    const contacts = await client.query<{ count: string }>('select count(*) from bench_contact');
    const loadSeconds = made && Math.round(made.seconds);
    console.log(
      JSON.stringify({
        members,
        contacts: Number(contacts.rows[0]?.count),
        loadSeconds,
        ...run,
        ...full,
        wrong,
        copySeconds,
      }),
    );
    await client.end();
  } finally {
    await postgres.stop();
    if (option('data') === undefined) rmSync(dataDir, { recursive: true, force: true });
  }
}

for (const members of sizes) await measure(members);
