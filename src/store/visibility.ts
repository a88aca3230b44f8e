import { type Access, grantsFor, type Right } from './access.ts';
import { entriesOf } from './search/keys.ts';
import type { Params } from './sql.ts';

/**
 * Types that describe services, not people: those that the tenant itself wrote (owner '') are its directory, which every client
 * may read, so that a provider can name a payer it did not write.
 */
export const directoryTypes: readonly string[] = [
  'HealthcareService',
  'Location',
  'Measure',
  'Organization',
  'Questionnaire',
];

/**
 * The one place that decides what a caller may see: SQL over an alias of `resource`. It stands in every statement for every alias
 * (architecture, section 4, rule 1), so totals, paging, sort, chains, includes and preconditions cannot see more than the caller.
 *
 * @param right what is being done: a scope that grants only `s` does not read, and the other way round
 */
export function visible(alias: string, access: Access, right: Right, type: string, params: Params): string {
  return `(${within(alias, access, type, params)} and ${scoped(alias, access, right, type, params)})`;
}

/** Compartment, coverage and consent without the scopes: what exists for this caller, e.g. as the target of a reference. */
export function within(alias: string, access: Access, type: string, params: Params): string {
  const tenant = `${alias}.tenant = ${params.add(access.tenant)}`;
  const directory = directoryTypes.includes(type) ? [`${alias}.owner = ''`] : [];
  return `(${tenant} and (${[...directory, ...byKind(alias, access, type, params)].join(' or ') || 'false'}))`;
}

/** What the caller may change: its own, and what was addressed to it for an answer. */
export function writable(alias: string, access: Access, type: string, params: Params): string {
  if (access.kind === 'auditor' || access.kind === 'plan') return 'false';
  const tenant = `${alias}.tenant = ${params.add(access.tenant)}`;
  if (access.kind === 'admin' || !access.organization) return `(${tenant} and ${alias}.owner = '')`;
  const organization = params.add(access.organization);
  return `(${tenant} and (${alias}.owner = ${organization} or ${shared(alias, organization, type, 'and s.writable')}))`;
}

function byKind(alias: string, access: Access, type: string, params: Params): string[] {
  switch (access.kind) {
    case 'ehr':
    case 'coach-app':
    case 'referrer': {
      const organization = params.add(access.organization);
      return [`${alias}.owner = ${organization}`, shared(alias, organization, type)];
    }
    case 'plan':
      return forPlan(alias, access, type, params);
    case 'admin':
      return [`${alias}.owner = ''`];
    case 'auditor':
      return type === 'Provenance' ? ['true'] : [];
  }
}

const sharedTypes = new Set(['Task', 'ServiceRequest', 'Patient']);

/** A referral addressed to the organisation: its Task, the request in focus and the person referred. */
function shared(alias: string, organization: string, type: string, more = ''): string {
  if (!sharedTypes.has(type)) return 'false';
  return `exists (select from share s where s.tenant = ${alias}.tenant and s.organization = ${organization} and s.type = ${alias}.type and s.id = ${alias}.id ${more})`;
}

/**
 * A plan sees nothing by default. Caseload status and CarePlans open while its Coverage of the member is in force and an active
 * Consent of that member names the plan; both must come from the organisation whose record it is.
 */
function forPlan(alias: string, access: Access, type: string, params: Params): string[] {
  if (type !== 'Observation' && type !== 'CarePlan') return [];
  const plan = params.add(access.organization);
  const today = `${params.add(access.today)}::date`;
  const member = `tenant = ${alias}.tenant and patient = ${alias}.patient and owner = ${alias}.owner and ${today} between starts and ends`;
  const covered = `exists (select from coverage_span where payer = ${plan} and ${member})`;
  const permits = type === 'Observation' ? 'caseload_status' : `(care_plan = '*' or care_plan = ${alias}.id)`;
  const consented = `exists (select from consent_grant where recipient = ${plan} and ${member} and ${permits})`;
  const audience = type === 'Observation' ? `and ${alias}.audience = ${plan}` : '';
  return [`(not ${alias}.mixed ${audience} and ${covered} and ${consented})`];
}

/** Granular scopes (`?category=…`): any grant whose conditions all hold. A grant without conditions opens the type. */
function scoped(alias: string, access: Access, right: Right, type: string, params: Params): string {
  const grants = grantsFor(access, type, right);
  if (grants.length === 0) return 'false';
  if (grants.some((grant) => grant.filter.length === 0)) return 'true';
  const alternatives = grants.map(({ filter }) =>
    filter
      .map(({ param, value }) => {
        const any = entriesOf(type, param, value).map((entry) => `k.key = ${params.add(entry)}`);
        return `exists (select from search_key k where k.tenant = ${alias}.tenant and (${any.join(' or ')}) and k.id = ${alias}.id)`;
      })
      .join(' and '),
  );
  return `(${alternatives.map((conditions) => `(${conditions})`).join(' or ')})`;
}
