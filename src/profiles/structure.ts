import { compileRule, type Rule } from '../fhir/fhirpath.ts';
import type { CodeSet, CodeSets } from './codes.ts';
import { type Findings, shown } from './findings.ts';
import { type PrimitiveCheck, primitives } from './primitives.ts';
import type { BaseTables, ElementTable, RuleTable, TypeTable } from './tables.ts';

/** A property as JSON writes it: of a choice element there is one for each type. */
interface Property {
  readonly element: string;
  readonly type: string;
  readonly primitive: PrimitiveCheck | undefined;
  readonly repeats: boolean;
  readonly choice: boolean;
  readonly targets: ReadonlySet<string> | undefined;
  readonly binding: CodeSet | undefined;
  readonly rules: readonly CompiledRule[];
}

interface CompiledRule {
  readonly key: string;
  readonly expression: string;
  readonly rule: Rule;
}

interface CompiledType {
  readonly properties: ReadonlyMap<string, Property>;
  readonly required: readonly string[];
  readonly rules: readonly CompiledRule[];
}

/** Where a check stands: the resource that rules are about, contained or not, and the outermost one. */
export interface Place {
  readonly resource: object;
  readonly root: object;
}

type Fields = Readonly<Record<string, unknown>>;

/** Checks an extension on an element: `path` is the extension's own, `types` what it stands on may be called. */
export type ExtensionCheck = (extension: Fields, path: string, types: readonly string[], found: Findings) => void;

/** R4's own rules on a resource: elements, types, cardinalities, required bindings, reference targets, invariants. */
export class Structure {
  readonly #tables: BaseTables;
  readonly #codes: CodeSets;
  readonly #types = new Map<string, CompiledType | undefined>();
  readonly #onExtension: ExtensionCheck;

  constructor(tables: BaseTables, codes: CodeSets, onExtension: ExtensionCheck) {
    this.#tables = tables;
    this.#codes = codes;
    this.#onExtension = onExtension;
  }

  isResourceType(type: string): boolean {
    return this.#tables.types[type]?.kind === 'resource';
  }

  checkResource(resource: Fields, path: string, place: Place, found: Findings): void {
    this.#checkObject(resource, String(resource['resourceType']), path, place, found);
    this.#checkContained(resource, path, place, found);
  }

