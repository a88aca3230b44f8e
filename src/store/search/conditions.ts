import type { Access } from '../access.ts';
import { isMasked } from '../masking.ts';
import type { Params } from '../sql.ts';
import { visible } from '../visibility.ts';
import type { InstantRange } from './dates.ts';
import { datePrefix, entriesOf, keyOf } from './keys.ts';
import type { Condition, DatePrefix, KeyTest } from './query.ts';
import { afterPrefix } from './strings.ts';

/** Parameters that lead to what a plan may not see: for it they have no values (T41). */
const hiddenParameters: Readonly<Record<string, ReadonlySet<string>>> = {
  Observation: new Set(['encounter', 'focus', 'derived-from', 'part-of', 'based-on', 'has-member']),
  CarePlan: new Set(['encounter']),
};

/** Ids of candidates; the same one may come several times where it `repeats`. */
export interface Ids {
  readonly sql: string;
  readonly repeats: boolean;
}

export function distinctIds({ sql, repeats }: Ids): string {
  return repeats ? `select distinct i.id from (${sql}) as i` : sql;
}

/** Whether every way to meet the condition is an equality or a range of search_key. */
export function isIndexed({ not, tests }: KeysCondition): boolean {
  return !not && tests.every((test) => !('holds' in test));
}

/** Whether rows that an index found by the condition must still be asked: the index knows less than the condition says. */
export function mustTest(condition: Condition): boolean {
  return (
    condition.kind === 'chain' ||
    (condition.kind === 'keys' && condition.tests.some((test) => 'literal' in test && test.literal !== undefined))
  );
}

type KeysCondition = Extract<Condition, { kind: 'keys' }>;
type DateCondition = Extract<Condition, { kind: 'date' }>;
type MissingCondition = Extract<Condition, { kind: 'missing' }>;
type ChainCondition = Extract<Condition, { kind: 'chain' }>;

/**
 * Conditions as SQL over an alias of `resource`. Only equality and order of text and timestamps touch indexes, which row-level
 * security lets through; `offset 0` keeps a probe a probe, whatever the statistics say (ADR 0003).
 */
export class Conditions {
  readonly access: Access;
  readonly params: Params;

  constructor(access: Access, params: Params) {
    this.access = access;
    this.params = params;
  }

  isHidden(type: string, param: string): boolean {
    return isMasked(type, this.access) && (hiddenParameters[type]?.has(param) ?? false);
  }

  /** The time that belongs to the caller's view. */
  updated(alias: string, type: string): string {
    return isMasked(type, this.access) ? `${alias}.view_updated` : `${alias}.last_updated`;
  }

  /** The condition of a row that is already found. */
  test(alias: string, type: string, condition: Condition): string {
    const hidden = condition.kind !== 'id' && this.isHidden(type, condition.param);
    switch (condition.kind) {
      case 'id':
        return `${alias}.id = any(${this.params.add(condition.ids)}::text[])`;
      case 'keys':
        return hidden ? String(condition.not) : `${condition.not ? 'not ' : ''}(${this.keys(alias, condition.tests)})`;
      case 'date':
        return hidden ? 'false' : this.date(alias, type, condition);
      case 'missing': {
        if (hidden) return String(condition.missing);
        return `${condition.missing ? 'not ' : ''}(${this.present(alias, condition.of)})`;
      }
      case 'chain':
        return hidden ? 'false' : `exists (${this.chained(type, condition, alias)} offset 0)`;
    }
  }

  /** Ids that may meet a condition, from an index; undefined when no index finds them. */
  ids(type: string, condition: Condition): Ids | undefined {
    if (condition.kind === 'id')
      return { sql: `select unnest(${this.params.add(condition.ids)}::text[]) as id`, repeats: true };
    if (condition.kind === 'missing' || this.isHidden(type, condition.param)) return undefined;
    if (condition.kind === 'date') return this.dateIds(type, condition);
    if (condition.kind === 'chain') return { sql: this.chained(type, condition, undefined), repeats: true };
    if (!isIndexed(condition)) return undefined;
    const [only, more] = condition.tests;
    const sql = `select k.id from search_key k where k.tenant = ${this.params.add(this.access.tenant)} and (${this.keyTests('k.key', condition.tests)})`;
    return { sql, repeats: only === undefined || 'from' in only || more !== undefined };
  }

  /** Tests of the index column; what an index does not know is left to `keys`. */
  private keyTests(key: string, tests: readonly KeyTest[]): string {
    const equal = tests.flatMap((test) => ('equals' in test ? [test.equals] : []));
    const ranges = tests.flatMap((test) =>
      'from' in test ? [`(${key} >= ${this.params.add(test.from)} and ${key} < ${this.params.add(test.before)})`] : [],
    );
    const equals =
      equal.length === 1
        ? [`${key} = ${this.params.add(equal[0])}`]
        : equal.length > 1
          ? [`${key} = any(${this.params.add(equal)}::text[])`]
          : [];
    return [...equals, ...ranges].join(' or ') || 'false';
  }

  /** A probe for texts that must be equal; ranges look at the row's own keys, since a range of the index may be long. */
  private keys(alias: string, tests: readonly KeyTest[]): string {
    const probe = (equal: readonly KeyTest[]): string =>
      `exists (select from search_key k where k.tenant = ${alias}.tenant and (${this.keyTests('k.key', equal)}) and k.id = ${alias}.id offset 0)`;
    const plain = tests.filter((test) => 'equals' in test && test.literal === undefined);
    const others = tests.flatMap((test): string[] => {
      if ('from' in test) return [this.inKeys(alias, test.from, test.before)];
      if ('holds' in test) return [this.holds(alias, test.prefix, test.holds)];
      if (test.literal === undefined) return [];
      return [`(${probe([test])} and strpos(${alias}.content, ${this.params.add(JSON.stringify(test.literal))}) > 0)`];
    });
    return [...(plain.length > 0 ? [probe(plain)] : []), ...others].join(' or ') || 'false';
  }

