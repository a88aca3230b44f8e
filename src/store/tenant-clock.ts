import type { TenantId } from '../base/ids.ts';
import type { Clock } from '../base/time.ts';
import type { Transaction } from './database.ts';

/** Domain time of a tenant as stored: where it stood at `wall_at`, and whether it runs since. */
export interface TenantClockRow {
  readonly domain_at: Date;
  readonly wall_at: Date;
  readonly running: boolean;
}

/** The tenant's clock, read beside the wall clock. */
export function tenantClock(row: TenantClockRow, wall: Clock): Clock {
  if (!row.running) return { now: () => row.domain_at };
  return { now: () => new Date(row.domain_at.getTime() + Math.max(0, wall.now().getTime() - row.wall_at.getTime())) };
}

/** The tenant's present instant, for work that no request asked for. */
export async function tenantNow(tx: Transaction, tenant: TenantId, wall: Clock): Promise<Date> {
  const [row] = await tx.query<TenantClockRow>(
    'select domain_at, wall_at, running from tenant_clock where tenant = $1',
    [tenant],
  );
  if (!row) throw new Error(`tenant ${tenant} has no clock`);
  return tenantClock(row, wall).now();
}

/**
 * The wall clock, but never ahead of the database's: what is due by date waits until both have come to it, so that a node whose clock
 * jumps ahead does not run tomorrow's night today (F28).
 */
export async function soberClock(tx: Transaction, wall: Clock): Promise<Clock> {
  const [row] = await tx.query<{ now: Date }>('select clock_timestamp() as now');
  const now = wall.now();
  return { now: () => (row && row.now < now ? row.now : now) };
}

/** Moves a tenant's clock forward to an instant, standing still there or running on. The database refuses to move it back. */
export async function moveTenantClock(
  tx: Transaction,
  tenant: TenantId,
  to: Date,
  wall: Clock,
  running: boolean,
): Promise<void> {
  await tx.query('update tenant_clock set domain_at = $2, wall_at = $3, running = $4 where tenant = $1', [
    tenant,
    to,
    wall.now(),
    running,
  ]);
}
