import { type Failure, failure } from '../../base/failure.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { servedTypes } from '../../fhir/served-types.ts';
import { dateRange, type InstantRange } from './dates.ts';
import { keyOf } from './keys.ts';
import { parametersOf, type SearchParameter } from './parameters.ts';
import { afterPrefix, foldString } from './strings.ts';

/** One way to meet a condition: a search_key entry, a range of them, or what stands somewhere behind a prefix. */
export type KeyTest =
  | { readonly equals: string /** a text that the resource must hold as it is written */; readonly literal?: string }
  | { readonly from: string; readonly before: string }
  | { readonly prefix: string; readonly holds: string };

export type DatePrefix = 'eq' | 'ne' | 'gt' | 'lt' | 'ge' | 'le' | 'sa' | 'eb' | 'ap';

/** What a resource must meet. Alternatives within one are joined by or, conditions by and (R4 search.html#combining). */
export type Condition =
  | { readonly kind: 'id'; readonly ids: readonly string[] }
  | { readonly kind: 'keys'; readonly param: string; readonly tests: readonly KeyTest[]; readonly not: boolean }
  | {
      readonly kind: 'date';
      readonly param: string;
      readonly tests: readonly { readonly prefix: DatePrefix; readonly range: InstantRange }[];
    }
  | {
      readonly kind: 'missing';
      readonly param: string;
      readonly of: SearchParameter['kind'];
      readonly missing: boolean;
    }
  | { readonly kind: 'chain'; readonly param: string; readonly target: string; readonly condition: Condition };

export interface Include {
  readonly type: string;
  readonly param: string;
  readonly targets: readonly string[];
}

export interface Sort {
  readonly by: '_lastUpdated' | '_id' | { readonly param: string; readonly kind: 'date' | 'text' };
  readonly descending: boolean;
}

export interface SearchQuery {
  readonly type: string;
  readonly conditions: readonly Condition[];
  readonly includes: readonly Include[];
  readonly revIncludes: readonly Include[];
  /** keys of the order, the first one first; never empty */
  readonly sort: readonly Sort[];
  /** most matches of a page; 0 asks for the count alone */
  readonly count: number;
  readonly total: boolean;
  /** the parameters that were followed, for the self link and the cursor */
  readonly followed: URLSearchParams;
  /** parameters that lenient handling passed over */
  readonly ignored: readonly string[];
}

const defaultCount = 50;
export const mostCount = 1_000;
const mostAlternatives = 100;
const mostSortKeys = 4;

interface Draft {
  readonly type: string;
  readonly fhirBase: string;
  readonly conditions: Condition[];
  readonly includes: Include[];
  readonly revIncludes: Include[];
  sort: readonly Sort[];
  count: number;
  total: boolean;
}

type Parsed = Result<void, Failure>;

/**
 * Reads search input (R4 search.html). What is not supported is refused with what is, unless the client asked for lenient handling;
 * then it is passed over and left out of the self link.
 */
export function parseQuery(
  type: string,
  input: URLSearchParams,
  options: { readonly fhirBase: string; readonly lenient: boolean },
): Result<SearchQuery, Failure> {
  const draft: Draft = {
    type,
    fhirBase: options.fhirBase,
    conditions: [],
    includes: [],
    revIncludes: [],
    sort: [{ by: '_lastUpdated', descending: true }],
    count: defaultCount,
    total: false,
  };
  const followed = new URLSearchParams();
  const ignored: string[] = [];
  for (const [name, value] of input) {
    if (name === '_cursor') continue;
    const parsed =
      value.includes('\0') || name.includes('\0')
        ? refuse('value', 'A search parameter holds a NUL character. Leave it out.')
        : parseParameter(draft, name, value);
    if (parsed.ok) followed.append(name, value);
    else if (options.lenient && parsed.error.issues[0]?.code === 'not-supported') ignored.push(name);
    else return parsed;
  }
  const { fhirBase: _base, ...query } = draft;
  return ok({ ...query, followed, ignored });
}

function parseParameter(draft: Draft, name: string, value: string): Parsed {
  const control = Object.hasOwn(controls, name) ? controls[name] : undefined;
  if (control) return control(draft, value);
  const condition = parseCondition(draft.type, name, value, draft.fhirBase);
  if (!condition.ok) return condition;
  draft.conditions.push(condition.value);
  return ok(undefined);
}

