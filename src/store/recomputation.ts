import type { Failure } from '../base/failure.ts';
import type { TenantId } from '../base/ids.ts';
import { ok, type Result } from '../base/result.ts';
import type { Database, Transaction } from './database.ts';
import { Fenced } from './schedule.ts';

/** A full recomputation of a tenant's members, and then of the alerts about its coaches, and how far it is. */
export interface Recomputation {
  readonly id: string;
  readonly reason: 'request' | 'ruleset-change';
  readonly requested_at: Date;
  readonly status: 'waiting' | 'running' | 'done';
  /** members when it was asked for */
  readonly total: number;
  readonly members: number;
  /** members for whom something was written */
  readonly changed: number;
}

/** The right to do a recomputation: `fence` must still stand in every transaction that it makes. */
export interface Recomputing {
  readonly tenant: TenantId;
  readonly id: string;
  readonly fence: string;
  /** patient after whom an interrupted one goes on, or `Practitioner/` and the coach after whom: the members are done then */
  readonly cursor: string | null;
}

const columns = 'id::text, reason, requested_at, status, total, members, changed';
const lease = `clock_timestamp() + interval '30 seconds'`;
const ours = `tenant = $1 and id = $2 and fence = $3 and status = 'running'`;

/** Members that have an answer to compute: whoever has an episode, or a series from one that is gone. */
const membersAfter = `select patient from (
    select patient from resource where tenant = $1 and type = 'EpisodeOfCare' and patient > $2
    union select patient from caseload_series where tenant = $1 and patient > $2) as member`;

/** Asks for a recomputation of everyone. One that is under way already is given back instead. */
export async function requestRecomputation(
  tx: Transaction,
  tenant: TenantId,
  asked: { readonly reason: Recomputation['reason']; readonly by: string; readonly at: Date },
): Promise<Recomputation> {
  const [made] = await tx.query<Recomputation>(
    `insert into recomputation (tenant, reason, requested_by, requested_at, total)
      select $1, $3, $4, $5, (select count(*) from (${membersAfter}) as everyone)
      on conflict (tenant) where status <> 'done' do nothing returning ${columns}`,
    [tenant, '', asked.reason, asked.by, asked.at],
  );
  const found = made ?? (await latestRecomputation(tx, tenant));
  if (!found) throw new Error('a recomputation was neither made nor found');
  return found;
}

/** The one under way, or the last one. */
export async function latestRecomputation(tx: Transaction, tenant: TenantId): Promise<Recomputation | undefined> {
  const [row] = await tx.query<Recomputation>(
    `select ${columns} from recomputation where tenant = $1 order by id desc limit 1`,
    [tenant],
  );
  return row;
}

/** Takes the one that waits, or whose process has not been heard of for the length of its lease. */
export async function claimRecomputation(
  db: Database,
  tenant: TenantId,
): Promise<Result<Recomputing | undefined, Failure>> {
  const taken = await db.once<Omit<Recomputing, 'tenant'>>(
    tenant,
    `update recomputation set status = 'running', fence = nextval('fence'), lease_until = ${lease}
      where tenant = $1 and status <> 'done' and lease_until <= clock_timestamp() returning id::text, fence::text, cursor`,
    [tenant],
  );
  if (!taken.ok) return taken;
  const [row] = taken.value;
  return ok(row && { tenant, ...row });
}

/** Where the coaches begin. A patient's id has no slash, so no member's cursor looks like one of theirs. */
export const firstCoach = 'Practitioner/';

/** Whether the members are done and it is the coaches' turn. */
export function isAmongCoaches({ cursor }: Recomputing): boolean {
  return cursor?.startsWith(firstCoach) ?? false;
}

/** The next coaches, in the order of their ids; who was deleted may have alerts to be closed. */
export async function coachesToRecompute(db: Database, { cursor, tenant }: Recomputing, most: number) {
  return db.once<{ coach: string }>(
    tenant,
    `select id as coach from resource where tenant = $1 and type = 'Practitioner' and id > $2 order by id limit $3`,
    [tenant, cursor?.slice(firstCoach.length) ?? '', most],
  );
}

/** The next members, in the order of their ids. */
export async function membersToRecompute(db: Database, { cursor, tenant }: Recomputing, most: number) {
  return db.once<{ patient: string }>(tenant, `${membersAfter} order by patient limit $3`, [
    tenant,
    cursor ?? '',
    most,
  ]);
}

/** Proves in the transaction that applies an effect that the recomputation is still ours, and counts the members that it changed. */
export async function holdRecomputation(
  tx: Transaction,
  { fence, id, tenant }: Recomputing,
  changed: number,
): Promise<void> {
  const rows = await tx.query(
    `update recomputation set lease_until = ${lease}, changed = changed + $4 where ${ours} returning 1`,
    [tenant, id, fence, changed],
  );
  if (rows.length === 0) throw new Fenced(`recomputation ${id} was taken over`);
}

/** Notes that so many more members, up to the cursor, are done; without a cursor that all are. */
export async function advanceRecomputation(
  db: Database,
  { fence, id, tenant }: Recomputing,
  members: number,
  cursor: string | undefined,
): Promise<Result<void, Failure>> {
  const noted = await db.once(
    tenant,
    `update recomputation set lease_until = ${lease}, members = members + $4, cursor = coalesce($5, cursor),
        status = case when $5::text is null then 'done' else status end, finished_at = case when $5::text is null then clock_timestamp() end
      where ${ours} returning 1`,
    [tenant, id, fence, members, cursor ?? null],
  );
  if (noted.ok && noted.value.length === 0) throw new Fenced(`recomputation ${id} was taken over`);
  return noted.ok ? ok(undefined) : noted;
}

/** A process that stops lets another one go on at once. */
export async function releaseRecomputation(db: Database, { fence, id, tenant }: Recomputing) {
  return db.once(tenant, `update recomputation set lease_until = clock_timestamp() where ${ours}`, [tenant, id, fence]);
}
