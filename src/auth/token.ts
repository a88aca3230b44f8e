import { createHash, randomBytes } from 'node:crypto';
import { type Failure, failure } from '../base/failure.ts';
import type { TenantId } from '../base/ids.ts';
import { err, ok, type Result } from '../base/result.ts';
import type { Clock } from '../base/time.ts';
import { auditInsert } from '../store/audit.ts';
import { findClient } from '../store/clients.ts';
import type { Database, Transaction } from '../store/database.ts';
import { Params } from '../store/sql.ts';
import { type Assertion, checkAssertion } from './assertion.ts';
import type { JwksFetcher } from './jwks-fetcher.ts';
import { isSignedBy } from './keys.ts';
import { grantScopes } from './scopes.ts';

export const tokenLifetimeSeconds = 300;
/** A jti is remembered for as long as an assertion could still be within its time, and some. */
const jtiMemorySeconds = 900;

export interface TokenServices {
  readonly db: Database;
  readonly wallClock: Clock;
  readonly jwks: JwksFetcher;
}

export interface TokenRequest {
  readonly tenant: TenantId;
  readonly tokenUrl: string;
  /** the issuer identifier, which clients in `issuer` mode put into aud (RFC 7523bis) */
  readonly issuer: string;
  readonly form: URLSearchParams;
  readonly requestId: string;
  /** counts a token for a client that has proved to be it; returns 0, or the seconds that it has to wait */
  readonly take?: (clientId: string) => number;
}

/** The answer of RFC 6749, 5.1. */
export interface TokenResponse {
  readonly access_token: string;
  readonly token_type: 'bearer';
  readonly expires_in: number;
  readonly scope: string;
}

/** Past the client lookup there is one answer for every cause: who is registered is nobody's business (T12). */
const notAuthenticated =
  'The assertion was not accepted: the client, its key, its signature, its audience or its one-time jti is not right. Check that your client is registered here with this key and this aud, and that every assertion has a new jti.';

/**
 * A token for a signed assertion: SMART Backend Services 2.2 (client_credentials with private_key_jwt). Cheap checks first, then the
 * signature, then one transaction that uses up the jti, stores the token and writes the audit row. The jti's primary key in
 * PostgreSQL lets one of any number of equal assertions through, on all nodes and over restarts (T07).
 */
export async function issueToken(
  services: TokenServices,
  request: TokenRequest,
): Promise<Result<TokenResponse, Failure>> {
  const form = checkForm(request.form);
  if (!form.ok) return form;
  const now = services.wallClock.now();
  const assertion = checkAssertion(form.value.assertion, [request.tokenUrl, request.issuer], now);
  const result = await answerAssertion(services, request, assertion, form.value, now);
  if (result.ok) return result;
  const claimed = assertion.ok ? assertion.value.clientId : '';
  const outcome = auditedStatuses[result.error.category] ?? 401;
  const audited = await services.db.transaction(request.tenant, async (tx) =>
    ok(await audit(tx, request, /^[\x20-\x7e]{1,128}$/.test(claimed) ? claimed : '', outcome)),
  );
  return audited.ok ? result : audited;
}

const auditedStatuses: Partial<Record<Failure['category'], number>> = { invalid: 400, busy: 429 };

async function answerAssertion(
  services: TokenServices,
  request: TokenRequest,
  assertion: Result<Assertion, Failure>,
  { clientId, scope }: Form,
  now: Date,
): Promise<Result<TokenResponse, Failure>> {
  if (!assertion.ok) return assertion;
  // RFC 7521, 4.2: client_id is unnecessary, but must name the same client.
  if (clientId !== null && clientId !== assertion.value.clientId)
    return err(
      failure(
        'unauthorized',
        'invalid_client',
        'client_id is not the iss of the assertion. Leave it out, or send the same.',
      ),
    );
  return exchange(services, request, assertion.value, scope, now);
}

