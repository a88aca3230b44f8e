import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Resource } from '@medplum/fhirtypes';
import { evaluate } from 'fhirpath';

/**
 * Search as R4 tells it, over resources in memory, with fhirpath.js and nothing of the server's own code: slow, plain, and the
 * standard that the differential test holds the server to.
 */
const model = createRequire(import.meta.url)('fhirpath/fhir-context/r4');
const table = (
  JSON.parse(readFileSync('profiles/generated/search-parameters.json', 'utf8')) as {
    parameters: Record<string, [code: string, kind: string, expression: string][]>;
  }
).parameters;

type Held = Resource & { id: string; meta: { lastUpdated: string } };

/** Ids of the resources of `type` that meet every `name=value`, in no order. */
export function naiveSearch(all: readonly Resource[], type: string, query: readonly [string, string][]): string[] {
  const held = all as readonly Held[];
  return held
    .filter(
      (resource) =>
        resource.resourceType === type && query.every(([name, value]) => meets(resource, name, value, held)),
    )
    .map(({ id }) => id);
}

function meets(resource: Held, name: string, value: string, all: readonly Held[]): boolean {
  const chained = /^([\w-]+)(?::(\w+))?\.(.+)$/.exec(name);
  if (chained) {
    const [, param = '', target, rest = ''] = chained;
    const references = valuesOf(resource, param).map((item) => (item as { reference?: string }).reference);
    return all.some(
      (other) =>
        references.includes(`${other.resourceType}/${other.id}`) &&
        (target === undefined || other.resourceType === target) &&
        meets(other, rest, value, all),
    );
  }
  const [param = '', modifier] = name.split(':');
  if (modifier === 'missing') return (valuesOf(resource, param).length === 0) === (value === 'true');
  const alternatives = value.split(/(?<!\\),/);
  if (modifier === 'not') return !alternatives.some((one) => meetsOne(resource, param, undefined, one));
  return alternatives.some((one) => meetsOne(resource, param, modifier, one));
}

function meetsOne(resource: Held, param: string, modifier: string | undefined, asked: string): boolean {
  const value = bare(asked);
  if (param === '_id') return resource.id === value;
  if (param === '_lastUpdated') return meetsDate(resource.meta.lastUpdated, value);
  const items = valuesOf(resource, param);
  switch (kindOf(resource.resourceType, param)) {
    case 'token':
      return items.flatMap(codings).some((coding) => meetsToken(coding, asked));
    case 'reference':
      return items.some((item) => {
        const reference = (item as { reference?: string }).reference ?? '';
        return value.includes('/')
          ? reference === value
          : reference.endsWith(`/${value}`) && (modifier === undefined || reference.startsWith(`${modifier}/`));
      });
    case 'string':
      return items.flatMap(texts).some((text) => {
        if (modifier === 'exact') return text === value;
        return modifier === 'contains' ? plain(text).includes(plain(value)) : plain(text).startsWith(plain(value));
      });
    default:
      return items.some((item) => meetsDate(item, value));
  }
}

function valuesOf(resource: Held, param: string): unknown[] {
  const row = table[resource.resourceType]?.find(([code]) => code === param);
  if (!row) throw new Error(`${resource.resourceType} has no ${param}`);
  // fhirpath.js would fetch what it resolves; the type stands in the reference.
  const expression = row[2].replaceAll(/resolve\(\) is (\w+)/g, "reference.startsWith('$1/')");
  return evaluate(resource, expression, undefined, model) as unknown[];
}

function kindOf(type: string, param: string): string | undefined {
  return table[type]?.find(([code]) => code === param)?.[1];
}

interface Coding {
  readonly system?: string;
  readonly code?: string;
}

function codings(item: unknown): Coding[] {
  if (typeof item !== 'object' || item === null) return [{ code: String(item) }];
  const { coding, system, code, value } = item as { coding?: Coding[]; system?: string; code?: string; value?: string };
  return (
    coding ?? [{ ...(system !== undefined && { system }), ...((code ?? value) && { code: (code ?? value) as string }) }]
  );
}

function meetsToken(coding: Coding, asked: string): boolean {
  const [first = '', second] = asked.split(/(?<!\\)\|/).map(bare);
  if (second === undefined) return coding.code === first;
  return (coding.system ?? '') === first && (second === '' || coding.code === second);
}

function bare(escaped: string): string {
  return escaped.replaceAll(/\\([,$|\\])/g, '$1');
}

function texts(item: unknown): string[] {
  if (typeof item === 'string') return [item];
  if (Array.isArray(item)) return item.flatMap(texts);
  const parts = [
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
  ];
  return parts.flatMap((part) => {
    const value = (item as Record<string, unknown>)[part];
    return value === undefined ? [] : texts(value);
  });
}

/** Case, accents and punctuation do not count (R4 search.html#string). */
function plain(text: string): string {
  const bare = text.normalize('NFD').replaceAll(/\p{M}/gu, '').toLowerCase();
  return bare.replaceAll(/[^\p{L}\p{N}]+/gu, ' ').trim();
}

/** First and last millisecond of a dateTime of any precision. */
function span(text: string): [number, number] {
  const [date = '', time] = text.split('T');
  if (time === undefined) {
    const [year = 0, month, day] = date.split('-').map(Number);
    const from = Date.UTC(year, (month ?? 1) - 1, day ?? 1);
    const next = new Date(from);
    if (day !== undefined) next.setUTCDate(day + 1);
    else if (month !== undefined) next.setUTCMonth(month);
    else next.setUTCFullYear(year + 1);
    return [from, next.getTime() - 1];
  }
  const from = Date.parse(text);
  if (text.includes('.')) return [from, from];
  return [from, from + (/T\d\d:\d\d:\d\d/.test(text) ? 999 : 59_999)];
}

function meetsDate(item: unknown, value: string): boolean {
  const [, prefix = 'eq', text = ''] = /^([a-z]{2})?(.*)$/.exec(value) ?? [];
  const [from, to] = span(text);
  const { start, end } =
    typeof item === 'string' ? { start: item, end: item } : (item as { start?: string; end?: string });
  const low = start === undefined ? Number.NEGATIVE_INFINITY : span(start)[0];
  const high = end === undefined ? Number.POSITIVE_INFINITY : span(end)[1];
  const contained = low >= from && high <= to;
  const tests: Record<string, boolean> = {
    eq: contained,
    ne: !contained,
    gt: high > to,
    lt: low < from,
    ge: high > to || contained || (high >= from && low <= to),
    le: low < from || contained || (high >= from && low <= to),
    sa: low > to,
    eb: high < from,
    ap: low <= to && high >= from,
  };
  return tests[prefix] ?? false;
}
