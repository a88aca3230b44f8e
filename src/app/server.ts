import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Logger } from 'pino';
import { createAuthenticate } from '../auth/authenticate.ts';
import { JwksFetcher } from '../auth/jwks-fetcher.ts';
import { oauthUris, smartConfiguration } from '../auth/smart-configuration.ts';
import { wallClock } from '../base/time.ts';
import { homeRoutes } from '../console/home.ts';
import { createHttpApp, createHttpServer, prepareDrain } from '../http/app.ts';
import { tokenRoutes } from '../http/auth/token-routes.ts';
import { capabilityStatement } from '../http/capability-statement.ts';
import { createDispatch, loadInteractions } from '../http/dispatch.ts';
import type { FhirResponse, Interaction } from '../http/fhir-request.ts';
import { type Condition, healthRoutes } from '../http/health.ts';
import type { TenantRoot } from '../http/http-context.ts';
import { createFindRoot } from '../http/tenant-root.ts';
import { type Watchdog, watchEventLoop } from '../http/watchdog.ts';
import { BatchThreads } from '../jobs/batch-threads.ts';
import { startJobs } from '../jobs/index.ts';
import { loadValidator } from '../profiles/validator.ts';
import type { Services } from '../service/context.ts';
import type { ConnectionSettings } from '../store/database.ts';
import { includesOf, parameterClaims, revIncludesOf } from '../store/search/claims.ts';
import { findTenant } from '../store/tenants.ts';
import type { ThreadData } from './batch-thread.ts';
import type { Config, Secrets } from './config.ts';
import { createLogger } from './log.ts';
import { loadRulesets } from './rulesets.ts';
import { openStorage, type Storage } from './storage.ts';
import { version } from './version.ts';

export interface StartOptions {
  readonly config: Config;
  readonly secrets: Secrets;
}

/** A Footbridge that serves. */
export interface Running {
  /** where it listens; PUBLIC_URL where that is set */
  readonly url: string;
  /** where this process itself reaches it */
  readonly localUrl: string;
  readonly services: Services;
  readonly storage: Storage;
  readonly logger: Logger;
  /** `/readyz` answers 503 until this was called */
  ready(): void;
  /** stops accepting, lets requests and jobs finish, then closes the store */
  stop(): Promise<void>;
}

/** How long requests under way may take to finish after a SIGTERM (F34). */
const drainMs = 25_000;

/** Builds everything and starts the roles that the configuration names. */
export async function startFootbridge({ config, secrets }: StartOptions): Promise<Running> {
  const logger = createLogger(config.logLevel);
  const [storage, validator] = await Promise.all([openStorage(config, secrets, logger), loadValidator()]);
  let wake = (): void => undefined;
  const services: Services = { db: storage.db, validator, rulesets: loadRulesets(), wallClock, wake: () => wake() };
  const jobs = config.roles.has('jobs')
    ? await startJobs({
        services,
        connection: storage.connection,
        redisUrl: secrets.redisUrl,
        logger,
        threads: batchThreads(config, services, storage.connection, logger),
      })
    : undefined;
  if (jobs) wake = jobs.wake;
  const served = await startHttp(config, services, logger, storage);
  const stop = async (): Promise<void> => {
    await served.stop();
    await jobs?.stop();
    await storage.stop();
  };
  return { url: served.url, localUrl: served.localUrl, services, storage, logger, ready: served.ready, stop };
}

/** Old and young generation of a thread's heap: what its batches need, and no more because the machine has room (docs/benchmarks.md). */
const threadHeap = { maxOldGenerationSizeMb: 160, maxYoungGenerationSizeMb: 96 };

function batchThreads(
  { batchThreads: most }: Config,
  services: Services,
  connection: ConnectionSettings,
  logger: Logger,
): BatchThreads | undefined {
  if (most === 0) return undefined;
  const entry = new URL('./batch-thread.ts', import.meta.url);
  const workerData: ThreadData = { connection, rulesets: services.rulesets };
  return new BatchThreads({
    services,
    most,
    start: () => new Worker(entry, { workerData, resourceLimits: threadHeap }),
    onGone: (reason) => logger.error({ reason }, 'a batch thread ended; its work is done without it'),
  });
}

