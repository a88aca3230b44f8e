import { Params } from '../sql.ts';

/**
 * The values of one of several searches with the same text: column p1, p2 … of row q of `calls`. Each value travels as text and is
 * cast where it is used, so that the values of all calls are one text array a column.
 */
export class CallParams extends Params {
  override add(value: unknown): string {
    this.values.push(textOf(value));
    return `q.p${this.values.length}${castOf(value)}`;
  }
}

/** The rows of all calls, numbered from 1 in the order of `values`. */
export function callRows(width: number): string {
  const arrays = Array.from({ length: width }, (_, index) => `$${index + 1}::text[]`);
  const columns = Array.from({ length: width }, (_, index) => `p${index + 1}`);
  return `unnest(${arrays.join(', ')}) with ordinality as q(${columns.join(', ')}, call)`;
}

/** One array a column from one row a call. */
export function columnsOf(calls: readonly (readonly unknown[])[]): unknown[][] {
  const [first = []] = calls;
  return first.map((_, column) => calls.map((values) => values[column]));
}

function castOf(value: unknown): string {
  if (Array.isArray(value)) return '::text[]';
  return typeof value === 'number' ? '::int' : '';
}

/** Array literals as PostgreSQL reads them; what else there is are strings and whole numbers. */
function textOf(value: unknown): string {
  if (!Array.isArray(value)) return String(value);
  return `{${value.map((part) => `"${String(part).replaceAll(/["\\]/g, '\\$&')}"`).join(',')}}`;
}
