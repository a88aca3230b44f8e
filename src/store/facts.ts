import type { Resource } from '@medplum/fhirtypes';
import type { TenantId } from '../base/ids.ts';
import { extensionsOf, partOf } from '../domain/facts/extensions.ts';
import type { Recorded } from '../domain/facts/facts.ts';
import { parseReference } from '../fhir/references.ts';
import type { Transaction } from './database.ts';
import { keyOf } from './search/keys.ts';

export interface FactRow {
  readonly owner: string;
  readonly recorded_at: Date;
  readonly content: string;
}

interface MemberRow extends FactRow {
  readonly patient: string;
}

/**
 * What the rules read about a member: the compartment's resources of these types, and the Practitioners and PractitionerRoles that
 * they name, tombstones left out, with the papers of the Practitioners' qualifications; the Organizations, too, where they are asked for.
 *
 * @param knownAt versions as they were current at that instant; undefined: as they are now
 */
export async function memberRows(
  tx: Transaction,
  tenant: TenantId,
  patient: string,
  types: readonly string[],
  knownAt?: Date,
): Promise<readonly Recorded[]> {
  const rows = await rowsOfMembers(tx, tenant, [patient], types, knownAt);
  return rows.get(patient) ?? [];
}

/** `memberRows` of many members in as many round trips as of one: whom several of them name is read once. */
export async function rowsOfMembers(
  tx: Transaction,
  tenant: TenantId,
  patients: readonly string[],
  types: readonly string[],
  knownAt?: Date,
): Promise<ReadonlyMap<string, readonly Recorded[]>> {
  const read = await (knownAt
    ? compartmentsAt(tx, tenant, patients, types, knownAt)
    : compartments(tx, tenant, patients, types));
  const own = Map.groupBy(read, ({ patient }) => patient);
  const factsOf = await withDirectory(tx, tenant, own, types, knownAt);
  return new Map([...own.keys()].map((patient) => [patient, factsOf(patient)]));
}

/**
 * Members' own rows as facts, each with what they name of the tenant's directory.
 *
 * @returns a member's facts, parsed when they are asked for: who computes many members one after the other holds one at a time, since
 *   what lives through a batch is what the garbage collector has to carry
 */
export async function withDirectory(
  tx: Transaction,
  tenant: TenantId,
  own: ReadonlyMap<string, readonly FactRow[]>,
  types: readonly string[],
  knownAt?: Date,
): Promise<(patient: string) => readonly Recorded[]> {
  const named = new Map([...own].map(([patient, rows]) => [patient, namedIn(rows)] as const));
  const directory = await directoryOf(tx, tenant, [...named.values()], types.includes('Organization'), knownAt);
  return (patient) => [...(own.get(patient) ?? []).map(toRecorded), ...directory(named.get(patient) ?? new Set())];
}

/** These Practitioners with all their roles, verifications and papers, whoever wrote them. */
export async function rowsOfCoaches(
  tx: Transaction,
  tenant: TenantId,
  practitioners: readonly string[],
): Promise<readonly Recorded[]> {
  const named = new Set(practitioners.map((id) => `Practitioner/${id}`));
  return (await directoryOf(tx, tenant, [named], false))(named);
}

/**
 * References to the tenant's directory that a member's resources make: read off the text, since a walk through each resource costs
 * more than the rules that follow. Text inside of a string has its quotation marks escaped, so it is not taken for an element.
 */
function namedIn(rows: readonly FactRow[]): ReadonlySet<string> {
  const written = new Set(
    rows.flatMap(({ content }) => [...content.matchAll(literalReference)].map(([, text = '']) => text)),
  );
  return new Set(
    [...written]
      .map(parseReference)
      .flatMap((one) => (one && directoryTypes.has(one.type) ? [`${one.type}/${one.id}`] : [])),
  );
}

/** As JSON.stringify wrote it, which stores every resource (src/service/prepare.ts). */
const literalReference = /"reference":"((?:Practitioner|PractitionerRole|Organization)\/[^"\\]+)"/g;

