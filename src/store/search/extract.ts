import type { Resource } from '@medplum/fhirtypes';
import { dateRange, type InstantRange, periodRange } from './dates.ts';
import { entryOf } from './keys.ts';
import { type ParameterKind, parametersOf, type SearchParameter } from './parameters.ts';
import { foldString } from './strings.ts';

export interface SearchKeys {
  /** entries of search_key */
  readonly keys: string[];
  /** entries of search_date: both ends inclusive, ISO instants or ±infinity */
  readonly dates: { readonly param: string; readonly lo: string; readonly hi: string }[];
}

/** Most values of one parameter that are indexed: a resource cannot make the index grow without bound. */
const mostValues = 200;

/**
 * What a resource can be found by. Forms in search_key, so that every token form is one equality or one range of text:
 * a token is `code`, `system|code` or, without a system, `|code`, and a reference is `Type/id` or the foreign URL. Contained
 * resources are never indexed (T29).
 */
export function searchKeys(resource: Resource): SearchKeys {
  const keys: string[] = [];
  const dates: { param: string; lo: string; hi: string }[] = [];
  for (const parameter of parametersOf(resource.resourceType).values()) {
    // The values stand under another parameter, which has them, too.
    if (parameter.under[0] !== parameter.code) continue;
    const values = parameter.values(resource);
    const most = Math.min(values.length, mostValues);
    for (let index = 0; index < most; index++) {
      if (parameter.kind === 'date') addDate(parameter.code, values[index], dates);
      else addKeys(parameter, parameter.kind, values[index], keys);
    }
  }
  return { keys, dates };
}

function addKeys(
  { type, code }: SearchParameter,
  kind: Exclude<ParameterKind, 'date'>,
  value: unknown,
  keys: string[],
): void {
  const add = (text: string): void => void keys.push(entryOf(type, code, text));
  if (kind === 'token') addToken(value, add);
  else if (kind === 'reference') addReference(value, add);
  else if (kind === 'string') addStrings(value, add);
  else if (typeof value === 'string') add(value);
}

interface Coded {
  readonly coding?: readonly Coded[];
  readonly system?: unknown;
  readonly code?: unknown;
  readonly value?: unknown;
}

/** Coding, CodeableConcept, Identifier, ContactPoint, code, boolean (R4 search.html#token). */
function addToken(value: unknown, add: (text: string) => void): void {
  if (typeof value === 'string' || typeof value === 'boolean') {
    add(String(value));
    add(`|${value}`);
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  const coded = value as Coded;
  if (Array.isArray(coded.coding)) {
    for (const coding of coded.coding) addToken(coding, add);
    return;
  }
  const code = coded.code ?? coded.value;
  if (typeof code !== 'string') return;
  add(code);
  add(typeof coded.system === 'string' ? `${coded.system}|${code}` : `|${code}`);
}

function addReference(value: unknown, add: (text: string) => void): void {
  const reference = typeof value === 'string' ? value : (value as { reference?: unknown } | null)?.reference;
  if (typeof reference === 'string' && !reference.startsWith('#')) add(reference.replace(/\/_history\/[^/]*$/, ''));
}

/** HumanName and Address by each of their parts, any other string as it is (R4 search.html#string). */
function addStrings(value: unknown, add: (text: string) => void): void {
  if (typeof value === 'string') {
    const folded = foldString(value);
    if (folded !== '') add(folded);
  } else if (Array.isArray(value)) {
    for (const part of value) addStrings(part, add);
  } else if (typeof value === 'object' && value !== null) {
    for (const [name, part] of Object.entries(value)) if (textParts.has(name)) addStrings(part, add);
  }
}

const textParts = new Set([
  'family',
  'given',
  'prefix',
  'suffix',
  'text',
  'line',
  'city',
  'district',
  'state',
  'postalCode',
  'country',
  'display',
]);

function addDate(param: string, value: unknown, dates: { param: string; lo: string; hi: string }[]): void {
  for (const range of rangesOf(value)) dates.push({ param, lo: range.lo, hi: range.hi });
}

interface Timed {
  readonly start?: unknown;
  readonly end?: unknown;
  readonly event?: unknown;
  readonly repeat?: { readonly boundsPeriod?: unknown };
}

/** date, dateTime, instant, Period, and Timing by its events and bounds. */
function rangesOf(value: unknown): InstantRange[] {
  if (typeof value === 'string') {
    const range = dateRange(value);
    return range ? [range] : [];
  }
  if (typeof value !== 'object' || value === null) return [];
  const { start, end, event, repeat } = value as Timed;
  if (Array.isArray(event)) return event.slice(0, mostValues).flatMap(rangesOf);
  if (repeat?.boundsPeriod !== undefined) return rangesOf(repeat.boundsPeriod);
  if (typeof start !== 'string' && typeof end !== 'string') return [];
  const range = periodRange(typeof start === 'string' ? start : undefined, typeof end === 'string' ? end : undefined);
  return range ? [range] : [];
}
