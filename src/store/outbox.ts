import type { TenantId } from '../base/ids.ts';
import { isCutCharge } from './charges.ts';
import type { Database, Transaction } from './database.ts';
import { keyOf } from './search/keys.ts';

/** Work that asks to be done: a member to recompute, or a change to a coach or organisation whose members are to be found. */
export interface PendingWork {
  /** null: a change to the directory, a coach or organisation */
  readonly patient: string | null;
  readonly seq: string;
  readonly attempts: number;
}

/** What waits, oldest first. Rows of transactions that are still running are not seen, and asked for again when they are. */
export async function pendingWork(db: Database, tenant: TenantId, most: number) {
  return db.once<PendingWork>(
    tenant,
    `select patient, max(seq)::text as seq, max(attempts) as attempts from outbox
      where tenant = $1 and parked is null group by patient order by min(seq) limit $2`,
    [tenant, most],
  );
}

/**
 * Settles changes to people who have no episode and no series: no rule has anything to say about them. An EpisodeOfCare is stored
 * together with the row that asks for its own work, so none that comes later is missed.
 */
export async function settleIdleWork(db: Database, tenant: TenantId, most: number) {
  return db.once(
    tenant,
    `delete from outbox where tenant = $1 and seq in (
        select o.seq from outbox o where o.tenant = $1 and o.patient is not null and o.parked is null
          and not exists (select from resource e where e.tenant = $1 and e.patient = o.patient and e.type = 'EpisodeOfCare')
          and not exists (select from caseload_series s where s.tenant = $1 and s.patient = o.patient)
        order by o.seq limit $2)`,
    [tenant, most],
  );
}

/** Tenants that have work waiting. */
export async function tenantsWithWork(db: Database) {
  return db.unscoped<{ tenant: TenantId }>('select tenants_with_work() as tenant');
}

/** One recomputation of a member at a time, whatever process or job asks: the locks end with the transaction, and are taken in one order. */
export function lockMembers(tx: Transaction, tenant: TenantId, patients: readonly string[]): Promise<void> {
  return lockSubjects(tx, tenant, patients);
}

/** As lockMembers, for the alerts about coaches: who computed from older facts does not write last. */
export function lockCoaches(tx: Transaction, tenant: TenantId, practitioners: readonly string[]): Promise<void> {
  // No id has a slash, so none of these is a member's lock.
  return lockSubjects(
    tx,
    tenant,
    practitioners.map((id) => `Practitioner/${id}`),
  );
}

async function lockSubjects(tx: Transaction, tenant: TenantId, subjects: readonly string[]): Promise<void> {
  await tx.query(
    `select pg_advisory_xact_lock(hashtextextended(name, 0)) from
      (select $1 || subject as name from unnest($2::text[]) as subject order by hashtextextended($1 || subject, 0)) as locks`,
    [`recompute ${tenant} `, subjects],
  );
}

/**
 * Takes members' work, in the transaction that does it. What is committed after this statement stays and is done again, so no change
 * is lost between the taking and the reading of the facts.
 *
 * @returns the members for whom some waited
 */
export async function takeWork(tx: Transaction, tenant: TenantId, patients: readonly string[]): Promise<string[]> {
  const rows = await tx.query<{ patient: string }>(
    'delete from outbox where tenant = $1 and patient = any($2::text[]) and parked is null returning patient',
    [tenant, patients],
  );
  return [...new Set(rows.map(({ patient }) => patient))].sort();
}

/** Search parameters by which a member's resources name a coach. */
const naming = [
  'Encounter.participant',
  'Encounter.practitioner',
  'Communication.sender',
  'Communication.recipient',
  'EpisodeOfCare.care-manager',
];

/**
 * Turns changes to coaches into work for every member with a contact of theirs, and changes to organisations into work for every member
 * whom Footbridge has charged there.
 *
 * @returns ids of the Practitioners concerned
 */
