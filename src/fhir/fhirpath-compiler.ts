import choiceTypePaths from 'fhirpath/fhir-context/r4/choiceTypePaths.json' with { type: 'json' };
import { type Expression, Unsupported } from './fhirpath-parser.ts';
import { parseReference } from './references.ts';

/** What an evaluation sees besides its focus. */
export interface Scope {
  /** the resource that holds the focus; for a contained one, itself */
  readonly resource: unknown;
  /** the outermost resource, where contained ones are found */
  readonly root: unknown;
}

export type Evaluate = (focus: readonly unknown[], scope: Scope) => readonly unknown[];

/** A primitive that has an extension and no value: it exists, but has nothing to show. */
export class BarePrimitive {
  readonly extension: unknown;
  readonly id: unknown;

  constructor(element: { readonly extension?: unknown; readonly id?: unknown }) {
    this.extension = element.extension;
    this.id = element.id;
  }
}

type Json = Readonly<Record<string, unknown>>;

const nothing: readonly unknown[] = [];
const yes: readonly unknown[] = [true];
const no: readonly unknown[] = [false];

/** For each choice element's name its JSON property names, e.g. `value` to `valueQuantity`, over all of R4. */
const choices = new Map<string, Set<string>>();
for (const [path, types] of Object.entries(choiceTypePaths)) {
  const name = path.slice(path.lastIndexOf('.') + 1);
  const properties = choices.get(name) ?? new Set();
  for (const type of types) properties.add(name + type);
  choices.set(name, properties);
}

const constants: Readonly<Record<string, readonly unknown[]>> = {
  ucum: ['http://unitsofmeasure.org'],
  sct: ['http://snomed.info/sct'],
  loinc: ['http://loinc.org'],
};

/**
 * Turns a parsed expression into a function over plain JSON. R4's rules for JSON are kept: a step finds a choice element under
 * its typed name, and a primitive with only an extension counts as present.
 *
 * @throws Unsupported for what fhirpath.js must evaluate
 */
export function compileExpression(expression: Expression): Evaluate {
  switch (expression.kind) {
    case 'literal': {
      const value = expression.value === undefined ? nothing : [expression.value];
      return () => value;
    }
    case 'this':
      return (focus) => focus;
    case 'variable':
      return variable(expression.name);
    case 'step':
      return step(expression.from, expression.name);
    case 'index': {
      const from = compileExpression(expression.from);
      const at = compileExpression(expression.at);
      return (focus, scope) => {
        const index = at(focus, scope)[0];
        const item = typeof index === 'number' ? from(focus, scope)[index] : undefined;
        return item === undefined ? nothing : [item];
      };
    }
    case 'type':
      return typed(expression);
    case 'binary':
      return binary(expression);
    case 'call':
      return call(expression);
    case 'negate': {
      const of = compileExpression(expression.of);
      return (focus, scope) => of(focus, scope).map((value) => -number(value));
    }
  }
}

function variable(name: string): Evaluate {
  if (name === 'resource' || name === 'context') return (_, scope) => [scope.resource];
  if (name === 'rootResource') return (_, scope) => [scope.root];
  const constant = constants[name];
  if (!constant) throw new Unsupported(`%${name}`);
  return () => constant;
}

function step(from: Expression | undefined, name: string): Evaluate {
  if (!from && /^[A-Z]/.test(name)) return typeRoot(name);
  const properties = choices.get(name);
  const collect = (item: unknown, found: unknown[]): void => {
    if (typeof item !== 'object' || item === null) return;
    const value = (item as Json)[name];
    if (value !== undefined) pushAll(value, (item as Json)[`_${name}`], found);
    else if ((item as Json)[`_${name}`] !== undefined) pushAll(undefined, (item as Json)[`_${name}`], found);
    else if (properties) collectChoice(item as Json, properties, found);
  };
  if (!from) return (focus) => gather(focus, collect);
  const before = compileExpression(from);
  return (focus, scope) => gather(before(focus, scope), collect);
}

function gather(items: readonly unknown[], collect: (item: unknown, found: unknown[]) => void): readonly unknown[] {
  if (items.length === 0) return nothing;
  const found: unknown[] = [];
  for (const item of items) collect(item, found);
  return found;
}

/** `Encounter.status` on an Encounter begins at the Encounter; on anything else it finds nothing. */
function typeRoot(name: string): Evaluate {
  if (name === 'Resource' || name === 'DomainResource') return (focus) => focus;
  return (focus, scope) => {
    const item = focus[0];
    if (typeof item !== 'object' || item === null) return nothing;
    if ((item as Json).resourceType === name) return focus;
    // Inside where() and invariants on elements a leading type name still means the resource.
    return item !== scope.resource && (scope.resource as Json | undefined)?.resourceType === name
      ? [scope.resource]
      : nothing;
  };
}

