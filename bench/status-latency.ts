import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { addDays, localDateOf } from '../src/base/time.ts';
import type { FhirClient } from './fhir-client.ts';

const mostMs = 10_000;

interface Example {
  entry: { resource: { resourceType: string; id: string } & Record<string, unknown>; request: object }[];
}

const example = readFileSync(resolve(import.meta.dirname, '../docs/examples/contacts.json'), 'utf8');

export interface Latency {
  readonly name: string;
  readonly p50: number;
  readonly p95: number;
  readonly worst: number;
  /** contacts a second that came in meanwhile; 0: none */
  readonly beside: number;
}

/** A member with coverage, episode and consent, and the contact that will put it on its coach's caseload. */
function member(id: string): { bundle: object; contact: Record<string, unknown> } {
  const { entry } = JSON.parse(example.replaceAll('readme-robin', id)) as Example;
  // Yesterday where the rules are: today's first minute may lie ahead of them.
  const day = addDays(localDateOf(new Date(), 'America/New_York'), -1);
  const contact = entry.find(({ resource }) => resource.resourceType === 'Encounter')?.resource ?? {};
  return {
    bundle: {
      resourceType: 'Bundle',
      type: 'transaction',
      entry: entry.filter(({ resource }) => resource.resourceType !== 'Encounter'),
    },
    contact: JSON.parse(JSON.stringify(contact).replace(/\d{4}-\d\d-\d\dT\d\d:\d\d/g, `${day}T00:01`)) as Record<
      string,
      unknown
    >,
  };
}

/**
 * From the moment a contact is sent to the first search that finds the status it makes, as its sender sees it.
 *
 * @param beside contacts a second of other members that come in meanwhile, each of them recomputed too
 */
export async function statusLatency(fhir: FhirClient, samples: number, beside: number): Promise<Latency> {
  const run = crypto.randomUUID().slice(0, 8);
  const people = Array.from({ length: samples }, (_, index) => ({ id: `bench-${run}-${index}` }));
  const others = Array.from({ length: beside > 0 ? 200 : 0 }, (_, index) => ({ id: `bench-${run}-o${index}` }));
  for (const { id } of [...people, ...others]) {
    const reply = await fhir.send('POST', '', member(id).bundle);
    if (reply.status !== 200) throw new Error(`setup: ${reply.status} ${reply.text.slice(0, 500)}`);
  }
  let running = true;
  let sent = 0;
  const from = performance.now();
  const background = (async () => {
    while (running && others.length > 0) {
      const due = Math.floor(((performance.now() - from) / 1_000) * beside);
      for (; sent < due; sent++) {
        const { contact } = member(others[sent % others.length]?.id ?? '');
        void fhir.send('POST', '/Encounter', contact).catch(() => undefined);
      }
      await new Promise((later) => setTimeout(later, 5));
    }
  })();
  const latencies: number[] = [];
  for (const { id } of people) {
    const { contact } = member(id);
    const started = performance.now();
    const reply = await fhir.send('PUT', `/Encounter/${id}-contact`, { ...contact, id: `${id}-contact` });
    if (reply.status >= 300) throw new Error(`contact: ${reply.status} ${reply.text.slice(0, 500)}`);
    for (;;) {
      const found = await fhir.send('GET', `/Observation?patient=${id}`);
      if (found.text.includes('"code":"on"')) break;
      // Beyond its capacity a machine falls behind without end: what takes this long counts as this long.
      if (performance.now() - started > mostMs) break;
      await new Promise((later) => setTimeout(later, 2));
    }
    latencies.push(performance.now() - started);
  }
  running = false;
  await background;
  latencies.sort((a, b) => a - b);
  const at = (share: number): number => Math.round(latencies[Math.floor(latencies.length * share)] ?? 0);
  return {
    name: 'contact to readable status',
    p50: at(0.5),
    p95: at(0.95),
    worst: at(0.9999),
    beside: Math.round(sent / ((performance.now() - from) / 1_000)),
  };
}
