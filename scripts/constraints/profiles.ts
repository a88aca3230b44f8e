import type { ElementDefinition, StructureDefinition } from '@medplum/fhirtypes';
import type { BaseTables, ElementTable, ProfileNode, ProfileTable, RuleTable } from '../../src/profiles/tables.ts';
import { ownRules, requiredBinding, targetTypes, typeName } from './base-types.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
interface Node extends Omit<Mutable<ProfileNode>, 'children' | 'slices' | 'choices'> {
  children?: Record<string, Node>;
  slices?: Record<string, Node>;
  choices?: string[];
}

/**
 * What a profile says beyond R4. From a snapshot everything is said in one node; from a differential alone, `base` names the
 * profile that must hold as well.
 *
 * @param typeOf the resource type that a target profile constrains
 */
export function profileTable(
  definition: StructureDefinition,
  base: BaseTables,
  typeOf: (canonical: string) => string,
): ProfileTable {
  const elements = definition.snapshot?.element ?? definition.differential?.element ?? [];
  const root: Node = {};
  for (const element of elements) {
    const facts = factsOf(element, baseElement(base, element.path), typeOf);
    const node = place(root, element, base);
    Object.assign(node, facts);
  }
  const node = prune(root) ?? {};
  const parent = definition.snapshot ? undefined : definition.baseDefinition;
  const inherits = parent && !parent.startsWith('http://hl7.org/fhir/StructureDefinition/');
  const contexts = definition.type === 'Extension' ? contextsOf(definition) : undefined;
  return {
    url: definition.url ?? '',
    version: definition.version ?? '',
    type: definition.type ?? '',
    ...(inherits && { base: parent }),
    ...(contexts && { contexts }),
    node,
  };
}

function contextsOf({ context }: StructureDefinition): string[] | undefined {
  if (!context || context.some(({ type }) => type !== 'element')) return undefined;
  return context.flatMap(({ expression }) => expression ?? []);
}

/** Finds or makes the node of an element by its id: `Observation.component:systolic.code`. */
function place(root: Node, element: ElementDefinition, base: BaseTables): Node {
  const [, ...segments] = (element.id ?? element.path).split('.');
  let node = root;
  let path = element.path.split('.')[0] ?? '';
  for (const segment of segments) {
    const [named = '', slice] = segment.split(':', 2);
    const name = named.replace('[x]', '');
    path = `${path}.${named}`;
    node.children ??= {};
    if (baseElement(base, path)?.choice) node.choices = [...new Set([...(node.choices ?? []), name])];
    let child = node.children[name];
    if (!child) {
      child = {};
      node.children[name] = child;
    }
    if (slice !== undefined) {
      child.slices ??= {};
      child.slices[slice] ??= {};
      child = child.slices[slice];
    }
    node = child;
  }
  return node;
}

/** R4's own word on an element path, through data types: `Patient.identifier.system` is `Identifier.system`. */
function baseElement(base: BaseTables, path: string): ElementTable | undefined {
  const [root = '', ...segments] = path.split('.');
  let type: string | undefined = root;
  let element: ElementTable | undefined;
  for (const segment of segments) {
    element = undefined;
    const name = segment.replace('[x]', '');
    for (let at: string | undefined = type; at && !element; at = base.types[at]?.extends)
      element = base.types[at]?.elements[name];
    type = element?.types.length === 1 ? element.types[0] : undefined;
    if (!element) return undefined;
  }
  return element;
}

function factsOf(
  element: ElementDefinition,
  before: ElementTable | undefined,
  typeOf: (canonical: string) => string,
): Node {
  const facts: Node = {};
  const sliced = element.sliceName !== undefined;
  const isRoot = !element.path.includes('.');
  if ((element.min ?? 0) > (before?.required && !sliced ? 1 : 0) && !isRoot) facts.min = element.min ?? 0;
  if (element.max !== undefined && element.max !== '*' && !isRoot && (before?.repeats || element.max === '0'))
    facts.max = Number(element.max);
  typeFacts(element, before, typeOf, facts);
  const fixed = Object.entries(element).find(([key]) => key.startsWith('fixed'));
  if (fixed) facts.fixed = fixed[1];
  const pattern = Object.entries(element).find(([key]) => key.startsWith('pattern'));
  if (pattern) facts.pattern = pattern[1];
  const binding = requiredBinding(element);
  if (binding && binding !== before?.binding) facts.binding = binding;
  const rules = profileRules(element, before);
  if (rules.length > 0) facts.rules = rules;
  if (element.slicing) {
    facts.slicing = {
      by: (element.slicing.discriminator ?? []).map(({ type, path }) => ({ type: type ?? 'value', path: path ?? '' })),
      ...(element.slicing.rules === 'closed' && { closed: true as const }),
    };
  }
  return facts;
}

function typeFacts(
  element: ElementDefinition,
  before: ElementTable | undefined,
  typeOf: (canonical: string) => string,
  facts: Node,
): void {
  if (!element.type || !before) return;
  const types = element.type.map(typeName);
  if (before.choice && types.length < before.types.length) facts.types = types;
  const targets = targetTypes(element.type, typeOf);
  if (targets && targets.join() !== before.targets?.join()) facts.targets = targets;
  const extension = types[0] === 'Extension' ? element.type[0]?.profile?.[0] : undefined;
  if (extension) facts.extension = extension;
}

/** A rule that R4 itself has on the element, or on its type, is not repeated. */
function profileRules(element: ElementDefinition, before: ElementTable | undefined): RuleTable[] {
  const rules = (element.constraint ?? []).filter(
    ({ source }) => !source?.startsWith('http://hl7.org/fhir/StructureDefinition/') || source.includes('vitalsigns'),
  );
  return ownRules({ ...element, constraint: rules.map(({ source: _, ...rule }) => rule) }, []).filter(
    ({ key }) => !before?.rules?.some((rule) => rule.key === key),
  );
}

/** Leaves out nodes that say nothing. */
function prune(node: Node): Node | undefined {
  const children = pruneAll(node.children);
  const slices = pruneAll(node.slices, true);
  const choices = node.choices?.filter((name) => children?.[name]);
  const { children: _c, slices: _s, choices: _x, ...facts } = node;
  if (facts.slicing && !slices && !facts.slicing.closed) delete facts.slicing;
  const kept: Node = {
    ...facts,
    ...(children && { children }),
    ...(slices && { slices }),
    ...(choices && choices.length > 0 && { choices }),
  };
  return Object.keys(kept).length > 0 ? kept : undefined;
}

/** A slice is kept even when empty: what falls into it matters where the slicing is closed. */
function pruneAll(nodes: Record<string, Node> | undefined, keepEmpty = false): Record<string, Node> | undefined {
  const kept = Object.entries(nodes ?? {}).flatMap(([name, node]): [string, Node][] => {
    const pruned = prune(node);
    return pruned ? [[name, pruned]] : keepEmpty ? [[name, {}]] : [];
  });
  return kept.length > 0 ? Object.fromEntries(kept) : undefined;
}

/** Value sets that the nodes of a profile are bound to. */
export function boundValueSets(node: ProfileNode): string[] {
  const below = [...Object.values(node.children ?? {}), ...Object.values(node.slices ?? {})];
  return [...(node.binding ? [node.binding] : []), ...below.flatMap(boundValueSets)];
}
