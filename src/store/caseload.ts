import type { TenantId } from '../base/ids.ts';
import type { LocalDate } from '../base/time.ts';
import type { Transaction } from './database.ts';

/** A caseload series as the store keeps it: ids, not references. */
export interface SeriesRow {
  readonly episode: string;
  readonly coach: string;
  /** `url|version` */
  readonly ruleset: string;
  readonly payer: string;
  readonly patient: string;
  readonly owner: string;
  readonly zone: string;
  /** spells ever written */
  readonly spells: number;
  readonly next_transition: LocalDate | null;
}

/** A member on a coach's caseload for a payer, from the first to the last day. */
export interface RosterRow {
  readonly payer: string;
  readonly coach: string;
  readonly patient: string;
  readonly episode: string;
  readonly ruleset: string;
  readonly owner: string;
  readonly starts: LocalDate;
  readonly ends: LocalDate;
  /** id of the Observation that says so */
  readonly status_id: string;
}

const seriesColumns = 'episode, coach, ruleset, payer, patient, owner, zone, spells, next_transition';
const seriesShape =
  'episode text, coach text, ruleset text, payer text, patient text, owner text, zone text, spells int, next_transition date';
const rosterKey = 'payer, coach, patient, episode, ruleset, starts';
const rosterColumns = `${rosterKey}, owner, ends, status_id`;
const rosterShape =
  'payer text, coach text, patient text, episode text, ruleset text, starts date, owner text, ends date, status_id text';

export function seriesOfMembers(tx: Transaction, tenant: TenantId, patients: readonly string[]): Promise<SeriesRow[]> {
  return tx.query<SeriesRow>(
    `select ${seriesColumns.replace('next_transition', 'next_transition::text')} from caseload_series where tenant = $1 and patient = any($2::text[])`,
    [tenant, patients],
  );
}

export function rosterOfMembers(tx: Transaction, tenant: TenantId, patients: readonly string[]): Promise<RosterRow[]> {
  return tx.query<RosterRow>(
    `select payer, coach, patient, episode, ruleset, owner, starts::text, ends::text, status_id from roster where tenant = $1 and patient = any($2::text[])`,
    [tenant, patients],
  );
}

export async function saveSeries(tx: Transaction, tenant: TenantId, rows: readonly SeriesRow[]): Promise<void> {
  if (rows.length === 0) return;
  await tx.query(
    `insert into caseload_series (tenant, ${seriesColumns}) select $1, ${seriesColumns} from jsonb_to_recordset($2::jsonb) as w(${seriesShape})
      on conflict (tenant, episode, coach, ruleset, payer) do update
      set patient = excluded.patient, owner = excluded.owner, zone = excluded.zone, spells = excluded.spells, next_transition = excluded.next_transition`,
    [tenant, JSON.stringify(rows)],
  );
}

/** Removes the roster rows that hold no more, and adds those that hold now. A row whose day, owner or status moved is both. */
export async function saveRoster(
  tx: Transaction,
  tenant: TenantId,
  removed: readonly RosterRow[],
  added: readonly RosterRow[],
): Promise<void> {
  if (removed.length > 0)
    await tx.query(
      `delete from roster r using jsonb_to_recordset($2::jsonb) as w(${rosterShape})
        where r.tenant = $1 and (${rosterKey.replaceAll(/(\w+)/g, 'r.$1')}) = (${rosterKey.replaceAll(/(\w+)/g, 'w.$1')})`,
      [tenant, JSON.stringify(removed)],
    );
  if (added.length > 0)
    await tx.query(
      `insert into roster (tenant, ${rosterColumns}) select $1, ${rosterColumns} from jsonb_to_recordset($2::jsonb) as w(${rosterShape}) on conflict do nothing`,
      [tenant, JSON.stringify(added)],
    );
}

/** The payers whose members these coaches serve, by the organisation whose records say so. */
export function payersServed(tx: Transaction, tenant: TenantId, coaches: readonly string[]) {
  return tx.query<Pick<SeriesRow, 'coach' | 'owner' | 'payer'>>(
    'select distinct coach, owner, payer from caseload_series where tenant = $1 and coach = any($2::text[])',
    [tenant, coaches],
  );
}
