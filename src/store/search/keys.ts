import { createHash } from 'node:crypto';

/** Longest value that stands in a key as it is; a btree entry must stay below a third of a page. */
const longestValue = 500;

/** The search_key text of one indexed value, e.g. `Encounter.patient=Patient/123`. The same form serves extraction and query. */
export function keyOf(type: string, param: string, value: string): string {
  const indexed =
    value.length <= longestValue
      ? value
      : `${value.slice(0, 200)}#${createHash('sha256').update(value).digest('base64url')}`;
  return `${type}.${param}=${indexed}`;
}

/** How the period of a date parameter begins in a row's own keys, `@date=lo/hi`; its index is search_date. */
export function datePrefix(param: string): string {
  return `@${param}=`;
}
