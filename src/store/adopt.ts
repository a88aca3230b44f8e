import type { TenantId } from '../base/ids.ts';
import type { Transaction } from './database.ts';
import { keyOf } from './search/keys.ts';
import type { Write } from './write.ts';

/**
 * Gives Provenances that came before what they are about the patient of it, so that a signature counts in whatever order it and its
 * note arrive (F23). Only the same organisation's: what another one says of an id is no word about this resource.
 *
 * @param targets resources that are new under an id that their sender chose
 */
export async function adoptProvenances(tx: Transaction, tenant: TenantId, targets: readonly Write[]): Promise<void> {
  const about = targets.filter(({ patient }) => patient !== undefined);
  if (about.length === 0) return;
  await tx.query(
    `update resource p set patient = t.patient
      from unnest($2::text[], $3::text[], $4::text[]) as t(key, patient, owner) join search_key k on k.tenant = $1 and k.key = t.key
      where p.tenant = $1 and p.type = 'Provenance' and p.id = k.id and p.owner = t.owner and p.patient is null and not p.deleted`,
    [
      tenant,
      about.map(({ id, type }) => keyOf('Provenance', 'target', `${type}/${id}`)),
      about.map(({ patient }) => patient),
      about.map(({ owner }) => owner),
    ],
  );
}
