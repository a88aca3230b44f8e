import type { Access } from '../access.ts';
import type { Statement } from '../database.ts';
import { rowColumns } from '../masking.ts';
import { Params } from '../sql.ts';
import { visible } from '../visibility.ts';
import { CallParams, callRows, columnsOf } from './call-params.ts';
import { Conditions, distinctIds, type Ids, mustTest } from './conditions.ts';
import { driverOf } from './driver.ts';
import { includedRows } from './included.ts';
import type { Condition, SearchQuery } from './query.ts';
import { behind, orderOf, type Position, type SortSql, sortOf } from './sort.ts';

export interface SearchCall {
  readonly access: Access;
  readonly query: SearchQuery;
  readonly after: Position | undefined;
  /** query text for the audit row */
  readonly asked: string;
  readonly requestId: string;
}

/**
 * A search as text that all searches of the same form share, and the values of this one. The page, one row beyond it that tells
 * whether there is more, includes, the total, and the audit row are one statement. Every alias of `resource` carries the visibility
 * predicate, with the values of its own call alone.
 *
 * @returns `text` for `together`; its rows are ResourceRows with `call` (from 1), `mode` (`match` or `include`), `sort_values` and
 * `total`, the matches of a call first and in order
 */
export function searchStatement(call: SearchCall): Statement {
  const { access, query, after } = call;
  const params = new CallParams();
  const conditions = new Conditions(access, params);
  const source = matching(query, conditions);
  const sorts = query.sort.map((sort) => sortOf(sort, query.type, conditions));
  const count = params.add(query.count);
  const from = after === undefined ? 'true' : behind(sorts, after, params);
  const page = pageOf(source, sorts, from, `${count} + 1`, query);
  const sortValues = `array[${sorts.map((_, index) => `m.sort_${index}::text`).join(', ')}] as sort_values`;
  const total = query.total ? `(select count(*)::int from ${source.rows})` : 'null::int';
  const matches = `select 'match' as mode, m.rank <= ${count} as shown, ${sortValues}, ${total} as total, ${rowColumns('m')}, m.rank`;
  const included = includedRows(query, conditions);
  const found =
    included === undefined
      ? `${matches} from (${page}) as m`
      : `with matches as materialized (${page}), page as materialized (select * from matches where rank <= ${count}), included as materialized (${included})
    ${matches} from matches m
    union all select 'include', true, null, null, ${rowColumns('i')}, ${count} + 1 + row_number() over () from included i`;
  const audit = logged(call, params);
  return {
    text: `with calls as materialized (select * from ${callRows(params.values.length)}),
    found as materialized (select q.call, s.* from calls q cross join lateral (${found} offset 0) as s),
    logged as (${audit})
    select call, mode, sort_values, total, ${rowColumns('f')} from found f order by call, rank`,
    values: params.values,
  };
}

/** The same form asked by several calls, as one statement in one transaction. */
export function together(text: string, calls: readonly (readonly unknown[])[]): Statement {
  return { text, values: columnsOf(calls) };
}

/** Rows in order, ranked from 1. */
function pageOf(source: Source, sorts: readonly SortSql[], from: string, limit: string, query: SearchQuery): string {
  const columns = [rowColumns('r'), ...(query.includes.length > 0 ? ['r.keys'] : [])];
  const sorted = sorts.map(({ expression }, index) => `${expression} as sort_${index}`);
  const select = `select ${[...columns, ...sorted].join(', ')} from`;
  const order = `order by ${orderOf(sorts)} limit ${limit}`;
  const [only, second] = sorts;
  const { few } = source;
  const rows =
    few === undefined || second !== undefined || !only?.indexed
      ? `${select} ${source.rows} where ${from} ${order}`
      : `with few as materialized (${few.ids.sql} limit ${mostDriven + 1})
    ${select} ${driven(few.ids.repeats ? 'select distinct id from few' : 'select id from few', few.rest)} where (select count(*) from few) <= ${mostDriven} and ${from}
    union all (${select} resource r where (select count(*) from few) > ${mostDriven} and ${listed} and ${few.all()} and ${from} ${order}) ${order}`;
  return `select m.*, row_number() over (order by ${orderOf(sorts)}) as rank from (${rows}) as m`;
}

