import { isMasked } from '../masking.ts';
import type { Params } from '../sql.ts';
import type { Conditions } from './conditions.ts';
import { datePrefix, entriesOf } from './keys.ts';
import { parametersOf } from './parameters.ts';
import type { Sort } from './query.ts';
import { afterPrefix } from './strings.ts';

export interface SortSql {
  /** over alias r of `resource` */
  readonly expression: string;
  readonly direction: 'asc' | 'desc';
  readonly cast: 'timestamptz' | 'text';
  /** an index of `resource` has the rows of a type in this order */
  readonly indexed: boolean;
}

/** Where a page goes on: the sort values and the id of the last match before it. */
export interface Position {
  readonly values: readonly string[];
  readonly id: string;
}

/** The order of all keys and, last, the id, over columns `sort_0`, `sort_1` … and `id`. */
export function orderOf(sorts: readonly SortSql[]): string {
  const last = sorts.at(-1)?.direction ?? 'asc';
  return [...sorts.map(({ direction }, index) => `sort_${index} ${direction}`), `id ${last}`].join(', ');
}

/** What comes behind a position. One key is a comparison of rows, which an index can serve; several may differ in direction. */
export function behind(sorts: readonly SortSql[], { values, id }: Position, params: Params): string {
  const keys = sorts.map(({ expression, cast, direction }, index) => ({
    expression,
    value: `${params.add(values[index])}::${cast}`,
    beyond: direction === 'asc' ? '>' : '<',
  }));
  const [only, second] = keys;
  const last = { expression: 'r.id', value: params.add(id), beyond: keys.at(-1)?.beyond ?? '>' };
  if (only && !second) return `(${only.expression}, r.id) ${only.beyond} (${only.value}, ${last.value})`;
  const all = [...keys, last];
  const steps = all.map(({ expression, value, beyond }, index) =>
    [
      ...all.slice(0, index).map((before) => `${before.expression} = ${before.value}`),
      `${expression} ${beyond} ${value}`,
    ].join(' and '),
  );
  return `(${steps.map((step) => `(${step})`).join(' or ')})`;
}

/** One key of the order. What has no value comes last in both directions. */
export function sortOf({ by, descending }: Sort, type: string, conditions: Conditions): SortSql {
  const direction = descending ? 'desc' : 'asc';
  if (by === '_id') return { expression: 'r.id', direction, cast: 'text', indexed: true };
  if (by === '_lastUpdated')
    return {
      expression: conditions.updated('r', type),
      direction,
      cast: 'timestamptz',
      indexed: !isMasked(type, conditions.access),
    };
  if (conditions.isHidden(type, by.param)) return { expression: `''`, direction, cast: 'text', indexed: false };
  const { params } = conditions;
  // The row's own entries, dates as ISO instants: no look-up for each candidate, and no index that a planner could walk instead.
  const { only } = parametersOf(type).get(by.param) ?? {};
  const prefixes =
    by.kind === 'date' ? [datePrefix(by.param)] : entriesOf(type, by.param, only === undefined ? '' : `${only}/`);
  const own = prefixes.map((prefix) => `key >= ${params.add(prefix)} and key < ${params.add(afterPrefix(prefix))}`);
  const value = `select ${descending ? 'max' : 'min'}(key) from unnest(r.keys) as key where ${own.join(' or ')}`;
  return {
    expression: `coalesce((${value}), ${descending ? `''` : `'\u{10FFFF}'`})`,
    direction,
    cast: 'text',
    indexed: false,
  };
}
