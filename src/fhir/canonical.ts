/** The one base of every canonical URL that Footbridge mints. */
export const canonicalBase = 'https://footbridge.example/fhir';

export type LocalCodeSystem =
  | 'review-document'
  | 'licence-service'
  | 'contact-type'
  | 'qualification'
  | 'coach-role'
  | 'service-component'
  | 'support-category'
  | 'caseload-reason'
  | 'caseload-status'
  | 'component'
  | 'funding-source'
  | 'plan-product'
  | 'task-code'
  | 'activity'
  | 'submission-target'
  | 'caseload-risk';

/** URL of a Footbridge extension or profile; `name` is the kebab-case of the domain model's name. */
export function structure(name: string): string {
  return urlOf('StructureDefinition', name);
}

export function codeSystem(name: LocalCodeSystem): string {
  return urlOf('CodeSystem', name);
}

/** Made once: a recomputation compares some hundred elements of each member with one of these. */
function urlOf(type: 'CodeSystem' | 'StructureDefinition', name: string): string {
  const known = urls[type].get(name);
  if (known !== undefined) return known;
  const url = `${canonicalBase}/${type}/${name}`;
  urls[type].set(name, url);
  return url;
}

const urls = { CodeSystem: new Map<string, string>(), StructureDefinition: new Map<string, string>() };

/** System of the code that names a ruleset and its version, `url|version`. */
export const rulesetSystem = `${canonicalBase}/CodeSystem/ruleset`;

/**
 * HCPCS as PAS and THO name it, and as Footbridge stores and emits it; US Core 6.1 and CARIN write `https`, which is understood too
 * (domain model, section 3).
 */
export const hcpcs = 'http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets';

/**
 * System of the tag that Footbridge puts on each correction Task it opens; its code is a digest of what Footbridge wrote, so that an edit
 * by anybody shows.
 */
export const correctionTagSystem = `${canonicalBase}/CodeSystem/correction-digest`;

/**
 * System of the tag that Footbridge puts on each Flag and Task it opens of itself; its code is a digest of what Footbridge wrote, so
 * that an edit by anybody shows.
 */
export const dueTagSystem = `${canonicalBase}/CodeSystem/due-digest`;