function collectChoice(item: Json, properties: ReadonlySet<string>, found: unknown[]): void {
  for (const key in item) {
    const bare = key.startsWith('_') ? key.slice(1) : key;
    if (!properties.has(bare)) continue;
    if (bare === key) pushAll(item[key], item[`_${key}`], found);
    else if (item[bare] === undefined) pushAll(undefined, item[key], found);
  }
}

function pushAll(value: unknown, shadow: unknown, found: unknown[]): void {
  if (Array.isArray(value) || Array.isArray(shadow)) {
    const values = Array.isArray(value) ? value : [];
    const shadows = Array.isArray(shadow) ? shadow : [];
    for (let at = 0; at < Math.max(values.length, shadows.length); at++) pushOne(values[at], shadows[at], found);
  } else pushOne(value, shadow, found);
}

function pushOne(value: unknown, shadow: unknown, found: unknown[]): void {
  if (value !== undefined && value !== null) found.push(value);
  else if (typeof shadow === 'object' && shadow !== null) found.push(new BarePrimitive(shadow));
}

function typed(expression: Extract<Expression, { kind: 'type' }>): Evaluate {
  const { from, operator, type } = expression;
  const keep = operator === 'as';
  const answer = (found: readonly unknown[], matches: readonly unknown[]): readonly unknown[] =>
    keep ? matches : found.length === 0 ? nothing : matches.length === found.length ? yes : no;
  if (from.kind === 'step' && choices.has(from.name)) {
    const all = step(from.from, from.name);
    const properties = new Set([from.name + type.charAt(0).toUpperCase() + type.slice(1)]);
    const before = from.from ? compileExpression(from.from) : undefined;
    return (focus, scope) => {
      const items = before ? before(focus, scope) : focus;
      const matches = gather(items, (item, found) => {
        if (typeof item === 'object' && item !== null) collectChoice(item as Json, properties, found);
      });
      return keep ? matches : answer(all(focus, scope), matches);
    };
  }
  if (from.kind === 'call' && from.name === 'resolve') {
    const references = compileExpression(from.from ?? { kind: 'this' });
    return (focus, scope) => {
      const found = references(focus, scope);
      return answer(
        found,
        found.filter((item) => referencedType(item, scope) === type),
      );
    };
  }
  // Elsewhere plain JSON tells the type only of resources, and of strings from booleans and numbers not enough.
  if (!/^[A-Z]/.test(type) || ['Reference', 'Coding', 'Quantity', 'Period', 'Boolean', 'String'].includes(type))
    throw new Unsupported(`${operator} ${type}`);
  const items = compileExpression(from);
  return (focus, scope) => {
    const found = items(focus, scope);
    return answer(
      found,
      found.filter((item) => (item as Json | null)?.resourceType === type),
    );
  };
}

/** The type that a Reference or canonical names, without fetching anything. */
export function referencedType(item: unknown, scope: Scope): string | undefined {
  const { reference, type } = typeof item === 'string' ? { reference: item } : ((item ?? {}) as Json);
  if (typeof reference === 'string') {
    if (reference.startsWith('#')) {
      const contained = (scope.root as Json | undefined)?.contained;
      const target = Array.isArray(contained)
        ? (contained as Json[]).find(({ id }) => id === reference.slice(1))
        : undefined;
      return target?.resourceType as string | undefined;
    }
    const literal =
      parseReference(reference) ??
      parseReference(/[A-Z][A-Za-z]+\/[^/]+(?:\/_history\/[^/]+)?$/.exec(reference)?.[0] ?? '');
    if (literal) return literal.type;
  }
  return typeof type === 'string' ? type : undefined;
}

function binary(expression: Extract<Expression, { kind: 'binary' }>): Evaluate {
  const left = compileExpression(expression.left);
  const right = compileExpression(expression.right);
  const combine = operators[expression.operator];
  if (!combine) throw new Unsupported(expression.operator);
  return (focus, scope) => combine(left(focus, scope), right(focus, scope));
}

type Combine = (left: readonly unknown[], right: readonly unknown[]) => readonly unknown[];

function truth(value: boolean | undefined): readonly unknown[] {
  return value === undefined ? nothing : value ? yes : no;
}

/** A collection as a condition: empty is unknown, a single item that is not a boolean counts as true. */
export function condition(items: readonly unknown[]): boolean | undefined {
  return items.length === 0 ? undefined : items[0] !== false;
}

