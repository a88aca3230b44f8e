import { Router } from 'express';
import type { Database } from '../store/database.ts';

/** `/healthz`: the process lives. `/readyz`: it can serve, since the store answers; says where the store is. */
export function healthRoutes(db: Database, storage: 'embedded' | 'outside', isReady: () => boolean): Router {
  const router = Router();
  router.get('/healthz', (_request, response) => {
    response.json({ status: 'ok' });
  });
  router.get('/readyz', (_request, response, next) => {
    db.unscoped('select 1')
      .then((answer) => {
        const ready = answer.ok && isReady();
        if (!ready) response.setHeader('Retry-After', '2');
        response
          .status(ready ? 200 : 503)
          .json({ status: ready ? 'ready' : answer.ok ? 'starting' : 'store unavailable', storage });
      })
      .catch(next);
  });
  return router;
}