export async function fanOut(tx: Transaction, tenant: TenantId): Promise<string[]> {
  const changed = await tx.query<{ type: string; id: string }>(
    'delete from outbox where tenant = $1 and patient is null and parked is null returning type, id',
    [tenant],
  );
  const roles = changed.filter(({ type }) => type === 'PractitionerRole').map(({ id }) => id);
  const practitioners = new Set(
    changed.filter(({ type }) => type === 'Practitioner').map(({ id }) => `Practitioner/${id}`),
  );
  // The role's practitioner, now and in earlier versions: a role that was moved to another person concerns both.
  const named = await tx.query<{ practitioner: string | null }>(
    `select distinct v.content::jsonb -> 'practitioner' ->> 'reference' as practitioner from (
        select content from resource where tenant = $1 and type = 'PractitionerRole' and id = any($2::text[]) and content <> ''
        union all select content from resource_history where tenant = $1 and type = 'PractitionerRole' and id = any($2::text[]) and content <> '') v`,
    [tenant, roles],
  );
  for (const { practitioner } of named) if (practitioner) practitioners.add(practitioner);
  const verified = await tx.query<{ target: string | null }>(
    `select distinct jsonb_path_query(v.content::jsonb, '$.target[*].reference') #>> '{}' as target from (
        select content from resource where tenant = $1 and type = 'VerificationResult' and id = any($2::text[]) and content <> ''
        union all select content from resource_history where tenant = $1 and type = 'VerificationResult' and id = any($2::text[]) and content <> '') v`,
    [tenant, changed.filter(({ type }) => type === 'VerificationResult').map(({ id }) => id)],
  );
  for (const { target } of verified) if (target?.startsWith('Practitioner/')) practitioners.add(target);
  const filed = await tx.query<{ id: string }>(
    `select r.id from resource r where r.tenant = $1 and r.type = 'Practitioner' and not r.deleted
      and exists (select from unnest($2::text[]) named where strpos(r.content, '"reference":"' || named || '"') > 0)`,
    [
      tenant,
      changed
        .filter(({ type }) => type === 'DocumentReference' || type === 'Organization')
        .map(({ id, type }) => `${type}/${id}`),
    ],
  );
  for (const { id } of filed) practitioners.add(`Practitioner/${id}`);
  const allRoles = await tx.query<{ id: string }>(
    'select distinct id from search_key where tenant = $1 and key = any($2::text[])',
    [tenant, [...practitioners].map((reference) => keyOf('PractitionerRole', 'practitioner', reference))],
  );
  const references = [
    ...practitioners,
    ...new Set([...roles, ...allRoles.map(({ id }) => id)].map((id) => `PractitionerRole/${id}`)),
  ];
  const keys = naming.flatMap((param) => {
    const [type = '', code = ''] = param.split('.');
    return references.map((reference) => keyOf(type, code, reference));
  });
  const charging = changed
    .filter(({ type }) => type === 'Organization')
    .map(({ id }) => keyOf('ChargeItem', 'performing-organization', `Organization/${id}`));
  await tx.query(
    `insert into outbox (tenant, type, id, version, patient)
      select distinct $1::int, 'Patient', r.patient, 0, r.patient from search_key k
      join resource r on r.tenant = k.tenant and r.type = split_part(k.key, '.', 1) and r.id = k.id
      where k.tenant = $1 and k.key = any($2::text[]) and r.patient is not null and not r.deleted and (r.type <> 'ChargeItem' or ${isCutCharge('r')})`,
    [tenant, [...keys, ...charging]],
  );
  return [...practitioners].map((reference) => reference.slice('Practitioner/'.length)).sort();
}

/** Counts a failed attempt; after `most` the rows are parked with the reason, for a person to look at, and hold up nobody. */
export async function failWork(db: Database, tenant: TenantId, patient: string | null, reason: string, most: number) {
  return db.once(
    tenant,
    `update outbox set attempts = attempts + 1, parked = case when attempts + 1 >= $4 then $3 end
      where tenant = $1 and patient is not distinct from $2 and parked is null`,
    [tenant, patient, reason.slice(0, 1_000), most],
  );
}

/** Parks a member whose nightly recomputation failed, where failed work is looked for. */
export async function parkMember(db: Database, tenant: TenantId, patient: string, reason: string) {
  return db.once(
    tenant,
    `insert into outbox (tenant, type, id, version, patient, attempts, parked) values ($1, 'Patient', $2, 0, $2, 1, $3)`,
    [tenant, patient, reason.slice(0, 1_000)],
  );
}

/** As parkMember, for a coach whose alerts could not be computed. */
export async function parkCoach(db: Database, tenant: TenantId, practitioner: string, reason: string) {
  return db.once(
    tenant,
    `insert into outbox (tenant, type, id, version, attempts, parked) values ($1, 'Practitioner', $2, 0, 1, $3)`,
    [tenant, practitioner, reason.slice(0, 1_000)],
  );
}