const directoryTypes = new Set(['Practitioner', 'PractitionerRole', 'Organization']);

/**
 * The named roles, practitioners and organisations, with all roles of each of these practitioners.
 *
 * @returns what a set of references leads to
 */
async function directoryOf(
  tx: Transaction,
  tenant: TenantId,
  sets: readonly ReadonlySet<string>[],
  withOrganizations: boolean,
  knownAt?: Date,
): Promise<(named: ReadonlySet<string>) => Recorded[]> {
  const all = new Set(sets.flatMap((one) => [...one]));
  const idsOf = (type: string): string[] => idsIn([...all], type);
  const roles = (await byId(tx, tenant, 'PractitionerRole', idsOf('PractitionerRole'), knownAt)).map(toRecorded);
  const practitioners = [...new Set([...idsOf('Practitioner'), ...roles.flatMap(practitionerOf)])];
  const people = (await byId(tx, tenant, 'Practitioner', practitioners, knownAt)).map(toRecorded);
  const papers = new Map(people.map(({ resource }) => [resource.id ?? '', papersOf(resource)] as const));
  const paperIds = (type: string): string[] => idsIn([...papers.values()].flat(), type);
  const [more, verifications, organizations, documents] = await Promise.all([
    aboutPractitioners(tx, tenant, 'PractitionerRole', practitioners, knownAt),
    aboutPractitioners(tx, tenant, 'VerificationResult', practitioners, knownAt),
    byId(
      tx,
      tenant,
      'Organization',
      [...new Set([...(withOrganizations ? idsOf('Organization') : []), ...paperIds('Organization')])],
      knownAt,
    ),
    byId(tx, tenant, 'DocumentReference', paperIds('DocumentReference'), knownAt),
  ]);
  const found = new Map(
    [...roles, ...people, ...[...more, ...verifications, ...organizations, ...documents].map(toRecorded)].map((one) => [
      `${one.resource.resourceType}/${one.resource.id}`,
      one,
    ]),
  );
  const byPerson = Map.groupBy(
    [...found.values()].flatMap((one) => aboutWhom(one).map((person) => ({ one, person }))),
    ({ person }) => person,
  );
  return (named) => {
    const persons = [...named].flatMap((reference) => {
      const one = found.get(reference);
      if (reference.startsWith('Practitioner/')) return [reference.slice('Practitioner/'.length)];
      return one ? practitionerOf(one) : [];
    });
    const reached = persons.flatMap((id) => [
      found.get(`Practitioner/${id}`),
      ...(byPerson.get(id) ?? []).map(({ one }) => one),
      ...(papers.get(id) ?? []).map((reference) => found.get(reference)),
    ]);
    const direct = [...named].map((reference) => found.get(reference));
    return [...new Set([...direct, ...reached].filter((one) => one !== undefined))];
  };
}

/** Who issued a Practitioner's qualifications, where nothing names the issuer, and what was submitted for its waivers. */
export function papersOf(practitioner: Resource): string[] {
  if (practitioner.resourceType !== 'Practitioner') return [];
  const issuers = (practitioner.qualification ?? []).flatMap(({ issuer }) =>
    issuer?.reference && issuer.display === undefined ? [issuer.reference] : [],
  );
  const submitted = (practitioner.qualification ?? []).flatMap((qualification) =>
    extensionsOf(qualification, 'waiver').flatMap((one) => partOf(one, 'document')?.valueReference?.reference ?? []),
  );
  return [...issuers, ...submitted].flatMap((text) => {
    const parsed = parseReference(text);
    return parsed && paperTypes.has(parsed.type) ? [`${parsed.type}/${parsed.id}`] : [];
  });
}

const paperTypes = new Set(['DocumentReference', 'Organization']);

function idsIn(references: readonly string[], type: string): string[] {
  const of = references.filter((reference) => reference.startsWith(`${type}/`));
  return [...new Set(of.map((reference) => reference.slice(type.length + 1)))];
}

