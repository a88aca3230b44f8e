import { setTimeout as wait } from 'node:timers/promises';
import type { Resource } from '@medplum/fhirtypes';
import type { TenantId } from '../../base/ids.ts';
import { ok } from '../../base/result.ts';
import { type LocalDate, localDateOf } from '../../base/time.ts';
import { FhirClient, type SandboxClient } from '../../cli/client.ts';
import { directory } from '../../cli/sandbox/partners.ts';
import { transaction } from '../../cli/sandbox/people.ts';
import { worldEvents } from '../../cli/sandbox/world.ts';
import { isCaughtUp } from '../../store/schedule.ts';
import { moveTenantClock } from '../../store/tenant-clock.ts';
import type { Running } from '../server.ts';

/** How long the jobs may take to work through what was loaded. */
const settleMs = 120_000;

/**
 * Loads the world as its partners would send it, through the public API: the tenant's clock stands at each event's instant while it is
 * posted, so that recorded times and signatures are true. In the end it runs with the wall clock.
 */
export async function loadWorld(
  running: Running,
  tenant: TenantId,
  clients: readonly SandboxClient[],
  today: LocalDate,
): Promise<void> {
  const { db, wallClock } = running.services;
  const partners = new Map(clients.map((client) => [client.name, new FhirClient(client, running.localUrl)]));
  const post = async (name: string, resources: readonly Resource[]): Promise<void> => {
    const reply = await partners.get(name)?.send('POST', '', transaction(...resources));
    if (reply?.status !== 200)
      throw new Error(`The sandbox world was refused for ${name}: ${reply?.status} ${JSON.stringify(reply?.body)}`);
  };
  const moveTo = async (at: Date, runs: boolean): Promise<void> => {
    const moved = await db.transaction(tenant, async (tx) =>
      ok(await moveTenantClock(tx, tenant, at, wallClock, runs)),
    );
    if (!moved.ok) throw new Error('the sandbox clock did not move');
  };
  await post('admin', directory);
  const now = wallClock.now();
  for (const { at, client, resources } of worldEvents(today)) {
    const instant = new Date(at);
    // What today's history holds for later today has not happened yet.
    if (instant > now) break;
    await moveTo(instant, false);
    await post(client, resources);
  }
  await moveTo(wallClock.now(), true);
  await settled(running, tenant);
}

/** Waits until the jobs have seen everything, so that the first answer is a whole one. */
async function settled({ services }: Running, tenant: TenantId): Promise<void> {
  const until = services.wallClock.now().getTime() + settleMs;
  const zones = [...new Set(services.rulesets.map(({ zone }) => zone))];
  services.wake();
  while (services.wallClock.now().getTime() < until) {
    const days = zones.map((zone) => ({ zone, date: localDateOf(services.wallClock.now(), zone) }));
    const caughtUp = await isCaughtUp(services.db, tenant, days);
    if (caughtUp.ok && caughtUp.value) return;
    await wait(50);
  }
}
