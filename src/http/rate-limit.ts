import type { Clock } from '../base/time.ts';

/**
 * At most `most` takes for a key in each window. Counted in this process only: with n processes behind a balancer a key gets up to
 * n times as much, which still bounds what one address can cost.
 */
export class RateLimit {
  readonly #most: number;
  readonly #windowMs: number;
  readonly #clock: Clock;
  #window = 0;
  #taken = new Map<string, number>();

  constructor(options: { readonly most: number; readonly windowMs: number }, clock: Clock) {
    this.#most = options.most;
    this.#windowMs = options.windowMs;
    this.#clock = clock;
  }

  /** Takes one for the key; returns 0, or the seconds to wait. */
  take(key: string): number {
    const now = this.#clock.now().getTime();
    const window = Math.floor(now / this.#windowMs);
    if (window !== this.#window) {
      this.#window = window;
      this.#taken = new Map();
    }
    const taken = (this.#taken.get(key) ?? 0) + 1;
    this.#taken.set(key, taken);
    return taken <= this.#most ? 0 : Math.max(1, Math.ceil(((window + 1) * this.#windowMs - now) / 1000));
  }
}
