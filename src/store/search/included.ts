import { grantsFor } from '../access.ts';
import { rowColumns } from '../masking.ts';
import { visible } from '../visibility.ts';
import type { Conditions } from './conditions.ts';
import { keyOf } from './keys.ts';
import type { Include, SearchQuery } from './query.ts';

/** Most rows that includes add to a page (T73). */
export const mostIncluded = 1_000;

/**
 * Rows that `_include` and `_revinclude` add to the rows of `page`, each by its own right to be read; a type without a grant adds
 * nothing, silently. Undefined when nothing is asked for.
 */
export function includedRows(query: SearchQuery, conditions: Conditions): string | undefined {
  const parts = [
    ...query.includes.flatMap((include) => include.targets.flatMap((target) => forward(include, target, conditions))),
    ...query.revIncludes.flatMap((include) => reverse(include, query.type, conditions)),
  ];
  if (parts.length === 0) return undefined;
  const all = parts.map((part) => `(${part})`).join(' union all ');
  return `select distinct on (i.type, i.id) i.* from (${all}) as i where not exists (select from page p where p.type = i.type and p.id = i.id) order by i.type, i.id limit ${mostIncluded}`;
}

function forward({ type, param }: Include, target: string, conditions: Conditions): string[] {
  const { access, params } = conditions;
  if (grantsFor(access, target, 'r').length === 0 || conditions.isHidden(type, param)) return [];
  const prefix = `${params.add(keyOf(type, param, `${target}/`))}::text`;
  const ids = `select distinct substr(key, length(${prefix}) + 1) as id from page p, unnest(p.keys) as key where starts_with(key, ${prefix})`;
  return [found(ids, target, conditions)];
}

function reverse({ type, param }: Include, target: string, conditions: Conditions): string[] {
  const { access, params } = conditions;
  if (grantsFor(access, type, 'r').length === 0 || conditions.isHidden(type, param)) return [];
  const key = `${params.add(keyOf(type, param, `${target}/`))}::text || p.id`;
  const ids = `select distinct k.id from page p cross join lateral (select k.id from search_key k where k.tenant = ${params.add(access.tenant)} and k.key = ${key} offset 0) as k`;
  return [found(ids, type, conditions)];
}

function found(ids: string, type: string, { access, params }: Conditions): string {
  return `select ${rowColumns('t')} from (${ids}) as f cross join lateral (select t.* from resource t
    where t.tenant = ${params.add(access.tenant)} and t.type = ${params.add(type)} and t.id = f.id and not t.deleted and ${visible('t', access, 'r', type, params)} offset 0) as t`;
}
