import type { Failure } from '../../base/failure.ts';
import { ok, type Result } from '../../base/result.ts';
import { dateRange, type InstantRange } from './dates.ts';
import { entriesOf } from './keys.ts';
import { parametersOf, type SearchParameter } from './parameters.ts';
import type { Condition, DatePrefix, KeyTest } from './query.ts';
import { clip, refuse } from './refuse.ts';
import { afterPrefix, foldString } from './strings.ts';

const mostAlternatives = 100;

/**
 * Reads one criterion, `name=value` with modifier, prefixes, chain and alternatives (R4 search.html#combining), as what a resource must
 * meet.
 *
 * @param depth steps along references that were taken already
 */
export function parseCondition(
  type: string,
  name: string,
  value: string,
  fhirBase: string,
  depth = 0,
): Result<Condition, Failure> {
  const [, head = '', modifier, chained] = /^([\w-]+)(?::([\w-]+))?(?:\.(.+))?$/.exec(name) ?? [];
  const alternatives = splitEscaped(value, ',');
  if (alternatives.length > mostAlternatives)
    return refuse(
      'too-costly',
      `${clip(name)} has ${alternatives.length} alternatives; at most ${mostAlternatives} are taken. Search in parts.`,
    );
  if (head === '_id' && modifier === undefined && chained === undefined) return ok({ kind: 'id', ids: alternatives });
  if (head === '_lastUpdated' && modifier === undefined && chained === undefined)
    return dateCondition('_lastUpdated', alternatives);
  const parameter = parametersOf(type).get(head);
  if (!parameter) return unknown(type, name);
  if (chained !== undefined) return chain(parameter, modifier, chained, value, fhirBase, depth);
  if (modifier === 'missing') {
    if (value !== 'true' && value !== 'false') return refuse('value', `${clip(name)} must be true or false.`);
    return ok({ kind: 'missing', param: head, of: parameter, missing: value === 'true' });
  }
  if (alternatives.some((alternative) => alternative === ''))
    return refuse('value', `${clip(name)} has an empty value. Leave the parameter out, or use ${head}:missing=true.`);
  switch (parameter.kind) {
    case 'date':
      return modifier === undefined ? dateCondition(head, alternatives) : badModifier(name);
    case 'reference':
      return modifier === undefined || parameter.targets.includes(modifier)
        ? ok(referenceCondition(parameter, modifier, alternatives, fhirBase))
        : badModifier(name);
    case 'string':
      return modifier === undefined || modifier === 'exact' || modifier === 'contains'
        ? ok(stringCondition(parameter, modifier, alternatives))
        : badModifier(name);
    default:
      return modifier === undefined || modifier === 'not'
        ? ok(tokenCondition(parameter, modifier === 'not', alternatives))
        : badModifier(name);
  }
}

/** One step along a reference, `patient.identifier=…` or `subject:Patient.identifier=…`. */
function chain(
  parameter: SearchParameter,
  modifier: string | undefined,
  rest: string,
  value: string,
  fhirBase: string,
  depth: number,
): Result<Condition, Failure> {
  const [target, second] =
    modifier === undefined ? parameter.targets : parameter.targets.filter((type) => type === modifier);
  if (depth > 0 || parameter.kind !== 'reference')
    return refuse(
      'not-supported',
      `${clip(`${parameter.code}.${rest}`)}: one step along a reference parameter is supported.`,
    );
  if (target === undefined || second !== undefined)
    return refuse(
      'not-supported',
      `${parameter.code} can point to ${parameter.targets.join(', ') || 'nothing that is served'}: name one, for example ${parameter.code}:${parameter.targets[0] ?? 'Patient'}.${clip(rest)}.`,
    );
  const condition = parseCondition(target, rest, value, fhirBase, depth + 1);
  return condition.ok ? ok({ kind: 'chain', param: parameter.code, target, condition: condition.value }) : condition;
}

