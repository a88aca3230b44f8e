import type { Database } from '../store/database.ts';
import { pendingWork, settleIdleWork, tenantsWithWork } from '../store/outbox.ts';
import type { WorkQueue } from './queue.ts';

/** Most members handed to the queue in one round of one tenant. */
const most = 500;
/** Most changes about people without an episode that are settled in one round. */
const mostIdle = 5_000;
/** Work that the queue took and did not finish is handed over again after this: so long does a lost queue delay it (F08). */
const againAfterMs = 5_000;
/** Work that failed waits longer each time. */
const backoffMs = [0, 500, 2_000, 5_000, 10_000];

/** Carries what waits in the outbox to the queue. Rows stay until the work on them commits, so handing over twice does no harm. */
export class Relay {
  readonly #db: Database;
  readonly #queue: WorkQueue;
  readonly #handed = new Map<string, number>();
  readonly #now: () => number;

  constructor(db: Database, queue: WorkQueue, now: () => number) {
    this.#db = db;
    this.#queue = queue;
    this.#now = now;
  }

  /** @returns whether the queue took anything */
  async round(): Promise<boolean> {
    const tenants = await tenantsWithWork(this.#db);
    if (!tenants.ok) return false;
    this.#forget();
    let handed = false;
    for (const { tenant } of tenants.value) {
      await settleIdleWork(this.#db, tenant, mostIdle);
      const pending = await pendingWork(this.#db, tenant, most);
      if (!pending.ok) continue;
      const jobs = pending.value
        .map(({ attempts, patient, seq }) => ({
          id: `${tenant}-${patient ?? 'coach'}-${seq}-${attempts}`,
          attempts,
          data: { tenant, patient },
        }))
        .filter(({ attempts, id }) => this.#isDue(id, attempts));
      if (jobs.length === 0) continue;
      await this.#queue.add(jobs);
      for (const { id } of jobs) this.#handed.set(id, this.#now());
      handed = true;
    }
    return handed;
  }

  #isDue(id: string, attempts: number): boolean {
    const handed = this.#handed.get(id);
    if (handed !== undefined) return this.#now() - handed >= againAfterMs;
    if (attempts === 0) return true;
    // First seen after a failure: remember it as handed, so long ago that it comes due when its wait is over.
    this.#handed.set(id, this.#now() - againAfterMs + (backoffMs[attempts] ?? againAfterMs));
    return false;
  }

  #forget(): void {
    if (this.#handed.size < 10 * most) return;
    const old = this.#now() - 2 * againAfterMs;
    for (const [id, at] of this.#handed) if (at < old) this.#handed.delete(id);
  }
}
