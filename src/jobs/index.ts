import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { TenantId } from '../base/ids.ts';
import type { Services } from '../service/context.ts';
import { doCoachWork, doMembersWork } from '../service/recompute-work.ts';
import type { ConnectionSettings } from '../store/database.ts';
import { failWork } from '../store/outbox.ts';
import { installationId } from '../store/tenants.ts';
import type { BatchThreads } from './batch-threads.ts';
import { runClosings, runSchedules } from './nightly.ts';
import { openQueue, type WorkData } from './queue.ts';
import { runRecomputations } from './recomputation.ts';
import { Relay } from './relay.ts';

export interface JobOptions {
  readonly services: Services;
  readonly connection: ConnectionSettings;
  readonly redisUrl: string | undefined;
  readonly logger: Logger;
  /** who does long nights and full recomputations; absent: this thread */
  readonly threads?: BatchThreads | undefined;
}

export interface Jobs {
  /** work was committed in this process: look at once */
  wake(): void;
  /** finishes what is under way */
  stop(): Promise<void>;
}

/** Other processes' commits are noticed within this. */
const pollMs = 50;
/** Least time between two rounds. */
const restMs = 30;
const scheduleMs = 1_000;
/** A billing period ends days before it is closed: nobody waits for the second. */
const closeMs = 10_000;
const concurrency = 4;
const mostAttempts = 5;

/** Starts the relay from outbox to queue, the worker, and the schedules by local midnight. */
export async function startJobs({ connection, logger, redisUrl, services, threads }: JobOptions): Promise<Jobs> {
  const onError = throttled((error) => logger.warn({ reason: error.message }, 'the queue does not answer'));
  const installation = await installationId(services.db);
  if (!installation.ok) throw new Error(installation.error.issues.map(({ text }) => text).join(' '));
  const queue = await openQueue({ connection, redisUrl, onError, name: `footbridge-${installation.value}` });
  queue.work((data) => work(services, logger, data), concurrency);
  // A wall clock that jumps back would hold back what a lost queue took.
  const relay = new Relay(services.db, queue, () => performance.now());
  let stopping = false;
  const relaying = repeat(() => relay.round().then(() => undefined), pollMs, onError);
  const scheduling = repeat(() => runSchedules(services, () => stopping, threads), scheduleMs, onError);
  const closing = repeat(() => runClosings(services, () => stopping), closeMs, onError);
  const recomputing = repeat(() => runRecomputations(services, () => stopping, threads), scheduleMs, onError);
  return {
    wake: relaying.wake,
    async stop() {
      stopping = true;
      await Promise.all([relaying.stop(), scheduling.stop(), closing.stop(), recomputing.stop()]);
      await threads?.stop();
      await queue.close();
    },
  };
}

/**
 * An outage is waited out: the outbox keeps the rows. What throws is our own fault: of several members each is tried alone, and the
 * one that breaks us is counted, and parked when it repeats.
 */
async function work(services: Services, logger: Logger, { patients, tenant }: WorkData): Promise<void> {
  const id = tenant as TenantId;
  try {
    if (patients === null) await doCoachWork(services, id);
    else await doMembersWork(services, id, patients);
  } catch (error) {
    if (patients !== null && patients.length > 1) {
      for (const patient of patients) await work(services, logger, { tenant, patients: [patient] });
      return;
    }
    logger.error({ err: error, tenant }, 'a recomputation failed');
    const reason = error instanceof Error ? error.message : String(error);
    await failWork(services.db, id, patients?.[0] ?? null, reason, mostAttempts);
  }
}

/**
 * Runs `round` again and again, one at a time: at once when woken, else after the interval.
 *
 * @param round whether it has left something to go on with in a second
 */
function repeat(
  round: () => Promise<boolean | void>,
  intervalMs: number,
  onError: (error: Error) => void,
): { wake(): void; stop(): Promise<void> } {
  let stopped = false;
  let woken = false;
  let rouse: (() => void) | undefined;
  const loop = (async () => {
    while (!stopped) {
      woken = false;
      const isLeft = await round().catch((error: unknown) =>
        onError(error instanceof Error ? error : new Error(String(error))),
      );
      if (stopped) break;
      // Under load one round carries what several writes asked for.
      await sleep(restMs);
      if (woken || stopped) continue;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, isLeft ? Math.min(intervalMs, scheduleMs) : intervalMs);
        rouse = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      rouse = undefined;
    }
  })();
  const wake = (): void => {
    woken = true;
    rouse?.();
  };
  return {
    wake,
    async stop() {
      stopped = true;
      wake();
      await loop;
    },
  };
}

/** One line a minute while something is down, not one each round. */
function throttled(tell: (error: Error) => void): (error: Error) => void {
  let last = 0;
  return (error) => {
    if (Date.now() - last < 60_000) return;
    last = Date.now();
    tell(error);
  };
}
