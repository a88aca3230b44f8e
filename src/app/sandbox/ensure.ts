import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { exportJWK, generateKeyPair, type JWK } from 'jose';
import { registerClient } from '../../auth/register.ts';
import type { Failure } from '../../base/failure.ts';
import type { TenantId } from '../../base/ids.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { localDateOf } from '../../base/time.ts';
import type { SandboxClient } from '../../cli/client.ts';
import { partners } from '../../cli/sandbox/partners.ts';
import { historyStart } from '../../cli/sandbox/world.ts';
import type { Transaction } from '../../store/database.ts';
import { readSetting, writeSetting } from '../../store/settings.ts';
import { tenantNamed } from '../../store/tenants.ts';
import type { Config } from '../config.ts';
import type { Running } from '../server.ts';
import { loadWorld } from './load.ts';

/** How the sandbox of a tenant stands, in a setting that all processes see. */
type Mark = { readonly state: 'loading'; readonly aliveAt: number } | { readonly state: 'loaded' };

/** A loader that gave no sign for this long has died: another process begins again, with a new tenant. */
const deadAfterMs = 15_000;
const main = 'main';

/**
 * Makes sure that there is a main tenant and, in a sandbox, that its world is loaded: by one process, once. Others wait for it. Writes
 * the clients' file at every start, since the address may have changed.
 *
 * @returns path of the clients' file; undefined where this profile has no sandbox world
 */
export async function ensureSandbox(running: Running, config: Config): Promise<string | undefined> {
  const { db, wallClock } = running.services;
  if (!config.sandboxWorld) {
    must(await tenantNamed(db, main, wallClock.now(), wallClock, { running: true }));
    return undefined;
  }
  const first = new Date(historyStart);
  let insteadOf: TenantId | undefined;
  for (;;) {
    const { made, tenant } = must(
      await tenantNamed(db, main, first, wallClock, { running: false, ...(insteadOf !== undefined && { insteadOf }) }),
    );
    const mark = await claim(running, tenant, made);
    if (mark === 'loaded') return writeClients(running, config, tenant);
    if (mark === 'foreign') return undefined;
    if (mark === 'dead') {
      insteadOf = tenant;
      continue;
    }
    if (mark === 'ours') {
      await load(running, tenant);
      return writeClients(running, config, tenant);
    }
    await wait(200);
  }
}

/** `foreign`: a tenant that somebody else made and that is not ours to fill. */
async function claim(
  running: Running,
  tenant: TenantId,
  made: boolean,
): Promise<'ours' | 'loaded' | 'waiting' | 'dead' | 'foreign'> {
  const { db, wallClock } = running.services;
  return must(
    await db.transaction(tenant, async (tx) => {
      await tx.query('select pg_advisory_xact_lock(hashtextextended($1, 2))', [`sandbox ${tenant}`]);
      const text = await readSetting(tx, tenant, 'sandbox-world');
      if (text === undefined) {
        const [used] = await tx.query(
          'select 1 from client where tenant = $1 union all select 1 from resource where tenant = $1 limit 1',
          [tenant],
        );
        const [clock] = await tx.query<{ running: boolean }>('select running from tenant_clock where tenant = $1', [
          tenant,
        ]);
        if (!made && (used || clock?.running)) return ok('foreign' as const);
        await beat(tx, tenant, wallClock.now());
        return ok('ours' as const);
      }
      const mark = JSON.parse(text) as Mark;
      if (mark.state === 'loaded') return ok('loaded' as const);
      return ok(wallClock.now().getTime() - mark.aliveAt > deadAfterMs ? ('dead' as const) : ('waiting' as const));
    }),
  );
}

function beat(tx: Transaction, tenant: TenantId, at: Date): Promise<void> {
  return writeSetting(tx, tenant, 'sandbox-world', JSON.stringify({ state: 'loading', aliveAt: at.getTime() }));
}

async function load(running: Running, tenant: TenantId): Promise<void> {
  const { db, wallClock } = running.services;
  const alive = setInterval(() => {
    void db.transaction(tenant, async (tx) => ok(await beat(tx, tenant, wallClock.now())));
  }, deadAfterMs / 5);
  try {
    const clients = await register(running, tenant);
    await loadWorld(running, tenant, addresses(running, clients), localDateOf(wallClock.now(), 'America/New_York'));
  } finally {
    clearInterval(alive);
  }
  must(
    await db.transaction(tenant, async (tx) =>
      ok(await writeSetting(tx, tenant, 'sandbox-world', JSON.stringify({ state: 'loaded' }))),
    ),
  );
}

interface StoredClient {
  readonly name: string;
  readonly kind: string;
  readonly clientId: string;
  readonly scopes: string;
  readonly privateKeyJwk: JWK;
}

/** Registers the sandbox's partners with fresh keys. The private ones are kept for the clients' file: they open invented data only. */
async function register(running: Running, tenant: TenantId): Promise<StoredClient[]> {
  const { db, wallClock } = running.services;
  const keys = await Promise.all(partners.map(() => generateKeyPair('ES384', { extractable: true })));
  const stored = await Promise.all(
    partners.map(async ({ kind, name, scopes }, index): Promise<StoredClient> => {
      const pair = keys[index];
      if (!pair) throw new Error('no key');
      return {
        name,
        kind,
        clientId: `sandbox-${name}`,
        scopes,
        privateKeyJwk: { ...(await exportJWK(pair.privateKey)), kid: `${name}-1`, alg: 'ES384' },
      };
    }),
  );
  must(
    await db.transaction(tenant, async (tx) => {
      for (const [index, { clientId, name, privateKeyJwk }] of stored.entries()) {
        const partner = partners[index];
        if (!partner) continue;
        const { d: _private, ...publicKey } = privateKeyJwk;
        const jwks = { keys: [{ ...publicKey, use: 'sig' }] } as never;
        const registered = await registerClient(
          tx,
          tenant,
          { ...partner, clientId, name, jwks, jwksUrl: undefined },
          wallClock.now(),
        );
        if (!registered.ok) return err(registered.error);
      }
      await writeSetting(tx, tenant, 'sandbox-clients', JSON.stringify(stored));
      return ok(undefined);
    }),
  );
  return stored;
}

function addresses(running: Running, clients: readonly StoredClient[]): SandboxClient[] {
  return clients.map(({ clientId, kind, name, privateKeyJwk, scopes }) => ({
    name,
    kind,
    clientId,
    scopes,
    tokenUrl: `${running.url}/auth/token`,
    fhirBaseUrl: `${running.url}/fhir/R4`,
    privateKeyJwk,
  }));
}

async function writeClients(running: Running, config: Config, tenant: TenantId): Promise<string> {
  const stored = must(
    await running.services.db.transaction(tenant, async (tx) => ok(await readSetting(tx, tenant, 'sandbox-clients'))),
  );
  const file = join(config.dataDir, 'sandbox-clients.json');
  const clients = addresses(running, JSON.parse(stored ?? '[]') as StoredClient[]);
  writeFileSync(file, `${JSON.stringify(clients, null, 2)}\n`, { mode: 0o600 });
  chmodSync(file, 0o600);
  return file;
}

/** At start there is nobody to answer to: what fails ends the process, in the failure's words. */
function must<T>(result: Result<T, Failure>): T {
  if (result.ok) return result.value;
  throw new Error(result.error.issues.map(({ text }) => text).join(' '));
}
