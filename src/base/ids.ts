import { parse, v5, v7 } from 'uuid';

/** The surrogate key that begins every key of the store. A tenant's name points to it; a reset gives the name a new one. */
export type TenantId = number & { readonly __brand: 'TenantId' };

/** A new logical id, ordered by time so that the primary key's index grows at its right edge. */
export function newId(): string {
  return v7();
}

const namespace = parse('6f1d0b3e-5a0c-5b7e-9a53-0c6a2f1f7b11');

/** A stable id from what identifies a thing, e.g. a spell of a caseload series (architecture, section 5). */
export function derivedId(...parts: readonly (string | number)[]): string {
  // Bytes, since the library turns text into them letter by letter.
  return v5(Buffer.from(JSON.stringify(parts)), namespace);
}
