import { type Collection, condition, distinct, invert, nothing, same, truth } from './fhirpath-collections.ts';

/** What an operator makes of its two sides. */
export type Combine = (left: Collection, right: Collection) => Collection;

/** FHIRPath's operators on collections (FHIRPath 2.0.0, 6), by their signs. */
export const operators: Readonly<Record<string, Combine>> = {
  '|': (left, right) => distinct([...left, ...right]),
  '=': (left, right) => equal(left, right),
  '!=': (left, right) => invert(equal(left, right)),
  '~': (left, right) => truth(left.length === right.length && left.every((item, at) => same(item, right[at]))),
  '!~': (left, right) => truth(left.length !== right.length || left.some((item, at) => !same(item, right[at]))),
  and: (left, right) => {
    const [a, b] = [condition(left), condition(right)];
    return truth(a === false || b === false ? false : a && b);
  },
  or: (left, right) => {
    const [a, b] = [condition(left), condition(right)];
    return truth(a || b ? true : a === undefined || b === undefined ? undefined : false);
  },
  xor: (left, right) => {
    const [a, b] = [condition(left), condition(right)];
    return truth(a === undefined || b === undefined ? undefined : a !== b);
  },
  implies: (left, right) => {
    const [a, b] = [condition(left), condition(right)];
    return truth(a === false || b ? true : a === undefined || b === undefined ? undefined : false);
  },
  in: (left, right) => (left.length === 0 ? nothing : truth(right.some((item) => same(item, left[0])))),
  contains: (left, right) => (right.length === 0 ? nothing : truth(left.some((item) => same(item, right[0])))),
  '<': (left, right) => ordered(left, right, (sign) => sign < 0),
  '>': (left, right) => ordered(left, right, (sign) => sign > 0),
  '<=': (left, right) => ordered(left, right, (sign) => sign <= 0),
  '>=': (left, right) => ordered(left, right, (sign) => sign >= 0),
  '&': (left, right) => [[left[0], right[0]].map((one) => (typeof one === 'string' ? one : '')).join('')],
  '+': (left, right) => arithmetic(left, right, (a, b) => (a as number) + (b as number)),
  '-': (left, right) => arithmetic(left, right, (a, b) => number(a) - number(b)),
};

function equal(left: Collection, right: Collection): Collection {
  if (left.length === 0 || right.length === 0) return nothing;
  return truth(left.length === right.length && left.every((item, at) => same(item, right[at])));
}

function arithmetic(left: Collection, right: Collection, combine: (a: unknown, b: unknown) => unknown): Collection {
  return left.length === 0 || right.length === 0 ? nothing : [combine(left[0], right[0])];
}

function ordered(left: Collection, right: Collection, accept: (sign: number) => boolean): Collection {
  const [a, b] = [left[0], right[0]];
  if (a === undefined || b === undefined) return nothing;
  if (typeof a === 'number' && typeof b === 'number') return truth(accept(a - b));
  if (typeof a !== 'string' || typeof b !== 'string') return nothing;
  const sign = compareDates(a, b);
  return sign === undefined ? nothing : truth(accept(sign));
}

/**
 * Order of two FHIR dates or instants, undefined where their precision leaves it open (`2024` and `2024-05-01`), and where only
 * one of them has a time and the other lies on the same day.
 */
export function compareDates(left: string, right: string): number | undefined {
  if (left.length > 10 && right.length > 10) return Date.parse(left) - Date.parse(right);
  const length = Math.min(left.length, right.length, 10);
  const [a, b] = [left.slice(0, length), right.slice(0, length)];
  if (a !== b) return a < b ? -1 : 1;
  return left.length === right.length ? 0 : undefined;
}

/** A number as JSON has it, or as text has it. */
export function number(value: unknown): number {
  return typeof value === 'number' ? value : Number(value);
}
