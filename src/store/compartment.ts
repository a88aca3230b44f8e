import type { TenantId } from '../base/ids.ts';
import type { Transaction } from './database.ts';
import { firstRecorded } from './facts.ts';
import type { LockedRow } from './lock.ts';
import { rowColumns } from './masking.ts';

/** A current row of a member's compartment, a tombstone among Flags and Tasks included, with when its fact was first recorded. */
export interface StandingRow extends LockedRow {
  readonly recorded_at: Date;
}

/** What Footbridge may have computed, and so may write anew: only these rows bring their keys along. */
const mayBeOurs = `(r.type in ('Flag', 'Task') or (r.type = 'Observation' and r.audience is not null) or (r.type = 'Encounter' and r.content like '%/message-evidence"%'))`;

/**
 * All that a recomputation reads of these members, facts and answers, in one pass over their rows: asked for one after the other they
 * would be read four times. Without locks: whoever changes a row in between makes the write that follows lose its race, and the
 * transaction runs again.
 *
 * @param types R4 types of the facts
 */
export async function compartmentsOf(
  tx: Transaction,
  tenant: TenantId,
  patients: readonly string[],
  types: readonly string[],
): Promise<ReadonlyMap<string, readonly StandingRow[]>> {
  const rows = await tx.query<StandingRow & { readonly patient: string }>(
    `select ${rowColumns('r')}, r.mixed, r.audience, case when ${mayBeOurs} then r.keys else '{}' end as keys,
        true as visible, true as writable, ${firstRecorded} from resource r
      where r.tenant = $1 and r.patient = any($2::text[]) and r.type = any($3::text[]) and (not r.deleted or r.type in ('Flag', 'Task'))
      order by r.type, r.id`,
    [tenant, patients, [...new Set([...types, 'Flag', 'Task'])]],
  );
  return Map.groupBy(rows, ({ patient }) => patient);
}

/** Footbridge's own answers among a member's rows. */
export function ownAnswers(rows: readonly StandingRow[]) {
  return {
    /** caseload-status Observations */
    statuses: rows.filter(({ audience, type }) => type === 'Observation' && audience !== null),
    /** Encounters that stand for message pairs */
    pairs: rows.filter(({ content, type }) => type === 'Encounter' && content.includes('/message-evidence"')),
    /** Flags and Tasks that Footbridge may have opened */
    work: rows.filter(({ id, type }) => (type === 'Flag' || type === 'Task') && derivedId.test(id)),
  };
}

/** A UUID of version 5, as src/store/due.ts has it in SQL. */
const derivedId = /^.{8}-.{4}-5.{3}-.{4}-.{12}$/;
