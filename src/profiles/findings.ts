import type { Issue } from '../base/failure.ts';

/** Findings about one resource, most telling first; bounded, so that a hostile resource cannot make an endless answer. */
export class Findings {
  readonly issues: Issue[] = [];
  readonly #most: number;

  constructor(most: number) {
    this.#most = most;
  }

  get full(): boolean {
    return this.issues.length >= this.#most;
  }

  error(code: string, expression: string, text: string): void {
    if (!this.full) this.issues.push({ severity: 'error', code, text, expression });
  }

  warning(code: string, expression: string, text: string): void {
    if (!this.full) this.issues.push({ severity: 'warning', code, text, expression });
  }
}

/** What was sent, short enough for a sentence. */
export function shown(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value));
  return text.length > 120 ? `${text.slice(0, 119)}…` : text;
}
