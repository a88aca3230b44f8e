import type { TenantId } from '../base/ids.ts';
import type { LocalDate } from '../base/time.ts';
import type { Transaction } from './database.ts';
import type { LockedRow } from './lock.ts';
import { rowColumns } from './masking.ts';

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
const rosterColumns = 'payer, coach, patient, episode, ruleset, owner, starts, ends, status_id';

export function seriesOfMember(tx: Transaction, tenant: TenantId, patient: string): Promise<SeriesRow[]> {
  return tx.query<SeriesRow>(
    `select ${seriesColumns.replace('next_transition', 'next_transition::text')} from caseload_series where tenant = $1 and patient = $2`,
    [tenant, patient],
  );
}

export async function saveSeries(tx: Transaction, tenant: TenantId, row: SeriesRow): Promise<void> {
  await tx.query(
    `insert into caseload_series (tenant, ${seriesColumns}) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
      on conflict (tenant, episode, coach, ruleset, payer) do update
      set patient = excluded.patient, owner = excluded.owner, zone = excluded.zone, spells = excluded.spells, next_transition = excluded.next_transition`,
    [
      tenant,
      row.episode,
      row.coach,
      row.ruleset,
      row.payer,
      row.patient,
      row.owner,
      row.zone,
      row.spells,
      row.next_transition,
    ],
  );
}

/** The member's caseload-status Observations, or the Encounters that stand for message pairs, locked. */
export function computedResources(
  tx: Transaction,
  tenant: TenantId,
  patient: string,
  which: 'status' | 'pair',
): Promise<LockedRow[]> {
  const condition =
    which === 'status'
      ? `r.type = 'Observation' and r.audience is not null`
      : `r.type = 'Encounter' and r.content like '%/message-evidence"%'`;
  return tx.query<LockedRow>(
    `select ${rowColumns('r')}, r.keys, r.mixed, r.audience, true as visible, true as writable from resource r
      where r.tenant = $1 and r.patient = $2 and ${condition} and not r.deleted order by r.id for update`,
    [tenant, patient],
  );
}

/** Makes a member's roster rows exactly these; rows that stand already are not touched. */
export async function saveRoster(
  tx: Transaction,
  tenant: TenantId,
  patient: string,
  rows: readonly RosterRow[],
): Promise<void> {
  const wanted = JSON.stringify(rows);
  const shape = `payer text, coach text, patient text, episode text, ruleset text, owner text, starts date, ends date, status_id text`;
  const given = `select * from jsonb_to_recordset($3::jsonb) as w(${shape})`;
  const removed = tx.query(
    `delete from roster r where r.tenant = $1 and r.patient = $2 and not exists (select from (${given}) w
        where (r.payer, r.coach, r.episode, r.ruleset, r.owner, r.starts, r.ends, r.status_id)
          = (w.payer, w.coach, w.episode, w.ruleset, w.owner, w.starts, w.ends, w.status_id))`,
    [tenant, patient, wanted],
  );
  const added = tx.query(
    `insert into roster (tenant, ${rosterColumns}) select $1, ${rosterColumns} from jsonb_to_recordset($2::jsonb) as w(${shape}) on conflict do nothing`,
    [tenant, wanted],
  );
  await Promise.all([removed, added]);
}
