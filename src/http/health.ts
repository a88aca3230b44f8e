import { Router } from 'express';
import type { Database } from '../store/database.ts';

/** What a process knows of itself beside its store. */
export interface Condition {
  /** everything is loaded and nothing asks it to stop */
  isReady(): boolean;
  /** how long its event loop stood still lately, in milliseconds; undefined where it runs */
  pausedFor(): number | undefined;
}

/**
 * `/healthz`: the process lives. `/readyz`: it can serve, since the store answers and the event loop runs; says where the store is. A
 * pause that is over asks for other work to be sent elsewhere for a while, not for a restart, so `/healthz` does not tell of it.
 */
export function healthRoutes(db: Database, storage: 'embedded' | 'outside', condition: Condition): Router {
  const router = Router();
  router.get('/healthz', (_request, response) => {
    response.json({ status: 'ok' });
  });
  router.get('/readyz', (_request, response, next) => {
    const pausedMs = condition.pausedFor();
    db.unscoped('select 1')
      .then((answer) => {
        const status = statusOf(answer.ok, condition.isReady(), pausedMs);
        if (status !== 'ready') response.setHeader('Retry-After', '2');
        response
          .status(status === 'ready' ? 200 : 503)
          .json({ status, ...(pausedMs !== undefined && { pausedMs }), storage });
      })
      .catch(next);
  });
  return router;
}

function statusOf(isStoreThere: boolean, isReady: boolean, pausedMs: number | undefined): string {
  if (!isStoreThere) return 'store unavailable';
  if (!isReady) return 'starting';
  return pausedMs === undefined ? 'ready' : 'event loop was blocked';
}
