import type { Organization, OrganizationAffiliation } from '@medplum/fhirtypes';
import { codeSystem } from '../../fhir/canonical.ts';
import { codesIn, extensionsOf, literal, localCodes } from './extensions.ts';
import type { Recorded, Span } from './facts.ts';

export interface OrganizationFacts {
  readonly reference: string;
  readonly active: boolean;
  /** codes of Organization.type */
  readonly types: readonly string[];
  /** identifiers of type SL */
  readonly licences: readonly Licence[];
}

export interface Licence extends Span {
  readonly number: string | undefined;
  /** codes of CodeSystem licence-service in its type: what it is for; none where nobody said */
  readonly services?: readonly string[];
}

/** An OrganizationAffiliation with its agreements. */
export interface Affiliation extends Span {
  readonly reference: string;
  /** Organization references of both sides */
  readonly organization: string | undefined;
  readonly partner: string | undefined;
  readonly active: boolean;
  /** OrganizationAffiliation.code: what kind of partner it is */
  readonly categories: readonly string[];
  readonly agreements: readonly Agreement[];
}

export interface Agreement {
  readonly type: string | undefined;
  /** DocumentReference reference */
  readonly document: string | undefined;
  readonly clauses: readonly string[];
}

export function organizationFacts(organizations: readonly Recorded<Organization>[]): OrganizationFacts[] {
  return organizations.map(({ resource: { active, id, identifier, type } }) => ({
    reference: `Organization/${id}`,
    active: active !== false,
    types: (type ?? []).flatMap(({ coding }) => (coding ?? []).flatMap(({ code }) => code ?? [])),
    licences: (identifier ?? [])
      .filter((one) => one.use !== 'old' && one.type?.coding?.some(({ code }) => code === 'SL'))
      .map(({ period, type: kind, value }) => ({
        number: value,
        services: codesIn(kind ? [kind] : [], codeSystem('licence-service')),
        start: period?.start,
        end: period?.end,
      })),
  }));
}

export function affiliations(recorded: readonly Recorded<OrganizationAffiliation>[]): Affiliation[] {
  return recorded.map(({ resource }) => ({
    reference: `OrganizationAffiliation/${resource.id}`,
    organization: literal(resource.organization?.reference),
    partner: literal(resource.participatingOrganization?.reference),
    active: resource.active !== false,
    categories: localCodes(resource.code),
    agreements: extensionsOf(resource, 'agreement').map(({ extension }) => ({
      type: extension?.find(({ url }) => url === 'type')?.valueCode,
      document: literal(extension?.find(({ url }) => url === 'document')?.valueReference?.reference),
      clauses: (extension ?? []).flatMap(({ url, valueCode }) =>
        url === 'clause' && valueCode !== undefined ? [valueCode] : [],
      ),
    })),
    start: resource.period?.start,
    end: resource.period?.end,
  }));
}
