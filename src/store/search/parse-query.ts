import type { Failure } from '../../base/failure.ts';
import { ok, type Result } from '../../base/result.ts';
import { parseCondition } from './criteria.ts';
import type { Condition, SearchQuery } from './query.ts';
import { refuse } from './refuse.ts';
import { plainResult, type ResultParameters, resultParameter } from './result-parameters.ts';

/**
 * Reads search input (R4 search.html). What is not supported is refused with what is, unless the client asked for lenient handling;
 * then it is passed over and left out of the self link.
 */
export function parseQuery(
  type: string,
  input: URLSearchParams,
  options: { readonly fhirBase: string; readonly lenient: boolean },
): Result<SearchQuery, Failure> {
  const conditions: Condition[] = [];
  const result = plainResult(type);
  const followed = new URLSearchParams();
  const ignored: string[] = [];
  for (const [name, value] of input) {
    if (name === '_cursor') continue;
    const parsed =
      value.includes('\0') || name.includes('\0')
        ? refuse('value', 'A search parameter holds a NUL character. Leave it out.')
        : parseParameter({ conditions, fhirBase: options.fhirBase, result }, name, value);
    if (parsed.ok) followed.append(name, value);
    else if (options.lenient && parsed.error.issues[0]?.code === 'not-supported') ignored.push(name);
    else return parsed;
  }
  return ok({ ...result, conditions, followed, ignored });
}

/** What was read so far. */
interface Draft {
  readonly fhirBase: string;
  readonly conditions: Condition[];
  readonly result: ResultParameters;
}

function parseParameter({ conditions, fhirBase, result }: Draft, name: string, value: string): Result<void, Failure> {
  const read = resultParameter(name);
  if (read) return read(result, value);
  const condition = parseCondition(result.type, name, value, fhirBase);
  if (!condition.ok) return condition;
  conditions.push(condition.value);
  return ok(undefined);
}