async function exchange(
  services: TokenServices,
  request: TokenRequest,
  assertion: Assertion,
  scope: string,
  now: Date,
): Promise<Result<TokenResponse, Failure>> {
  const found = await services.db.transaction(request.tenant, async (tx) =>
    ok(await findClient(tx, request.tenant, assertion.clientId)),
  );
  if (!found.ok) return found;
  const client = found.value;
  const signed = await isSignedBy(client, assertion, services.jwks.fetch);
  const audience = client?.audience === 'issuer' ? request.issuer : request.tokenUrl;
  if (!client || !signed || assertion.audience !== audience) return refused();
  // Only now: who merely claims to be a client must not use up what it may ask for.
  const wait = request.take?.(client.clientId) ?? 0;
  if (wait > 0) return tooMany(wait);
  const token = randomBytes(32).toString('base64url');
  return services.db.transaction(request.tenant, async (tx) => {
    const jtiUntil = new Date(now.getTime() + jtiMemorySeconds * 1000);
    const first = await tx.query('insert into used_jti values ($1, $2, $3, $4) on conflict do nothing returning 1', [
      request.tenant,
      client.clientId,
      assertion.jti,
      jtiUntil,
    ]);
    if (first.length === 0) return refused();
    const granted = grantScopes(scope, client.scopes, client.kind);
    if (!granted.ok) return granted;
    const until = new Date(now.getTime() + tokenLifetimeSeconds * 1000);
    await tx.query(
      'insert into access_token (tenant, token_hash, client_id, scopes, issued_at, expires_at) values ($1, $2, $3, $4, $5, $6)',
      [request.tenant, hashToken(token), client.clientId, granted.value, now, until],
    );
    await audit(tx, request, client.clientId, 200);
    return ok({
      access_token: token,
      token_type: 'bearer' as const,
      expires_in: tokenLifetimeSeconds,
      scope: granted.value,
    });
  });
}

/** Tokens are kept as their hash only: who reads the table cannot use them. */
export function hashToken(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

interface Form {
  readonly assertion: string;
  readonly clientId: string | null;
  readonly scope: string;
}

function checkForm(form: URLSearchParams): Result<Form, Failure> {
  const names = new Set<string>();
  const twice = [...form.keys()].find((name) => names.size === names.add(name).size);
  if (twice !== undefined)
    return wrong('invalid_request', `${twice.slice(0, 40)} is sent twice; send each parameter once.`);
  if (form.has('client_secret'))
    return wrong('invalid_request', 'client_secret is not taken: authenticate with client_assertion alone.');
  if (form.get('grant_type') !== 'client_credentials')
    return wrong('unsupported_grant_type', 'grant_type must be client_credentials.');
  if (form.get('client_assertion_type') !== assertionType)
    return wrong('invalid_request', `client_assertion_type must be ${assertionType}.`);
  const assertion = form.get('client_assertion');
  if (assertion === null || assertion === '')
    return wrong('invalid_request', 'client_assertion is missing: send a JWT signed with your registered key.');
  return ok({ assertion, clientId: form.get('client_id'), scope: form.get('scope') ?? '' });
}

function wrong(code: string, text: string): Result<never, Failure> {
  return err(failure('invalid', code, text));
}

function refused(): Result<never, Failure> {
  return err(failure('unauthorized', 'invalid_client', notAuthenticated));
}

function tooMany(retryAfterSeconds: number): Result<never, Failure> {
  return err(
    failure(
      'busy',
      'temporarily_unavailable',
      `This client asked for too many tokens. A token serves for ${tokenLifetimeSeconds} s: use it for all requests until then.`,
      { retryAfterSeconds },
    ),
  );
}

async function audit(tx: Transaction, request: TokenRequest, clientId: string, outcome: number): Promise<void> {
  const params = new Params();
  await tx.query(
    auditInsert(request.tenant, [{ clientId, interaction: 'token', outcome, requestId: request.requestId }], params),
    params.values,
  );
}
