import type { TenantId } from '../base/ids.ts';
import { type AuditRow, auditInsert } from './audit.ts';
import { LostRace, type Transaction } from './database.ts';
import { Params } from './sql.ts';

/** A version to store, complete: what the service decided, nothing left to the database but to keep it. */
export interface Write {
  readonly type: string;
  readonly id: string;
  readonly version: number;
  readonly lastUpdated: Date;
  readonly deleted: boolean;
  readonly owner: string;
  readonly patient: string | undefined;
  readonly mixed: boolean;
  readonly audience: string | undefined;
  readonly viewVersion: number;
  readonly viewUpdated: Date;
  /** search_key entries, and search_date entries as `@param=lo/hi`; empty for a tombstone */
  readonly keys: readonly string[];
  /** keys of the version before; undefined for a new resource */
  readonly previousKeys?: readonly string[];
  readonly content: string;
}

/** R4 types whose change asks for work. */
export interface WorkTypes {
  /** of any member, and of the directory */
  readonly always: readonly string[];
  /** only where Footbridge has cut a charge that the change may make wrong: of that member, or by that Organization */
  readonly ifCharged: readonly string[];
}

/** Keys hold no control characters (the parser refuses them in search values), so one of them separates. */
const separator = '\u001f';
const columns =
  'type, id, version, last_updated, deleted, owner, patient, mixed, audience, view_version, view_updated, keys, added, removed, content';
const casts = [
  'text',
  'text',
  'int',
  'timestamptz',
  'bool',
  'text',
  'text',
  'bool',
  'text',
  'int',
  'timestamptz',
  'text',
  'text',
  'text',
  'text',
];
const stored = 'type, id, version, last_updated, deleted, owner, patient, mixed, audience, view_version, view_updated';

/**
 * SQL that stores new resources: rows, search index, outbox and audit in one statement. Run alone it is one round trip and one
 * transaction. `condition` is a boolean SQL expression; where it is false nothing at all is written and `stored` is 0.
 *
 * @returns SQL whose only row is `{stored: number}`
 */
export function insertStatement(
  tenant: TenantId,
  writes: readonly Write[],
  workTypes: WorkTypes,
  audits: readonly AuditRow[],
  params: Params,
  condition?: string,
): string {
  const at = `${params.add(tenant)}::int`;
  return `with offered (${columns}) as (values ${writes.map((write) => valuesOf(write, params)).join(', ')}),
    incoming as materialized (select * from offered ${condition ? `where ${condition}` : ''}),
    saved as (insert into resource (tenant, ${stored}, keys, content)
      select ${at}, ${stored}, string_to_array(keys, '${separator}'), content from incoming on conflict do nothing returning 1),
    ${indexed(at)},
    ${queued(at, writes, workTypes, params)}
    ${audits.length > 0 ? `, logged as (${guarded(auditInsert(tenant, audits, params))})` : ''}
    select count(*)::int as stored from saved`;
}

/** An audit row must not stand when the write it records did not happen: the outcome differs, and the caller writes another one. */
function guarded(insert: string): string {
  return insert.replace(' values ', ' select v.* from (values ').concat(') v where exists (select from incoming)');
}

/**
 * Stores writes, and the audit rows that record them, inside a transaction that has locked the versions they replace.
 *
 * @throws LostRace when another transaction created the same id first: the whole transaction runs again
 */
export async function applyWrites(
  tx: Transaction,
  tenant: TenantId,
  writes: readonly Write[],
  workTypes: WorkTypes,
  audits: readonly AuditRow[] = [],
): Promise<void> {
  let unlogged = audits;
  const fresh = writes.filter((write) => write.previousKeys === undefined);
  const replacing = writes.filter((write) => write.previousKeys !== undefined);
  for (const [some, build] of [[fresh, insertStatement] as const, [replacing, replaceStatement] as const]) {
    for (let from = 0; from < some.length; from += chunk) {
      const params = new Params();
      const part = some.slice(from, from + chunk);
      const [answer] = await tx.query<{ stored: number }>(
        build(tenant, part, workTypes, unlogged, params),
        params.values,
      );
      if (answer?.stored !== part.length) throw new LostRace('another request wrote the same resource first');
      unlogged = [];
    }
  }
}

/** Rows a statement: bounded by the 65,535 parameters of the protocol, and small enough to plan quickly. */
const chunk = 100;