  /** Whether the row has any value of a parameter. */
  private present(alias: string, { code, kind, only, type }: MissingCondition['of']): string {
    const prefixes = kind === 'date' ? [datePrefix(code)] : entriesOf(type, code, '');
    return prefixes
      .map((prefix) =>
        only === undefined ? this.inKeys(alias, prefix, afterPrefix(prefix)) : this.holds(alias, prefix, `${only}/`),
      )
      .join(' or ');
  }

  private holds(alias: string, prefix: string, text: string): string {
    const start = `${this.params.add(prefix)}::text`;
    return `exists (select from unnest(${alias}.keys) as key where starts_with(key, ${start}) and strpos(substr(key, length(${start}) + 1), ${this.params.add(text)}) > 0 offset 0)`;
  }

  private inKeys(alias: string, from: string, before: string): string {
    return `exists (select from unnest(${alias}.keys) as key where key >= ${this.params.add(from)} and key < ${this.params.add(before)} offset 0)`;
  }

  /** The row's own entries: an index could be walked from its start, where statistics are missing. */
  private date(alias: string, type: string, { param, tests }: DateCondition): string {
    if (param === '_lastUpdated') {
      const at = this.updated(alias, type);
      return `(${this.comparisons(tests, at, at)})`;
    }
    const prefix = datePrefix(param);
    const start = this.params.add(prefix);
    const range = (part: number): string =>
      `split_part(substr(key, length(${start}::text) + 1), '/', ${part})::timestamptz as`;
    return `exists (select from (select ${range(1)} lo, ${range(2)} hi from unnest(${alias}.keys) as key where key >= ${start} and key < ${this.params.add(afterPrefix(prefix))} offset 0) as d where ${this.comparisons(tests, 'd.lo', 'd.hi')})`;
  }

  private dateIds(type: string, { param, tests }: DateCondition): Ids | undefined {
    if (param === '_lastUpdated') return undefined;
    const sql = `select d.id from search_date d where d.tenant = ${this.params.add(this.access.tenant)} and d.type = ${this.params.add(type)} and d.param = ${this.params.add(param)} and (${this.comparisons(tests, 'd.lo', 'd.hi')})`;
    return { sql, repeats: true };
  }

  private comparisons(tests: DateCondition['tests'], lo: string, hi: string): string {
    return tests.map(({ prefix, range }) => compare(prefix, [lo, hi], range, this.params)).join(' or ');
  }

  /**
   * Ids of what points to a target, or with `alias` the one row's own. The target is looked at only through the caller's own
   * visibility. A plan may name a member by identifier although it does not see Patients: what it finds are its own consented rows,
   * of the same organisation as the Patient (architecture, section 3).
   */
  private chained(type: string, { param, target, condition }: ChainCondition, alias: string | undefined): string {
    const tenant = this.params.add(this.access.tenant);
    const byMember =
      this.access.kind === 'plan' &&
      target === 'Patient' &&
      condition.kind === 'keys' &&
      condition.param === 'identifier' &&
      !condition.not;
    const seen = byMember ? `t.tenant = ${tenant}` : visible('t', this.access, 's', target, this.params);
    const met = `t.tenant = ${tenant} and t.type = ${this.params.add(target)} and not t.deleted and ${seen} and ${this.test('t', target, condition)}`;
    const found = this.ids(target, condition);
    const targets =
      found === undefined
        ? `select t.id, t.owner from resource t where ${met} offset 0`
        : `select t.id, t.owner from (${distinctIds(found)}) as f cross join lateral (select t.id, t.owner from resource t where t.id = f.id and ${met} offset 0) as t`;
    const key = `${this.params.add(keyOf(type, param, `${target}/`))}::text || t.id`;
    const own = alias === undefined ? '' : ` and k.id = ${alias}.id`;
    // Without the row, the owner is not compared yet: who drives by a chain tests it again on the row.
    const sameOwner = byMember && alias !== undefined ? `where t.owner = ${alias}.owner` : '';
    return `select k.id from (${targets}) as t cross join lateral (select k.id from search_key k where k.tenant = ${tenant} and k.key = ${key}${own} offset 0) as k ${sameOwner}`;
  }
}

/** R4 search.html#prefix: comparisons of the range [lo, hi] of the resource with the range of the parameter. */
function compare(prefix: DatePrefix, [lo, hi]: [string, string], range: InstantRange, params: Params): string {
  // A value that no text names has no type for the server: each is added where it is used.
  const start = (): string => `${params.add(range.lo)}::timestamptz`;
  const end = (): string => `${params.add(range.hi)}::timestamptz`;
  switch (prefix) {
    case 'eq': {
      const last = end();
      return `(${lo} >= ${start()} and ${lo} <= ${last} and ${hi} <= ${last})`;
    }
    case 'ne':
      return `not (${lo} >= ${start()} and ${hi} <= ${end()})`;
    case 'gt':
      return `${hi} > ${end()}`;
    case 'lt':
      return `${lo} < ${start()}`;
    case 'ge':
      return `${hi} >= ${start()}`;
    case 'le':
      return `${lo} <= ${end()}`;
    case 'sa':
      return `${lo} > ${end()}`;
    case 'eb':
      return `${hi} < ${start()}`;
    case 'ap':
      return `(${lo} <= ${end()} and ${hi} >= ${start()})`;
  }
}
