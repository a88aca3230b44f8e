import { existsSync } from 'node:fs';
import { resolve } from 'node:path';

/** The payers' documents, where they lie beside the repository. */
export const seeds = resolve(import.meta.dirname, '../../../shared/seeds');
export const away = !existsSync(seeds);

/** Text as it is compared: without what an extraction or a typesetter put in. */
export function fold(text: string): string {
  return text
    .replace(/\[footnoteRef:\d+\]|\[bookmark: [^\]]*\]|\*\*/g, '')
    .replace(/^[ \t]*[-·•*][ \t]+/gm, '')
    .replace(/[‘’‚‛]/g, "'")
    .replace(/[“”„‟]/g, '"')
    .replace(/[‐‑‒–—―]/g, '-')
    .replace(/\s+/g, ' ')
    .trim();
}
