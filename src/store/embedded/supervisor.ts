import { setTimeout as sleep } from 'node:timers/promises';
import { endLeftovers } from './leftovers.ts';
import { type Launch, launchServer, type ServerRun } from './server.ts';

export interface SupervisedServer {
  pid(): number | undefined;
  stop(): Promise<void>;
}

const firstPauseMs = 100;
const longestPauseMs = 5_000;
/** a server that ran this long begins again with the shortest pause */
const steadyMs = 30_000;
const fastShutdownMs = 10_000;

/**
 * Starts the server and starts it again whenever it ends unasked, at the same socket, so that connection pools heal by
 * themselves. The first start may fail; later ones are repeated for as long as it takes, with growing pauses.
 */
export async function supervise(launch: Launch): Promise<SupervisedServer> {
  const stopping = new AbortController();
  let run: ServerRun | undefined = await launchServer(launch);
  const guard = keepRunning(launch, run, stopping.signal, (next) => {
    run = next;
  });
  return {
    pid: () => run?.pid,
    stop: async () => {
      stopping.abort();
      await guard;
      if (run) await shutDown(run);
      run = undefined;
      await endLeftovers(launch.home, launch.logger);
    },
  };
}

/** Runs until `stopping` is raised; `note` learns each run as it begins and ends. */
async function keepRunning(
  launch: Launch,
  first: ServerRun,
  stopping: AbortSignal,
  note: (run: ServerRun | undefined) => void,
): Promise<void> {
  const stopped = new Promise<void>((resolve) => stopping.addEventListener('abort', () => resolve()));
  let run: ServerRun | undefined = first;
  let pauseMs = firstPauseMs;
  let startedAt = performance.now();
  while (!stopping.aborted) {
    if (run) {
      const ending: string | void = await Promise.race([run.ended, stopped]);
      if (stopping.aborted) return;
      note(undefined);
      if (performance.now() - startedAt > steadyMs) pauseMs = firstPauseMs;
      launch.logger.warn(
        `PostgreSQL ended unasked (${String(ending)}); starting it again. Its log: ${launch.home.log}.1`,
      );
    }
    await Promise.race([sleep(pauseMs, undefined, { signal: stopping }).catch(() => undefined), stopped]);
    if (stopping.aborted) return;
    pauseMs = Math.min(pauseMs * 2, longestPauseMs);
    startedAt = performance.now();
    run = await relaunch(launch);
    note(run);
  }
}

async function relaunch(launch: Launch): Promise<ServerRun | undefined> {
  try {
    await endLeftovers(launch.home, launch.logger);
    const run = await launchServer(launch);
    launch.logger.info(`PostgreSQL runs again (process ${run.pid}).`);
    return run;
  } catch (error) {
    launch.logger.warn(
      `PostgreSQL could not be started again; trying on. ${error instanceof Error ? error.message : String(error)}`,
    );
    return undefined;
  }
}

/** A fast shutdown: open transactions are rolled back. One that hangs is left to `endLeftovers`. */
async function shutDown(run: ServerRun): Promise<void> {
  run.signal('SIGINT');
  run.signal('SIGCONT');
  await Promise.race([run.ended, sleep(fastShutdownMs, undefined, { ref: false })]);
}
