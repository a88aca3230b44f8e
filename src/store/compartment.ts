import type { TenantId } from '../base/ids.ts';
import type { Transaction } from './database.ts';
import { isDerived } from './due.ts';
import { firstRecorded } from './facts.ts';
import type { LockedRow } from './lock.ts';

/** A current row of a member's compartment, a tombstone among Flags and Tasks included, with when its fact was first recorded. */
export interface StandingRow extends Pick<LockedRow, 'type' | 'id' | 'deleted' | 'owner' | 'content'> {
  readonly recorded_at: Date;
}

/** One that Footbridge may have computed, with all that a write of its next version needs. */
type OwnRow = StandingRow & LockedRow & { readonly ours: true };

/** What Footbridge may have computed, and so may write anew: only these rows bring along what they are written with. */
const mayBeOurs = `(r.type in ('Flag', 'Task') or (r.type = 'Observation' and r.audience is not null) or (r.type = 'Encounter' and r.${isDerived} and r.content like '%/message-evidence"%'))`;

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
  // `type || ''` keeps the plan to the members' index: by the key it would read every row of these types, where statistics are older.
  const rows = await tx.query<StandingRow & { readonly patient: string }>(
    `select r.type, r.id, r.deleted, r.owner, r.patient, r.content, ${firstRecorded}, own.* from resource r
      left join lateral (select true as ours, r.version, r.last_updated, r.view_version, r.view_updated, r.mixed, r.audience, r.keys,
        true as visible, true as writable where ${mayBeOurs}) as own on true
      where r.tenant = $1 and r.patient = any($2::text[]) and r.type || '' = any($3::text[]) and (not r.deleted or r.type in ('Flag', 'Task'))
      order by r.type, r.id`,
    [tenant, patients, [...new Set([...types, 'Flag', 'Task'])]],
  );
  return Map.groupBy(rows, ({ patient }) => patient);
}

/** A caseload-status Observation: Footbridge's own, and no fact. */
export function isStatus(row: StandingRow): boolean {
  return isOurs(row) && row.type === 'Observation' && row.audience !== null;
}

function isOurs(row: StandingRow): row is OwnRow {
  return 'ours' in row && row.ours === true;
}

/** Footbridge's own answers among a member's rows. */
export function ownAnswers(rows: readonly StandingRow[]) {
  const own = rows.filter(isOurs);
  return {
    /** caseload-status Observations */
    statuses: own.filter(isStatus),
    /** Encounters that stand for message pairs */
    pairs: own.filter(({ content, type }) => type === 'Encounter' && content.includes('/message-evidence"')),
    /** Flags and Tasks that Footbridge may have opened */
    work: own.filter(({ id, type }) => (type === 'Flag' || type === 'Task') && derivedId.test(id)),
  };
}

/** A UUID of version 5, as src/store/due.ts has it in SQL. */
const derivedId = /^.{8}-.{4}-5.{3}-.{4}-.{12}$/;
