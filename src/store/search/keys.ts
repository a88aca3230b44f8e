import { createHash } from 'node:crypto';
import { parametersOf } from './parameters.ts';

/** Longest value that stands in a key as it is; a btree entry must stay below a third of a page. */
const longestValue = 500;

/** The search_key text of one indexed value, e.g. `Encounter.subject=Patient/123`: one entry of the parameter that it stands under. */
export function entryOf(type: string, under: string, value: string): string {
  const indexed =
    value.length <= longestValue
      ? value
      : `${value.slice(0, 200)}#${createHash('sha256').update(value).digest('base64url')}`;
  return `${type}.${under}=${indexed}`;
}

/** The entries by which a value of a parameter is found, and each of them is enough: several for `combo-code` and its like. */
export function entriesOf(type: string, param: string, value: string): string[] {
  const { under = [param] } = parametersOf(type).get(param) ?? {};
  return under.map((code) => entryOf(type, code, value));
}

/**
 * The one entry of a parameter whose values stand under one code.
 *
 * @throws TypeError where they stand under several
 */
export function keyOf(type: string, param: string, value: string): string {
  const [entry, more] = entriesOf(type, param, value);
  if (entry === undefined || more !== undefined) throw new TypeError(`${type}.${param} has no entries of its own`);
  return entry;
}

/** How the period of a date parameter begins in a row's own keys, `@date=lo/hi`; its index is search_date. */
export function datePrefix(param: string): string {
  return `@${param}=`;
}
