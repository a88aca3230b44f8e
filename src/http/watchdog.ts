/** Watches whether this process's event loop runs. */
export interface Watchdog {
  /** how long the latest pause was, in milliseconds; undefined once the loop has run without one for ten seconds */
  pausedFor(): number | undefined;
  stop(): void;
}

export interface Pause {
  readonly milliseconds: number;
  /** how much of it this process computed; little of it where the process was stopped or the machine gave it no time */
  readonly cpuMilliseconds: number;
}

const beatMs = 250;
/** Shorter pauses delay requests and harm nothing else. */
const leastMs = 2_000;
/** Longer than the interval of a usual probe, so that each one sees it. */
const calmMs = 10_000;

/**
 * Begins to watch. While the loop does not run, nothing in the process can say so: probes time out. The first beat after it tells how
 * long it was, before requests that waited are answered (F40).
 */
export function watchEventLoop(onPause: (pause: Pause) => void): Watchdog {
  let beat = performance.now();
  let cpu = process.cpuUsage();
  let latest: { readonly milliseconds: number; readonly endedAt: number } | undefined;
  const look = (): void => {
    const now = performance.now();
    const milliseconds = Math.round(now - beat);
    const used = process.cpuUsage(cpu);
    beat = now;
    cpu = process.cpuUsage();
    if (milliseconds < leastMs + beatMs) return;
    latest = { milliseconds, endedAt: now };
    onPause({ milliseconds, cpuMilliseconds: Math.round((used.user + used.system) / 1_000) });
  };
  const timer = setInterval(look, beatMs);
  timer.unref();
  return {
    pausedFor() {
      look();
      return latest && performance.now() - latest.endedAt < calmMs ? latest.milliseconds : undefined;
    },
    stop: () => clearInterval(timer),
  };
}
