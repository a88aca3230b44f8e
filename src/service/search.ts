import { Batcher } from '../base/batcher.ts';
import { type Failure, failure } from '../base/failure.ts';
import type { TenantId } from '../base/ids.ts';
import { err, ok, type Result } from '../base/result.ts';
import type { Access } from '../store/access.ts';
import type { Database, Statement, Transaction } from '../store/database.ts';
import { type Presented, present, type ResourceRow } from '../store/masking.ts';
import { type CursorScope, readCursor, signCursor } from '../store/search/cursor.ts';
import { parseQuery } from '../store/search/parse-query.ts';
import { countStatement, matchStatement, searchStatement, together } from '../store/search/statement.ts';
import type { Services } from './context.ts';
import { checkRight } from './prepare.ts';

export interface SearchCall {
  readonly services: Services;
  readonly access: Access;
  readonly fhirBase: string;
  readonly requestId: string;
  readonly type: string;
  readonly input: URLSearchParams;
  readonly lenient: boolean;
  readonly tx?: Transaction | undefined;
}

export interface Found {
  readonly mode: 'match' | 'include';
  readonly type: string;
  readonly id: string;
  readonly resource: Presented;
}

/** A page of a search as the caller sees it. */
export interface SearchPage {
  readonly found: readonly Found[];
  readonly total: number | undefined;
  /** the parameters that were followed */
  readonly followed: URLSearchParams;
  readonly ignored: readonly string[];
  /** where the next page begins; undefined on the last one */
  readonly next: string | undefined;
}

type FoundRow = ResourceRow & {
  call: string;
  mode: 'match' | 'include';
  sort_values: string[] | null;
  total: number | null;
};

/** Searches one type (R4 search.html). The page, its includes, its total and its audit row are one statement. */
export async function searchResources(call: SearchCall): Promise<Result<SearchPage, Failure>> {
  const { access, services, type } = call;
  const refused = checkRight(access, type, 's');
  if (refused) return err(refused);
  const query = parseQuery(type, call.input, call);
  if (!query.ok) return query;
  const { followed, ignored, count: most } = query.value;
  const asked = `${type}?${followed}`;
  const given = call.input.get('_cursor');
  const scope = await cursorScope(services, access, asked);
  if (!scope.ok) return scope;
  const after = given === null ? ok(undefined) : readCursor(scope.value, given);
  if (!after.ok) return after;
  const store = { access, query: query.value, after: after.value, asked, requestId: call.requestId };
  if (most === 0) {
    const counted = await count(call, countStatement(store));
    return counted.ok
      ? ok({ found: [], total: counted.value[0]?.total ?? 0, followed, ignored, next: undefined })
      : counted;
  }
  const rows = await search(call, searchStatement(store));
  if (!rows.ok) return rows;
  const matches = rows.value.filter(({ mode }) => mode === 'match');
  const page = matches.slice(0, most);
  const last = page.at(-1);
  const next =
    matches.length > most && last?.sort_values
      ? signCursor(scope.value, { values: last.sort_values, id: last.id })
      : undefined;
  const shown = [...page, ...rows.value.filter(({ mode }) => mode === 'include')];
  const found = shown.map((row) => ({ mode: row.mode, type: row.type, id: row.id, resource: present(row, access) }));
  const total = query.value.total ? (rows.value[0]?.total ?? (given === null ? 0 : undefined)) : undefined;
  return ok({ found, total, followed, ignored, next });
}

/** Current resources that the criteria find among what the caller may see, two at the most: none, one or several is all that counts. */
export async function matchCurrent(
  tx: Transaction,
  context: { readonly access: Access; readonly fhirBase: string },
  type: string,
  criteria: URLSearchParams,
): Promise<Result<ResourceRow[], Failure>> {
  const query = parseQuery(type, criteria, { fhirBase: context.fhirBase, lenient: false });
  if (!query.ok) return query;
  if (query.value.conditions.length === 0)
    return err(
      failure(
        'invalid',
        'required',
        `The condition on ${type} has no search criteria. Give at least one, for example identifier=system|value.`,
      ),
    );
  const { text, values } = matchStatement(context.access, query.value, 2);
  return ok(await tx.query<ResourceRow>(text, values));
}

type Form = { readonly batcher: Batcher<readonly unknown[], Result<FoundRow[], Failure>>; waiting: number };

const forms = new WeakMap<Database, Map<string, Form>>();

/**
 * Concurrent searches of one tenant and one form share a statement and so one commit: their audit rows are committed as a group before
 * any of them is answered (architecture, section 4). What is slow in one form holds up no other.
 */
async function search(call: SearchCall, { text, values }: Statement): Promise<Result<FoundRow[], Failure>> {
  if (call.tx) return ok(await call.tx.query<FoundRow>(text, together(text, [values]).values));
  const { db } = call.services;
  const open = forms.get(db) ?? new Map<string, Form>();
  forms.set(db, open);
  const key = `${call.access.tenant} ${text}`;
  const form = open.get(key) ?? { batcher: batcherOf(db, call.access.tenant, text), waiting: 0 };
  open.set(key, form);
  form.waiting++;
  try {
    return await form.batcher.run(values);
  } finally {
    if (--form.waiting === 0) open.delete(key);
  }
}

function batcherOf(db: Database, tenant: TenantId, text: string): Form['batcher'] {
  const ask = async (calls: readonly (readonly unknown[])[]): Promise<Result<FoundRow[], Failure>[]> => {
    const { values } = together(text, calls);
    const rows = await db.once<FoundRow>(tenant, text, values);
    if (rows.ok) {
      const byCall = Map.groupBy(rows.value, ({ call }) => Number(call));
      return calls.map((_, index) => ok(byCall.get(index + 1) ?? []));
    }
    // What fails one must not fail the others.
    return calls.length === 1 ? [rows] : (await Promise.all(calls.map((one) => ask([one])))).flat();
  };
  return new Batcher({ keyOf: () => '', run: ask, most: 16, concurrency: 1 });
}

async function count(call: SearchCall, { text, values }: Statement): Promise<Result<{ total: number }[], Failure>> {
  if (call.tx) return ok(await call.tx.query<{ total: number }>(text, values));
  return call.services.db.once<{ total: number }>(call.access.tenant, text, values);
}

const cursorKeys = new WeakMap<Database, Map<TenantId, Buffer>>();

/** The tenant's signing key never changes, so one look is enough. */
async function cursorScope(services: Services, access: Access, asked: string): Promise<Result<CursorScope, Failure>> {
  const keys = cursorKeys.get(services.db) ?? new Map<TenantId, Buffer>();
  cursorKeys.set(services.db, keys);
  let key = keys.get(access.tenant);
  if (!key) {
    const found = await services.db.once<{ value: Buffer }>(
      access.tenant,
      `select value from setting where tenant = $1 and name = 'cursor-key'`,
      [access.tenant],
    );
    if (!found.ok) return found;
    key = found.value[0]?.value;
    if (!key) throw new Error(`tenant ${access.tenant} has no key for page links`);
    keys.set(access.tenant, key);
  }
  return ok({ access, key, asked, nowMs: services.wallClock.now().getTime() });
}
