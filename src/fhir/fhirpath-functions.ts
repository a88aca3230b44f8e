import { type Collection, condition, distinct, invert, type Json, same, truth } from './fhirpath-collections.ts';
import { childrenOf } from './fhirpath-elements.ts';
import type { Combine } from './fhirpath-operators.ts';

/** Functions without an argument (FHIRPath 2.0.0, 5), by their names. */
export const functions: Readonly<Record<string, (items: Collection) => Collection>> = {
  empty: (items) => truth(items.length === 0),
  not: invert,
  count: (items) => [items.length],
  first: (items) => items.slice(0, 1),
  last: (items) => items.slice(-1),
  tail: (items) => items.slice(1),
  hasValue: (items) => truth(items.length === 1 && typeof items[0] !== 'object'),
  isDistinct: (items) => truth(distinct(items).length === items.length),
  distinct,
  trace: (items) => items,
  children: (items) => items.flatMap(childrenOf),
  descendants: (items) => {
    const found: unknown[] = [];
    for (let level = items.flatMap(childrenOf); level.length > 0; level = level.flatMap(childrenOf))
      found.push(...level);
    return found;
  },
  toString: (items: Collection) => items.map(String),
  toInteger: (items) => items.map(Number).filter(Number.isInteger),
  length: (items) => items.map((item) => String(item).length),
  lower: (items) => items.map((item) => String(item).toLowerCase()),
  upper: (items) => items.map((item) => String(item).toUpperCase()),
};

type PerItem = (items: Collection, of: (item: unknown) => Collection) => Collection;

/** Functions whose argument is asked of each item. */
export const itemFunctions: Readonly<Record<string, PerItem>> = {
  where: (items, of) => items.filter((item) => condition(of(item)) === true),
  select: (items, of) => items.flatMap(of),
  all: (items, of) => truth(items.every((item) => condition(of(item)) === true)),
};

const patterns = new Map<string, RegExp>();

function pattern(source: string): RegExp {
  const known = patterns.get(source) ?? new RegExp(source, 's');
  patterns.set(source, known);
  return known;
}

/** Functions of a text and another. */
export const textFunctions: Readonly<Record<string, (text: string, other: string) => Collection>> = {
  matches: (text, other) => truth(pattern(other).test(text)),
  startsWith: (text, other) => truth(text.startsWith(other)),
  endsWith: (text, other) => truth(text.endsWith(other)),
  contains: (text, other) => truth(text.includes(other)),
};

/** Functions of two collections. */
export const listFunctions: Readonly<Record<string, Combine>> = {
  union: (left, right) => distinct([...left, ...right]),
  combine: (left, right) => [...left, ...right],
  intersect: (left, right) => distinct(left.filter((item) => right.some((other) => same(item, other)))),
  extension: (items, [url]) =>
    items.flatMap((item) => {
      const extensions = (item as Json | null)?.extension;
      return Array.isArray(extensions) ? extensions.filter((extension: Json | null) => extension?.url === url) : [];
    }),
};
