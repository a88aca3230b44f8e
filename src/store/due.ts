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
const derived = `r.type in ('Flag', 'Task') and r.id like '________-____-5___-____-____________'`;

/**
 * The standing Flags and Tasks of these members that Footbridge may have opened, under lock and tombstones included, in the order of
 * their ids.
 */
export function dueResources(tx: Transaction, tenant: TenantId, patients: readonly string[]): Promise<LockedRow[]> {
  return tx.query<LockedRow>(
    `select ${columns} from resource r where r.tenant = $1 and r.patient = any($2::text[]) and ${derived}
      order by r.type, r.id for update of r`,
    [tenant, patients],
  );
}

/**
 * As dueResources, for Tasks that are for a coach: by whom they are for, and by the ids of those that may be due, since the index no
 * longer knows what was deleted.
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
    `select ${columns} from resource r where r.tenant = $1 and r.type = 'Task' and r.id like '________-____-5___-____-____________' and r.id in (
        select k.id from search_key k where k.tenant = $1 and k.key = any($2::text[]) union all select unnest($3::text[]))
      order by r.id for update of r`,
    [tenant, keys, ids],
  );
}
