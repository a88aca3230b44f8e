import type { TenantId } from '../base/ids.ts';
import type { LocalDate } from '../base/time.ts';
import type { Transaction } from './database.ts';
import type { LockedRow } from './lock.ts';
import { rowColumns } from './masking.ts';
import { keyOf } from './search/keys.ts';

const columns = `${rowColumns('r')}, r.keys, r.mixed, r.audience, true as visible, true as writable`;

/**
 * What is derived has an id of UUID version 5, what is assigned one of version 7: the id stays when somebody edits the content away or
 * deletes the resource, so such a row is not taken for one that never was.
 */
export const isDerived = `id like '________-____-5___-____-____________'`;

/**
 * Whatever stands under these ids of Flags and Tasks, under lock and tombstones included, in the order of the ids: what somebody gave to
 * another member, or put there before us. What stands with the member itself is among its rows (compartment.ts).
 */
export function dueResources(tx: Transaction, tenant: TenantId, ids: readonly string[]): Promise<LockedRow[]> {
  return tx.query<LockedRow>(
    `select ${columns} from unnest($2::text[]) as n(id) cross join (values ('Flag'), ('Task')) as t(type)
      join resource r on r.tenant = $1 and r.type = t.type and r.id = n.id order by r.id for update of r`,
    [tenant, ids],
  );
}

/**
 * The standing Tasks for these coaches that Footbridge may have opened, and whatever stands under these ids, under lock and tombstones
 * included: the index of whom a Task is for no longer knows what was deleted, the ids do.
 *
 * @param practitioners ids of Practitioners
 */
export function dueResourcesOfCoaches(
  tx: Transaction,
  tenant: TenantId,
  practitioners: readonly string[],
  ids: readonly string[],
): Promise<LockedRow[]> {
  const keys = practitioners.map((id) => keyOf('Task', 'subject', `Practitioner/${id}`));
  return tx.query<LockedRow>(
    `with found (id) as materialized (
        select k.id from search_key k where k.tenant = $1 and k.key = any($2::text[]) and k.${isDerived} union select unnest($3::text[]))
      select ${columns} from found f join resource r on r.tenant = $1 and r.type = 'Task' and r.id = f.id order by r.id for update of r`,
    [tenant, keys, ids],
  );
}

/** The first date of a zone on which what is due for a member or coach, or what was charged, changes by itself. */
export interface Wake {
  /** `Patient/…` or `Practitioner/…`, and `Account/…` with the member's id for what was charged */
  readonly subject: string;
  readonly zone: string;
  readonly next_date: LocalDate;
}

export function wakesOf(tx: Transaction, tenant: TenantId, subjects: readonly string[]): Promise<Wake[]> {
  return tx.query<Wake>(
    'select subject, zone, next_date::text from due_wake where tenant = $1 and subject = any($2::text[])',
    [tenant, subjects],
  );
}

/** Makes the wakes of these subjects exactly `after`; what stands so already is not touched. */
export async function saveWakes(
  tx: Transaction,
  tenant: TenantId,
  before: readonly Wake[],
  after: readonly Wake[],
): Promise<void> {
  const shape = 'subject text, zone text, next_date date';
  const nameOf = ({ subject, zone }: Wake): string => `${subject} ${zone}`;
  const stood = new Map(before.map((wake) => [nameOf(wake), wake.next_date]));
  const stands = new Set(after.map(nameOf));
  const moved = after.filter((wake) => stood.get(nameOf(wake)) !== wake.next_date);
  const gone = before.filter((wake) => !stands.has(nameOf(wake)));
  if (gone.length > 0)
    await tx.query(
      `delete from due_wake d using jsonb_to_recordset($2::jsonb) as w(${shape}) where d.tenant = $1 and d.subject = w.subject and d.zone = w.zone`,
      [tenant, JSON.stringify(gone)],
    );
  if (moved.length > 0)
    await tx.query(
      `insert into due_wake select $1, subject, zone, next_date from jsonb_to_recordset($2::jsonb) as w(${shape})
        on conflict (tenant, subject, zone) do update set next_date = excluded.next_date`,
      [tenant, JSON.stringify(moved)],
    );
}
