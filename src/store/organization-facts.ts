import type { Resource } from '@medplum/fhirtypes';
import type { TenantId } from '../base/ids.ts';
import type { OrganizationInput } from '../domain/every-rule/organization-inputs.ts';
import type { Recorded } from '../domain/facts/facts.ts';
import { canonicalBase } from '../fhir/canonical.ts';
import { parseReference } from '../fhir/references.ts';
import type { Transaction } from './database.ts';
import { papersOf } from './facts.ts';
import { keyOf } from './search/keys.ts';

/** Whose records are read, and about whom. */
export interface OrganizationAsked {
  /** Organization id: the answer rests on its records, on the directory's, and on what was shared with it */
  readonly owner: string;
  /** Organization ids that the rules may be asked for */
  readonly organizations: readonly string[];
  /** Patient id: referrals of this member are read whoever made them */
  readonly patient: string;
  /** Practitioner references of the coaches whose supervision is asked for */
  readonly coaches: readonly string[];
  /** undefined: now */
  readonly knownAt: Date | undefined;
}

/**
 * What the rules read about an organisation: its people, its agreements with either side, what it wrote about itself, its surveys, the referrals
 * that it made or got, and its coaches' sessions of supervision. Tombstones are left out.
 *
 * @param types of these only
 */
export async function organizationRows(
  tx: Transaction,
  tenant: TenantId,
  asked: OrganizationAsked,
  types: readonly OrganizationInput[],
): Promise<Recorded[]> {
  const organizations = asked.organizations.map((id) => `Organization/${id}`);
  const roles = types.includes('PractitionerRole')
    ? await rowsBy(tx, tenant, asked, exactly('PractitionerRole', ['organization'], organizations))
    : [];
  const others = rangesOf(types, asked, organizations, rolesAs(roles));
  const more = others.length > 0 ? await rowsBy(tx, tenant, asked, others) : [];
  const people = await practitionersOf(tx, tenant, asked, [...roles, ...more]);
  const papers = types.includes('VerificationResult') ? await papersAbout(tx, tenant, asked, people) : [];
  return [...roles, ...more, ...people, ...papers];
}

/** Index entries of one form: from `low` to `high`, both included. */
interface KeyRange {
  readonly type: OrganizationInput;
  readonly low: string;
  readonly high: string;
}

function exactly(type: OrganizationInput, params: readonly string[], values: readonly string[]): KeyRange[] {
  return params.flatMap((param) =>
    values.map((value) => {
      const key = keyOf(type, param, value);
      return { type, low: key, high: key };
    }),
  );
}

const survey = keyOf('QuestionnaireResponse', 'questionnaire', `${canonicalBase}/Questionnaire/satisfaction-survey`);

function rangesOf(
  types: readonly OrganizationInput[],
  { coaches, patient }: OrganizationAsked,
  organizations: readonly string[],
  roles: readonly { readonly role: string; readonly practitioner: string | undefined }[],
): KeyRange[] {
  const ofCoaches = roles.filter(({ practitioner }) => practitioner !== undefined && coaches.includes(practitioner));
  const sides = [...organizations, ...roles.map(({ role }) => role)];
  const all = [
    ...exactly('OrganizationAffiliation', ['primary-organization', 'participating-organization'], organizations),
    ...exactly('DocumentReference', ['type'], ['community-capability', 'quality-management-plan']),
    ...exactly('ServiceRequest', ['requester', 'performer'], sides),
    ...exactly('ServiceRequest', ['subject'], [`Patient/${patient}`]),
    ...exactly('Appointment', ['actor'], [...coaches, ...ofCoaches.map(({ role }) => role)]),
    // A response may name the survey's version behind a bar: in the key's order all of them stand before a closing brace.
    { type: 'QuestionnaireResponse' as const, low: survey, high: `${survey}}` },
  ];
  return all.filter(({ type }) => types.includes(type));
}

function rolesAs(rows: readonly Recorded[]): { role: string; practitioner: string | undefined }[] {
  return rows.flatMap(({ resource }) =>
    resource.resourceType === 'PractitionerRole'
      ? [{ role: `PractitionerRole/${resource.id}`, practitioner: resource.practitioner?.reference }]
      : [],
  );
}

interface FactRow {
  readonly owner: string;
  readonly recorded_at: Date;
  readonly content: string;
}

const columns = 'type, id, version, last_updated, deleted, owner, patient, content';
/** Only referrals and surveys are read of a person: an organisation's document or session has no patient. */
const isRead = (alias: string): string => `not ${alias}.deleted
  and (${alias}.patient is null or ${alias}.type in ('ServiceRequest', 'QuestionnaireResponse'))
  and (${alias}.owner in ('', $2) or exists (select from share s
    where s.tenant = $1 and s.organization = $2 and s.type = ${alias}.type and s.id = ${alias}.id))`;
