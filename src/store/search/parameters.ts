import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compilePath, type Path } from '../../fhir/fhirpath.ts';
import { type Standing, standingOf } from './shared-values.ts';

export type ParameterKind = 'date' | 'reference' | 'string' | 'token' | 'uri';

/** One R4 search parameter of one type. */
export interface SearchParameter extends Standing {
  readonly type: string;
  readonly code: string;
  readonly kind: ParameterKind;
  readonly url: string;
  /** served types that a reference may point to */
  readonly targets: readonly string[];
  readonly values: Path;
}

type Row = [code: string, kind: ParameterKind, expression: string, url: string, targets?: string[]];

const file = join(import.meta.dirname, '../../../profiles/generated/search-parameters.json');
const table = (JSON.parse(readFileSync(file, 'utf8')) as { parameters: Record<string, Row[]> }).parameters;
const registry = new Map<string, ReadonlyMap<string, SearchParameter>>();

/** The parameters of a type by their codes; expressions are compiled when the type is first met. */
export function parametersOf(type: string): ReadonlyMap<string, SearchParameter> {
  let parameters = registry.get(type);
  if (!parameters) {
    const rows = Object.hasOwn(table, type) ? (table[type] ?? []) : [];
    const all = rows.map(([code, kind, expression]) => ({ code, kind, expression }));
    parameters = new Map(
      rows.map(([code, kind, expression, url, targets = []]) => {
        const standing = standingOf({ code, kind, expression }, all);
        return [code, { type, code, kind, url, targets, ...standing, values: compilePath(expression) }];
      }),
    );
    registry.set(type, parameters);
  }
  return parameters;
}
