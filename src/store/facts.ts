import type { Resource } from '@medplum/fhirtypes';
import type { TenantId } from '../base/ids.ts';
import type { Recorded } from '../domain/facts/facts.ts';
import { parseReference, referencePlaces } from '../fhir/references.ts';
import type { Transaction } from './database.ts';
import { keyOf } from './search/keys.ts';

interface FactRow {
  readonly owner: string;
  readonly recorded_at: Date;
  readonly content: string;
}

/**
 * What the rules read about a member: the compartment's resources of these types, and the Practitioners and PractitionerRoles that
 * they name, tombstones left out; the Organizations, too, where they are asked for.
 *
 * @param knownAt versions as they were current at that instant; undefined: as they are now
 */
export async function memberRows(
  tx: Transaction,
  tenant: TenantId,
  patient: string,
  types: readonly string[],
  knownAt?: Date,
): Promise<Recorded[]> {
  const own = (
    await (knownAt ? compartmentAt(tx, tenant, patient, types, knownAt) : compartment(tx, tenant, patient, types))
  ).map(toRecorded);
  const named = own.flatMap(({ resource }) =>
    referencePlaces(resource).map(({ holder }) => parseReference(holder.reference)),
  );
  const idsOf = (type: string): string[] => [...new Set(named.flatMap((one) => (one?.type === type ? [one.id] : [])))];
  const roles = (await byId(tx, tenant, 'PractitionerRole', idsOf('PractitionerRole'), knownAt)).map(toRecorded);
  const practitioners = [...new Set([...idsOf('Practitioner'), ...roles.flatMap(practitionerOf)])];
  const [people, more, organizations] = await Promise.all([
    byId(tx, tenant, 'Practitioner', practitioners, knownAt),
    rolesOf(tx, tenant, practitioners, knownAt),
    types.includes('Organization') ? byId(tx, tenant, 'Organization', idsOf('Organization'), knownAt) : [],
  ]);
  const all = new Map(
    [...own, ...people.map(toRecorded), ...roles, ...more.map(toRecorded), ...organizations.map(toRecorded)].map(
      (one) => [`${one.resource.resourceType}/${one.resource.id}`, one],
    ),
  );
  return [...all.values()];
}

function practitionerOf({ resource }: Recorded): string[] {
  const parsed =
    resource.resourceType === 'PractitionerRole' ? parseReference(resource.practitioner?.reference ?? '') : undefined;
  return parsed?.type === 'Practitioner' ? [parsed.id] : [];
}

function toRecorded({ content, owner, recorded_at }: FactRow): Recorded {
  return { resource: JSON.parse(content) as Resource, owner, recordedAt: recorded_at.toISOString() };
}

/** A message is known since its first version, whatever was corrected in it later. */
const firstRecorded = `case when r.type = 'Communication' and r.version > 1 then
  (select min(h.last_updated) from resource_history h where h.tenant = r.tenant and h.type = r.type and h.id = r.id) else r.last_updated end as recorded_at`;

function compartment(tx: Transaction, tenant: TenantId, patient: string, types: readonly string[]): Promise<FactRow[]> {
  return tx.query<FactRow>(
    `select r.owner, r.content, ${firstRecorded} from resource r
      where r.tenant = $1 and r.patient = $2 and r.type = any($3::text[]) and not r.deleted order by r.type, r.id`,
    [tenant, patient, types],
  );
}

/** Every version of what was ever in the compartment; the latest recorded by K counts, if it was in it then. */
function compartmentAt(
  tx: Transaction,
  tenant: TenantId,
  patient: string,
  types: readonly string[],
  knownAt: Date,
): Promise<FactRow[]> {
  return tx.query<FactRow>(
    `with ever as (select type, id from resource where tenant = $1 and patient = $2 and type = any($3::text[])
        union select type, id from resource_history where tenant = $1 and patient = $2 and type = any($3::text[])),
      versions as (${versionsAt('(v.type, v.id) in (select type, id from ever)', '$4')})
      select owner, content, recorded_at from versions where patient = $2 and not deleted order by type, id`,
    [tenant, patient, types, knownAt],
  );
}

function versionsAt(condition: string, at: string): string {
  const columns = 'type, id, version, last_updated, deleted, owner, patient, content';
  const of = (table: string): string => `select ${columns} from ${table} v where v.tenant = $1 and ${condition}`;
  return `select distinct on (v.type, v.id) v.*, min(v.last_updated) over (partition by v.type, v.id) as recorded_at
    from (${of('resource')} union all ${of('resource_history')}) v where v.last_updated <= ${at} order by v.type, v.id, v.version desc`;
}

async function byId(
  tx: Transaction,
  tenant: TenantId,
  type: string,
  ids: readonly string[],
  knownAt?: Date,
): Promise<FactRow[]> {
  if (ids.length === 0) return [];
  if (knownAt)
    return tx.query<FactRow>(
      `with versions as (${versionsAt('v.type = $2 and v.id = any($3::text[])', '$4')}) select owner, content, recorded_at from versions where not deleted`,
      [tenant, type, ids, knownAt],
    );
  return tx.query<FactRow>(
    `select r.owner, r.content, r.last_updated as recorded_at from resource r where r.tenant = $1 and r.type = $2 and r.id = any($3::text[]) and not r.deleted`,
    [tenant, type, ids],
  );
}

/** All roles of these practitioners. The index knows current versions only, so a question about the past reads the roles' history. */
function rolesOf(
  tx: Transaction,
  tenant: TenantId,
  practitioners: readonly string[],
  knownAt?: Date,
): Promise<FactRow[]> {
  if (practitioners.length === 0) return Promise.resolve([]);
  const references = practitioners.map((id) => `Practitioner/${id}`);
  if (knownAt)
    return tx.query<FactRow>(
      `with versions as (${versionsAt(`v.type = 'PractitionerRole'`, '$3')})
        select owner, content, recorded_at from versions where not deleted and content::jsonb -> 'practitioner' ->> 'reference' = any($2::text[])`,
      [tenant, references, knownAt],
    );
  const keys = references.map((reference) => keyOf('PractitionerRole', 'practitioner', reference));
  return tx.query<FactRow>(
    `select r.owner, r.content, r.last_updated as recorded_at from search_key k
      join resource r on r.tenant = k.tenant and r.type = 'PractitionerRole' and r.id = k.id
      where k.tenant = $1 and k.key = any($2::text[]) and not r.deleted`,
    [tenant, keys],
  );
}
