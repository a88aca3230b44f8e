import type { TenantId } from '../base/ids.ts';
import type { Transaction } from './database.ts';

/**
 * Patient ids of those for whom an organisation has an episode of its own, in order.
 *
 * @param subject only this one, if it is among them; undefined: all, up to `most`
 */
export async function servedMembers(
  tx: Transaction,
  tenant: TenantId,
  organization: string,
  subject: string | undefined,
  most: number,
): Promise<string[]> {
  const rows = await tx.query<{ patient: string }>(
    `select distinct e.patient from resource e where e.tenant = $1 and e.type = 'EpisodeOfCare' and e.owner = $2 and not e.deleted
      and e.patient is not null and ($3::text is null or e.patient = $3) order by e.patient limit $4`,
    [tenant, organization, subject ?? null, most],
  );
  return rows.map(({ patient }) => patient);
}
