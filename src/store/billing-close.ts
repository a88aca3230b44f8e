import type { Organization } from '@medplum/fhirtypes';
import type { TenantId } from '../base/ids.ts';
import type { LocalDate } from '../base/time.ts';
import type { Closing } from '../domain/billing-periods.ts';
import type { Database, Transaction } from './database.ts';
import type { Run } from './schedule.ts';

/** Organizations that say that their billing periods are closed; whoever else writes about one has no say in it. */
export async function organizationsThatClose(tx: Transaction, tenant: TenantId): Promise<Organization[]> {
  const rows = await tx.query<{ content: string }>(
    `select content from resource where tenant = $1 and type = 'Organization' and not deleted and owner in ('', id)
      and content like '%/StructureDefinition/billing-close"%' order by id`,
    [tenant],
  );
  return rows.map(({ content }) => JSON.parse(content) as Organization);
}

/** The last day of each organisation and ruleset that is closed. */
export async function closedThrough(
  tx: Transaction,
  tenant: TenantId,
): Promise<(organization: string, ruleset: string) => LocalDate | undefined> {
  const rows = await tx.query<{ organization: string; ruleset: string; ends: LocalDate }>(
    `select organization, ruleset, max(ends)::text as ends from billing_close where tenant = $1 and closed_at is not null
      group by organization, ruleset`,
    [tenant],
  );
  const days = new Map(rows.map(({ ends, organization, ruleset }) => [`${organization} ${ruleset}`, ends]));
  return (organization, ruleset) => days.get(`${organization} ${ruleset}`);
}

/** The periods that are closed, those that ended before a day left out. */
export function closedSince(tx: Transaction, tenant: TenantId, first: LocalDate): Promise<Closing[]> {
  return tx.query<Closing>(
    `select organization, ruleset, starts::text as start, ends::text as "end" from billing_close
      where tenant = $1 and closed_at is not null and ends >= $2 order by organization, starts, ruleset`,
    [tenant, first],
  );
}

/** Notes what a run closes, in place of what an earlier one had begun: whoever takes the run over closes the same. */
export async function noteClosings(
  tx: Transaction,
  { date, tenant, zone }: Run,
  closings: readonly Closing[],
): Promise<void> {
  await tx.query('delete from billing_close where tenant = $1 and zone = $2 and closed_at is null', [tenant, zone]);
  if (closings.length === 0) return;
  await tx.query(
    `insert into billing_close (tenant, organization, ruleset, starts, ends, zone, local_date)
      select $1, organization, ruleset, start, "end", $2, $3 from jsonb_to_recordset($4::jsonb)
        as c(organization text, ruleset text, start date, "end" date) on conflict do nothing`,
    [tenant, zone, date, JSON.stringify(closings)],
  );
}

/** What a run closes, as it noted when it began. */
export function notedClosings(tx: Transaction, { date, tenant, zone }: Run): Promise<Closing[]> {
  return tx.query<Closing>(
    `select organization, ruleset, starts::text as start, ends::text as "end" from billing_close
      where tenant = $1 and zone = $2 and local_date = $3 and closed_at is null order by organization, ruleset, starts`,
    [tenant, zone, date],
  );
}

/** In the transaction that ends the run. */
export async function closeNoted(tx: Transaction, { date, tenant, zone }: Run, at: Date): Promise<void> {
  await tx.query(
    'update billing_close set closed_at = $4 where tenant = $1 and zone = $2 and local_date = $3 and closed_at is null',
    [tenant, zone, date, at],
  );
}

/**
 * The next members with an episode of these organisations that had not ended before a day, in the order of their ids.
 *
 * @param first the first day that is closed; what a sender wrote of the end is compared by its month, a day before that to be safe in
 * any zone: the rules judge the days themselves
 */
export async function membersToClose(
  db: Database,
  { cursor, tenant }: Run,
  organizations: readonly string[],
  first: LocalDate,
  most: number,
) {
  return db.once<{ patient: string }>(
    tenant,
    `select distinct e.patient from resource e where e.tenant = $1 and e.type = 'EpisodeOfCare' and e.patient > $2 and not e.deleted
        and e.owner = any($3::text[])
        and case when not e.deleted
          then rpad(left(coalesce(e.content::jsonb #>> '{period,end}', '~'), 7), 7, '~') >= to_char($4::date - 1, 'YYYY-MM') collate "C" end
      order by e.patient limit $5`,
    [tenant, cursor ?? '', organizations, first, most],
  );
}
