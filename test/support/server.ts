import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Resource } from '@medplum/fhirtypes';
import { inject } from 'vitest';
import { readConfig } from '../../src/app/config.ts';
import { type Running, startFootbridge } from '../../src/app/server.ts';
import type { TenantId } from '../../src/base/ids.ts';
import type { ClientKind } from '../../src/store/access.ts';
import { createTenant, createTestDatabase, type TestDatabase } from './database.ts';

/** A whole server on a free port over a fresh database without the sandbox world, and callers with any scopes. */
export interface TestServer {
  readonly database: TestDatabase;
  readonly running: Running;
  readonly tenant: TenantId;
  readonly url: string;
  caller(kind: ClientKind, organization?: string, scopes?: string): Promise<Caller>;
  stop(): Promise<void>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly json: Readonly<Record<string, unknown>>;
}

/** One client with a token, speaking to one tenant's FHIR base. */
export interface Caller {
  readonly clientId: string;
  readonly organization: string | undefined;
  readonly token: string;
  send(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  /** creates and returns what was stored; throws with the OperationOutcome on refusal */
  create<R extends Resource>(resource: R): Promise<R & { id: string }>;
}

export async function startTestServer(env: Record<string, string> = {}): Promise<TestServer> {
  const database = await createTestDatabase();
  const dataDir = mkdtempSync(join(tmpdir(), 'footbridge-server-'));
  const { connectionString } = database.connection as { connectionString: string };
  const tenant = await createTenant(database.db, 'main');
  const settings = { PORT: '0', DATA_DIR: dataDir, DATABASE_URL: connectionString, RATE_LIMITS: 'off', ...env };
  const { config, secrets } = readConfig(settings);
  const running = await startFootbridge({ config, secrets });
  running.ready();
  const url = env['PUBLIC_URL'] === undefined ? running.url : running.localUrl;
  const stop = async (): Promise<void> => {
    await running.stop();
    await database.drop();
    rmSync(dataDir, { recursive: true, force: true });
  };
  const caller = (kind: ClientKind, organization?: string, scopes = 'system/*.cruds'): Promise<Caller> =>
    createCaller(database, url, tenant, kind, organization, scopes);
  return { database, running, tenant, url, caller, stop };
}

/** Registers a client and gives it a token straight in the store: the token endpoint has tests of its own. */
export async function createCaller(
  database: TestDatabase,
  url: string,
  tenant: TenantId,
  kind: ClientKind,
  organization: string | undefined,
  scopes: string,
): Promise<Caller> {
  const clientId = `${kind}-${randomBytes(4).toString('hex')}`;
  const token = randomBytes(32).toString('base64url');
  const hash = createHash('sha256').update(token).digest();
  await database.owner.query(
    `insert into client (tenant, client_id, name, kind, organization, jwks, scopes, created_at) values ($1, $2, $2, $3, $4, '{"keys":[]}', $5, now())`,
    [tenant, clientId, kind, organization ?? null, scopes],
  );
  await database.owner.query(`insert into access_token values ($1, $2, $3, $4, now(), now() + interval '1 hour')`, [
    tenant,
    hash,
    clientId,
    scopes,
  ]);
  const send = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> =>
    request(`${url}/fhir/R4${path}`, method, body, { authorization: `Bearer ${token}`, ...headers });
  return {
    clientId,
    organization,
    token,
    send,
    async create(resource) {
      const answer = await send('POST', `/${resource.resourceType}`, resource);
      if (answer.status !== 201) throw new Error(`${answer.status} ${answer.text}`);
      return answer.json as never;
    },
  };
}

export async function request(
  url: string,
  method: string,
  body: unknown,
  headers: Record<string, string>,
): Promise<Answer> {
  const payload = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
  const response = await fetch(url, {
    method,
    headers: { ...(payload !== undefined && { 'content-type': 'application/fhir+json' }), ...headers },
    ...(payload !== undefined && { body: payload }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, json: parse(text) };
}

function parse(text: string): Answer['json'] {
  try {
    return JSON.parse(text) as Answer['json'];
  } catch {
    return {};
  }
}

export const redisUrl = (): string => inject('redis');
