import type { CodeSet, CodeSets } from './codes.ts';
import { type Findings, shown } from './findings.ts';
import { equals, holdsPattern } from './matching.ts';
import { checkRule, compileRules, type Place } from './structure.ts';
import type { Discriminator, ProfileNode } from './tables.ts';

type Fields = Readonly<Record<string, unknown>>;

interface Found {
  readonly value: unknown;
  readonly path: string;
  /** the type in the name of a choice element, e.g. `Period` of effectivePeriod */
  readonly choice: string | undefined;
}

/** What a compiled node needs from outside. */
export interface ProfileContext {
  readonly codes: CodeSets;
  /** name of the profile, for the sender */
  readonly name: string;
}

/** A profile's word on one element, compiled once. */
export class NodeCheck {
  readonly #node: ProfileNode;
  readonly #context: ProfileContext;
  readonly #children: readonly (readonly [string, NodeCheck])[];
  readonly #slices: readonly (readonly [string, NodeCheck])[];
  readonly #rules: ReturnType<typeof compileRules>;
  readonly #binding: CodeSet | undefined;
  readonly #choices: ReadonlySet<string>;

  constructor(node: ProfileNode, context: ProfileContext) {
    this.#node = node;
    this.#context = context;
    const compiled = (nodes: Readonly<Record<string, ProfileNode>> | undefined) =>
      Object.entries(nodes ?? {}).map(([name, child]) => [name, new NodeCheck(child, context)] as const);
    this.#children = compiled(node.children);
    this.#slices = compiled(node.slices);
    this.#rules = compileRules(node.rules);
    this.#binding = node.binding === undefined ? undefined : context.codes.get(node.binding);
    this.#choices = new Set(node.choices);
  }