function tokenCondition({ type, code }: SearchParameter, not: boolean, values: readonly string[]): Condition {
  const tests = values.flatMap((value): KeyTest[] => {
    const text = unescape(value);
    // `system|` is any code of the system.
    const isSystem = text.endsWith('|') && text.length > 1;
    return entriesOf(type, code, text).map((key) =>
      isSystem ? { from: key, before: afterPrefix(key) } : { equals: key },
    );
  });
  return { kind: 'keys', param: code, tests, not };
}

function referenceCondition(
  { type, code, only, targets }: SearchParameter,
  modifier: string | undefined,
  values: readonly string[],
  fhirBase: string,
): Condition {
  const tests = values.flatMap((value): KeyTest[] => {
    const text = unescape(value).replace(`${fhirBase}/`, '');
    const full = /^[A-Z][A-Za-z]+\//.test(text) || text.includes('://') || text.startsWith('urn:');
    const types = modifier === undefined ? targets : [modifier];
    // Entries that it shares with another parameter may name other types.
    const named = full
      ? [text].filter(() => only === undefined || names(text, only))
      : types.map((target) => `${target}/${text}`);
    return named.flatMap((reference) => entriesOf(type, code, reference)).map((equals) => ({ equals }));
  });
  return { kind: 'keys', param: code, tests, not: false };
}

/** Whether a relative reference or a URL names a resource of a type. */
function names(reference: string, type: string): boolean {
  return reference.split('/').at(-2) === type;
}

/**
 * Strings match by their beginning. `:exact` finds the folded text and then asks that the resource holds the value as it is written;
 * `:contains` looks at each row's own keys, since no index of ours finds the middle of a text.
 */
function stringCondition(
  { type, code }: SearchParameter,
  modifier: string | undefined,
  values: readonly string[],
): Condition {
  const tests = values.flatMap((value): KeyTest[] => {
    const text = unescape(value);
    const folded = foldString(text);
    if (modifier === 'contains') return entriesOf(type, code, '').map((prefix) => ({ prefix, holds: folded }));
    return entriesOf(type, code, folded).map((key) =>
      modifier === 'exact' ? { equals: key, literal: text } : { from: key, before: afterPrefix(key) },
    );
  });
  return { kind: 'keys', param: code, tests, not: false };
}

function dateCondition(param: string, values: readonly string[]): Result<Condition, Failure> {
  const tests: { prefix: DatePrefix; range: InstantRange }[] = [];
  for (const value of values) {
    const [, prefix = 'eq', text = ''] = /^(eq|ne|gt|lt|ge|le|sa|eb|ap)?(.*)$/s.exec(value) ?? [];
    const range = dateRange(text);
    if (!range)
      return refuse(
        'value',
        `${param}=${clip(value)} is not a date. Use for example ge2026-03-01, or 2026-03-01T09:00:00-05:00; encode + as %2B.`,
      );
    tests.push({ prefix: prefix as DatePrefix, range });
  }
  return ok({ kind: 'date', param, tests });
}

function badModifier(name: string): Result<never, Failure> {
  return refuse(
    'not-supported',
    `The modifier in ${clip(name)} is not supported; missing is, not for tokens, exact and contains for strings, and a type for references.`,
  );
}

function unknown(type: string, name: string): Result<never, Failure> {
  const near = [...parametersOf(type).keys()].filter((code) =>
    code.includes(name.split(/[:.]/)[0]?.slice(0, 4).toLowerCase() ?? ' '),
  );
  const hint = near.length > 0 ? ` Near it are ${near.slice(0, 5).join(', ')}.` : '';
  return refuse(
    'not-supported',
    `${type} has no search parameter ${clip(name)}.${hint} GET metadata lists all; Prefer: handling=lenient passes over unknown ones.`,
  );
}

/** Splits at a separator that no backslash escapes (R4 search.html#escaping). */
function splitEscaped(value: string, separator: string): string[] {
  return value.includes(`\\${separator}`) ? value.split(new RegExp(`(?<!\\\\)${separator}`)) : value.split(separator);
}

function unescape(value: string): string {
  return value.includes('\\') ? value.replaceAll(/\\([,$|\\])/g, '$1') : value;
}
