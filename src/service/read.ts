import { Batcher } from '../base/batcher.ts';
import { type Failure, failure } from '../base/failure.ts';
import { err, ok, type Result } from '../base/result.ts';
import type { Access } from '../store/access.ts';
import type { Database, Statement, Transaction } from '../store/database.ts';
import { isMasked, type Presented, present, type ResourceRow, rowColumns } from '../store/masking.ts';
import { Params } from '../store/sql.ts';
import { visible } from '../store/visibility.ts';
import type { Services } from './context.ts';
import { checkRight } from './prepare.ts';

interface ReadCall {
  readonly access: Access;
  readonly type: string;
  readonly id: string;
  readonly requestId: string;
  /** a transaction whose own writes the read must see; it is not joined with others then */
  readonly tx?: Transaction | undefined;
}

/** The row, or undefined for what is absent or hidden. */
type ReadAnswer = Result<ResourceRow | undefined, Failure>;

const readers = new WeakMap<Database, Batcher<ReadCall, ReadAnswer>>();

/**
 * Reads one resource. Concurrent reads of one client and type share a statement and so one commit: their audit rows are committed as
 * a group before any of them is answered (architecture, section 4).
 */
export async function readResource(services: Services, call: ReadCall): Promise<Result<Presented, Failure>> {
  const refused = checkRight(call.access, call.type, 'r');
  if (refused) return err(refused);
  const row = call.tx ? await readIn(call.tx, call) : await readerOf(services.db).run(call);
  if (!row.ok) return row;
  if (!row.value) return err(absent(call.type, call.id));
  if (row.value.deleted) return err(deleted(call.type, call.id));
  return ok(present(row.value, call.access));
}

/** The words for what is absent and for what is hidden: the same (T21, T49). */
export function absent(type: string, id: string): Failure {
  return failure(
    'not-found',
    'not-found',
    `${type}/${id} is not known here. Check the id, or search for the resource by what you know of it.`,
  );
}

function deleted(type: string, id: string): Failure {
  return failure('gone', 'deleted', `${type}/${id} was deleted. Its earlier versions are in ${type}/${id}/_history.`);
}

function readerOf(db: Database): Batcher<ReadCall, ReadAnswer> {
  let reader = readers.get(db);
  if (!reader) {
    reader = new Batcher({
      keyOf: ({ access, type }) => `${access.tenant} ${access.clientId} ${type}`,
      run: (calls) => readTogether(db, calls),
    });
    readers.set(db, reader);
  }
  return reader;
}

async function readTogether(db: Database, calls: readonly ReadCall[]): Promise<ReadAnswer[]> {
  // A batch may join calls of two tokens of one client: the one with the fewest grants cannot borrow from the other.
  const groups = Map.groupBy(calls, ({ access }) => access.grants);
  const found = new Map<ReadCall, ReadAnswer>();
  for (const group of groups.values()) await readGroup(db, group, found);
  return calls.map((call) => found.get(call) ?? ok(undefined));
}

async function readIn(tx: Transaction, call: ReadCall): Promise<ReadAnswer> {
  const { text, values } = readStatement([call], call);
  const [row] = await tx.query<ResourceRow>(text, values);
  return ok(row);
}

async function readGroup(db: Database, calls: readonly ReadCall[], found: Map<ReadCall, ReadAnswer>): Promise<void> {
  const [first] = calls;
  if (!first) return;
  const { text, values } = readStatement(calls, first);
  const answer = await db.once<ResourceRow>(first.access.tenant, text, values);
  const rows = new Map(answer.ok ? answer.value.map((row) => [row.id, row]) : []);
  for (const call of calls) found.set(call, answer.ok ? ok(rows.get(call.id)) : answer);
}

/** The rows and the audit rows of reads by one client of one type, in one statement. */
function readStatement(calls: readonly ReadCall[], { access, type }: ReadCall): Statement {
  const params = new Params();
  const ids = params.add(calls.map(({ id }) => id));
  const typed = `${params.add(type)}::text`;
  const hits = `select ${rowColumns('r')} from resource r
    where r.type = ${typed} and r.id = any(${ids}::text[]) and ${visible('r', access, 'r', type, params)}`;
  // Tombstones answer 410 to their owner only: to anybody else a deleted resource never was (T49).
  const version = isMasked(type, access) ? 'h.view_version' : 'h.version';
  const logged = `insert into audit (tenant, client_id, interaction, type, entity, patients, outcome, request_id)
    select ${params.add(access.tenant)}::int, ${params.add(access.clientId)}::text, 'read', ${typed},
      array[${typed} || '/' || a.id || coalesce('/_history/' || ${version}, '')],
      case when h.patient is null then '{}'::text[] else array[h.patient] end,
      case when h.id is null then 404 when h.deleted then 410 else 200 end, a.request_id
    from unnest(${ids}::text[], ${params.add(calls.map(({ requestId }) => requestId))}::text[]) as a(id, request_id) left join hits h on h.id = a.id`;
  return {
    text: `with hits as materialized (${hits}), logged as (${logged}) select * from hits`,
    values: params.values,
  };
}
