import choiceTypePaths from 'fhirpath/fhir-context/r4/choiceTypePaths.json' with { type: 'json' };
import { type Collection, type Evaluate, type Json, nothing, type Scope } from './fhirpath-collections.ts';
import { parseReference } from './references.ts';

/*
 * How R4's elements stand in JSON (R4 json.html): a choice element under its typed name, a primitive's extensions in a property with an
 * underscore beside it.
 */

/** Adds what it finds in an item to `found`. */
type Collect = (item: unknown, found: unknown[]) => void;

/** A primitive that has an extension and no value: it exists, but has nothing to show. */
export class BarePrimitive {
  readonly extension: unknown;
  readonly id: unknown;

  constructor(element: { readonly extension?: unknown; readonly id?: unknown }) {
    this.extension = element.extension;
    this.id = element.id;
  }
}

/** For each choice element's name its JSON property names, e.g. `value` to `valueQuantity`, over all of R4. */
const choices = new Map<string, Set<string>>();
for (const [path, types] of Object.entries(choiceTypePaths)) {
  const name = path.slice(path.lastIndexOf('.') + 1);
  const properties = choices.get(name) ?? new Set();
  for (const type of types) properties.add(name + type);
  choices.set(name, properties);
}

/** Whether any element of R4 is a choice of types under this name, as `value` is. */
export function isChoice(name: string): boolean {
  return choices.has(name);
}

/** The elements of this name: what the expression `name` finds in an item. */
export function elementsNamed(name: string): Collect {
  const properties = choices.get(name);
  return (item, found) => {
    if (typeof item !== 'object' || item === null) return;
    const value = (item as Json)[name];
    if (value !== undefined) pushAll(value, (item as Json)[`_${name}`], found);
    else if ((item as Json)[`_${name}`] !== undefined) pushAll(undefined, (item as Json)[`_${name}`], found);
    else if (properties) collectChoice(item as Json, properties, found);
  };
}

/** The choice elements of this name that are of one type: what `name as type` finds in an item. */
export function choicesOfType(name: string, type: string): Collect {
  const properties = new Set([name + type.charAt(0).toUpperCase() + type.slice(1)]);
  return (item, found) => {
    if (typeof item === 'object' && item !== null) collectChoice(item as Json, properties, found);
  };
}

/** What a step finds in all items, in their order. */
export function gather(items: Collection, collect: Collect): Collection {
  if (items.length === 0) return nothing;
  const found: unknown[] = [];
  for (const item of items) collect(item, found);
  return found;
}

/** `Encounter.status` on an Encounter begins at the Encounter; on anything else it finds nothing. */
export function typeRoot(name: string): Evaluate {
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

/** The elements right below an item, whatever their names. */
export function childrenOf(item: unknown): unknown[] {
  if (typeof item !== 'object' || item === null || item instanceof BarePrimitive) return [];
  return Object.entries(item).flatMap(([key, value]): unknown[] =>
    key === 'resourceType' || key.startsWith('_') ? [] : Array.isArray(value) ? value : [value],
  );
}
