import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import pg from 'pg';
import { applicationRole, schemaName, steadyPlans } from '../src/store/database.ts';
import { migrate } from '../src/store/migrate.ts';
import { fillWorld, organizationOf, patientOf } from './search-world.ts';

/**
 * `node bench/search-designs.ts postgres://postgres@127.0.0.1:5432/postgres [--patients 5000] [--plans FILE]`: makes a database of its own with 21
 * resources a patient, asks three designs of the search index the same questions as the application role with the policies on, and
 * once as the owner beside them, before and after ANALYZE. docs/adr/0003-search-index.md has the figures.
 */
const server = process.argv[2] ?? '';
const plansFile = process.argv.includes('--plans') ? process.argv[process.argv.indexOf('--plans') + 1] : undefined;
const patients = Number(process.argv[process.argv.indexOf('--patients') + 1]) || 5_000;

interface Design {
  readonly name: string;
  /** made after the fill, to time it alone */
  readonly index: string;
  readonly sizeOf: string;
  readonly byPatient: string;
  readonly byIdentifier: string;
}

const page = (from: string): string =>
  `select r.id, r.content from ${from} order by r.last_updated desc, r.id desc limit 21`;
const own = `r.tenant = 1 and r.owner = $2 and not r.deleted`;

const designs: readonly Design[] = [
  {
    name: 'A: search_key rows, btree (tenant, key, id)',
    index: 'select 1',
    sizeOf: 'search_key',
    byPatient: page(
      `search_key k cross join lateral (select * from resource r where ${own} and r.type = 'Encounter' and r.id = k.id offset 0) r where k.tenant = 1 and k.key = 'Encounter.patient=Patient/' || $1`,
    ),
    byIdentifier: page(
      `search_key k cross join lateral (select * from resource r where ${own} and r.type = 'Patient' and r.id = k.id offset 0) r where k.tenant = 1 and k.key = 'Patient.identifier=urn:bench|' || $1`,
    ),
  },
  {
    name: 'B: GIN over resource.keys text[]',
    index: 'create index resource_keys_gin on resource using gin (keys)',
    sizeOf: 'resource_keys_gin',
    byPatient: page(
      `resource r where ${own} and r.type = 'Encounter' and r.keys @> array['Encounter.patient=Patient/' || $1]`,
    ),
    byIdentifier: page(
      `resource r where ${own} and r.type = 'Patient' and r.keys @> array['Patient.identifier=urn:bench|' || $1]`,
    ),
  },
  {
    name: 'C: GIN over the content as jsonb (jsonb_path_ops)',
    index: 'create index resource_content_gin on resource using gin ((content::jsonb) jsonb_path_ops)',
    sizeOf: 'resource_content_gin',
    byPatient: page(
      `resource r where ${own} and r.type = 'Encounter' and r.content::jsonb @> jsonb_build_object('subject', jsonb_build_object('reference', 'Patient/' || $1))`,
    ),
    byIdentifier: page(
      `resource r where ${own} and r.type = 'Patient' and r.content::jsonb @> jsonb_build_object('identifier', jsonb_build_array(jsonb_build_object('system', 'urn:bench', 'value', $1::text)))`,
    ),
  },
];

interface Asked {
  /** milliseconds of the median call, and the scans that found the rows */
  readonly told: string;
  readonly plan: string;
}

