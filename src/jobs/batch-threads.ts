import type { MessagePort, Worker } from 'node:worker_threads';
import { type Failure, failure } from '../base/failure.ts';
import { err, ok, type Result } from '../base/result.ts';
import type { Services } from '../service/context.ts';
import { Fenced } from '../store/schedule.ts';
import { type Batch, doBatch, type Hands } from './batches.ts';

/** Transactions that a thread does side by side. */
export const flowsOfThread = 2;
/** Threads without work give their memory back after this. */
const idleMs = 10_000;

interface Ask {
  readonly id: number;
  readonly batch: Batch;
}

/** How a batch ended in another thread: what the asker has to tell apart, in plain data. */
type End = { readonly end: 'done' | 'unavailable' | 'fenced' } | { readonly end: 'broken'; readonly reason: string };
type Answer = End & { readonly id: number };
/** The thread itself is gone, and what it was about with it: its transactions are rolled back. */
const gone = { end: 'gone' } as const;

interface Thread {
  readonly worker: Worker;
  readonly asked: Map<number, (end: End | typeof gone) => void>;
}

export interface BatchThreadOptions {
  readonly services: Services;
  /** threads at a time */
  readonly most: number;
  /** a new thread that runs `serveBatches` */
  readonly start: () => Worker;
  /** members that are worth them: a thread takes a second or two to start, in which the asking thread does as many */
  readonly from?: number;
  /** told why a thread ended that nobody had told to */
  readonly onGone?: (reason: string) => void;
}

/**
 * Threads that do batches of members beside each other and beside the thread that serves: a night of many members takes every core that
 * it is given, and requests do not wait for rules. Each has a heap of a fixed size and a connection for each of its flows.
 *
 * A thread lives from its first batch until none has come for a while. What one had that ends on its own, for lack of memory say, the
 * asking thread does itself: no member is at fault for it, and where no thread can live the work goes on without.
 */
export class BatchThreads implements Hands {
  readonly flows: number;
  readonly from: number;
  readonly #options: BatchThreadOptions;
  #threads: Thread[] = [];
  #lastId = 0;
  #idle: NodeJS.Timeout | undefined;

  constructor(options: BatchThreadOptions) {
    this.#options = options;
    this.from = options.from ?? 500;
    this.flows = options.most * flowsOfThread;
  }

  async do(batch: Batch): Promise<Result<unknown, Failure>> {
    clearTimeout(this.#idle);
    const thread = this.#leastBusy();
    const id = ++this.#lastId;
    const end = await new Promise<End | typeof gone>((ended) => {
      thread.asked.set(id, ended);
      thread.worker.postMessage({ id, batch } satisfies Ask);
    });
    this.#restWhenIdle();
    if (end.end === 'gone') return doBatch(this.#options.services, batch);
    if (end.end === 'fenced') throw new Fenced();
    if (end.end === 'broken') throw new Error(end.reason);
    return end.end === 'done' ? ok(undefined) : err(unavailable);
  }

  /** Lets the threads end what they do. */
  async stop(): Promise<void> {
    clearTimeout(this.#idle);
    const ending = this.#threads;
    this.#threads = [];
    await Promise.all(
      ending.map(({ worker }) => {
        const ended = new Promise((done) => worker.once('exit', done));
        worker.postMessage('end');
        return ended;
      }),
    );
  }

  #leastBusy(): Thread {
    const [least] = this.#threads.toSorted((one, other) => one.asked.size - other.asked.size);
    if (least && (least.asked.size === 0 || this.#threads.length >= this.#options.most)) return least;
    const thread: Thread = { worker: this.#options.start(), asked: new Map() };
    const end = (reason: string): void => {
      if (this.#threads.includes(thread)) this.#options.onGone?.(reason);
      this.#threads = this.#threads.filter((one) => one !== thread);
      for (const ended of thread.asked.values()) ended(gone);
      thread.asked.clear();
    };
    thread.worker.on('message', ({ id, ...end }: Answer) => {
      thread.asked.get(id)?.(end);
      thread.asked.delete(id);
    });
    thread.worker.on('error', (error) => end(error.message));
    thread.worker.on('exit', (code) => end(`exit code ${code}`));
    this.#threads.push(thread);
    return thread;
  }

  #restWhenIdle(): void {
    if (this.#threads.some(({ asked }) => asked.size > 0)) return;
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => void this.stop(), idleMs);
    this.#idle.unref();
  }
}

const unavailable = failure('unavailable', 'transient', 'The store does not answer at the moment.');

/**
 * The other end: does what it is asked until it is told to end.
 *
 * @param close gives the store's connections back
 */
export function serveBatches(services: Services, port: MessagePort, close: () => Promise<void>): void {
  const running = new Set<Promise<void>>();
  const answer = async ({ batch, id }: Ask): Promise<void> => {
    port.postMessage({ ...(await endOf(services, batch)), id } satisfies Answer);
  };
  port.on('message', (message: Ask | 'end') => {
    if (message === 'end') {
      void Promise.all(running)
        .then(close)
        .finally(() => port.close());
      return;
    }
    const work = answer(message).finally(() => running.delete(work));
    running.add(work);
  });
}

async function endOf(services: Services, batch: Batch): Promise<End> {
  try {
    return { end: (await doBatch(services, batch)).ok ? 'done' : 'unavailable' };
  } catch (error) {
    if (error instanceof Fenced) return { end: 'fenced' };
    return { end: 'broken', reason: error instanceof Error ? error.message : String(error) };
  }
}
