import type { TenantId } from '../base/ids.ts';
import type { Transaction } from './database.ts';
import type { LockedRow } from './lock.ts';
import { rowColumns } from './masking.ts';
import { keyOf } from './search/keys.ts';

const columns = `${rowColumns('r')}, r.keys, r.mixed, r.audience, true as visible, true as writable`;

/**
 * What is derived has an id of UUID version 5, what is assigned one of version 7: the id stays when somebody edits the content away or
 * deletes the resource, so such a row is not taken for one that never was.
 */
const isDerived = `id like '________-____-5___-____-____________'`;

/**
 * The standing Flags and Tasks of these members that Footbridge may have opened, under lock and tombstones included, in the order of
 * their ids.
 *
 * @param ids of what is due, so that what somebody gave to another member, or put there before us, is found all the same
 */
export function dueResources(
  tx: Transaction,
  tenant: TenantId,
  patients: readonly string[],
  ids: readonly string[],
): Promise<LockedRow[]> {
  return standing(
    tx,
    `select p.id from resource p where p.tenant = $1 and p.patient = any($2::text[]) and p.type in ('Flag', 'Task') and p.${isDerived}`,
    [tenant, patients, ids],
  );
}

/**
 * As dueResources, for Tasks that are for a coach: the index of whom they are for no longer knows what was deleted, the ids do.
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
  return standing(
    tx,
    `select k.id from search_key k where k.tenant = $1 and k.key = any($2::text[]) and k.${isDerived}`,
    [tenant, keys, ids],
  );
}

function standing(tx: Transaction, found: string, values: readonly unknown[]): Promise<LockedRow[]> {
  return tx.query<LockedRow>(
    `select ${columns} from resource r where r.tenant = $1 and r.type in ('Flag', 'Task') and r.id in (${found} union all select unnest($3::text[]))
      order by r.id for update of r`,
    [...values],
  );
}
