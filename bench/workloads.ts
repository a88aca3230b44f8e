import type { FhirClient, Reply } from './fhir-client.ts';

/** What a run did: latencies of right answers and failures alike, in milliseconds. */
export interface Measured {
  readonly name: string;
  readonly clients: number;
  readonly seconds: number;
  readonly operations: number;
  readonly perSecond: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly failures: number;
}

interface Member {
  readonly id: string;
  body: { resourceType: string; id?: string; telecom?: unknown } & Record<string, unknown>;
  version: number;
}

type Operation = (worker: number) => Promise<{ reply: Reply; right: boolean; weight?: number }>;

const families = [
  'Balader',
  'Corilton',
  'Dunoway',
  'Fenfield',
  'Garucci',
  'Holarsh',
  'Jasimore',
  'Kelovic',
  'Loruland',
  'Marestra',
].flatMap((name) => Array.from({ length: 20 }, (_, index) => `${name}${String.fromCharCode(97 + index)}`));

const pick = <T>(list: readonly T[]): T => list[Math.floor(Math.random() * list.length)] as T;
const instant = (daysAgo: number, plusMinutes = 0): string =>
  new Date(Date.now() - daysAgo * 86_400_000 + plusMinutes * 60_000).toISOString().replace(/\.\d+Z/, 'Z');

function patient(): Member['body'] {
  return {
    resourceType: 'Patient',
    identifier: [{ system: 'http://example.org/bench', value: crypto.randomUUID() }],
    name: [{ family: pick(families), given: [pick(['Ada', 'Ben', 'Cleo', 'Dev', 'Esme', 'Finn'])] }],
    gender: pick(['female', 'male', 'other']),
    birthDate: `19${40 + Math.floor(Math.random() * 59)}-0${1 + Math.floor(Math.random() * 9)}-15`,
    address: [{ line: ['1 Elm Street'], city: 'Worcester', state: 'MA', postalCode: '01605' }],
  };
}

function encounter(subject: string): Record<string, unknown> {
  const daysAgo = Math.random() * 300;
  return {
    resourceType: 'Encounter',
    status: 'finished',
    class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'AMB', display: 'ambulatory' },
    type: [{ text: 'Recovery coaching contact' }],
    subject: { reference: subject },
    period: { start: instant(daysAgo), end: instant(daysAgo, 40) },
  };
}

/** Members and encounters that the workloads read, search and change. */
export class BenchWorld {
  readonly members: Member[] = [];
  readonly acknowledged = new Map<string, { body: Record<string, unknown>; version: number }>();
  readonly #fhir: FhirClient;

  constructor(fhir: FhirClient) {
    this.#fhir = fhir;
  }

  async fill(members: number): Promise<void> {
    for (let from = 0; from < members; from += 50) {
      const bodies = Array.from({ length: Math.min(50, members - from) }, patient);
      const entry = bodies.flatMap((resource) => {
        const fullUrl = `urn:uuid:${crypto.randomUUID()}`;
        const post = (body: Record<string, unknown>, url?: string): object => ({
          ...(url && { fullUrl: url }),
          resource: body,
          request: { method: 'POST', url: body['resourceType'] },
        });
        return [post(resource, fullUrl), post(encounter(fullUrl)), post(encounter(fullUrl)), post(encounter(fullUrl))];
      });
      const reply = await this.#fhir.send('POST', '', { resourceType: 'Bundle', type: 'transaction', entry });
      if (reply.status !== 200) throw new Error(`setup: ${reply.status} ${reply.text.slice(0, 500)}`);
      const made = (JSON.parse(reply.text) as { entry: { response: { location: string } }[] }).entry;
      for (const [index, body] of bodies.entries()) {
        const id = /Patient\/([^/]+)/.exec(made[index * 4]?.response.location ?? '')?.[1];
        if (id === undefined) throw new Error('setup: an entry without a location');
        this.members.push({ id, body: { ...body, id }, version: 1 });
      }
    }
  }

  readonly read: Operation = async () => {
    const { id } = pick(this.members);
    const reply = await this.#fhir.send('GET', `/Patient/${id}`);
    return { reply, right: reply.status === 200 && reply.text.includes(`"id":"${id}"`) };
  };

  readonly searchEncounters: Operation = async () => {
    const { id } = pick(this.members);
    const reply = await this.#fhir.send('GET', `/Encounter?patient=${id}&_sort=-date&_count=20`);
    const found =
      reply.status === 200
        ? ((
            JSON.parse(reply.text) as {
              entry?: { resource: { subject: { reference: string }; period: { start: string } } }[];
            }
          ).entry ?? [])
        : [];
    const starts = found.map(({ resource }) => Date.parse(resource.period.start));
    const sorted = starts.every((start, index) => index === 0 || start <= (starts[index - 1] as number));
    return {
      reply,
      right:
        found.length >= 3 && sorted && found.every(({ resource }) => resource.subject.reference === `Patient/${id}`),
    };
  };