/** HTTP with all routes, or with the health routes alone where this process has no http role. */
async function startHttp(
  config: Config,
  services: Services,
  logger: Logger,
  storage: Storage,
): Promise<Pick<Running, 'url' | 'localUrl' | 'ready' | 'stop'>> {
  let url = config.publicUrl ?? '';
  const condition = ownCondition(logger);
  const interactions = await loadInteractions();
  const findRoot = createFindRoot(services.db, () => url, wallClock);
  const health = healthRoutes(services.db, storage.embedded ? 'embedded' : 'outside', condition);
  const jwks = new JwksFetcher(wallClock, config.profile === 'sandbox');
  const token = tokenRoutes({
    services: { db: services.db, wallClock, jwks },
    rateLimits: config.rateLimits,
    findRoot,
  });
  const http = config.roles.has('http');
  const home = homeRoutes({
    services,
    url: () => url,
    version,
    clientsFile: join(config.dataDir, 'sandbox-clients.json'),
    sandboxTenant: async () => {
      if (!config.sandboxWorld) return undefined;
      const found = await findTenant(services.db, 'main');
      return found.ok ? found.value : undefined;
    },
  });
  const app = createHttpApp({
    services,
    dispatch: createDispatch(interactions),
    routes: http ? [health, token, home] : [health],
    findRoot: async (pathname) => (http ? findRoot(pathname) : { ok: true, value: undefined }),
    authenticate: createAuthenticate(services.db, wallClock),
    openAnswers: openAnswers(interactions, services, new Date()),
    onAnswered: (method, status, milliseconds, requestId) =>
      logger.info({ method, status, milliseconds: Math.round(milliseconds), requestId }, 'answered'),
    onFault: (error, requestId) => logger.error({ err: error, requestId }, 'a request failed'),
  });
  const server = createHttpServer(app);
  const drain = prepareDrain(server);
  await new Promise<void>((done, failed) => {
    server.once('error', failed);
    server.listen(config.port, done);
  });
  const { port } = server.address() as AddressInfo;
  url ||= `http://localhost:${port}`;
  const stop = async (): Promise<void> => {
    condition.end();
    await drain(drainMs);
  };
  return { url, localUrl: `http://127.0.0.1:${port}`, ready: condition.begin, stop };
}

/** What health tells of this process. Its event loop is watched once it serves: what is loaded before is loaded in one go. */
function ownCondition(logger: Logger): Condition & { begin(): void; end(): void } {
  let isReady = false;
  let watchdog: Watchdog | undefined;
  return {
    isReady: () => isReady,
    pausedFor: () => watchdog?.pausedFor(),
    begin() {
      isReady = true;
      watchdog ??= watchEventLoop((pause) => logger.warn(pause, 'the event loop was blocked'));
    },
    end() {
      isReady = false;
      watchdog?.stop();
    },
  };
}

/** CapabilityStatements that are kept: one for each tenant's address. */
const mostStatements = 1_000;

/** What FHIR clients may ask without a token: how to get one, and what is served. */
function openAnswers(interactions: readonly Interaction[], services: Services, startedAt: Date) {
  const statements = new Map<string, string>();
  return (root: TenantRoot, method: string, path: readonly string[]): Promise<FhirResponse> | undefined => {
    if (method !== 'GET') return undefined;
    if (path.join('/') === '.well-known/smart-configuration') {
      return Promise.resolve({
        status: 200,
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify(smartConfiguration(root.fhirBase, root.tokenUrl)),
      });
    }
    if (path.join('/') !== 'metadata') return undefined;
    const known = statements.get(root.fhirBase);
    if (known !== undefined) return Promise.resolve({ status: 200, body: known });
    const statement = capabilityStatement({
      interactions,
      searchParameters: parameterClaims,
      includes: includesOf,
      revIncludes: revIncludesOf,
      supportedProfiles: (type) => services.validator.heldProfiles(type),
      security: [oauthUris(root.tokenUrl)],
      fhirBase: root.fhirBase,
      version,
      startedAt,
    });
    const body = JSON.stringify(statement);
    if (statements.size > mostStatements) statements.clear();
    statements.set(root.fhirBase, body);
    return Promise.resolve({ status: 200, body });
  };
}