async function ask(client: pg.Client, sql: string, valueOf: (index: number) => string): Promise<Asked> {
  const times: number[] = [];
  const until = performance.now() + 3_000;
  for (let index = 0; index < 400 && (performance.now() < until || index < 8); index++) {
    const values = [valueOf(index * 7), organizationOf(index * 7)];
    const from = performance.now();
    const { rows } = await client.query({ name: Buffer.from(sql).toString('base64url').slice(-60), text: sql, values });
    times.push(performance.now() - from);
    if (rows.length === 0) throw new Error(`nothing found: ${sql}`);
  }
  const plan = await client.query<{ 'QUERY PLAN': string }>(`explain (costs off) ${sql}`, [
    valueOf(7),
    organizationOf(7),
  ]);
  const scan = /((?:Parallel )?(?:Seq|Index|Bitmap|Index Only)[\w ]*Scan[\w ]*(?:using|on) \w+)/g;
  const lines = plan.rows.map((row) => row['QUERY PLAN']).join('\n');
  const scans = [...lines.matchAll(scan)].map(([, found]) => found);
  const median = times.sort((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0;
  return { told: `${median.toFixed(2)} (${[...new Set(scans)].join(', ')})`, plan: lines };
}

async function measure(url: string, design: Design, when: string, plans: string[]): Promise<void> {
  const roles = [
    { who: 'application role', options: `-c role=${applicationRole} ${steadyPlans.join(' ')}`, plans: 'our' },
    { who: 'application role', options: `-c role=${applicationRole}`, plans: "PostgreSQL's own" },
    { who: 'owner, no policies', options: '', plans: "PostgreSQL's own" },
  ];
  for (const { who, options, plans: settings } of roles) {
    const client = new pg.Client({
      connectionString: url,
      options: `-c search_path=${schemaName} -c jit=off ${options}`,
    });
    await client.connect();
    await client.query(`begin; select set_config('footbridge.tenant', '1', true)`);
    const byPatient = await ask(client, design.byPatient, patientOf);
    const byIdentifier = await ask(client, design.byIdentifier, (index) => `${index}`);
    const asked = `${who}, ${settings} plan settings`;
    console.log(`| ${design.name} | ${when} | ${asked} | ${byPatient.told} | ${byIdentifier.told} |`);
    for (const [what, { plan }] of [['patient', byPatient] as const, ['identifier', byIdentifier] as const])
      plans.push(`## ${design.name}; by ${what}; statistics: ${when}; ${asked}\n\n\`\`\`text\n${plan}\n\`\`\``);
    await client.query('rollback');
    await client.end();
  }
}

async function run(): Promise<void> {
  const name = `footbridge_bench_${randomBytes(4).toString('hex')}`;
  const admin = new pg.Client({ connectionString: server });
  await admin.connect();
  await admin.query(`create database ${name} encoding 'UTF8' template template0`);
  const url = Object.assign(new URL(server), { pathname: `/${name}` }).href;
  const owner = new pg.Client({ connectionString: url, options: `-c search_path=${schemaName}` });
  try {
    await migrate({ connectionString: url });
    await owner.connect();
    for (const table of ['resource', 'search_key', 'search_date'])
      await owner.query(`alter table ${table} set (autovacuum_enabled = off)`);
    const filled = await fillWorld(owner, patients);
    const version = (await owner.query<{ v: string }>(`select split_part(version(), ' on ', 1) as v`)).rows[0]?.v;
    console.log(
      `${filled} resources; ${version}; ${cpus().length} cores (${cpus()[0]?.model}), ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}\n`,
    );
    console.log(
      '| design | statistics | role | by patient, ms (scans) | by identifier, ms (scans) |\n| --- | --- | --- | --- | --- |',
    );
    const sizes: string[] = [];
    const plans: string[] = [];
    for (const design of designs) {
      const from = performance.now();
      await owner.query(design.index);
      const built = Math.round(performance.now() - from);
      const size = await owner.query<{ size: string }>('select pg_size_pretty(pg_total_relation_size($1)) as size', [
        design.sizeOf,
      ]);
      sizes.push(
        `${design.name}: ${size.rows[0]?.size}${design.sizeOf === 'search_key' ? '' : `, built in ${built} ms`}`,
      );
      await measure(url, design, 'none', plans);
    }
    await owner.query('analyze');
    for (const design of designs) await measure(url, design, 'ANALYZE', plans);
    console.log(`\n${sizes.join('\n')}`);
    if (plansFile !== undefined) writeFileSync(plansFile, `${plans.join('\n\n')}\n`);
  } finally {
    await owner.end();
    await admin.query(`drop database if exists ${name} with (force)`);
    await admin.end();
  }
}

await run();
