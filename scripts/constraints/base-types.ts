import type { ElementDefinition, ElementDefinitionType, StructureDefinition } from '@medplum/fhirtypes';
import type { ElementTable, RuleTable, TypeTable } from '../../src/profiles/tables.ts';

const structureBase = 'http://hl7.org/fhir/StructureDefinition/';
const fhirType = 'http://hl7.org/fhir/StructureDefinition/structuredefinition-fhir-type';

/** The types that one R4 StructureDefinition defines: its own, and one for each backbone element. */
export function baseTypes(definition: StructureDefinition): Record<string, TypeTable> {
  const root = definition.id ?? '';
  const elements = definition.snapshot?.element ?? [];
  const types: Record<string, TypeTable> = {};
  const parents = new Set(elements.map(({ path }) => path.slice(0, Math.max(0, path.lastIndexOf('.')))));
  for (const path of parents) {
    if (path === '') continue;
    const own = path === elements[0]?.path;
    const parentElement = elements.find((element) => element.path === path);
    const rules = ownRules(parentElement, own ? [root] : []);
    const base = own ? definition.baseDefinition?.replace(structureBase, '') : 'BackboneElement';
    types[own ? root : path] = {
      kind: own ? (definition.kind === 'resource' ? 'resource' : 'datatype') : 'backbone',
      ...(base && { extends: own ? base : (parentElement?.type?.[0]?.code ?? base) }),
      elements: Object.fromEntries(
        elements
          .filter((element) => element.path.slice(0, Math.max(0, element.path.lastIndexOf('.'))) === path)
          .filter((element) => element.base?.path === undefined || isOwn(element, definition))
          .map((element) => [nameOf(element), toElement(element)]),
      ),
      ...(rules.length > 0 && { rules }),
    };
  }
  return types;
}

/** Inherited elements stay with the type that they come from; a constrained type (Age on Quantity) adds only rules. */
function isOwn(element: ElementDefinition, definition: StructureDefinition): boolean {
  if (definition.derivation === 'constraint') return false;
  return element.base?.path === element.path;
}

export function nameOf({ path }: ElementDefinition): string {
  return path.slice(path.lastIndexOf('.') + 1).replace('[x]', '');
}

function toElement(element: ElementDefinition): ElementTable {
  const types = element.contentReference ? [element.contentReference.replace(/^.*#/, '')] : typeNames(element);
  const targets = targetTypes(element.type ?? []);
  const binding = requiredBinding(element);
  const rules = backbone(element) ? [] : ownRules(element, types);
  return {
    types,
    ...(element.path.endsWith('[x]') && { choice: true as const }),
    ...((element.min ?? 0) > 0 && { required: true as const }),
    ...(element.max !== '1' && element.max !== '0' && { repeats: true as const }),
    ...(targets && { targets }),
    ...(binding && { binding }),
    ...(rules.length > 0 && { rules }),
  };
}

function backbone({ type }: ElementDefinition): boolean {
  return type?.[0]?.code === 'BackboneElement' || type?.[0]?.code === 'Element';
}

function typeNames(element: ElementDefinition): string[] {
  return backbone(element) ? [element.path] : (element.type ?? []).map(typeName);
}

/** SimpleQuantity and MoneyQuantity are profiles in R4's definitions, and types to everybody else. */
export function typeName(type: ElementDefinitionType): string {
  const given = type.extension?.find(({ url }) => url === fhirType);
  const code = given?.valueUrl ?? given?.valueUri ?? type.code ?? '';
  const profile = type.profile?.[0]?.replace(structureBase, '');
  if (code === 'Quantity' && (profile === 'SimpleQuantity' || profile === 'MoneyQuantity')) return profile;
  return code.replace('http://hl7.org/fhirpath/System.String', 'string');
}

/** Resource types that references may name; undefined where any may be. */
export function targetTypes(types: readonly ElementDefinitionType[], typeOf = lastPart): string[] | undefined {
  const references = types.filter(({ code }) => code === 'Reference' || code === 'canonical');
  const targets = references.flatMap(({ targetProfile }) => (targetProfile ?? []).map(typeOf));
  return targets.length === 0 || targets.includes('Resource') ? undefined : [...new Set(targets)].sort();
}

function lastPart(url: string): string {
  return url.slice(url.lastIndexOf('/') + 1);
}

export function requiredBinding({ binding }: ElementDefinition): string | undefined {
  return binding?.strength === 'required' ? binding.valueSet?.split('|')[0] : undefined;
}

/**
 * Invariants of severity error that stand on this element and not on its type. Those that hold for every element or resource
 * (ele-1, dom-*, ref-1 and the like) are written as code in `src/profiles`.
 */
export function ownRules(element: ElementDefinition | undefined, owners: readonly string[]): RuleTable[] {
  return (element?.constraint ?? [])
    .filter(({ key, severity, source }) => {
      if (severity !== 'error' || everywhere.has(key ?? '')) return false;
      const from = source?.replace(structureBase, '');
      return !from || owners.includes(from) || element?.path.startsWith(from) === true;
    })
    .flatMap(({ key, expression }) => (key && expression ? [{ key, expression }] : []));
}

const everywhere = new Set(['ele-1', 'ext-1', 'dom-2', 'dom-3', 'dom-4', 'dom-5', 'ref-1', 'per-1', 'txt-1', 'txt-2']);
