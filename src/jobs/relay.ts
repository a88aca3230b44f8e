import type { Database } from '../store/database.ts';
import { type PendingWork, pendingWork, settleIdleWork, tenantsWithWork } from '../store/outbox.ts';
import type { WorkQueue } from './queue.ts';

/** Most members handed to the queue in one round of one tenant. */
const most = 500;
/** Most changes about people without an episode that are settled in one round. */
const mostIdle = 5_000;
/** Work that the queue took and did not finish is handed over again after this: so long does a lost queue delay it (F08). */
const againAfterMs = 5_000;
/** Work that failed waits longer each time. */
const backoffMs = [0, 500, 2_000, 5_000, 10_000];

/** Most members in one job: they share its round trips and its transaction. */
const mostTogether = 25;
/** Jobs that a backlog is spread over before any takes more than one member. */
const spread = 4;

/** Members whose work has not failed yet go together; a change to a coach, and what failed, goes alone. */
function inJobs(due: readonly PendingWork[]): PendingWork[][] {
  const alone = due.filter(({ attempts, patient }) => attempts > 0 || patient === null);
  const others = due.filter((one) => !alone.includes(one));
  const size = Math.min(mostTogether, Math.ceil(others.length / spread));
  const together: PendingWork[][] = [];
  for (let from = 0; from < others.length; from += size) together.push(others.slice(from, from + size));
  return [...alone.map((one) => [one]), ...together];
}

function idOf({ attempts, patient, seq }: PendingWork): string {
  return `${patient ?? 'coach'}-${seq}-${attempts}`;
}

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
      const due = pending.value.filter((work) => this.#isDue(`${tenant} ${idOf(work)}`, work.attempts));
      if (due.length === 0) continue;
      await this.#queue.add(
        inJobs(due).map((together) => ({
          id: [tenant, ...[together.at(0), together.at(-1)].map((one) => one && idOf(one)), together.length].join('-'),
          data: {
            tenant,
            patients: together[0]?.patient === null ? null : together.flatMap((one) => one.patient ?? []),
          },
        })),
      );
      for (const one of due) this.#handed.set(`${tenant} ${idOf(one)}`, this.#now());
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
