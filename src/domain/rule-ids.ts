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

/**
 * Rules that no day, service or contact is ever refused for: a file that made a gate of one would promise what nothing computes, so it
 * is refused. OR-2, M-9, M-22 and T-4 inform or gate as the file says.
 */
export const informing: ReadonlySet<string> = new Set(
  [
    'A-3 A-5 A-6 B-3 CL-2 CR-6 CR-9 D-1 D-2 D-3 OR-3 OR-4 PS-1 PS-2 PS-4',
    'M-10 M-12 M-15 M-16 M-19 M-20 M-21 M-23 M-25 M-26 M-27 M-28 M-30',
    'Q-1 Q-2 Q-3 RF-1 RF-2 SC-1 SC-2 T-3 WP-1 X-1 X-2 X-3',
  ].flatMap((ids) => ids.split(' ')),
);
