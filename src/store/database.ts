import { createHash } from 'node:crypto';
import pg from 'pg';
import { type Failure, failure } from '../base/failure.ts';
import type { TenantId } from '../base/ids.ts';
import { err, ok, type Result } from '../base/result.ts';
import { prepareTenantQueries, queryAs } from './tenant-query.ts';
import { fastTypes } from './timestamps.ts';

/** Rows of a statement; the caller names their shape beside the SQL that makes it. */
export type Row = Record<string, unknown>;

export interface Statement {
  readonly text: string;
  readonly values: readonly unknown[];
}

/** SQL inside one transaction that already serves one tenant. Errors of the server reject; `Database` turns them into a Failure. */
export interface Transaction {
  query<R = Row>(text: string, values?: readonly unknown[]): Promise<R[]>;
}

/** How to reach PostgreSQL: a connection string, or the socket of the embedded server. */
export type ConnectionSettings =
  | { connectionString: string }
  | { host: string; port: number; user: string; database: string };

export interface DatabaseOptions {
  readonly connection: ConnectionSettings;
  readonly poolSize?: number;
  readonly statementTimeoutMs?: number;
  /** told of each lost connection; the pool heals by itself */
  readonly onConnectionLost?: (error: Error) => void;
}

export const schemaName = 'footbridge';
export const applicationRole = 'footbridge_app';

const attempts = 3;
/** serialization_failure, deadlock_detected, and our own lost race on a version: the whole transaction is tried again. */
const retriedCodes = new Set(['40001', '40P01', 'FB002']);
const connectTimeoutMs = 5_000;
/** Prepared statements live as long as their connection: past this many shapes, statements are sent unnamed. */
const namedStatements = 5000;

/**
 * Every statement of ours has an index that serves it, so plans must not hang on statistics that a fresh database does not have yet
 * (measured: 245 searches/s before the first ANALYZE, ADR 0003): planned once for any values, by index, in nested loops.
 */
export const steadyPlans = [
  '-c plan_cache_mode=force_generic_plan',
  '-c enable_seqscan=off',
  '-c enable_hashjoin=off',
  '-c enable_mergejoin=off',
  '-c max_parallel_workers_per_gather=0',
  '-c enable_material=off',
];

/**
 * The application's door to PostgreSQL. Every statement runs as the application role inside a transaction that names its tenant, so
 * row-level security stands behind every query. Connection loss, restart and failover become `unavailable` (503), never an exit.
 */
export class Database {
  readonly #pool: pg.Pool;
  readonly #names = new Map<string, string>();

