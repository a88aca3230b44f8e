import { parentPort, workerData } from 'node:worker_threads';
import { wallClock } from '../base/time.ts';
import type { Ruleset } from '../domain/ruleset.ts';
import { flowsOfThread, serveBatches } from '../jobs/batch-threads.ts';
import { loadValidator } from '../profiles/validator.ts';
import { type ConnectionSettings, Database } from '../store/database.ts';

/** What a thread is given when it starts. */
export interface ThreadData {
  readonly connection: ConnectionSettings;
  /** those of the process, whatever has become of the files since it started */
  readonly rulesets: readonly Ruleset[];
}

const { connection, rulesets } = workerData as ThreadData;
const db = new Database({ connection, poolSize: flowsOfThread });
const services = { db, validator: await loadValidator(), rulesets, wallClock, wake: () => undefined };
if (parentPort) serveBatches(services, parentPort, () => db.close());