  readonly searchFamily: Operation = async () => {
    const family = pick(this.members).body['name'] as { family: string }[];
    const reply = await this.#fhir.send('GET', `/Patient?family=${family[0]?.family}&_count=20`);
    return { reply, right: reply.status === 200 && reply.text.includes(`"family":"${family[0]?.family}"`) };
  };

  readonly create: Operation = async () => {
    const contact = Math.random() < 0.5;
    const type = contact ? 'Encounter' : 'Patient';
    const body = contact ? encounter(`Patient/${pick(this.members).id}`) : patient();
    const reply = await this.#fhir.send('POST', `/${type}`, body);
    const id = /\/([^/]+)\/_history\/1$/.exec(reply.headers.location ?? '')?.[1];
    if (reply.status === 201 && id !== undefined) this.acknowledged.set(`${type}/${id}`, { body, version: 1 });
    return { reply, right: reply.status === 201 && id !== undefined };
  };

  /** Each worker changes its own members, so the last acknowledged version is known. */
  readonly update = (clients: number): Operation => {
    return async (worker) => {
      const own = this.members.filter((_, index) => index % clients === worker);
      const member = pick(own);
      const body = {
        ...member.body,
        telecom: [{ system: 'phone', value: `555-${100 + Math.floor(Math.random() * 900)}` }],
      };
      const reply = await this.#fhir.send('PUT', `/Patient/${member.id}`, body);
      const right = reply.status === 200 && reply.headers.etag === `W/"${member.version + 1}"`;
      if (right) {
        Object.assign(member, { body, version: member.version + 1 });
        this.acknowledged.set(`Patient/${member.id}`, { body, version: member.version });
      }
      return { reply, right };
    };
  };

  readonly transaction: Operation = async () => {
    const entry = Array.from({ length: 20 }, () => ({
      resource: encounter(`Patient/${pick(this.members).id}`),
      request: { method: 'POST', url: 'Encounter' },
    }));
    const reply = await this.#fhir.send('POST', '', { resourceType: 'Bundle', type: 'transaction', entry });
    const right =
      reply.status === 200 &&
      (JSON.parse(reply.text) as { entry: { response: { status: string } }[] }).entry.every(
        ({ response }) => response.status === '201',
      );
    return { reply, right, weight: 20 };
  };

  /** After a run: a sample of what was acknowledged is read again and compared, content and version. */
  async check(sample = 200): Promise<number> {
    let wrong = 0;
    const all = [...this.acknowledged];
    for (let n = 0; n < Math.min(sample, all.length); n++) {
      const [reference, { body, version }] = pick(all);
      const reply = await this.#fhir.send('GET', `/${reference}`);
      const stored = JSON.parse(reply.text) as Record<string, unknown>;
      const same = Object.entries(body).every(
        ([name, value]) => name === 'id' || JSON.stringify(stored[name]) === JSON.stringify(value),
      );
      if (reply.status !== 200 || !same || reply.headers.etag !== `W/"${version}"`) wrong++;
    }
    return wrong;
  }
}

/** The next operation of each worker starts when its last is answered, for `seconds` after a warm-up. */
export async function measure(
  name: string,
  clients: number,
  seconds: number,
  operations: readonly Operation[],
  warmupSeconds = 3,
): Promise<Measured> {
  const latencies: number[] = [];
  let failures = 0;
  let weight = 0;
  const from = performance.now() + warmupSeconds * 1000;
  const until = from + seconds * 1000;
  const work = async (worker: number): Promise<void> => {
    for (let turn = worker; performance.now() < until; turn++) {
      const operation = operations[turn % operations.length] as Operation;
      const started = performance.now();
      const done = await operation(worker).catch(() => undefined);
      if (started < from) continue;
      latencies.push(performance.now() - started);
      if (done?.right) weight += done.weight ?? 1;
      else failures++;
    }
  };
  await Promise.all(Array.from({ length: clients }, (_, worker) => work(worker)));
  latencies.sort((a, b) => a - b);
  const at = (share: number): number => Math.round((latencies[Math.floor(latencies.length * share)] ?? 0) * 10) / 10;
  return {
    name,
    clients,
    seconds,
    operations: latencies.length,
    perSecond: Math.round(weight / seconds),
    p50: at(0.5),
    p95: at(0.95),
    p99: at(0.99),
    failures,
  };
}
