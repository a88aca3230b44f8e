import type { Failure } from '../../base/failure.ts';
import { ok, type Result } from '../../base/result.ts';
import { servedTypes } from '../../fhir/served-types.ts';
import { parametersOf } from './parameters.ts';
import type { Include, Sort } from './query.ts';
import { clip, refuse } from './refuse.ts';

const mostCount = 1_000;
const defaultCount = 50;
const mostSortKeys = 4;

/** What an answer shall hold, in which order and how much of it, whatever matches. */
export interface ResultParameters {
  /** type that is searched */
  readonly type: string;
  readonly includes: Include[];
  readonly revIncludes: Include[];
  sort: readonly Sort[];
  count: number;
  total: boolean;
}

/** An answer as it is where the client says nothing about it: a page, the latest first. */
export function plainResult(type: string): ResultParameters {
  return {
    type,
    includes: [],
    revIncludes: [],
    sort: [{ by: '_lastUpdated', descending: true }],
    count: defaultCount,
    total: false,
  };
}

type Read = (result: ResultParameters, value: string) => Result<void, Failure>;

/**
 * Search result parameters (R4 search.html#return): they shape the answer and select nothing.
 *
 * @returns what reads one into the result; undefined: the name is a criterion's
 */
export function resultParameter(name: string): Read | undefined {
  return Object.hasOwn(controls, name) ? controls[name] : undefined;
}

const controls: Readonly<Record<string, Read>> = {
  _count: (result, value) => {
    if (!/^\d{1,9}$/.test(value))
      return refuse('value', `_count must be a whole number from 0 to ${mostCount}; it is ${clip(value)}.`);
    result.count = Math.min(Number(value), mostCount);
    if (result.count === 0) result.total = true;
    return ok(undefined);
  },
  _total: (result, value) => {
    if (!['none', 'estimate', 'accurate'].includes(value))
      return refuse('value', `_total must be none, estimate or accurate; it is ${clip(value)}.`);
    result.total ||= value !== 'none';
    return ok(undefined);
  },
  _summary: (result, value) => {
    if (value === 'count') {
      result.count = 0;
      result.total = true;
    } else if (value !== 'false')
      return refuse('not-supported', `_summary=${clip(value)} is not supported; count and false are.`);
    return ok(undefined);
  },
  _sort: parseSort,
  _include: (result, value) => parseInclude(result, value, '_include'),
  _revinclude: (result, value) => parseInclude(result, value, '_revinclude'),
};

function parseSort(result: ResultParameters, value: string): Result<void, Failure> {
  const keys = value.split(',');
  if (keys.length > mostSortKeys)
    return refuse('too-costly', `_sort has ${keys.length} keys; at most ${mostSortKeys} are taken.`);
  const sort: Sort[] = [];
  for (const key of keys) {
    const descending = key.startsWith('-');
    const code = descending ? key.slice(1) : key;
    const parameter = parametersOf(result.type).get(code);
    if (code === '_lastUpdated' || code === '_id') sort.push({ by: code, descending });
    else if (parameter)
      sort.push({ by: { param: code, kind: parameter.kind === 'date' ? 'date' : 'text' }, descending });
    else
      return refuse(
        'not-supported',
        `_sort=${clip(key)} is not supported for ${result.type}; sort by _lastUpdated, _id or search parameters of the type, with - for descending and commas between them.`,
      );
  }
  result.sort = sort;
  return ok(undefined);
}

function parseInclude(
  result: ResultParameters,
  value: string,
  name: '_include' | '_revinclude',
): Result<void, Failure> {
  const [type = '', param = '', target, more] = value.split(':');
  const parameter = servedTypes.includes(type) ? parametersOf(type).get(param) : undefined;
  const fits =
    parameter?.kind === 'reference' &&
    more === undefined &&
    (target === undefined || parameter.targets.includes(target));
  const points = name === '_include' ? type === result.type : parameter?.targets.includes(result.type);
  if (!fits || !points)
    return refuse(
      'not-supported',
      `${name}=${clip(value)} is not supported; use Type:parameter or Type:parameter:Target with a reference parameter that ${name === '_include' ? `${result.type} has` : `points to ${result.type}`}.`,
    );
  const list = name === '_include' ? result.includes : result.revIncludes;
  list.push({ type, param, targets: target === undefined ? parameter.targets : [target] });
  return ok(undefined);
}
