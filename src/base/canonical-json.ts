/**
 * JSON text in one order of elements, whoever wrote them in which: JSON gives no meaning to the order of an object's, and much to an
 * array's. Two values with the same text say the same. Digests of this text are stored, so it must not change.
 *
 * @returns the empty text for undefined
 */
export function canonicalJson(value: unknown): string {
  return textOf(value) ?? '';
}

/** Undefined for what JSON leaves out. */
function textOf(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map((child) => textOf(child) ?? 'null').join(',')}]`;
  let members = '';
  for (const name of Object.keys(value).sort()) {
    const text = textOf((value as Readonly<Record<string, unknown>>)[name]);
    if (text !== undefined) members += `${members === '' ? '' : ','}${JSON.stringify(name)}:${text}`;
  }
  return `{${members}}`;
}
