import pg from 'pg';

/**
 * The schema that the migrations make, from the catalogue: alike on every supported server version. Committed as
 * `src/store/schema.txt`, so that a review sees what a migration does; a test compares, and `node scripts/dump-schema.ts URL`
 * prints it for a migrated database.
 */
export async function dumpSchema(connectionString: string): Promise<string> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  // Names are written out whole, whatever the user is called.
  await client.query(`set search_path = ''`);
  try {
    const parts: string[] = [];
    for (const [title, sql] of queries) {
      const { rows } = await client.query<{ line: string }>(sql);
      parts.push(`# ${title}\n${rows.map(({ line }) => line).join('\n')}\n`);
    }
    return parts.join('\n');
  } finally {
    await client.end();
  }
}

const relations = `from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = 'footbridge' and c.relname !~ '^audit_\\d'`;

const queries: readonly (readonly [string, string])[] = [
  [
    'columns',
    `select c.relname || '.' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod) || case when a.attnotnull then ' not null' else '' end
        || coalesce(' collate ' || (select nullif(l.collname, 'default') from pg_collation l where l.oid = a.attcollation), '')
        || case when a.attidentity = 'a' and not c.relispartition then ' identity' else '' end || coalesce(' default ' || pg_get_expr(d.adbin, d.adrelid), '') as line
      from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
      left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
      where n.nspname = 'footbridge' and c.relkind in ('r', 'p') and a.attnum > 0 and not a.attisdropped and c.relname !~ '^audit_\\d'
      order by c.relname, a.attnum`,
  ],
  [
    'constraints',
    `select c.relname || ' ' || k.conname || ' ' || pg_get_constraintdef(k.oid) as line from pg_constraint k join pg_class c on c.oid = k.conrelid
      join pg_namespace n on n.oid = c.relnamespace where n.nspname = 'footbridge' and k.contype in ('p', 'f', 'c', 'u') and c.relname !~ '^audit_\\d' order by 1`,
  ],
  [
    'indexes',
    `select pg_get_indexdef(i.indexrelid) as line from pg_index i join pg_class c on c.oid = i.indrelid join pg_namespace n on n.oid = c.relnamespace where n.nspname = 'footbridge' and c.relname !~ '^audit_\\d' order by 1`,
  ],
  [
    'row-level security',
    `select c.relname || case when c.relrowsecurity then ' on' else ' OFF' end || coalesce(': ' || string_agg(p.polname || ' ' || p.polcmd::text || ' using ' || pg_get_expr(p.polqual, p.polrelid), ', '), '') as line
      from pg_class c join pg_namespace n on n.oid = c.relnamespace left join pg_policy p on p.polrelid = c.oid
      where n.nspname = 'footbridge' and c.relkind in ('r', 'p') and c.relname !~ '^audit_\\d' group by c.relname, c.relrowsecurity order by 1`,
  ],
  [
    'rights of the application role',
    `select c.relname || ' ' || string_agg(g.privilege_type, ', ' order by g.privilege_type) as line from (select c.relname, (aclexplode(c.relacl)).grantee, (aclexplode(c.relacl)).privilege_type ${relations}) g join pg_roles r on r.oid = g.grantee and r.rolname = 'footbridge_app' join pg_class c on c.relname = g.relname group by c.relname order by 1`,
  ],
  [
    'functions',
    `select pg_get_functiondef(p.oid) as line from pg_proc p join pg_namespace n on n.oid = p.pronamespace where n.nspname = 'footbridge' order by p.proname`,
  ],
  [
    'triggers',
    `select pg_get_triggerdef(t.oid) as line from pg_trigger t join pg_class c on c.oid = t.tgrelid join pg_namespace n on n.oid = c.relnamespace where n.nspname = 'footbridge' and not t.tgisinternal order by 1`,
  ],
];

const url = process.argv[2];
if (import.meta.main && url !== undefined) process.stdout.write(await dumpSchema(url));
