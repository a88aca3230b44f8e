/** Whether a value is exactly what a definition fixes. */
export function equals(value: unknown, fixed: unknown): boolean {
  if (typeof value !== 'object' || typeof fixed !== 'object' || value === null || fixed === null)
    return value === fixed;
  const [own, other] = [Object.keys(value), Object.keys(fixed)];
  return own.length === other.length && own.every((key) => equals((value as Fields)[key], (fixed as Fields)[key]));
}

type Fields = Readonly<Record<string, unknown>>;

/** Whether a value holds everything that a pattern names; of lists, each of the pattern's items somewhere (R4 elementdefinition.html). */
export function holdsPattern(value: unknown, pattern: unknown): boolean {
  if (Array.isArray(pattern))
    return Array.isArray(value) && pattern.every((item) => value.some((one) => holdsPattern(one, item)));
  if (typeof pattern !== 'object' || pattern === null) return value === pattern;
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(pattern).every(([key, item]) => holdsPattern((value as Fields)[key], item));
}
