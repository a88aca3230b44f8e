import { DateTime } from 'luxon';
import { type Failure, failure } from '../base/failure.ts';
import { err, ok, type Result } from '../base/result.ts';
import { type LocalDate, parseLocalDate } from '../base/time.ts';
import type { StaffQuestion } from '../service/staff-question.ts';
import type { FhirRequest } from './fhir-request.ts';

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
  return text === null ? ok(undefined) : askedDate(name, text);
}

/** A day that may be asked about: days and months can be counted from it and back, which the calendar's first and last year end. */
export function askedDate(name: string, text: string): Result<LocalDate, Failure> {
  const date = parseLocalDate(text);
  if (date === undefined) return invalid(`${name}=${text.slice(0, 40)} is not a date. Write it as YYYY-MM-DD.`);
  return isCountable(date) ? ok(date) : outside(name, text);
}

const [firstYear, lastYear] = ['0001', '9998'];

function isCountable(written: string): boolean {
  const year = written.slice(0, 4);
  return firstYear <= year && year <= lastYear;
}

function outside(name: string, text: string): Result<never, Failure> {
  return invalid(
    `${name}=${text.slice(0, 40)} lies outside the years ${firstYear} to ${lastYear}. Ask for one within them.`,
  );
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
  return isCountable(written) ? ok(parsed.toJSDate()) : outside(name, text);
}

export function monthParameter(query: URLSearchParams, name: string): Result<string | undefined, Failure> {
  const text = query.get(name);
  if (text !== null && parseLocalDate(`${text}-01`) === undefined)
    return invalid(`${name}=${text.slice(0, 40)} is not a month. Write it as YYYY-MM.`);
  if (text !== null && !isCountable(text)) return outside(name, text);
  return ok(text ?? undefined);
}

/** What the operations on an organisation's coaches have in common. */
export function staffQuestion(
  { query, requestId }: FhirRequest,
  organization: string | undefined,
): Result<StaffQuestion, Failure> {
  const date = dateParameter(query, 'date');
  if (!date.ok) return date;
  const knownAt = instantParameter(query, 'knownAt');
  if (!knownAt.ok) return knownAt;
  const ruleset = query.get('ruleset') ?? undefined;
  return ok({ organization, date: date.value, knownAt: knownAt.value, ruleset, requestId });
}

export function invalid(text: string): Result<never, Failure> {
  return err(failure('invalid', 'value', text));
}
