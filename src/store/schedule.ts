import type { Failure } from '../base/failure.ts';
import type { TenantId } from '../base/ids.ts';
import { ok, type Result } from '../base/result.ts';
import type { LocalDate } from '../base/time.ts';
import type { Database, Transaction } from './database.ts';

/** A job that runs once for each local date of a zone. */
export interface Schedule {
  readonly tenant: TenantId;
  readonly job: 'caseload' | 'charges' | 'purge';
  readonly zone: string;
}

/** The right to run one date: `fence` must still stand in every transaction that the run makes. */
export interface Run extends Schedule {
  readonly date: LocalDate;
  readonly fence: string;
  /** patient after which an interrupted run goes on */
  readonly cursor: string | null;
}

const leaseSeconds = 30;
const lease = `clock_timestamp() + interval '${leaseSeconds} seconds'`;
const key = 'tenant = $1 and job = $2 and zone = $3';

/**
 * The next date to run, if one is due and nobody holds it. Dates are run in order; those on which no series can change are written as
 * done together. Order and leases come from the database, so clocks of nodes do not matter.
 *
 * @param today the tenant's calendar date in the zone
 */
export async function claimRun(
  db: Database,
  schedule: Schedule,
  today: LocalDate,
): Promise<Result<Run | undefined, Failure>> {
  const { job, tenant, zone } = schedule;
  const named = [tenant, job, zone];
  return db.transaction(tenant, async (tx) => {
    await tx.query('select pg_advisory_xact_lock(hashtextextended($1, 1))', [`schedule ${named.join(' ')}`]);
    const [open] = await tx.query<{ local_date: LocalDate; held: boolean }>(
      `select local_date::text, lease_until > clock_timestamp() as held from schedule_run where ${key} and status = 'running' order by local_date limit 1`,
      named,
    );
    if (open?.held) return ok(undefined);
    if (open) return ok(await take(tx, schedule, open.local_date));
    const [last] = await tx.query<{ date: LocalDate | null }>(
      `select max(local_date)::text as date from schedule_run where ${key}`,
      named,
    );
    if (last?.date && last.date >= today) return ok(undefined);
    const date = last?.date && job === 'caseload' ? await skipTo(tx, schedule, last.date, today) : today;
    if (date === undefined) return ok(undefined);
    await tx.query(
      `insert into schedule_run (tenant, job, zone, local_date, fence, status, lease_until) values ($1, $2, $3, $4, 0, 'running', clock_timestamp())`,
      [...named, date],
    );
    return ok(await take(tx, schedule, date));
  });
}

async function take(tx: Transaction, schedule: Schedule, date: LocalDate): Promise<Run | undefined> {
  const { job, tenant, zone } = schedule;
  const [row] = await tx.query<{ fence: string; cursor: string | null }>(
    `update schedule_run set fence = nextval('fence'), lease_until = ${lease} where ${key} and local_date = $4 returning fence::text, cursor`,
    [tenant, job, zone, date],
  );
  return row && { ...schedule, date, ...row };
}

/** Writes the dates after `last` on which nothing is due as done, and tells the first on which something is. */
async function skipTo(
  tx: Transaction,
  { job, tenant, zone }: Schedule,
  last: LocalDate,
  today: LocalDate,
): Promise<LocalDate | undefined> {
  const [due] = await tx.query<{ date: LocalDate | null }>(
    `select greatest(least((select min(next_transition) from caseload_series where tenant = $1 and zone = $2 and next_transition is not null),
        (select min(next_date) from due_wake where tenant = $1 and zone = $2)), $3::date + 1)::text as date`,
    [tenant, zone, last],
  );
  const next = due?.date !== null && due?.date !== undefined && due.date < today ? due.date : today;
  await tx.query(
    `insert into schedule_run (tenant, job, zone, local_date, fence, status, lease_until, finished_at)
      select $1, $2, $3, day::date, nextval('fence'), 'done', clock_timestamp(), clock_timestamp()
      from generate_series($4::date + 1, $5::date - 1, interval '1 day') as day`,
    [tenant, job, zone, last, next],
  );
  return next;
}

/** Thrown where another process has taken over a run: whatever this transaction did is rolled back (F27). */
export class Fenced extends Error {}