function practitionerOf({ resource }: Recorded): string[] {
  const parsed =
    resource.resourceType === 'PractitionerRole' ? parseReference(resource.practitioner?.reference ?? '') : undefined;
  return parsed?.type === 'Practitioner' ? [parsed.id] : [];
}

/** Ids of the Practitioners whose role or verification this is. */
function aboutWhom(one: Recorded): string[] {
  if (one.resource.resourceType !== 'VerificationResult') return practitionerOf(one);
  return (one.resource.target ?? []).flatMap(({ reference }) => {
    const parsed = parseReference(reference ?? '');
    return parsed?.type === 'Practitioner' ? [parsed.id] : [];
  });
}

function toRecorded(row: FactRow): Recorded {
  return { resource: JSON.parse(row.content) as Resource, owner: row.owner, recordedAt: row.recorded_at.toISOString() };
}

/** A message is known since its first version, whatever was corrected in it later. */
export const firstRecorded = `case when r.type = 'Communication' and r.version > 1 then
  (select min(h.last_updated) from resource_history h where h.tenant = r.tenant and h.type = r.type and h.id = r.id) else r.last_updated end as recorded_at`;

/** By the members' index, whatever the statistics say: so `type || ''`, as in compartment.ts. */
function compartments(
  tx: Transaction,
  tenant: TenantId,
  patients: readonly string[],
  types: readonly string[],
): Promise<MemberRow[]> {
  return tx.query<MemberRow>(
    `select r.patient, r.owner, r.content, ${firstRecorded} from resource r
      where r.tenant = $1 and r.patient = any($2::text[]) and r.type || '' = any($3::text[]) and not r.deleted order by r.type, r.id`,
    [tenant, patients, types],
  );
}

/** Every version of what was ever in the compartment; the latest recorded by K counts, if it was in it then. */
function compartmentsAt(
  tx: Transaction,
  tenant: TenantId,
  patients: readonly string[],
  types: readonly string[],
  knownAt: Date,
): Promise<MemberRow[]> {
  const of = (table: string): string =>
    `select type, id from ${table} where tenant = $1 and patient = any($2::text[]) and type = any($3::text[])`;
  return tx.query<MemberRow>(
    `with ever as (${of('resource')} union ${of('resource_history')}),
      versions as (${versionsAt('(v.type, v.id) in (select type, id from ever)', '$4')})
      select patient, owner, content, recorded_at from versions where patient = any($2::text[]) and not deleted order by type, id`,
    [tenant, patients, types, knownAt],
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

/** Where a role and a verification name the practitioner: the search parameter, and the same as a jsonpath. */
const naming = {
  PractitionerRole: { code: 'practitioner', path: '$.practitioner.reference' },
  VerificationResult: { code: 'target', path: '$.target[*].reference' },
} as const;

/** All roles, or verifications, of these practitioners. The index knows current versions only: a question about the past reads history. */
function aboutPractitioners(
  tx: Transaction,
  tenant: TenantId,
  type: keyof typeof naming,
  practitioners: readonly string[],
  knownAt?: Date,
): Promise<FactRow[]> {
  if (practitioners.length === 0) return Promise.resolve([]);
  const references = practitioners.map((id) => `Practitioner/${id}`);
  const { code, path } = naming[type];
  if (knownAt)
    return tx.query<FactRow>(
      `with versions as (${versionsAt(`v.type = $4`, '$3')})
        select owner, content, recorded_at from versions where not deleted
          and exists (select from jsonb_path_query(content::jsonb, $5::jsonpath) as named where named #>> '{}' = any($2::text[]))`,
      [tenant, references, knownAt, type, path],
    );
  const keys = references.map((reference) => keyOf(type, code, reference));
  return tx.query<FactRow>(
    `select r.owner, r.content, r.last_updated as recorded_at from search_key k
      join resource r on r.tenant = k.tenant and r.type = $3 and r.id = k.id
      where k.tenant = $1 and k.key = any($2::text[]) and not r.deleted`,
    [tenant, keys, type],
  );
}