const byKey = `select distinct k.id, r.type from unnest($3::text[], $4::text[], $5::text[]) as r (type, low, high)
  join search_key k on k.tenant = $1 and k.key between r.low and r.high`;

/**
 * Found by the index of current versions. What was changed or deleted since K may have been found by another key then, and has a
 * superseded version: all of those are read too, and the rules pick what concerns them.
 */
async function rowsBy(
  tx: Transaction,
  tenant: TenantId,
  { knownAt, owner }: OrganizationAsked,
  ranges: readonly KeyRange[],
): Promise<Recorded[]> {
  const values = [
    tenant,
    owner,
    ranges.map(({ type }) => type),
    ranges.map(({ low }) => low),
    ranges.map(({ high }) => high),
  ];
  if (!knownAt) {
    const rows = await tx.query<FactRow>(
      `with found as (${byKey}) select r.owner, r.content, r.last_updated as recorded_at
        from found f join resource r on r.tenant = $1 and r.type = f.type and r.id = f.id where ${isRead('r')} order by r.type, r.id`,
      values,
    );
    return rows.map(toRecorded);
  }
  const of = (table: string): string =>
    `select ${columns} from ${table} where tenant = $1 and (type, id) in (select type, id from ever)`;
  const rows = await tx.query<FactRow>(
    `with ever as (${byKey} union select id, type from resource_history where tenant = $1 and type = any($3::text[])),
      versions as (select distinct on (v.type, v.id) v.* from (${of('resource')} union all ${of('resource_history')}) v
        where v.last_updated <= $6 order by v.type, v.id, v.version desc)
      select v.owner, v.content, v.last_updated as recorded_at from versions v where ${isRead('v')} order by v.type, v.id`,
    [...values, knownAt],
  );
  return rows.map(toRecorded);
}

function toRecorded({ content, owner, recorded_at }: FactRow): Recorded {
  return { resource: JSON.parse(content) as Resource, owner, recordedAt: recorded_at.toISOString() };
}

/** The people whose roles were found, and who took part in the sessions. */
async function practitionersOf(
  tx: Transaction,
  tenant: TenantId,
  asked: OrganizationAsked,
  rows: readonly Recorded[],
): Promise<Recorded[]> {
  const named = rows.flatMap(({ resource }) => {
    if (resource.resourceType === 'PractitionerRole') return [resource.practitioner?.reference];
    return resource.resourceType === 'Appointment' ? resource.participant.map(({ actor }) => actor?.reference) : [];
  });
  const ids = named.flatMap((reference) => {
    const parsed = reference === undefined ? undefined : parseReference(reference);
    return parsed?.type === 'Practitioner' ? [parsed.id] : [];
  });
  return versionsOf(
    tx,
    tenant,
    asked,
    [...new Set(ids)].map((id) => `Practitioner/${id}`),
  );
}

/** What primary sources said of these people's qualifications, who issued them, and what was submitted for their waivers. */
async function papersAbout(
  tx: Transaction,
  tenant: TenantId,
  asked: OrganizationAsked,
  people: readonly Recorded[],
): Promise<Recorded[]> {
  const named = people.flatMap(({ resource }) => papersOf(resource));
  return versionsOf(tx, tenant, asked, [...new Set(named)], people.length > 0 ? ['VerificationResult'] : []);
}

/** Resources by their references, and all of some types, as they were known. */
async function versionsOf(
  tx: Transaction,
  tenant: TenantId,
  { knownAt, owner }: OrganizationAsked,
  references: readonly string[],
  types: readonly string[] = [],
): Promise<Recorded[]> {
  if (references.length + types.length === 0) return [];
  const named = references.map((reference) => reference.split('/'));
  // Two questions, each by the key: joined by an `or` they would be asked of every row of the tenant.
  const of = (table: string): string =>
    `select v.${columns.replaceAll(', ', ', v.')} from unnest($3::text[], $4::text[]) as n (type, id)
      cross join lateral (select * from ${table} o where o.tenant = $1 and o.type = n.type and o.id = n.id offset 0) as v
    union all select v.${columns.replaceAll(', ', ', v.')} from unnest($5::text[]) as t (type)
      cross join lateral (select * from ${table} o where o.tenant = $1 and o.type = t.type offset 0) as v`;
  const found = await tx.query<FactRow>(
    `with versions as (select distinct on (v.type, v.id) v.* from (${of('resource')} union all ${of('resource_history')}) v
        where v.last_updated <= $6 order by v.type, v.id, v.version desc)
      select v.owner, v.content, v.last_updated as recorded_at from versions v where ${isRead('v')} order by v.type, v.id`,
    [tenant, owner, named.map(([type]) => type), named.map(([, id]) => id), types, knownAt ?? 'infinity'],
  );
  return found.map(toRecorded);
}
