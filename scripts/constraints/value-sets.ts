import type { CodeSystem, CodeSystemConcept, ValueSet, ValueSetComposeInclude } from '@medplum/fhirtypes';
import type { CodeTable } from '../../src/profiles/tables.ts';

/** Expands value sets from the definitions at hand, without a terminology server. */
export class ValueSets {
  readonly #codeSystems = new Map<string, CodeSystem>();
  readonly #valueSets = new Map<string, ValueSet>();

  add(resource: { readonly resourceType: string }): void {
    if (resource.resourceType === 'CodeSystem') {
      const system = resource as CodeSystem;
      if (system.url && system.content === 'complete') this.#codeSystems.set(system.url, system);
    } else if (resource.resourceType === 'ValueSet') {
      const valueSet = resource as ValueSet;
      if (valueSet.url) this.#valueSets.set(valueSet.url, valueSet);
    }
  }

  /** All codes of the value set by system; undefined where the definitions at hand do not enumerate them. */
  expand(canonical: string): CodeTable | undefined {
    const codes = this.#codes(canonical.split('|')[0] ?? '', new Set());
    if (!codes || codes.size === 0) return undefined;
    return Object.fromEntries([...codes].map(([system, list]) => [system, [...list].sort()]));
  }

  #codes(url: string, open: Set<string>): Map<string, Set<string>> | undefined {
    const valueSet = this.#valueSets.get(url);
    if (!valueSet?.compose || open.has(url)) return undefined;
    const path = new Set(open).add(url);
    const codes = new Map<string, Set<string>>();
    for (const include of valueSet.compose.include) {
      const found = this.#included(include, path);
      if (!found) return undefined;
      for (const [system, list] of found) codes.set(system, (codes.get(system) ?? new Set()).union(list));
    }
    for (const exclude of valueSet.compose.exclude ?? []) {
      const found = this.#included(exclude, path);
      if (!found) return undefined;
      for (const [system, list] of found) codes.set(system, (codes.get(system) ?? new Set()).difference(list));
    }
    return codes;
  }

  #included(include: ValueSetComposeInclude, open: Set<string>): Map<string, Set<string>> | undefined {
    let codes: Map<string, Set<string>> | undefined;
    if (include.system) {
      const list = this.#ofSystem(include);
      if (!list) return undefined;
      codes = new Map([[include.system, list]]);
    }
    for (const canonical of include.valueSet ?? []) {
      const found = this.#codes(canonical.split('|')[0] ?? '', open);
      if (!found) return undefined;
      codes = codes ? intersection(codes, found) : found;
    }
    return codes;
  }

  #ofSystem({ system, concept, filter }: ValueSetComposeInclude): Set<string> | undefined {
    if (concept) return new Set(concept.flatMap(({ code }) => code ?? []));
    const codeSystem = this.#codeSystems.get(system ?? '');
    if (!codeSystem?.concept) return undefined;
    const parents = parentsOf(codeSystem.concept);
    let codes = new Set(parents.keys());
    for (const { property, op, value } of filter ?? []) {
      if (property !== 'concept' || (op !== 'is-a' && op !== 'descendent-of') || !value) return undefined;
      codes = new Set([...codes].filter((code) => isBelow(code, value, parents, op === 'is-a')));
    }
    return codes;
  }
}

function intersection(left: Map<string, Set<string>>, right: Map<string, Set<string>>): Map<string, Set<string>> {
  return new Map([...left].map(([system, codes]) => [system, codes.intersection(right.get(system) ?? new Set())]));
}

/** Each code's parents: the concept it is nested in, and those it names as `subsumedBy`, as HL7's v3 systems do. */
function parentsOf(concepts: readonly CodeSystemConcept[]): Map<string, string[]> {
  const parents = new Map<string, string[]>();
  const walk = (list: readonly CodeSystemConcept[], above: string | undefined): void => {
    for (const { code, concept, property } of list) {
      if (!code) continue;
      const named = (property ?? [])
        .filter((one) => one.code === 'subsumedBy')
        .flatMap(({ valueCode }) => valueCode ?? []);
      parents.set(code, [...(parents.get(code) ?? []), ...(above ? [above] : []), ...named]);
      walk(concept ?? [], code);
    }
  };
  walk(concepts, undefined);
  return parents;
}

function isBelow(code: string, top: string, parents: Map<string, string[]>, self: boolean): boolean {
  if (code === top) return self;
  return (parents.get(code) ?? []).some((parent) => isBelow(parent, top, parents, true));
}