/** Proves in the transaction that applies an effect that the run is still ours, renews its lease and counts the members it did. */
export async function holdRun(tx: Transaction, run: Run, members: number): Promise<void> {
  const { date, fence, job, tenant, zone } = run;
  const rows = await tx.query(
    `update schedule_run set lease_until = ${lease}, members = members + $6
      where ${key} and local_date = $4 and fence = $5 and status = 'running' returning 1`,
    [tenant, job, zone, date, fence, members],
  );
  if (rows.length === 0) throw new Fenced(`the ${job} run of ${date} was taken over`);
}

/** Notes how far the run has come: all members up to this one are done. */
export async function advanceRun(db: Database, run: Run, cursor: string): Promise<Result<void, Failure>> {
  const { date, fence, job, tenant, zone } = run;
  const done = await db.once(
    tenant,
    `update schedule_run set lease_until = ${lease}, cursor = $6 where ${key} and local_date = $4 and fence = $5 and status = 'running' returning 1`,
    [tenant, job, zone, date, fence, cursor],
  );
  if (done.ok && done.value.length === 0) throw new Fenced(`the ${job} run of ${date} was taken over`);
  return done.ok ? ok(undefined) : done;
}

/** How far a run has come by now, which whoever broke it off may not remember. */
export async function cursorOf(tx: Transaction, { date, job, tenant, zone }: Run): Promise<string | null> {
  const [row] = await tx.query<{ cursor: string | null }>(
    `select cursor from schedule_run where ${key} and local_date = $4`,
    [tenant, job, zone, date],
  );
  return row?.cursor ?? null;
}

export async function finishRun(tx: Transaction, { date, fence, job, tenant, zone }: Run): Promise<void> {
  const rows = await tx.query(
    `update schedule_run set status = 'done', finished_at = clock_timestamp() where ${key} and local_date = $4 and fence = $5 and status = 'running' returning 1`,
    [tenant, job, zone, date, fence],
  );
  if (rows.length === 0) throw new Fenced(`the ${job} run of ${date} was taken over`);
}

/** The next members whose answer, or whose work, changes by itself on or before the run's date. */
export async function dueMembers(db: Database, { cursor, date, tenant, zone }: Run, most: number) {
  return db.once<{ patient: string }>(
    tenant,
    `select patient from (select patient from caseload_series where tenant = $1 and zone = $2 and next_transition <= $3 and patient > $4
        union select substr(subject, 9) from due_wake where tenant = $1 and zone = $2 and next_date <= $3
          and (subject like 'Patient/%' or subject like 'Account/%') and substr(subject, 9) > $4) as due
      order by patient limit $5`,
    [tenant, zone, date, cursor ?? '', most],
  );
}

/** The coaches whose alerts change by themselves on or before the run's date. */
export async function dueCoaches(db: Database, { date, tenant, zone }: Run) {
  return db.once<{ coach: string }>(
    tenant,
    `select substr(subject, 14) as coach from due_wake where tenant = $1 and zone = $2 and next_date <= $3 and subject like 'Practitioner/%' order by 1`,
    [tenant, zone, date],
  );
}

/** What no longer serves anything: tokens, jtis and idempotency keys past their time. */
export async function purgeExpired(tx: Transaction, tenant: TenantId, now: Date): Promise<void> {
  await tx.query(`delete from access_token where tenant = $1 and expires_at < $2::timestamptz - interval '1 day'`, [
    tenant,
    now,
  ]);
  await tx.query('delete from used_jti where tenant = $1 and expires_at < $2', [tenant, now]);
  await tx.query(
    `delete from idempotency_key where tenant = $1 and created_at < $2::timestamptz - interval '30 days'`,
    [tenant, now],
  );
  await tx.query(
    `select ensure_audit_partition(($2::timestamptz + interval '1 month')::date) where $1::int is not null`,
    [tenant, now],
  );
}

/** Whether no work waits and the nightly runs have come to these dates. */
export async function isCaughtUp(
  db: Database,
  tenant: TenantId,
  days: readonly { readonly zone: string; readonly date: LocalDate }[],
): Promise<Result<boolean, Failure>> {
  const found = await db.once<{ caught_up: boolean }>(
    tenant,
    `select not exists (select from outbox where tenant = $1 and parked is null) and not exists (
        select from jsonb_to_recordset($2::jsonb) as d(zone text, date date) where not exists (
          select from schedule_run s where s.tenant = $1 and s.job = 'caseload' and s.zone = d.zone and s.local_date >= d.date and s.status = 'done')) as caught_up`,
    [tenant, JSON.stringify(days)],
  );
  return found.ok ? ok(found.value[0]?.caught_up === true) : found;
}
