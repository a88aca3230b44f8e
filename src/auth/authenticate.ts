import { Batcher } from '../base/batcher.ts';
import { type Failure, failure } from '../base/failure.ts';
import type { TenantId } from '../base/ids.ts';
import { err, ok, type Result } from '../base/result.ts';
import { type Clock, localDateOf } from '../base/time.ts';
import type { Access, ClientKind } from '../store/access.ts';
import type { Database } from '../store/database.ts';
import { tenantClock } from '../store/tenant-clock.ts';
import { grantsOf, scopeText, withinCeiling } from './scopes.ts';
import { hashToken } from './token.ts';

/** Coverage and consent are in force by the calendar of Massachusetts and Michigan, which share it. */
const zone = 'America/New_York';

interface TokenRow {
  token_hash: Buffer;
  client_id: string;
  scopes: string;
  kind: ClientKind;
  organization: string | null;
  domain_at: Date;
  wall_at: Date;
  running: boolean;
}

export type Authenticate = (
  tenant: TenantId,
  authorization: string | undefined,
  query: URLSearchParams,
) => Promise<Result<Access, Failure>>;

/**
 * Who a bearer token speaks for. Every request asks PostgreSQL, so that a revoked token or a disabled client is refused at the next
 * request on every node (T17); requests that arrive together share the question.
 */
export function createAuthenticate(db: Database, wallClock: Clock): Authenticate {
  const batcher = new Batcher<{ tenant: TenantId; hash: Buffer }, Result<TokenRow | undefined, Failure>>({
    keyOf: ({ tenant }) => String(tenant),
    run: async (calls) => {
      const tenant = calls[0]?.tenant as TenantId;
      const found = await db.once<TokenRow>(tenant, lookup, [tenant, calls.map(({ hash }) => hash), wallClock.now()]);
      if (!found.ok) return calls.map(() => found);
      const byHash = new Map(found.value.map((row) => [row.token_hash.toString('hex'), row]));
      return calls.map(({ hash }) => ok(byHash.get(hash.toString('hex'))));
    },
  });
  return async (tenant, authorization, query) => {
    if (query.has('access_token'))
      return err(
        unauthorized(
          'invalid_request',
          'A token in the URL is not taken, since URLs end up in logs. Send it as Authorization: Bearer.',
        ),
      );
    const token = /^Bearer ([\w.~+/=-]{1,512})$/i.exec(authorization ?? '')?.[1];
    if (token === undefined)
      return err(
        unauthorized(
          undefined,
          'This needs a token: send Authorization: Bearer with one from the token endpoint, which .well-known/smart-configuration names.',
        ),
      );
    const row = await batcher.run({ tenant, hash: hashToken(token) });
    if (!row.ok) return row;
    if (!row.value)
      return err(
        unauthorized(
          'invalid_token',
          'The token is not valid, or no longer. Tokens live 300 s; ask the token endpoint for a new one.',
        ),
      );
    return ok(toAccess(tenant, row.value, wallClock));
  };
}

const lookup = `select t.token_hash, t.client_id, t.scopes, c.kind, c.organization, k.domain_at, k.wall_at, k.running
  from access_token t join client c on c.tenant = t.tenant and c.client_id = t.client_id join tenant_clock k on k.tenant = t.tenant
  where t.tenant = $1 and t.token_hash = any($2::bytea[]) and t.expires_at > $3 and t.revoked_at is null and c.disabled_at is null`;

function toAccess(tenant: TenantId, row: TokenRow, wallClock: Clock): Access {
  const clock = tenantClock(row, wallClock);
  return {
    tenant,
    clientId: row.client_id,
    kind: row.kind,
    organization: row.organization ?? undefined,
    grants: heldBy(row.kind, row.scopes),
    clock,
    today: todayAt(clock.now()),
  };
}

/** Midnight falls on a full quarter of an hour, so all instants of one have one date: it is worked out once. */
function todayAt(now: Date): Access['today'] {
  const quarter = Math.floor(now.getTime() / quarterMs);
  if (known?.quarter !== quarter) known = { quarter, date: localDateOf(now, zone) };
  return known.date;
}

const quarterMs = 15 * 60_000;
let known: { readonly quarter: number; readonly date: Access['today'] } | undefined;

/** The token's scopes under the ceiling of its kind, once more: a ceiling that was lowered holds at once. */
function heldBy(kind: ClientKind, scopes: string): Access['grants'] {
  const key = `${kind} ${scopes}`;
  let text = canonical.get(key);
  if (text === undefined) {
    text = withinCeiling(kind, grantsOf(scopes)).map(scopeText).join(' ');
    if (canonical.size > 1_000) canonical.clear();
    canonical.set(key, text);
  }
  return grantsOf(text);
}

const canonical = new Map<string, string>();

function unauthorized(error: string | undefined, text: string): Failure {
  const challenge = `Bearer realm="Footbridge"${error === undefined ? '' : `, error="${error}"`}`;
  return failure('unauthorized', 'login', text, { headers: { 'WWW-Authenticate': challenge } });
}
