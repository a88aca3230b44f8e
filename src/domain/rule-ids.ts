/** Rules by family, as domain model 2a to 2e and 8.1 number them. A ruleset may hold these and no others. */
const families = {
  CT: [1, 7],
  CL: [1, 2],
  O: [1, 2],
  T: [1, 4],
  B: [1, 5],
  A: [1, 6],
  D: [1, 3],
  CR: [1, 10],
  OR: [1, 4],
  RF: [1, 2],
  X: [1, 3],
  Q: [1, 3],
  WP: [1, 2],
  PS: [1, 4],
  SC: [1, 2],
  M: [0, 30],
} as const satisfies Readonly<Record<string, readonly [number, number]>>;

/** Every rule's id, e.g. `CT-1`. */
export const ruleIds: ReadonlySet<string> = new Set(
  Object.entries(families).flatMap(([family, [first, last]]) =>
    Array.from({ length: last - first + 1 }, (_, index) => `${family}-${first + index}`),
  ),
);
