import type { Parameters, ParametersParameter } from '@medplum/fhirtypes';
import type { Failure } from '../base/failure.ts';
import { ok, type Result } from '../base/result.ts';
import { type LocalDate, parseLocalDate } from '../base/time.ts';
import { askedDate, invalid } from './operation-query.ts';

/** The parameters of an operation called by POST: a Parameters resource, each of these names at most once and no other. */
export function bodyParameters(
  operation: string,
  body: unknown,
  names: readonly string[],
): Result<ReadonlyMap<string, ParametersParameter>, Failure> {
  const sent = body as Parameters | null | undefined;
  if (typeof sent !== 'object' || sent?.resourceType !== 'Parameters')
    return invalid(`${operation} takes a Parameters resource with ${names.join(', ')} as its body.`);
  const given: unknown = sent.parameter ?? [];
  if (!Array.isArray(given)) return invalid(`Parameters.parameter must be a list.`);
  const found = new Map<string, ParametersParameter>();
  for (const one of given as (ParametersParameter | null)[]) {
    const name = typeof one?.name === 'string' ? one.name : '';
    if (!one || !names.includes(name) || found.has(name))
      return invalid(
        `${operation} takes ${names.join(', ')}, each once; ${name.slice(0, 40) || 'a part without a name'} is too much.`,
      );
    found.set(name, one);
  }
  return ok(found);
}

/** A day as `valueDate`. */
export function dateIn(parameters: ReadonlyMap<string, ParametersParameter>, name: string): Result<LocalDate, Failure> {
  const given: unknown = parameters.get(name)?.valueDate;
  if (typeof given !== 'string' || parseLocalDate(given) === undefined)
    return invalid(`${name} must be there as valueDate, written as YYYY-MM-DD.`);
  return askedDate(name, given);
}

/** Text as one of these values; undefined where the parameter is not there. */
export function textIn(
  parameters: ReadonlyMap<string, ParametersParameter>,
  name: string,
  values: readonly ('valueCanonical' | 'valueString' | 'valueUri')[],
): Result<string | undefined, Failure> {
  const part = parameters.get(name);
  if (!part) return ok(undefined);
  const given: unknown = values.map((value) => part[value]).find((value) => value !== undefined);
  if (typeof given !== 'string' || given === '') return invalid(`${name} must be given as ${values.join(' or ')}.`);
  return ok(given);
}