function replaceStatement(
  tenant: TenantId,
  writes: readonly Write[],
  workTypes: WorkTypes,
  audits: readonly AuditRow[],
  params: Params,
): string {
  const at = `${params.add(tenant)}::int`;
  const assignments = `${stored}, keys, content, changed`
    .split(', ')
    .filter((column) => column !== 'type' && column !== 'id');
  const source = (column: string): string =>
    column === 'keys'
      ? `string_to_array(i.keys, '${separator}')`
      : column === 'changed'
        ? 'pg_current_xact_id()'
        : `i.${column}`;
  return `with incoming (${columns}) as materialized (values ${writes.map((write) => valuesOf(write, params)).join(', ')}),
    archived as (insert into resource_history (tenant, type, id, version, last_updated, deleted, owner, patient, mixed, audience, content, changed)
      select r.tenant, r.type, r.id, r.version, r.last_updated, r.deleted, r.owner, r.patient, r.mixed, r.audience, r.content, r.changed
      from resource r join incoming i on r.tenant = ${at} and r.type = i.type and r.id = i.id),
    saved as (update resource r set ${assignments.map((column) => `${column} = ${source(column)}`).join(', ')} from incoming i
      where r.tenant = ${at} and r.type = i.type and r.id = i.id and r.version = i.version - 1 returning 1),
    unkeyed as (delete from search_key k using incoming i, unnest(string_to_array(i.removed, '${separator}')) as gone(key)
      where k.tenant = ${at} and k.key = gone.key and k.id = i.id and gone.key not like '@%'),
    undated as (delete from search_date d using incoming i, unnest(string_to_array(i.removed, '${separator}')) as gone(key)
      where gone.key like '@%' and d.tenant = ${at} and d.type = i.type and d.id = i.id
        and d.param = substr(split_part(gone.key, '=', 1), 2) and d.lo = ${lowOf('gone.key')} and d.hi = ${highOf('gone.key')}),
    ${indexed(at)},
    moved as (insert into outbox (tenant, type, id, version, patient) select ${at}, i.type, i.id, i.version, r.patient
      from incoming i join resource r on r.tenant = ${at} and r.type = i.type and r.id = i.id
      where r.patient is distinct from i.patient and r.patient is not null and ${asking('i.type', 'r.patient', at, writes, workTypes, params)}),
    ${queued(at, writes, workTypes, params)}
    ${audits.length > 0 ? `, logged as (${guarded(auditInsert(tenant, audits, params))})` : ''}
    select count(*)::int as stored from saved`;
}

function valuesOf(write: Write, params: Params): string {
  const before = new Set(write.previousKeys);
  const now = new Set(write.keys);
  const join = (keys: readonly string[]): string | null => (keys.length > 0 ? keys.join(separator) : null);
  const values = [
    write.type,
    write.id,
    write.version,
    write.lastUpdated,
    write.deleted,
    write.owner,
    write.patient ?? null,
    write.mixed,
    write.audience ?? null,
    write.viewVersion,
    write.viewUpdated,
    write.keys.join(separator),
    join(write.keys.filter((key) => !before.has(key))),
    join([...before].filter((key) => !now.has(key))),
    write.content,
  ];
  return `(${values.map((value, index) => `${params.add(value)}::${casts[index]}`).join(', ')})`;
}

function indexed(at: string): string {
  const added = `from incoming i, unnest(string_to_array(i.added, '${separator}')) as made(key)`;
  return `keyed as (insert into search_key (tenant, key, id) select ${at}, made.key, i.id ${added} where made.key not like '@%' on conflict do nothing),
    dated as (insert into search_date (tenant, type, param, lo, hi, id)
      select ${at}, i.type, substr(split_part(made.key, '=', 1), 2), ${lowOf('made.key')}, ${highOf('made.key')}, i.id ${added}
      where made.key like '@%' on conflict do nothing)`;
}

function lowOf(key: string): string {
  return `split_part(split_part(${key}, '=', 2), '/', 1)::timestamptz`;
}

function highOf(key: string): string {
  return `split_part(split_part(${key}, '=', 2), '/', 2)::timestamptz`;
}

/** A change to any input of a rule asks for work, in the statement that makes the change. */
function queued(at: string, writes: readonly Write[], workTypes: WorkTypes, params: Params): string {
  return `queued as (insert into outbox (tenant, type, id, version, patient) select ${at}, type, id, version, patient from incoming i
      where ${asking('i.type', 'i.patient', at, writes, workTypes, params)})`;
}

/** SQL that is true of a row that asks for work. Where no write is of a type that only billing reads, nothing is asked about charges. */
function asking(
  type: string,
  patient: string,
  at: string,
  writes: readonly Write[],
  { always, ifCharged }: WorkTypes,
  params: Params,
): string {
  const plain = `${type} = any(${params.add(always)}::text[])`;
  if (!writes.some((write) => ifCharged.includes(write.type))) return plain;
  return `(${plain} or ${type} = any(${params.add(ifCharged)}::text[]) and (${patient} is not null and may_be_charged(${at}, ${patient})
      or ${patient} is null and ${type} = 'Organization' and exists (select from search_key k
        where k.tenant = ${at} and k.key = 'ChargeItem.performing-organization=Organization/' || i.id)))`;
}