  constructor(options: DatabaseOptions) {
    const settings = [
      `-c role=${applicationRole}`,
      `-c search_path=${schemaName}`,
      `-c statement_timeout=${options.statementTimeoutMs ?? 5_000}`,
      '-c lock_timeout=2000',
      '-c idle_in_transaction_session_timeout=10000',
      '-c jit=off',
      ...steadyPlans,
    ];
    this.#pool = new pg.Pool({
      ...options.connection,
      max: options.poolSize ?? 10,
      connectionTimeoutMillis: connectTimeoutMs,
      // A socket that a firewall has silently dropped answers nothing: give up on our side too (F14).
      query_timeout: (options.statementTimeoutMs ?? 5_000) + 2_000,
      keepAlive: true,
      options: settings.join(' '),
      pipeline: true,
      types: fastTypes,
    });
    const lost = options.onConnectionLost ?? (() => undefined);
    this.#pool.on('error', lost);
    // The pool takes its own listener off while a client is checked out; without one, a cut connection would end the process (F17).
    this.#pool.on('connect', (client) => {
      client.on('error', lost);
      prepareTenantQueries(client);
    });
  }

  /** One statement in a transaction of its own, in one round trip. */
  async once<R = Row>(tenant: TenantId, text: string, values: readonly unknown[] = []): Promise<Result<R[], Failure>> {
    return this.#retrying(async (client) =>
      ok(await queryAs<R & pg.QueryResultRow>(client, tenant, this.#prepared(text, values))),
    );
  }

  /**
   * Runs `work` in one transaction; it is committed when `work` returns an ok Result and rolled back otherwise. After a deadlock or
   * serialization failure `work` runs again from the start, so it must have no effect but its SQL.
   */
  async transaction<T>(
    tenant: TenantId,
    work: (tx: Transaction) => Promise<Result<T, Failure>>,
  ): Promise<Result<T, Failure>> {
    return this.#retrying(async (client) => {
      const begun = client.query(beginFor(tenant));
      begun.catch(() => undefined);
      const refused = new Set<unknown>();
      const query = async <R>(text: string, values: readonly unknown[] = []): Promise<R[]> => {
        try {
          return (await client.query<R & pg.QueryResultRow>(this.#prepared(text, values))).rows;
        } catch (error) {
          refused.add(error);
          throw error;
        }
      };
      const result = await work({ query }).catch((error: unknown) => {
        throw refused.has(error) || error instanceof LostRace ? error : new WorkFailed(error);
      });
      await begun;
      if (!result.ok) {
        await client.query('rollback');
        return result;
      }
      const commit = await client.query('commit');
      if (commit.command !== 'COMMIT') throw new Error('the transaction was not committed');
      return result;
    });
  }

  /** A statement that belongs to no tenant: names of tenants, and the questions that cross tenants and answer with numbers only. */
  async unscoped<R = Row>(text: string, values: readonly unknown[] = []): Promise<Result<R[], Failure>> {
    return this.#retrying(async (client) =>
      ok((await client.query<R & pg.QueryResultRow>(this.#prepared(text, values))).rows),
    );
  }

  async close(): Promise<void> {
    await this.#pool.end();
  }

  #prepared(text: string, values: readonly unknown[]): pg.QueryConfig {
    let name = this.#names.get(text);
    if (!name && this.#names.size < namedStatements) {
      name = createHash('sha256').update(text).digest('base64url').slice(0, 32);
      this.#names.set(text, name);
    }
    return { ...(name && { name }), text, values: values as unknown[] };
  }

  async #retrying<T>(work: (client: pg.PoolClient) => Promise<Result<T, Failure>>): Promise<Result<T, Failure>> {
    for (let attempt = 1; ; attempt++) {
      let client: pg.PoolClient;
      try {
        client = await this.#pool.connect();
      } catch (error) {
        // Whatever the server has against a connection, its role or database missing included, no statement of ours is at fault.
        return err(unavailable(error));
      }
      try {
        const result = await work(client);
        client.release();
        return result;
      } catch (error) {
        // Whatever state the session is in, a new one is cheaper than the doubt; a plain SQL error only needs the rollback.
        const plain = error instanceof WorkFailed || (typeof sqlState(error) === 'string' && !isConnectionLoss(error));
        const rolledBack =
          plain &&
          (await client.query('rollback').then(
            () => true,
            () => false,
          ));
        client.release(rolledBack ? undefined : true);
        if (error instanceof WorkFailed) throw error.cause;
        if (attempt >= attempts || !retriedCodes.has(sqlState(error) ?? '')) return err(toFailure(error));
        await new Promise((resolve) => setTimeout(resolve, Math.random() * 20 * attempt));
      }
    }
  }
}

/** The work of a transaction threw, not the store: a fault of ours that nobody must take for an outage. */
class WorkFailed extends Error {
  constructor(cause: unknown) {
    super('the work of a transaction failed', { cause });
  }
}

/** A race lost on a version or a fresh id: rolls back and runs the transaction's work again. */
export class LostRace extends Error {
  readonly code = 'FB002';
}

function beginFor(tenant: TenantId): string {
  if (!Number.isInteger(tenant)) throw new TypeError('a tenant is an integer');
  return `begin; select set_config('footbridge.tenant', '${tenant}', true)`;
}

/** Only what the server itself says has an SQL state: a socket's `EPIPE` looks like one and is a lost connection (F12). */
function sqlState(error: unknown): string | undefined {
  return error instanceof pg.DatabaseError || error instanceof LostRace ? error.code : undefined;
}

/** Class 08 connection exceptions, 57P0x shutdowns, 53xxx resources, 25006 a standby that takes no writes, or no SQL state at all. */
function isConnectionLoss(error: unknown): boolean {
  const code = sqlState(error);
  return code === undefined || /^(08|57P0|53|25006|25P03)/.test(code);
}

/** What the server's refusal means to a caller. An unknown SQL state is our bug: it throws on, to become a 500 with an id. */
function toFailure(error: unknown): Failure {
  const code = sqlState(error);
  if (code === '57014') {
    return failure(
      'too-costly',
      'too-costly',
      'The request took longer than the store allows. Narrow it, for example with a date or a patient, and try again.',
      {
        status: 503,
        retryAfterSeconds: 5,
        cause: error,
      },
    );
  }
  if (code !== undefined && (retriedCodes.has(code) || code === '55P03')) {
    return failure(
      'conflict',
      'lock-error',
      'Other requests are changing the same resources. Nothing was stored; send the request again.',
      {
        status: 409,
        retryAfterSeconds: 1,
        cause: error,
      },
    );
  }
  if (code !== undefined && !isConnectionLoss(error)) throw error;
  return unavailable(error);
}

function unavailable(cause: unknown): Failure {
  return failure(
    'unavailable',
    'transient',
    'The store does not answer at the moment. Nothing is known to be stored; send the request again shortly.',
    {
      retryAfterSeconds: 2,
      cause,
    },
  );
}