  /** Checks the elements below a value that R4's structure holds already. */
  check(value: Fields, path: string, place: Place, found: Findings): void {
    for (const rule of this.#rules) checkRule(rule, value, path, place, found);
    for (const [name, child] of this.#children)
      child.#checkAll(this.#valuesOf(value, name, path), `${path}.${name}`, place, found);
  }

  #valuesOf(value: Fields, name: string, path: string): Found[] {
    if (!this.#choices.has(name)) return itemsOf(value[name], `${path}.${name}`, undefined);
    return Object.keys(value)
      .filter((key) => key.startsWith(name) && /^[A-Z]/.test(key.slice(name.length)))
      .flatMap((key) => itemsOf(value[key], `${path}.${name}`, key.slice(name.length)));
  }

  #checkAll(values: readonly Found[], path: string, place: Place, found: Findings): void {
    this.#checkCount(values.length, path, '', found);
    for (const one of values) this.#checkOne(one, place, found);
    if (this.#slices.length > 0 && this.#node.slicing) this.#checkSlices(values, path, place, found);
  }

  #checkCount(count: number, path: string, slice: string, found: Findings): void {
    const { max, min = 0 } = this.#node;
    const { name } = this.#context;
    if (count < min)
      found.error(
        'required',
        path,
        `${path}${slice} is there ${times(count)}; ${name} asks for at least ${min}. Add what is missing, or do not claim the profile.`,
      );
    if (max !== undefined && count > max)
      found.error(
        'structure',
        path,
        `${path}${slice} is there ${times(count)}; ${name} allows ${max}. Remove what is too much.`,
      );
  }

  #checkOne({ choice, path, value }: Found, place: Place, found: Findings): void {
    const { fixed, pattern, targets, types } = this.#node;
    const { name } = this.#context;
    if (fixed !== undefined && !equals(value, fixed))
      found.error('value', path, `${path} is ${shown(value)}; ${name} fixes ${shown(fixed)}.`);
    if (pattern !== undefined && !holdsPattern(value, pattern))
      found.error('value', path, `${path} is ${shown(value)}; ${name} asks for ${shown(pattern)} in it.`);
    if (this.#binding && !this.#binding.holds(value))
      found.error(
        'code-invalid',
        path,
        `${path} is ${shown(value)}, which the required binding of ${name} does not hold. Use one of ${this.#binding.some}.`,
      );
    if (types && choice !== undefined && !types.some((type) => type.toLowerCase() === choice.toLowerCase()))
      found.error('value', path, `${path} is a ${choice}; ${name} takes ${types.join(' or ')}.`);
    if (targets) checkTargets(value, targets, path, name, found);
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      this.check(value as Fields, path, place, found);
    else for (const rule of this.#rules) checkRule(rule, value, path, place, found);
  }

  #checkSlices(values: readonly Found[], path: string, place: Place, found: Findings): void {
    const by = this.#node.slicing?.by ?? [];
    const members = new Map<NodeCheck, Found[]>(this.#slices.map(([, slice]) => [slice, []]));
    for (const one of values) {
      const slice = this.#slices.find(([, check]) => check.#isMine(one, by));
      if (slice) members.get(slice[1])?.push(one);
      else if (this.#node.slicing?.closed)
        found.error(
          'structure',
          one.path,
          `${one.path} is none of the forms that ${this.#context.name} allows: ${this.#slices.map(([name]) => name).join(', ')}.`,
        );
    }
    for (const [name, slice] of this.#slices) {
      const own = members.get(slice) ?? [];
      slice.#checkCount(own.length, path, ` (${name})`, found);
      for (const one of own) slice.#checkOne(one, place, found);
    }
  }

  /** Whether the discriminators (R4 profiling.html#discriminator) put a value into this slice. */
  #isMine(one: Found, by: readonly Discriminator[]): boolean {
    return by.length > 0 && by.every((discriminator) => this.#discriminates(one, discriminator));
  }

  #discriminates({ choice, value }: Found, { path, type }: Discriminator): boolean {
    if (type === 'type')
      return (
        path === '$this' &&
        choice !== undefined &&
        (this.#node.types ?? []).some((one) => one.toLowerCase() === choice.toLowerCase())
      );
    if (type !== 'value' && type !== 'pattern') return false;
    if (path === 'url' && this.#node.extension !== undefined) return (value as Fields)['url'] === this.#node.extension;
    const segments = path === '$this' ? [] : path.split('.');
    return this.#accepts(value, segments);
  }

  /** The fixed value, pattern or binding that the slice puts on the discriminator's path, or on an element above it. */
  #accepts(value: unknown, segments: readonly string[]): boolean {
    const { fixed, pattern } = this.#node;
    if (pattern !== undefined) return holdsPattern(value, pattern);
    if (fixed !== undefined) return equals(value, fixed);
    const [first, ...rest] = segments;
    if (first === undefined)
      return this.#binding
        ? this.#binding.holds(value)
        : this.#children.every(([name, child]) =>
            itemsOf((value as Fields)[name], '', undefined).some((one) => child.#accepts(one.value, [])),
          );
    const child = this.#children.find(([name]) => name === first)?.[1];
    return (
      child !== undefined &&
      itemsOf((value as Fields | undefined)?.[first], '', undefined).some((one) => child.#accepts(one.value, rest))
    );
  }
}

function itemsOf(value: unknown, path: string, choice: string | undefined): Found[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) return [{ value, path, choice }];
  return value.map((item: unknown, index) => ({ value: item, path: `${path}[${index}]`, choice }));
}

function checkTargets(value: unknown, targets: readonly string[], path: string, name: string, found: Findings): void {
  const { reference, type } = (value ?? {}) as { reference?: unknown; type?: unknown };
  const named =
    typeof reference === 'string'
      ? /(?:^|\/)([A-Z][A-Za-z]+)\/[A-Za-z0-9.-]{1,64}(?:\/_history\/[^/]+)?$/.exec(reference)?.[1]
      : type;
  if (typeof named === 'string' && !targets.includes(named))
    found.error('value', path, `${path} refers to a ${shown(named)}; ${name} takes ${targets.join(', ')}.`);
}

function times(count: number): string {
  return count === 0 ? 'not at all' : count === 1 ? 'once' : `${count} times`;
}
