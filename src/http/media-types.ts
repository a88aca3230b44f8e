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
const formats = new Set(['json', 'application/json', 'application/fhir+json', 'application/fhir json', 'text/json']);

/** JSON is what we speak (R4 http.html#mime-type): 406 in words for a client that takes nothing of it. `_format` wins over Accept. */
export function checkAccept(accept: string | undefined, query: URLSearchParams): Failure | undefined {
  const format = query.get('_format');
  if (format !== null) {
    if (formats.has(format.toLowerCase())) return undefined;
    return notAcceptable(`_format=${format.slice(0, 40)}`);
  }
  if (accept === undefined || accept.trim() === '') return undefined;
  for (const range of accept.split(',')) {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
    const version = parameters.find((parameter) => parameter.startsWith('fhirversion='))?.slice(12);
    if (jsonTypes.has(type) && (version === undefined || version === '4.0') && !parameters.includes('q=0'))
      return undefined;
  }
  return notAcceptable(`Accept: ${accept.slice(0, 100)}`);
}

function notAcceptable(asked: string): Failure {
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
