/** Lower case, without accents, punctuation folded to spaces: R4 asks that string search ignores them (search.html#string). */
export function foldString(text: string): string {
  if (/^[a-z0-9]*$/.test(text)) return text;
  return text
    .normalize('NFD')
    .replaceAll(/\p{M}/gu, '')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
}

/** The exclusive upper end of the range of texts that start with `prefix`, in byte order. */
export function afterPrefix(prefix: string): string {
  return `${prefix}\u{10FFFF}`;
}
