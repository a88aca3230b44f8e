/**
 * A table as comma-separated values (RFC 4180), each line with its CRLF. Spreadsheets take a cell that begins like a formula for one
 * and run it, whoever wrote the text (OWASP, CSV injection): such a cell is told to be text by an apostrophe.
 */
export function csvOf(rows: readonly (readonly string[])[]): string {
  return rows.map((row) => `${row.map(cell).join(',')}\r\n`).join('');
}

/** The full-width forms are signs to a spreadsheet that is set to Chinese or Japanese. */
const likeFormula = /^[=+\-@\t\r\n\uFF1D\uFF0B\uFF0D\uFF20]/;

function cell(text: string): string {
  const safe = likeFormula.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
