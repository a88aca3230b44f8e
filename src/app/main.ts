import { EvictingRedis } from '../jobs/queue.ts';
import { EmbeddedPostgresRefusal } from '../store/embedded/refusal.ts';
import { ConfigError, readConfig } from './config.ts';
import { greet } from './greeting.ts';
import { ensureSandbox } from './sandbox/ensure.ts';
import { type Running, startFootbridge } from './server.ts';

/** A drain that hangs must not keep the process: after this it ends as it is. */
const forceExitMs = 30_000;

async function main(): Promise<void> {
  const { config, secrets } = readConfig(process.env);
  const running = await startFootbridge({ config, secrets });
  onSignal(running);
  const clientsFile = config.roles.has('http') ? await ensureSandbox(running, config) : undefined;
  running.ready();
  await greet(running, config, clientsFile);
}

/** The first signal drains and stops, the second ends at once. */
function onSignal(running: Running): void {
  let stopping = false;
  const stop = (): void => {
    if (stopping) process.exit(1);
    stopping = true;
    setTimeout(() => process.exit(1), forceExitMs).unref();
    running.stop().then(
      () => process.exit(0),
      (error: unknown) => fail(error),
    );
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
}

/** What a person can mend is told in words; anything else with its stack, for a report. */
function fail(error: unknown): never {
  const told =
    error instanceof ConfigError ||
    error instanceof EmbeddedPostgresRefusal ||
    error instanceof EvictingRedis ||
    (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE');
  const text = told
    ? `Footbridge does not start:\n${(error as Error).message}`
    : `Footbridge failed: ${error instanceof Error ? error.stack : String(error)}`;
  process.stderr.write(`${text}\n`);
  process.exit(1);
}

main().catch(fail);