  #checkContained(resource: Fields, path: string, { root }: Place, found: Findings): void {
    const contained = resource['contained'];
    if (!Array.isArray(contained)) return;
    for (const [index, one] of contained.entries()) {
      const at = `${path}.contained[${index}]`;
      const fields = one as Fields | null;
      const type = fields?.['resourceType'];
      if (typeof fields !== 'object' || fields === null || typeof type !== 'string')
        found.error('structure', at, `${at} must be a resource with a resourceType.`);
      else if (this.isResourceType(type)) this.#checkObject(fields, type, at, { resource: fields, root }, found);
      else found.warning('not-supported', at, `${at} is a ${shown(type)}, which this server does not check.`);
    }
  }

  #checkObject(value: Fields, type: string, path: string, place: Place, found: Findings): void {
    const compiled = this.#compiled(type);
    if (!compiled || found.full) return;
    let count = 0;
    const seen = new Set<string>();
    for (const name in value) {
      count++;
      if (name === 'resourceType' && this.isResourceType(type)) continue;
      this.#checkProperty(value, name, compiled, type, path, place, found, seen);
    }
    if (count === 0 || (count === 1 && 'id' in value && !('resourceType' in value)))
      found.error('structure', path, `${path} is empty. Leave it out, or give it a value (ele-1).`);
    for (const name of compiled.required)
      if (!seen.has(name)) found.error('required', `${path}.${name}`, `${path}.${name} is missing. R4 requires it.`);
    for (const rule of compiled.rules) checkRule(rule, value, path, place, found);
    this.#checkExtensions(value, type, path, found);
    if (type === 'Extension') checkExtensionRule(value, path, found);
    else if (type === 'Period') checkPeriod(value, path, found);
  }

  #checkProperty(
    value: Fields,
    name: string,
    { properties }: CompiledType,
    type: string,
    path: string,
    place: Place,
    found: Findings,
    seen: Set<string>,
  ): void {
    const extends_ = name.startsWith('_');
    const plain = extends_ ? name.slice(1) : name;
    const property = properties.get(plain);
    if (!property || (extends_ && !property.primitive)) {
      found.error('structure', path, `${path} has no element ${shown(name)} in R4. Remove it, or correct its name.`);
      return;
    }
    if (property.choice) {
      // A primitive's value and its extensions are one choice.
      const other = [...seen].find((one) => one.startsWith(`${property.element}=`));
      if (other !== undefined && other !== `${property.element}=${plain}`) {
        found.error(
          'structure',
          path,
          `${path}.${property.element}[x] is there twice, as ${other.slice(property.element.length + 1)} and ${plain}. Send one of them.`,
        );
        return;
      }
    }
    seen.add(property.element);
    if (property.choice) seen.add(`${property.element}=${plain}`);
    const at = `${path}.${property.element}`;
    const child = value[name];
    if (extends_) this.#checkPrimitiveExtensions(child, property, at, place, found);
    else if (!property.repeats) this.#checkOne(child, property, at, place, found);
    else if (!Array.isArray(child)) found.error('structure', at, `${at} repeats in R4: send it as a JSON array.`);
    else if (child.length === 0) found.error('structure', at, `${at} is an empty array. Leave it out instead.`);
    else
      for (let index = 0; index < child.length; index++)
        this.#checkItem(child[index], value[`_${name}`], index, property, at, place, found);
  }

  #checkItem(
    item: unknown,
    extended: unknown,
    index: number,
    property: Property,
    path: string,
    place: Place,
    found: Findings,
  ): void {
    // A null holds the place of a primitive that has only extensions.
    if (item === null && property.primitive && Array.isArray(extended) && extended[index] != null) return;
    this.#checkOne(item, property, `${path}[${index}]`, place, found);
  }

  #checkOne(value: unknown, property: Property, path: string, place: Place, found: Findings): void {
    if (property.primitive) {
      const wrong = property.primitive(value);
      if (wrong !== undefined) {
        found.error('value', path, `${path} ${wrong}; it is ${shown(value)}.`);
        return;
      }
    } else {
      if (Array.isArray(value)) {
        found.error('structure', path, `${path} does not repeat in R4: send one, not a JSON array.`);
        return;
      }
      if (typeof value !== 'object' || value === null) {
        found.error('structure', path, `${path} must be a JSON object; it is ${shown(value)}.`);
        return;
      }
      if (property.type !== 'Resource') this.#checkObject(value as Fields, property.type, path, place, found);
      if (property.type === 'Reference') checkTarget(value as Fields, property.targets, path, place, found, this);
    }
    if (property.binding && !property.binding.holds(value))
      found.error(
        'code-invalid',
        path,
        `${path} is ${shown(value)}, which its required binding does not hold. Use one of ${property.binding.some}.`,
      );
    for (const rule of property.rules) checkRule(rule, value, path, place, found);
  }

  #checkPrimitiveExtensions(value: unknown, property: Property, path: string, place: Place, found: Findings): void {
    const items = property.repeats ? value : [value];
    if (!Array.isArray(items)) {
      found.error('structure', path, `The extensions of ${path} must be a JSON array beside its values.`);
      return;
    }
    for (const item of items) {
      if (item === null && property.repeats) continue;
      if (typeof item !== 'object' || item === null || Array.isArray(item))
        found.error('structure', path, `The extensions of ${path} must be a JSON object.`);
      else this.#checkObject(item as Fields, 'Element', path, place, found);
    }
  }

  #checkExtensions(value: Fields, type: string, path: string, found: Findings): void {
    for (const name of ['extension', 'modifierExtension'] as const) {
      const list = value[name];
      if (!Array.isArray(list)) continue;
      const types = [...this.#lineage(type), path.replace(/\[\d+\]/g, '')];
      for (const [index, one] of list.entries())
        if (typeof one === 'object' && one !== null)
          this.#onExtension(one as Fields, `${path}.${name}[${index}]`, types, found);
    }
  }

  /** A type and what it inherits from, as extension contexts name them. */
  #lineage(type: string): string[] {
    const types: string[] = [];
    for (let at: string | undefined = type; at !== undefined; at = this.#tables.types[at]?.extends) types.push(at);
    return types;
  }

  #compiled(type: string): CompiledType | undefined {
    if (!this.#types.has(type)) this.#types.set(type, this.#compile(type));
    return this.#types.get(type);
  }

  #compile(type: string): CompiledType | undefined {
    const properties = new Map<string, Property>();
    const required: string[] = [];
    const rules: CompiledRule[] = [];
    for (
      let table: TypeTable | undefined = this.#tables.types[type];
      table;
      table = table.extends === undefined ? undefined : this.#tables.types[table.extends]
    ) {
      for (const [name, element] of Object.entries(table.elements)) {
        if (element.required) required.push(name);
        for (const one of element.types) {
          const property = this.#property(name, one, element);
          const written = element.choice ? `${name}${one[0]?.toUpperCase()}${one.slice(1)}` : name;
          if (!properties.has(written)) properties.set(written, property);
        }
      }
      rules.push(...compileRules(table.rules));
    }
    return properties.size === 0 ? undefined : { properties, required, rules };
  }

  #property(element: string, type: string, table: ElementTable): Property {
    return {
      element,
      type,
      primitive: primitives[type],
      repeats: table.repeats === true,
      choice: table.choice === true,
      targets: table.targets && new Set(table.targets),
      binding: table.binding === undefined ? undefined : this.#codes.get(table.binding),
      rules: compileRules(table.rules),
    };
  }
}

