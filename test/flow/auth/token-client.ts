import { randomUUID } from 'node:crypto';
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';
import { readConfig } from '../../../src/app/config.ts';
import { type Running, startFootbridge } from '../../../src/app/server.ts';
import { type Registration, registerClient } from '../../../src/auth/register.ts';
import type { TenantId } from '../../../src/base/ids.ts';
import type { TestDatabase } from '../../support/database.ts';
import { type Answer, request } from '../../support/server.ts';

export type Algorithm = 'ES384' | 'RS384';

/** A key pair of a client; the public part is what it registers. */
export interface Signer {
  readonly alg: Algorithm;
  readonly kid: string;
  readonly privateKey: CryptoKey;
  readonly publicJwk: JWK;
}

export async function createSigner(alg: Algorithm = 'ES384', kid: string = randomUUID()): Promise<Signer> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  return { alg, kid, privateKey, publicJwk: { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' } };
}

/** What an assertion says; each test bends one thing. An undefined claim is left out. */
export interface Bend {
  readonly header?: Record<string, unknown>;
  readonly claims?: Record<string, unknown>;
  readonly signer?: Signer;
}

/** One registered client: its keys, and the assertions it makes. */
export interface TokenClient {
  readonly clientId: string;
  readonly signer: Signer;
  readonly audience: string;
  assertion(bend?: Bend): Promise<string>;
}

export const nowSeconds = (): number => Math.floor(Date.now() / 1000);

export function createTokenClient(clientId: string, signer: Signer, audience: string): TokenClient {
  const assertion = ({ header = {}, claims = {}, signer: other = signer }: Bend = {}): Promise<string> => {
    const said = {
      iss: clientId,
      sub: clientId,
      aud: audience,
      jti: randomUUID(),
      exp: nowSeconds() + 240,
      ...claims,
    };
    return new SignJWT(said)
      .setProtectedHeader({ alg: other.alg, kid: other.kid, typ: 'JWT', ...header })
      .sign(other.privateKey);
  };
  return { clientId, signer, audience, assertion };
}

/** Registers as an operator would, and throws with the reason where that is refused. */
export async function register(
  database: TestDatabase,
  tenant: TenantId,
  audience: string,
  more: Partial<Registration> = {},
  signer?: Signer,
): Promise<TokenClient> {
  const key = signer ?? (await createSigner());
  const registration: Registration = {
    clientId: `client-${randomUUID()}`,
    name: 'A client of a test',
    kind: 'ehr',
    organization: 'org-a',
    jwks: more.jwksUrl === undefined ? { keys: [key.publicJwk] } : undefined,
    jwksUrl: undefined,
    scopes: 'system/*.cruds',
    ...more,
  };
  const made = await database.db.transaction(tenant, (tx) => registerClient(tx, tenant, registration, new Date()));
  if (!made.ok) throw new Error(made.error.issues[0]?.text);
  return createTokenClient(registration.clientId, key, audience);
}

export const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
export const formType = { 'content-type': 'application/x-www-form-urlencoded' };

export const formOf = (assertion: string, scope = 'system/Patient.rs'): string =>
  new URLSearchParams({
    grant_type: 'client_credentials',
    client_assertion_type: assertionType,
    client_assertion: assertion,
    scope,
  }).toString();

/** Asks for a token as SMART Backend Services 2.2 says. */
export const askToken = (url: string, assertion: string, scope?: string): Promise<Answer> =>
  request(`${url}/auth/token`, 'POST', formOf(assertion, scope), formType);

export const errorOf = (answer: Answer): [number, unknown] => [answer.status, answer.json['error']];

/** One more node on the database of a test server. */
export async function startNode(database: TestDatabase, env: Record<string, string>): Promise<Running> {
  const { connectionString } = database.connection as { connectionString: string };
  const settings = { PORT: '0', DATABASE_URL: connectionString, RATE_LIMITS: 'off', SANDBOX_WORLD: 'off', ...env };
  const running = await startFootbridge(readConfig(settings));
  running.ready();
  return running;
}
