import type { CodeableConcept, Coding, Extension, Resource } from '@medplum/fhirtypes';
import { canonicalBase, dueTagSystem, structure } from '../../fhir/canonical.ts';

interface Extensible {
  readonly extension?: Extension[] | undefined;
}

const none: readonly Extension[] = [];

/** Footbridge extensions of an element by the kebab-case of their name in the domain model. */
export function extensionsOf(element: Extensible | undefined, name: string): readonly Extension[] {
  if (!element?.extension) return none;
  const url = structure(name);
  return element.extension.filter((extension) => extension.url === url);
}

export function extensionOf(element: Extensible | undefined, name: string): Extension | undefined {
  return extensionsOf(element, name)[0];
}

/** A part of a complex extension. */
export function partOf(extension: Extension | undefined, name: string): Extension | undefined {
  return extension?.extension?.find(({ url }) => url === name);
}

/** The codes of a concept in one code system. */
export function codesIn(concepts: readonly CodeableConcept[] | undefined, system: string): string[] {
  return (concepts ?? []).flatMap(({ coding }) => codes(coding, system));
}

/** The codes of concepts in any of Footbridge's own code systems: what a foreign system means by the same word is not known. */
export function localCodes(concepts: readonly CodeableConcept[] | undefined): string[] {
  return (concepts ?? []).flatMap(({ coding }) =>
    (coding ?? []).flatMap(({ code, system }) => (code && system?.startsWith(`${canonicalBase}/`) ? [code] : [])),
  );
}

function codes(coding: readonly Coding[] | undefined, wanted: string): string[] {
  return (coding ?? []).flatMap(({ code, system }) => (system === wanted && code !== undefined ? [code] : []));
}

/** A literal reference without its version. */
export function literal(reference: string | undefined): string | undefined {
  return reference?.includes('/_history/') ? reference.replace(/\/_history\/.*$/, '') : reference;
}

/** Whether Footbridge opened it of itself: such a Task asks for work and proves none. */
export function isOpenedByFootbridge({ meta }: Pick<Resource, 'meta'>): boolean {
  return meta?.tag?.some(({ system }) => system === dueTagSystem) === true;
}
