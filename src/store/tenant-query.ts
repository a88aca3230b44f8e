import pg from 'pg';
import type { TenantId } from '../base/ids.ts';

const serve = 'serve_tenant';

/** What the connection of node-postgres offers to a query that sends its own messages; @types/pg does not tell. */
interface Wire {
  bind(message: { portal: string; statement: string; values: readonly string[] }): void;
  execute(message: { portal: string; rows: number }): void;
}

/** The parts of node-postgres' Query that are called by its client; @types/pg does not tell. */
interface QueryHooks {
  prepare(connection: Wire): void;
  handleDataRow(message: unknown): void;
  handleCommandComplete(message: unknown, connection: Wire): void;
}

const hooks = pg.Query.prototype as unknown as QueryHooks;

/** To be called on each new connection, before anything else is asked of it. */
export function prepareTenantQueries(client: pg.ClientBase): void {
  const text = `select set_config('footbridge.tenant', $1, true)`;
  // A connection that is lost already says so to whoever uses it next.
  client.query({ name: serve, text, values: ['0'] }).catch(() => undefined);
}

/**
 * One statement in a transaction of its own that serves one tenant, without the messages of a BEGIN and a COMMIT: in the extended query
 * protocol all that is sent up to a Sync is one transaction, so the tenant is named ahead of the statement and gone with it
 * (https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-PIPELINING). Settled at the ReadyForQuery, which follows
 * the commit.
 */
class TenantQuery extends pg.Query implements QueryHooks {
  readonly #tenant: TenantId;
  #served = false;

  constructor(tenant: TenantId, config: pg.QueryConfig) {
    super(config);
    this.#tenant = tenant;
  }

  prepare(connection: Wire): void {
    connection.bind({ portal: '', statement: serve, values: [String(this.#tenant)] });
    connection.execute({ portal: '', rows: 0 });
    hooks.prepare.call(this, connection);
  }

  handleDataRow(message: unknown): void {
    if (this.#served) hooks.handleDataRow.call(this, message);
  }

  handleCommandComplete(message: unknown, connection: Wire): void {
    if (this.#served) hooks.handleCommandComplete.call(this, message, connection);
    this.#served = true;
  }
}

export function queryAs<R extends pg.QueryResultRow>(
  client: pg.ClientBase,
  tenant: TenantId,
  config: pg.QueryConfig,
): Promise<R[]> {
  if (!Number.isInteger(tenant)) throw new TypeError('a tenant is an integer');
  return new Promise((resolve, reject) => {
    const query = new TenantQuery(tenant, { ...config, queryMode: 'extended' } as pg.QueryConfig);
    const settle = (error: Error | null, result: pg.QueryResult<R>): void =>
      error ? reject(error) : resolve(result.rows);
    (client.query as unknown as (query: TenantQuery, done: typeof settle) => void).call(client, query, settle);
  });
}