const operators: Readonly<Record<string, Combine>> = {
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

function equal(left: readonly unknown[], right: readonly unknown[]): readonly unknown[] {
  if (left.length === 0 || right.length === 0) return nothing;
  return truth(left.length === right.length && left.every((item, at) => same(item, right[at])));
}

function invert(items: readonly unknown[]): readonly unknown[] {
  const value = condition(items);
  return value === undefined ? nothing : value ? no : yes;
}

function arithmetic(
  left: readonly unknown[],
  right: readonly unknown[],
  combine: (a: unknown, b: unknown) => unknown,
): readonly unknown[] {
  return left.length === 0 || right.length === 0 ? nothing : [combine(left[0], right[0])];
}

function ordered(
  left: readonly unknown[],
  right: readonly unknown[],
  accept: (sign: number) => boolean,
): readonly unknown[] {
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

/** Deep equality of JSON values. */
export function same(left: unknown, right: unknown): boolean {
  if (left === right) return true;
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return false;
  const [a, b] = [Object.entries(left), right as Json];
  return a.length === Object.keys(b).length && a.every(([key, value]) => same(value, b[key]));
}

function distinct(items: readonly unknown[]): readonly unknown[] {
  const found: unknown[] = [];
  for (const item of items) if (!found.some((other) => same(other, item))) found.push(item);
  return found;
}

function number(value: unknown): number {
  return typeof value === 'number' ? value : Number(value);
}

function call(expression: Extract<Expression, { kind: 'call' }>): Evaluate {
  const from = expression.from ? compileExpression(expression.from) : (focus: readonly unknown[]) => focus;
  const { name, args } = expression;
  const argument = args[0] && compileExpression(args[0]);
  const known = functions[name];
  if (known) {
    if (args.length > 0 && name !== 'trace') throw new Unsupported(`${name} with an argument`);
    return (focus, scope) => known(from(focus, scope));
  }
  if (name === 'exists') {
    return argument
      ? (focus, scope) => truth(from(focus, scope).some((item) => condition(argument([item], scope))))
      : (focus, scope) => truth(from(focus, scope).length > 0);
  }
  if (name === 'iif') return compileIif(from, args.map(compileExpression));
  if (!argument) throw new Unsupported(`${name}()`);
  const perItem = itemFunctions[name];
  if (perItem) return (focus, scope) => perItem(from(focus, scope), (item) => argument([item], scope));
  const perText = textFunctions[name];
  if (perText) {
    return (focus, scope) => {
      const [text, other] = [from(focus, scope)[0], argument(focus, scope)[0]];
      return typeof text === 'string' && typeof other === 'string' ? perText(text, other) : nothing;
    };
  }
  const perList = listFunctions[name];
  if (!perList) throw new Unsupported(`${name}()`);
  return (focus, scope) => perList(from(focus, scope), argument(focus, scope));
}

function compileIif(from: Evaluate, [test, then, otherwise]: Evaluate[]): Evaluate {
  if (!test || !then) throw new Unsupported('iif()');
  return (focus, scope) => {
    const items = from(focus, scope);
    return condition(test(items, scope)) ? then(items, scope) : (otherwise?.(items, scope) ?? nothing);
  };
}

const functions: Readonly<Record<string, (items: readonly unknown[]) => readonly unknown[]>> = {
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
  toString: (items: readonly unknown[]) => items.map(String),
  toInteger: (items) => items.map(Number).filter(Number.isInteger),
  length: (items) => items.map((item) => String(item).length),
  lower: (items) => items.map((item) => String(item).toLowerCase()),
  upper: (items) => items.map((item) => String(item).toUpperCase()),
};

function childrenOf(item: unknown): unknown[] {
  if (typeof item !== 'object' || item === null || item instanceof BarePrimitive) return [];
  return Object.entries(item).flatMap(([key, value]): unknown[] =>
    key === 'resourceType' || key.startsWith('_') ? [] : Array.isArray(value) ? value : [value],
  );
}

type PerItem = (items: readonly unknown[], of: (item: unknown) => readonly unknown[]) => readonly unknown[];

const itemFunctions: Readonly<Record<string, PerItem>> = {
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

const textFunctions: Readonly<Record<string, (text: string, other: string) => readonly unknown[]>> = {
  matches: (text, other) => truth(pattern(other).test(text)),
  startsWith: (text, other) => truth(text.startsWith(other)),
  endsWith: (text, other) => truth(text.endsWith(other)),
  contains: (text, other) => truth(text.includes(other)),
};

const listFunctions: Readonly<Record<string, Combine>> = {
  union: (left, right) => distinct([...left, ...right]),
  combine: (left, right) => [...left, ...right],
  intersect: (left, right) => distinct(left.filter((item) => right.some((other) => same(item, other)))),
  extension: (items, [url]) =>
    items.flatMap((item) => {
      const extensions = (item as Json | null)?.extension;
      return Array.isArray(extensions) ? extensions.filter((extension: Json | null) => extension?.url === url) : [];
    }),
};
