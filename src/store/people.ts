import type { Observation, PractitionerRole, Resource } from '@medplum/fhirtypes';
import type { TenantId } from '../base/ids.ts';
import type { LocalDate } from '../base/time.ts';
import type { Recorded } from '../domain/facts/facts.ts';
import type { RosterFact } from '../domain/facts/served-members.ts';
import { parseReference } from '../fhir/references.ts';
import type { Transaction } from './database.ts';
import { papersOf } from './facts.ts';
import { keyOf } from './search/keys.ts';

interface PeopleRow {
  readonly owner: string;
  readonly audience: string | null;
  readonly recorded_at: Date;
  readonly content: string;
}

/** One organisation's records and the directory's, as they were known at one instant; without it, as they are now. */
export interface Scope {
  readonly tenant: TenantId;
  /** Organization id */
  readonly organization: string;
  readonly knownAt: Date | undefined;
}

/** Whether an organisation of this id is in the directory, or its own record. */
export async function organizationExists(tx: Transaction, { organization, tenant }: Scope): Promise<boolean> {
  const [row] = await tx.query(
    `select 1 from resource where tenant = $1 and type = 'Organization' and id = $2 and owner in ('', $2) and not deleted`,
    [tenant, organization],
  );
  return row !== undefined;
}

/**
 * The Practitioners with a role at the organisation, all their roles, the VerificationResults, and who issued their qualifications and
 * what was submitted for their waivers: its own records and the directory's.
 */
export async function staffRows(tx: Transaction, scope: Scope): Promise<Recorded[]> {
  const here = `Organization/${scope.organization}`;
  const known = (await recorded(tx, scope, `v.type = 'PractitionerRole' and v.owner = any($3::text[])`)).flatMap(
    (one) => {
      const { organization, practitioner } = one.resource as PractitionerRole;
      const person = parseReference(practitioner?.reference ?? '');
      const isHere = organization?.reference?.split('/_history')[0] === here;
      return person?.type === 'Practitioner' ? [{ one, person: person.id, isHere }] : [];
    },
  );
  const people = new Set(known.flatMap(({ isHere, person }) => (isHere ? [person] : [])));
  if (people.size === 0) return [];
  // Roles elsewhere, too: a ruleset may count the two years from the first hire anywhere.
  const roles = known.flatMap(({ one, person }) => (people.has(person) ? [one] : []));
  const condition = `v.type = 'Practitioner' and v.owner = any($3::text[]) and v.id = any($4::text[])`;
  const [practitioners, verifications] = await Promise.all([
    recorded(tx, scope, condition, [[...people]]),
    recorded(tx, scope, `v.type = 'VerificationResult' and v.owner = any($3::text[])`),
  ]);
  return [...roles, ...practitioners, ...verifications, ...(await paperRows(tx, scope, practitioners))];
}

async function paperRows(tx: Transaction, scope: Scope, practitioners: readonly Recorded[]): Promise<Recorded[]> {
  const named = practitioners.flatMap(({ resource }) => papersOf(resource));
  if (named.length === 0) return [];
  const condition = `v.type in ('DocumentReference', 'Organization') and v.owner = any($3::text[]) and v.type || '/' || v.id = any($4::text[])`;
  return recorded(tx, scope, condition, [[...new Set(named)]]);
}

/**
 * Who is on whose caseload on a day: the roster; for a state of knowledge that is past, the caseload statuses as they stood then, which
 * say the same.
 *
 * @param coaches Practitioner ids
 */
