import { type Failure, failure } from '../base/failure.ts';
import { err, ok, type Result } from '../base/result.ts';

const jsonTypes = new Set([
  'application/fhir+json',
  'application/json',
  'application/json+fhir',
  'text/json',
  'application/*',
  '*/*',
]);
/** '+' in a query is a space to URL parsers. */
const formatNames: Readonly<Record<string, Format>> = {
  json: 'json',
  'application/json': 'json',
  'application/fhir+json': 'json',
  'application/fhir json': 'json',
  'text/json': 'json',
  csv: 'csv',
  'text/csv': 'csv',
};

/** What an answer can be written in: FHIR's JSON everywhere, CSV (RFC 4180) where an interaction offers it. */
export type Format = 'json' | 'csv';

/**
 * What the caller takes of it (R4 http.html#mime-type; RFC 9110, 12.5.1), what it likes best first; of equal weight, what it named first.
 * `_format` wins over Accept.
 *
 * @returns 406 in words for a client that takes nothing of it
 */
export function acceptedFormats(
  accept: string | undefined,
  query: URLSearchParams,
): Result<readonly [Format, ...Format[]], Failure> {
  const asked = query.get('_format');
  if (asked !== null) {
    const format = Object.hasOwn(formatNames, asked.toLowerCase()) ? formatNames[asked.toLowerCase()] : undefined;
    return format ? ok([format]) : err(notAcceptable(`_format=${asked.slice(0, 40)}`));
  }
  if (accept === undefined || accept.trim() === '') return ok(['json']);
  const ranges = accept.split(',').flatMap(formatOf);
  const [first, ...others] = new Set(ranges.sort((a, b) => b.weight - a.weight).map(({ format }) => format));
  return first ? ok([first, ...others]) : err(notAcceptable(`Accept: ${accept.slice(0, 100)}`));
}

/** One media range of an Accept header; nothing for what we never speak, and for what the caller does not want. */
function formatOf(range: string): { format: Format; weight: number }[] {
  const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
  const value = (name: string): string | undefined =>
    parameters.find((parameter) => parameter.startsWith(`${name}=`))?.slice(name.length + 1);
  const weight = Number(value('q') ?? 1);
  const version = value('fhirversion');
  const format = type === 'text/csv' ? 'csv' : jsonTypes.has(type) ? 'json' : undefined;
  if (!format || !(weight > 0) || (format === 'json' && version !== undefined && version !== '4.0')) return [];
  return [{ format, weight }];
}

/** @param asked what was asked for, as words of a sentence */
export function notAcceptable(asked: string): Failure {
  return failure(
    'unsupported',
    'not-supported',
    `${asked} cannot be served. Footbridge answers in application/fhir+json, FHIR version 4.0; ask for that.`,
    { status: 406 },
  );
}

/** What kind of body a Content-Type announces: JSON for resources, a form for POST _search. Anything else is 415. */
export function checkContentType(header: string | undefined, path: string): Result<'json' | 'form', Failure> {
  const [type = '', ...parameters] = (header ?? '').split(';').map((part) => part.trim().toLowerCase());
  const charset = parameters
    .find((parameter) => parameter.startsWith('charset='))
    ?.slice(8)
    .replaceAll('"', '');
  if (charset !== undefined && charset !== 'utf-8' && charset !== 'utf8')
    return err(unsupported(`charset ${charset.slice(0, 20)}`));
  const version = parameters.find((parameter) => parameter.startsWith('fhirversion='))?.slice(12);
  if (version !== undefined && version !== '4.0') return err(unsupported(`FHIR version ${version.slice(0, 10)}`));
  if (path.endsWith('/_search'))
    return type === 'application/x-www-form-urlencoded'
      ? ok('form')
      : err(
          unsupported(
            `Content-Type ${type.slice(0, 60) || 'missing'} for _search`,
            'application/x-www-form-urlencoded',
          ),
        );
  return jsonTypes.has(type) && !type.includes('*')
    ? ok('json')
    : err(unsupported(`Content-Type ${type.slice(0, 60) || 'missing'}`));
}

function unsupported(what: string, wanted = 'application/fhir+json; charset=utf-8'): Failure {
  return failure('unsupported', 'not-supported', `${what} is not taken. Send ${wanted}.`, { status: 415 });
}
