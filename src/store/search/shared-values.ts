/** What says whether two parameters of a type have the same values. */
export interface Described {
  readonly code: string;
  readonly kind: string;
  /** FHIRPath, as R4 defines the parameter */
  readonly expression: string;
}

/** Where a parameter's values stand in the index. */
export interface Standing {
  /** codes of the parameters of the type whose entries they are; its own alone where no other has them */
  readonly under: readonly string[];
  /** those entries that name this type; absent: all of them */
  readonly only?: string;
}

/**
 * R4 defines many parameters of a type over the same elements: `patient` is `subject` where that is a Patient, `combo-code` is `code` and
 * `component-code`. Their values are indexed once, under the plainer one: an Encounter has a sixth fewer entries so, a caseload status a third.
 *
 * @param all the parameters of one type, in the order of the table
 */
export function standingOf({ code, expression, kind }: Described, all: readonly Described[]): Standing {
  if (kind === 'date') return { under: [code] };
  const parts = bare(expression).split(' | ').map(bare);
  const [, narrowed = '', only] = /^(.*)\.where\(resolve\(\) is ([A-Za-z]+)\)$/.exec(bare(expression)) ?? [];
  const same = (of: string): string | undefined =>
    all.find((one) => one.kind === kind && bare(one.expression) === of)?.code;
  if (only !== undefined && !narrowed.includes(' | ')) {
    const other = same(narrowed);
    return other === undefined ? { under: [code] } : { under: [other], only };
  }
  const others = parts.map(same);
  const known = others.filter((one) => one !== undefined);
  return { under: known.length === parts.length ? [...new Set(known)] : [code] };
}

/** Without the parentheses around all of it. */
function bare(expression: string): string {
  return /^\([^()]*(?:\([^()]*\)[^()]*)*\)$/.test(expression) ? expression.slice(1, -1) : expression;
}