/** Past so many candidates of a weak condition, it is cheaper to walk the type in the order asked for and stop at a full page. */
const mostDriven = 1_000;

/** Opens the index resource_updated to a list. */
const listed = 'r.version > 0';

interface Source {
  /** all visible rows that meet the query, as alias r */
  readonly rows: string;
  /** where the candidates may be very many: their ids, the conditions of each row, and all conditions; asked for only where they are used, since a value that no SQL names is refused */
  readonly few: { readonly ids: Ids; readonly rest: string; readonly all: () => string } | undefined;
}

/**
 * Where an index finds candidates by one of the conditions they come first, and the fence (`offset 0`) lets nothing but a look-up by
 * primary key follow, with statistics or without (ADR 0003).
 */
function matching(query: SearchQuery, conditions: Conditions): Source {
  const { access, params } = conditions;
  const driver = driverOf(query);
  const ids = driver && conditions.ids(query.type, driver.condition);
  const test = (condition: Condition): string => ` and ${conditions.test('r', query.type, condition)}`;
  const tested = query.conditions.filter(
    (condition) => ids === undefined || condition !== driver?.condition || mustTest(condition),
  );
  const met = `r.tenant = ${params.add(access.tenant)} and r.type = ${params.add(query.type)} and not r.deleted and ${visible('r', access, 's', query.type, params)}`;
  const rest = `${met}${tested.map(test).join('')}`;
  if (driver === undefined || ids === undefined)
    return { rows: `(select * from resource r where ${listed} and ${rest}) as r`, few: undefined };
  const few = driver.weak ? { ids, rest, all: () => `${rest}${test(driver.condition)}` } : undefined;
  return { rows: driven(distinctIds(ids), rest), few };
}

function driven(ids: string, met: string): string {
  return `(${ids}) as c cross join lateral (select * from resource r where r.id = c.id and ${met} offset 0) as r`;
}

/** One audit row a call, with what that call shows. */
function logged({ access, asked, query, requestId }: SearchCall, params: Params): string {
  return `insert into audit (tenant, client_id, interaction, type, entity, patients, query, outcome, request_id)
    select ${params.add(access.tenant)}, ${params.add(access.clientId)}, 'search-type', ${params.add(query.type)}, f.entity, f.patients,
      ${params.add(asked)}, 200, ${params.add(requestId)}
    from calls q cross join lateral (select coalesce(array_agg(type || '/' || id || '/_history/' || version), '{}') as entity,
      coalesce(array_agg(distinct patient) filter (where patient is not null), '{}') as patients from found f where f.call = q.call and f.shown) as f`;
}

/** The number of matches alone; its audit row names no resource, since none is shown. */
export function countStatement(call: SearchCall): Statement {
  const { access, query } = call;
  const params = new Params();
  const { rows } = matching(query, new Conditions(access, params));
  const audit = `insert into audit (tenant, client_id, interaction, type, query, outcome, request_id)
    values (${params.add(access.tenant)}, ${params.add(access.clientId)}, 'search-type', ${params.add(query.type)}, ${params.add(call.asked)}, 200, ${params.add(call.requestId)})`;
  return { text: `with logged as (${audit}) select count(*)::int as total from ${rows}`, values: params.values };
}

/** Current rows that meet the criteria, at most `limit`: for conditional create and conditional references. */
export function matchStatement(access: Access, query: SearchQuery, limit: number): Statement {
  const params = new Params();
  const { rows } = matching(query, new Conditions(access, params));
  return { text: `select ${rowColumns('r')} from ${rows} limit ${params.add(limit)}`, values: params.values };
}
