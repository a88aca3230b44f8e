import type { CodeTable } from './tables.ts';

/** Value sets as look-ups: made from a table when first asked for. */
export class CodeSets {
  readonly #tables: ReadonlyMap<string, CodeTable>;
  readonly #sets = new Map<string, CodeSet | undefined>();

  constructor(...tables: readonly Readonly<Record<string, CodeTable>>[]) {
    this.#tables = new Map(tables.flatMap((table) => Object.entries(table)));
  }

  /** undefined for a value set whose codes the definitions do not enumerate: it is not checked */
  get(url: string): CodeSet | undefined {
    if (!this.#sets.has(url)) {
      const table = this.#tables.get(url);
      this.#sets.set(url, table && new CodeSet(table));
    }
    return this.#sets.get(url);
  }
}

export class CodeSet {
  readonly #codes = new Set<string>();
  readonly #withSystem = new Set<string>();

  constructor(table: CodeTable) {
    for (const [system, codes] of Object.entries(table))
      for (const code of codes) {
        this.#codes.add(code);
        this.#withSystem.add(`${system}|${code}`);
      }
  }

  /** A few of the codes, for the sender. */
  get some(): string {
    const codes = [...this.#codes];
    return codes.length > 12 ? `${codes.slice(0, 12).join(', ')}, …` : codes.join(', ');
  }

  /** Whether a code, Coding, CodeableConcept or Quantity is bound as a required binding asks (R4 terminologies.html#required). */
  holds(value: unknown): boolean {
    if (typeof value === 'string') return this.#codes.has(value);
    const { code, coding, system } = value as { code?: unknown; coding?: unknown; system?: unknown };
    if (Array.isArray(coding)) return coding.some((one) => this.holds(one));
    if (typeof code !== 'string') return false;
    return typeof system === 'string' ? this.#withSystem.has(`${system}|${code}`) : false;
  }
}
