/** Values that stand together, as every FHIRPath expression takes and gives them. */
export type Collection = readonly unknown[];

/** What an evaluation sees besides its focus. */
export interface Scope {
  /** the resource that holds the focus; for a contained one, itself */
  readonly resource: unknown;
  /** the outermost resource, where contained ones are found */
  readonly root: unknown;
}

export type Evaluate = (focus: Collection, scope: Scope) => Collection;

/** An object of a resource's JSON. */
export type Json = Readonly<Record<string, unknown>>;

export const nothing: Collection = [];
export const yes: Collection = [true];
export const no: Collection = [false];

/** Three-valued: undefined is unknown, the empty collection. */
export function truth(value: boolean | undefined): Collection {
  return value === undefined ? nothing : value ? yes : no;
}

/** A collection as a condition: empty is unknown, a single item that is not a boolean counts as true. */
export function condition(items: Collection): boolean | undefined {
  return items.length === 0 ? undefined : items[0] !== false;
}

/** not(): of what is unknown, unknown. */
export function invert(items: Collection): Collection {
  const value = condition(items);
  return value === undefined ? nothing : value ? no : yes;
}

/** Deep equality of JSON values. */
export function same(left: unknown, right: unknown): boolean {
  if (left === right) return true;
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return false;
  const [a, b] = [Object.entries(left), right as Json];
  return a.length === Object.keys(b).length && a.every(([key, value]) => same(value, b[key]));
}

/** Each value once, in the order of its first. */
export function distinct(items: Collection): Collection {
  const found: unknown[] = [];
  for (const item of items) if (!found.some((other) => same(other, item))) found.push(item);
  return found;
}
