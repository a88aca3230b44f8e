/** The one base of every canonical URL that Footbridge mints. */
export const canonicalBase = 'https://footbridge.example/fhir';

export type LocalCodeSystem =
  | 'contact-type'
  | 'qualification'
  | 'coach-role'
  | 'service-component'
  | 'support-category'
  | 'caseload-status'
  | 'component'
  | 'funding-source'
  | 'plan-product';

/** URL of a Footbridge extension or profile; `name` is the kebab-case of the domain model's name. */
export function structure(name: string): string {
  return `${canonicalBase}/StructureDefinition/${name}`;
}

export function codeSystem(name: LocalCodeSystem): string {
  return `${canonicalBase}/CodeSystem/${name}`;
}

/** System of the code that names a ruleset and its version, `url|version`. */
export const rulesetSystem = `${canonicalBase}/CodeSystem/ruleset`;