export async function rosterOn(
  tx: Transaction,
  scope: Scope,
  coaches: readonly string[],
  date: LocalDate,
): Promise<RosterFact[]> {
  const { knownAt, organization, tenant } = scope;
  if (knownAt === undefined) {
    const rows = await tx.query<Readonly<Record<keyof RosterFact, string>>>(
      `select distinct coach, payer, ruleset, patient, episode from roster
        where tenant = $1 and owner = $2 and coach = any($3::text[]) and $4::date between starts and ends`,
      [tenant, organization, coaches, date],
    );
    return rows.map(({ coach, episode, patient, payer, ruleset }) => ({
      coach: `Practitioner/${coach}`,
      payer: `Organization/${payer}`,
      ruleset,
      patient: `Patient/${patient}`,
      episode: `EpisodeOfCare/${episode}`,
    }));
  }
  const keys = coaches.map((id) => keyOf('Observation', 'performer', `Practitioner/${id}`));
  const statuses = await versions(
    tx,
    scope,
    `v.type = 'Observation' and v.audience is not null and v.owner = any($3::text[])
      and v.id in (select k.id from search_key k where k.tenant = $1 and k.key = any($4::text[]))`,
    [keys],
  );
  return statuses.flatMap(({ audience, content }) => onRoster(JSON.parse(content) as Observation, audience, date));
}

function onRoster(status: Observation, payer: string | null, date: LocalDate): RosterFact[] {
  const { component, effectivePeriod, focus, performer, subject, valueCodeableConcept } = status;
  const { end = '', start = '' } = effectivePeriod ?? {};
  const isOn = status.status !== 'entered-in-error' && valueCodeableConcept?.coding?.[0]?.code === 'on';
  if (!isOn || start > date || end < date) return [];
  return [
    {
      coach: performer?.[0]?.reference ?? '',
      payer: `Organization/${payer}`,
      ruleset: component?.[0]?.valueCodeableConcept?.coding?.[0]?.code ?? '',
      patient: subject?.reference ?? '',
      episode: focus?.[0]?.reference ?? '',
    },
  ];
}

/** Every episode that the organisation recorded: which coach manages whose care. */
export function episodeRows(tx: Transaction, scope: Scope): Promise<Recorded[]> {
  return recorded(tx, scope, `v.type = 'EpisodeOfCare' and v.owner = any($3::text[])`);
}

/** Coverages of these members as the organisation recorded them, and the persons themselves, who may have been shared with it. */
export function memberPapers(tx: Transaction, scope: Scope, patients: readonly string[]): Promise<Recorded[]> {
  if (patients.length === 0) return Promise.resolve([]);
  const condition = `v.patient = any($4::text[]) and (v.type = 'Patient' or (v.type = 'Coverage' and v.owner = any($3::text[])))`;
  return recorded(tx, scope, condition, [patients]);
}

async function recorded(
  tx: Transaction,
  scope: Scope,
  condition: string,
  values: readonly unknown[] = [],
): Promise<Recorded[]> {
  return (await versions(tx, scope, condition, values)).map(({ content, owner, recorded_at }) => ({
    resource: JSON.parse(content) as Resource,
    owner,
    recordedAt: recorded_at.toISOString(),
  }));
}

/**
 * Versions that fulfil a condition on `v`, tombstones left out: the current ones, or the latest that were recorded by K, if that one
 * fulfils it. $1 is the tenant, $2 is K, $3 the owners, further values follow.
 */
function versions(
  tx: Transaction,
  { knownAt, organization, tenant }: Scope,
  condition: string,
  values: readonly unknown[],
): Promise<PeopleRow[]> {
  const given = [tenant, knownAt ?? null, ['', organization], ...values];
  if (knownAt === undefined)
    return tx.query<PeopleRow>(
      `select v.owner, v.audience, v.content, v.last_updated as recorded_at from resource v
        where v.tenant = $1 and $2::timestamptz is null and not v.deleted and ${condition} order by v.type, v.id`,
      given,
    );
  const ever = (table: string): string => `select v.type, v.id from ${table} v where v.tenant = $1 and ${condition}`;
  const columns = 'type, id, version, last_updated, deleted, owner, patient, audience, content';
  const of = (table: string): string =>
    `select ${columns} from ${table} where tenant = $1 and (type, id) in (select type, id from ever) and last_updated <= $2`;
  return tx.query<PeopleRow>(
    `with ever as (${ever('resource')} union ${ever('resource_history')}),
      latest as (select distinct on (type, id) * from (${of('resource')} union all ${of('resource_history')}) a order by type, id, version desc)
      select v.owner, v.audience, v.content, v.last_updated as recorded_at from (select $1::int as tenant, latest.* from latest) v
        where not v.deleted and ${condition} order by v.type, v.id`,
    given,
  );
}
