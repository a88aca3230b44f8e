import type { TenantId } from '../base/ids.ts';
import type { Transaction } from './database.ts';
import type { LockedRow } from './lock.ts';
import { rowColumns } from './masking.ts';

/** SQL that is true of a row that holds a charge that Footbridge cut: in the words of the index `resource_cut_charge`. */
export function isCutCharge(row: string): string {
  return `${row}.type = 'ChargeItem' and not ${row}.deleted and ${row}.content like '%/charge-basis"%'`;
}

/**
 * Those of these members who have a charge that Footbridge cut, whatever its status, or an episode of an organisation whose books it closes.
 * Each is looked up by itself (`limit 1`): an `exists` beside an `or` may be answered from a hash of every member's.
 */
export async function chargedMembers(
  tx: Transaction,
  tenant: TenantId,
  patients: readonly string[],
): Promise<readonly string[]> {
  const rows = await tx.query<{ patient: string }>(
    `select m.patient from unnest($2::text[]) as m(patient)
      where (select true from resource r where r.tenant = $1 and r.patient = m.patient and ${isCutCharge('r')} limit 1)
        or (select true from resource e where e.tenant = $1 and e.patient = m.patient and e.type = 'EpisodeOfCare'
          and e.owner = any (array(select organization from billing_close where tenant = $1)) limit 1)
      order by m.patient`,
    [tenant, patients],
  );
  return rows.map(({ patient }) => patient);
}

/**
 * The members' Tasks with a derived id, under lock and tombstones included: those that Footbridge may have opened. What is derived has an
 * id of UUID version 5, so one that somebody deleted is not taken for one that never was.
 */
export function derivedTasks(tx: Transaction, tenant: TenantId, patients: readonly string[]): Promise<LockedRow[]> {
  return tx.query<LockedRow>(
    `select ${rowColumns('r')}, r.keys, r.mixed, r.audience, true as visible, true as writable from resource r
      where r.tenant = $1 and r.patient = any($2::text[]) and r.type || '' = 'Task' and r.id like '________-____-5___-____-____________'
      order by r.id for update of r`,
    [tenant, patients],
  );
}

/**
 * From here to the end of the transaction nobody changes what only billing reads about these members without asking for work: what was
 * written before is committed and can be read, what comes meanwhile is judged when the charges are there.
 */
export async function lockCharging(tx: Transaction, tenant: TenantId, patients: readonly string[]): Promise<void> {
  await tx.query(
    'select pg_advisory_xact_lock(lock) from (select distinct charge_lock($1, patient) as lock from unnest($2::text[]) as patient order by 1) as sorted',
    [tenant, patients],
  );
}

/** Asks for the member's work where a Task waits for somebody to have days or contacts charged: it may have an end now. */
export async function askAboutUncharged(tx: Transaction, tenant: TenantId, patient: string): Promise<void> {
  await tx.query(
    `insert into outbox (tenant, type, id, version, patient) select r.tenant, r.type, r.id, r.version, r.patient from resource r
      where r.tenant = $1 and r.patient = $2 and r.type || '' = 'Task' and not r.deleted
        and (r.content like '%"charge-conflict"%' or r.content like '%"charge-missing"%') and r.content like '%"status":"requested"%' limit 1`,
    [tenant, patient],
  );
}
