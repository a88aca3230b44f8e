import { DateTime } from 'luxon';
import { type Failure, failure } from '../base/failure.ts';
import { err, ok, type Result } from '../base/result.ts';
import { type LocalDate, parseLocalDate } from '../base/time.ts';

/** The parameters of an operation called by GET: each at most once but those that repeat, and none that it does not have. */
export function onlyOnce(
  operation: string,
  query: URLSearchParams,
  names: readonly string[],
  repeated: readonly string[] = [],
): Result<undefined, Failure> {
  for (const [name, value] of query) {
    if (repeated.includes(name)) continue;
    if (!names.includes(name) || query.getAll(name).length > 1)
      return invalid(
        `${operation} takes ${names.join(', ')}, each once${repeated.length > 0 ? `, and ${repeated.join(', ')}, as often as you like` : ''}; ${name.slice(0, 40)}=${value.slice(0, 40)} is too much.`,
      );
  }
  return ok(undefined);
}

export function dateParameter(query: URLSearchParams, name: string): Result<LocalDate | undefined, Failure> {
  const text = query.get(name);
  const date = text === null ? undefined : parseLocalDate(text);
  if (text !== null && date === undefined)
    return invalid(`${name}=${text.slice(0, 40)} is not a date. Write it as YYYY-MM-DD.`);
  return ok(date);
}

/** A parameter that may repeat, each time with one value or several between commas. */
export function listParameter(query: URLSearchParams, name: string): Result<readonly string[] | undefined, Failure> {
  const given = query.getAll(name);
  const values = given.flatMap((text) => text.split(',').map((one) => one.trim()));
  if (values.includes('')) return invalid(`${name} has an empty value. Name one or several, or leave ${name} out.`);
  return ok(given.length === 0 ? undefined : values);
}

/** '+' in a query is a space to URL parsers: an offset that lost its sign is understood. */
export function instantParameter(query: URLSearchParams, name: string): Result<Date | undefined, Failure> {
  const text = query.get(name);
  if (text === null) return ok(undefined);
  const written = text.replace(/ (\d\d:\d\d)$/, '+$1');
  const parsed = /^\d{4}-\d\d-\d\dT\d\d:\d\d.*(Z|[+-]\d\d:\d\d)$/.test(written)
    ? DateTime.fromISO(written, { setZone: true })
    : undefined;
  if (!parsed?.isValid)
    return invalid(
      `${name}=${text.slice(0, 40)} is not an instant. Write date, time and offset, for example 2026-11-24T09:30:00-05:00.`,
    );
  return ok(parsed.toJSDate());
}

export function invalid(text: string): Result<never, Failure> {
  return err(failure('invalid', 'value', text));
}
