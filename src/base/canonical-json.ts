/**
 * JSON text in one order of elements, whoever wrote them in which: JSON gives no meaning to the order of an object's, and much to an
 * array's. Two values with the same text say the same. Digests of this text are stored, so it must not change.
 *
 * @returns the empty text for undefined
 */
export function canonicalJson(value: unknown): string {
  const text: string | undefined = JSON.stringify(value, (_key, child: unknown) =>
    typeof child === 'object' && child !== null && !Array.isArray(child)
      ? Object.fromEntries(Object.entries(child).sort(([a], [b]) => (a < b ? -1 : 1)))
      : child,
  );
  return text ?? '';
}
