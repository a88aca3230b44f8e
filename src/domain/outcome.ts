/**
 * The answer of a rule. Missing input is never `met`: what is absent gives `indeterminate` with the name of what is missing, what
 * contradicts gives `not-met` (domain model, sections 1 and 8.1).
 */
export type Outcome =
  | { readonly result: 'met' }
  | { readonly result: 'not-met'; readonly reasons: readonly string[] }
  | { readonly result: 'indeterminate'; readonly reasons: readonly string[] }
  | { readonly result: 'not-applicable'; readonly reasons: readonly string[] };

export const met: Outcome = { result: 'met' };

export function notMet(...reasons: readonly string[]): Outcome {
  return { result: 'not-met', reasons };
}

export function indeterminate(...reasons: readonly string[]): Outcome {
  return { result: 'indeterminate', reasons };
}

/** Every one must be met: one contradiction decides, else one gap leaves it open. */
export function all(...outcomes: readonly Outcome[]): Outcome {
  if (outcomes.every(({ result }) => result === 'met')) return met;
  return join('not-met', outcomes) ?? join('indeterminate', outcomes) ?? met;
}

/** As `all`, and what is open beside a contradiction is told with it: for an answer that lists every obstacle at once. */
export function allTold(...outcomes: readonly Outcome[]): Outcome {
  const reasons = outcomes.flatMap((outcome) => ('reasons' in outcome ? outcome.reasons : []));
  if (outcomes.some(({ result }) => result === 'not-met')) return notMet(...new Set(reasons));
  return reasons.length > 0 ? indeterminate(...new Set(reasons)) : met;
}

/** One is enough; where none is met, a gap in one of them leaves it open. */
export function any(...outcomes: readonly Outcome[]): Outcome {
  if (outcomes.some(({ result }) => result === 'met')) return met;
  return join('indeterminate', outcomes) ?? join('not-met', outcomes) ?? notMet();
}

function join(result: 'not-met' | 'indeterminate', outcomes: readonly Outcome[]): Outcome | undefined {
  const found = outcomes.flatMap((outcome) => (outcome.result === result ? [outcome] : []));
  return found.length === 0 ? undefined : { result, reasons: [...new Set(found.flatMap(({ reasons }) => reasons))] };
}