const controls: Readonly<Record<string, (draft: Draft, value: string) => Parsed>> = {
  _count: (draft, value) => {
    if (!/^\d{1,9}$/.test(value))
      return refuse('value', `_count must be a whole number from 0 to ${mostCount}; it is ${clip(value)}.`);
    draft.count = Math.min(Number(value), mostCount);
    if (draft.count === 0) draft.total = true;
    return ok(undefined);
  },
  _total: (draft, value) => {
    if (!['none', 'estimate', 'accurate'].includes(value))
      return refuse('value', `_total must be none, estimate or accurate; it is ${clip(value)}.`);
    draft.total ||= value !== 'none';
    return ok(undefined);
  },
  _summary: (draft, value) => {
    if (value === 'count') {
      draft.count = 0;
      draft.total = true;
    } else if (value !== 'false')
      return refuse('not-supported', `_summary=${clip(value)} is not supported; count and false are.`);
    return ok(undefined);
  },
  _sort: parseSort,
  _include: (draft, value) => parseInclude(draft, value, '_include'),
  _revinclude: (draft, value) => parseInclude(draft, value, '_revinclude'),
};

function parseSort(draft: Draft, value: string): Parsed {
  const keys = value.split(',');
  if (keys.length > mostSortKeys)
    return refuse('too-costly', `_sort has ${keys.length} keys; at most ${mostSortKeys} are taken.`);
  const sort: Sort[] = [];
  for (const key of keys) {
    const descending = key.startsWith('-');
    const code = descending ? key.slice(1) : key;
    const parameter = parametersOf(draft.type).get(code);
    if (code === '_lastUpdated' || code === '_id') sort.push({ by: code, descending });
    else if (parameter)
      sort.push({ by: { param: code, kind: parameter.kind === 'date' ? 'date' : 'text' }, descending });
    else
      return refuse(
        'not-supported',
        `_sort=${clip(key)} is not supported for ${draft.type}; sort by _lastUpdated, _id or search parameters of the type, with - for descending and commas between them.`,
      );
  }
  draft.sort = sort;
  return ok(undefined);
}

function parseInclude(draft: Draft, value: string, name: '_include' | '_revinclude'): Parsed {
  const [type = '', param = '', target, more] = value.split(':');
  const parameter = servedTypes.includes(type) ? parametersOf(type).get(param) : undefined;
  const fits =
    parameter?.kind === 'reference' &&
    more === undefined &&
    (target === undefined || parameter.targets.includes(target));
  const points = name === '_include' ? type === draft.type : parameter?.targets.includes(draft.type);
  if (!fits || !points)
    return refuse(
      'not-supported',
      `${name}=${clip(value)} is not supported; use Type:parameter or Type:parameter:Target with a reference parameter that ${name === '_include' ? `${draft.type} has` : `points to ${draft.type}`}.`,
    );
  const list = name === '_include' ? draft.includes : draft.revIncludes;
  list.push({ type, param, targets: target === undefined ? parameter.targets : [target] });
  return ok(undefined);
}

function parseCondition(
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
    return ok({ kind: 'missing', param: head, of: parameter.kind, missing: value === 'true' });
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
  const tests = values.map((value): KeyTest => {
    const text = unescape(value);
    const key = keyOf(type, code, text);
    // `system|` is any code of the system.
    return text.endsWith('|') && text.length > 1 ? { from: key, before: afterPrefix(key) } : { equals: key };
  });
  return { kind: 'keys', param: code, tests, not };
}

function referenceCondition(
  { type, code, targets }: SearchParameter,
  modifier: string | undefined,
  values: readonly string[],
  fhirBase: string,
): Condition {
  const tests = values.flatMap((value): KeyTest[] => {
    const text = unescape(value).replace(`${fhirBase}/`, '');
    const full = /^[A-Z][A-Za-z]+\//.test(text) || text.includes('://') || text.startsWith('urn:');
    const types = modifier === undefined ? targets : [modifier];
    return (full ? [text] : types.map((target) => `${target}/${text}`)).map((reference) => ({
      equals: keyOf(type, code, reference),
    }));
  });
  return { kind: 'keys', param: code, tests, not: false };
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
  const tests = values.map((value): KeyTest => {
    const text = unescape(value);
    const folded = foldString(text);
    const key = keyOf(type, code, folded);
    if (modifier === 'exact') return { equals: key, literal: text };
    if (modifier === 'contains') return { prefix: keyOf(type, code, ''), holds: folded };
    return { from: key, before: afterPrefix(key) };
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

function clip(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

function refuse(code: string, text: string): Result<never, Failure> {
  return err(failure('invalid', code, text));
}