/** Rules outside the fast subset of FHIRPath are left to HL7's validator at a desk: docs/architecture.md lists them. */
export function compileRules(rules: readonly RuleTable[] | undefined): CompiledRule[] {
  return (rules ?? []).flatMap(({ expression, key }) => {
    const rule = compileRule(expression);
    return rule ? [{ key, expression, rule }] : [];
  });
}

export function checkRule(
  { expression, key, rule }: CompiledRule,
  value: unknown,
  path: string,
  place: Place,
  found: Findings,
): void {
  if (rule(value, place) === false)
    found.error(
      'invariant',
      path,
      `${path} breaks rule ${key}: ${expression.length > 200 ? `${expression.slice(0, 199)}…` : expression}. Change it so that the rule holds.`,
    );
}

/** ext-1: a value or extensions, not both and not neither. */
function checkExtensionRule(extension: Fields, path: string, found: Findings): void {
  let values = 0;
  for (const name in extension) if (name.startsWith('value') || name.startsWith('_value')) values++;
  if (values > 0 === 'extension' in extension)
    found.error('invariant', path, `${path} must have either a value or extensions (ext-1).`);
}

/** per-1, with partial dates and offsets as FHIR compares them: only a start that is surely later than the end is wrong. */
function checkPeriod({ end, start }: Fields, path: string, found: Findings): void {
  if (typeof start !== 'string' || typeof end !== 'string') return;
  const timed = start.length > 10 && end.length > 10;
  const length = Math.min(start.length, end.length, 10);
  const late = timed ? Date.parse(start) > Date.parse(end) : start.slice(0, length) > end.slice(0, length);
  if (late)
    found.error(
      'invariant',
      path,
      `${path} starts at ${shown(start)}, after its end ${shown(end)} (per-1). Exchange or correct them.`,
    );
}

/** The type that a literal reference names must be one that the element takes; a local one must be contained (ref-1). */
function checkTarget(
  reference: Fields,
  targets: ReadonlySet<string> | undefined,
  path: string,
  { root }: Place,
  found: Findings,
  structure: Structure,
): void {
  const literal = reference['reference'];
  if (typeof literal !== 'string') {
    checkTargetType(reference['type'], targets, path, found);
    return;
  }
  if (literal.startsWith('#')) {
    const contained = (root as { contained?: unknown }).contained;
    const one = Array.isArray(contained)
      ? contained.find((held: { id?: unknown } | null) => held?.id === literal.slice(1))
      : undefined;
    if (literal !== '#' && !one)
      found.error(
        'invariant',
        `${path}.reference`,
        `${path}.reference is ${shown(literal)}, but no such resource is contained (ref-1).`,
      );
    else checkTargetType((one as { resourceType?: unknown } | undefined)?.resourceType, targets, path, found);
    return;
  }
  const named = /(?:^|\/)([A-Z][A-Za-z]+)\/[A-Za-z0-9.-]{1,64}(?:\/_history\/[A-Za-z0-9.-]{1,64})?$/.exec(literal)?.[1];
  if (named !== undefined && (structure.isResourceType(named) || literal.startsWith(named)))
    checkTargetType(named, targets, path, found);
}

function checkTargetType(type: unknown, targets: ReadonlySet<string> | undefined, path: string, found: Findings): void {
  if (typeof type === 'string' && targets && !targets.has(type))
    found.error('value', path, `${path} refers to a ${shown(type)}; R4 takes ${[...targets].join(', ')} here.`);
}
