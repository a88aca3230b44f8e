import type { JSONWebKeySet } from 'jose';
import type { TenantId } from '../base/ids.ts';
import type { ClientKind } from './access.ts';
import type { Transaction } from './database.ts';

/** A registered client; it has its keys inline or at a URL, never both. */
export interface Client {
  readonly clientId: string;
  readonly name: string;
  readonly kind: ClientKind;
  readonly organization: string | undefined;
  readonly jwks: JSONWebKeySet | undefined;
  readonly jwksUrl: string | undefined;
  readonly scopes: string;
  /** what `aud` must be: the token URL (SMART 2.2), or the issuer (RFC 7523bis) */
  readonly audience: 'smart' | 'issuer';
  readonly disabled: boolean;
}

interface ClientRow {
  client_id: string;
  name: string;
  kind: ClientKind;
  organization: string | null;
  jwks: JSONWebKeySet | null;
  jwks_url: string | null;
  scopes: string;
  audience: 'smart' | 'issuer';
  disabled_at: Date | null;
}

export async function findClient(tx: Transaction, tenant: TenantId, clientId: string): Promise<Client | undefined> {
  const [row] = await tx.query<ClientRow>('select * from client where tenant = $1 and client_id = $2', [
    tenant,
    clientId,
  ]);
  return row && toClient(row);
}

export async function insertClient(tx: Transaction, tenant: TenantId, client: Client, at: Date): Promise<void> {
  const { audience, clientId, jwks, jwksUrl, kind, name, organization, scopes } = client;
  const values = [
    tenant,
    clientId,
    name,
    kind,
    organization ?? null,
    jwks ?? null,
    jwksUrl ?? null,
    scopes,
    audience,
    at,
  ];
  await tx.query(
    'insert into client (tenant, client_id, name, kind, organization, jwks, jwks_url, scopes, audience, created_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)',
    values,
  );
}

/** Takes effect at the next request on every node: each request looks at `disabled_at`. */
export async function disableClient(tx: Transaction, tenant: TenantId, clientId: string, at: Date): Promise<void> {
  await tx.query('update client set disabled_at = $3 where tenant = $1 and client_id = $2 and disabled_at is null', [
    tenant,
    clientId,
    at,
  ]);
}

function toClient(row: ClientRow): Client {
  return {
    clientId: row.client_id,
    name: row.name,
    kind: row.kind,
    organization: row.organization ?? undefined,
    jwks: row.jwks ?? undefined,
    jwksUrl: row.jwks_url ?? undefined,
    scopes: row.scopes,
    audience: row.audience,
    disabled: row.disabled_at !== null,
  };
}
