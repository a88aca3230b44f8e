import type { Resource } from '@medplum/fhirtypes';
import { remembered } from '../base/remembered.ts';
import type { Access } from './access.ts';
import type { Transaction } from './database.ts';
import { type ResourceRow, rowColumns } from './masking.ts';
import { Params } from './sql.ts';
import { within, writable } from './visibility.ts';

/** A current row held for the rest of the transaction, with what the caller may do with it. */
export interface LockedRow extends ResourceRow {
  readonly keys: string[];
  readonly mixed: boolean;
  readonly audience: string | null;
  readonly visible: boolean;
  readonly writable: boolean;
}

/** What a row holds, parsed once for all who ask; nobody may change it. Not of a tombstone, which holds nothing. */
export const resourceIn = remembered(
  (row: { readonly content: string }): Resource => JSON.parse(row.content) as Resource,
);

/** The current row under lock, tombstones and hidden rows included: the caller must look at `visible` before it says anything. */
export async function lockResource(
  tx: Transaction,
  access: Access,
  type: string,
  id: string,
): Promise<LockedRow | undefined> {
  const params = new Params();
  const columns = `${rowColumns('r')}, r.keys, r.mixed, r.audience`;
  const rights = `${within('r', access, type, params)} as visible, ${writable('r', access, type, params)} as writable`;
  const [row] = await tx.query<LockedRow>(
    `select ${columns}, ${rights} from resource r
      where r.tenant = ${params.add(access.tenant)} and r.type = ${params.add(type)} and r.id = ${params.add(id)} for update of r`,
    params.values,
  );
  return row;
}
