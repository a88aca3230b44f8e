import { servedTypes } from '../../fhir/served-types.ts';
import { parametersOf, type SearchParameter } from './parameters.ts';

/** What search serves for a type, for the CapabilityStatement: the registry that answers is the registry that claims. */
export function parameterClaims(type: string): { name: string; type: SearchParameter['kind']; definition: string }[] {
  const common = [
    { name: '_id', type: 'token' as const, definition: 'http://hl7.org/fhir/SearchParameter/Resource-id' },
    {
      name: '_lastUpdated',
      type: 'date' as const,
      definition: 'http://hl7.org/fhir/SearchParameter/Resource-lastUpdated',
    },
  ];
  return [
    ...common,
    ...[...parametersOf(type).values()].map(({ code, kind, url }) => ({ name: code, type: kind, definition: url })),
  ];
}

export function includesOf(type: string): string[] {
  const references = [...parametersOf(type).values()].filter(
    ({ kind, targets }) => kind === 'reference' && targets.length > 0,
  );
  return references.map(({ code }) => `${type}:${code}`);
}

export function revIncludesOf(type: string): string[] {
  return servedTypes.flatMap((source) =>
    [...parametersOf(source).values()]
      .filter(({ kind, targets }) => kind === 'reference' && targets.includes(type))
      .map(({ code }) => `${source}:${code}`),
  );
}
