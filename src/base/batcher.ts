/** How calls are joined: calls with the same key may share a run; `run` answers in the order of its calls. */
export interface BatcherOptions<Call, Answer> {
  keyOf(call: Call): string;
  run(calls: readonly Call[]): Promise<readonly Answer[]>;
  /** most calls of one run */
  readonly most?: number;
  /** runs under way at once */
  readonly concurrency?: number;
}

interface Waiting<Call, Answer> {
  readonly call: Call;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Joins calls that arrive while earlier ones are under way into one run. An idle batcher starts at the end of the current turn of
 * the event loop, so a lone call waits for nobody; under load the batches grow by themselves with what they cost.
 */
export class Batcher<Call, Answer> {
  readonly #options: BatcherOptions<Call, Answer>;
  readonly #queues = new Map<string, Waiting<Call, Answer>[]>();
  #running = 0;
  #scheduled = false;

  constructor(options: BatcherOptions<Call, Answer>) {
    this.#options = options;
  }

  run(call: Call): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const key = this.#options.keyOf(call);
      const queue = this.#queues.get(key);
      if (queue) queue.push({ call, resolve, reject });
      else this.#queues.set(key, [{ call, resolve, reject }]);
      this.#schedule();
    });
  }

  #schedule(): void {
    if (this.#scheduled || this.#running >= (this.#options.concurrency ?? 1)) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#start();
    });
  }

  #start(): void {
    while (this.#running < (this.#options.concurrency ?? 1)) {
      const next = this.#queues.entries().next();
      if (next.done) return;
      const [key, queue] = next.value;
      const batch = queue.splice(0, this.#options.most ?? 256);
      // A key with more to come goes behind the others.
      this.#queues.delete(key);
      if (queue.length > 0) this.#queues.set(key, queue);
      this.#running++;
      void this.#finish(batch);
    }
  }

  async #finish(batch: readonly Waiting<Call, Answer>[]): Promise<void> {
    try {
      const answers = await this.#options.run(batch.map(({ call }) => call));
      for (const [index, { resolve }] of batch.entries()) resolve(answers[index] as Answer);
    } catch (error) {
      for (const { reject } of batch) reject(error);
    } finally {
      this.#running--;
      this.#schedule();
    }
  }
}
