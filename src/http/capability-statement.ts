import type { CapabilityStatement, CapabilityStatementRestResource, Extension } from '@medplum/fhirtypes';
import { servedTypes } from '../fhir/served-types.ts';
import type { Interaction, SearchParameterClaim } from './fhir-request.ts';

/** What is really wired, from which `metadata` is made. */
export interface Wired {
  readonly interactions: readonly Interaction[];
  readonly searchParameters: (type: string) => readonly SearchParameterClaim[];
  readonly includes: (type: string) => readonly string[];
  readonly revIncludes: (type: string) => readonly string[];
  readonly supportedProfiles: (type: string) => readonly string[];
  readonly security: readonly Extension[];
  readonly fhirBase: string;
  readonly version: string;
  readonly startedAt: Date;
}

type ResourceInteraction = NonNullable<CapabilityStatementRestResource['interaction']>[number];

/** The CapabilityStatement (R4 capabilitystatement.html), generated from the interactions that were loaded: no claim is written by hand. */
export function capabilityStatement(wired: Wired): CapabilityStatement {
  const system = wired.interactions.filter(
    ({ level, code }) => level === 'system' && (code === 'batch' || code === 'transaction' || code === 'search-system'),
  );
  const searches = wired.interactions.some(({ code }) => code === 'search-type');
  return {
    resourceType: 'CapabilityStatement',
    status: 'active',
    date: wired.startedAt.toISOString(),
    kind: 'instance',
    fhirVersion: '4.0.1',
    format: ['application/fhir+json', 'json'],
    software: { name: 'Footbridge', version: wired.version },
    implementation: {
      description: 'Footbridge: FHIR R4 integration server for peer recovery coaching',
      url: wired.fhirBase,
    },
    rest: [
      {
        mode: 'server',
        security: {
          extension: [...wired.security],
          service: [
            {
              coding: [
                { system: 'http://terminology.hl7.org/CodeSystem/restful-security-service', code: 'SMART-on-FHIR' },
              ],
            },
          ],
          description:
            'SMART Backend Services 2.2 with private_key_jwt. A caller sees what its organisation, coverage, consent and scopes open to it.',
        },
        resource: servedTypes.map((type) => resourceClaim(wired, type, searches)),
        interaction: system.map(({ code }) => ({ code: code as 'batch' | 'transaction' | 'search-system' })),
      },
    ],
  };
}

/** Types that only Footbridge writes. */
const computed = new Set(['AuditEvent', 'Group']);
const writes = new Set(['create', 'update', 'delete']);

function resourceClaim(wired: Wired, type: string, searches: boolean): CapabilityStatementRestResource {
  const serving = wired.interactions.filter(({ types }) => types === undefined || types.includes(type));
  const rest = serving.filter(
    ({ level, code }) => level !== 'system' && !code.startsWith('$') && !(computed.has(type) && writes.has(code)),
  );
  const codes = [...new Set(rest.map(({ code }) => code))].filter(
    (code) => !computed.has(type) || code === 'read' || code === 'search-type',
  );
  const operations = serving.filter(
    ({ code, types }, index) =>
      code.startsWith('$') && types !== undefined && serving.findIndex((other) => other.code === code) === index,
  );
  const profiles = wired.supportedProfiles(type);
  const versioned = codes.includes('vread');
  return {
    type: type as CapabilityStatementRestResource['type'],
    ...(profiles.length > 0 && { supportedProfile: [...profiles] }),
    interaction: codes.map((code) => ({ code: code as ResourceInteraction['code'] })),
    versioning: versioned ? 'versioned' : 'no-version',
    readHistory: codes.includes('history-instance'),
    updateCreate: codes.includes('update'),
    conditionalCreate: codes.includes('create'),
    conditionalRead: 'full-support',
    conditionalUpdate: false,
    conditionalDelete: 'not-supported',
    referencePolicy: ['literal', 'local'],
    ...(searches && searchClaims(wired, type)),
    ...(operations.length > 0 && {
      operation: operations.map(({ code, definition = '' }) => ({ name: code.slice(1), definition })),
    }),
  };
}

function searchClaims(wired: Wired, type: string): Partial<CapabilityStatementRestResource> {
  const own = wired.interactions.find(
    ({ code, searchParameters, types }) => code === 'search-type' && searchParameters && types?.includes(type),
  );
  if (own?.searchParameters) return { searchParam: own.searchParameters.map((claim) => ({ ...claim })) };
  const parameters = wired.searchParameters(type);
  const includes = wired.includes(type);
  const revIncludes = wired.revIncludes(type);
  return {
    ...(includes.length > 0 && { searchInclude: [...includes] }),
    ...(revIncludes.length > 0 && { searchRevInclude: [...revIncludes] }),
    searchParam: parameters.map(({ name, type, definition }) => ({
      name,
      type,
      ...(definition !== undefined && { definition }),
    })),
  };
}
