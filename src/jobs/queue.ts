import { type BulkJobOptions, createPostgresBackend, type Processor, Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import type { ConnectionSettings } from '../store/database.ts';

/** One BullMQ queue on either backend. PostgreSQL's outbox holds the truth; the queue wakes workers and spreads work. */
export interface WorkQueue {
  /** ids that the queue holds already are not added again */
  add(jobs: readonly { readonly id: string; readonly data: WorkData }[]): Promise<void>;
  work(processor: (data: WorkData) => Promise<void>, concurrency: number): void;
  close(): Promise<void>;
}

export interface WorkData {
  readonly tenant: number;
  /** whose work waits; null: a change to a coach, whose members are to be found */
  readonly patients: readonly string[] | null;
}

export interface QueueOptions {
  readonly connection: ConnectionSettings;
  readonly redisUrl: string | undefined;
  readonly onError: (error: Error) => void;
  /** installations that share a Redis are kept apart by it */
  readonly name: string;
}

/** A Redis that evicts keys loses jobs. The outbox would bring them back, late: refuse rather than limp. */
export class EvictingRedis extends Error {}

const commandTimeoutMs = 2_000;

export async function openQueue(options: QueueOptions): Promise<WorkQueue> {
  const { name } = options;
  return options.redisUrl === undefined
    ? postgresQueue(name, options)
    : redisQueue(name, options.redisUrl, options.onError);
}

type Data = WorkData;
const kept = { removeOnComplete: true, removeOnFail: true, attempts: 1 } as const;

async function postgresQueue(name: string, { connection, onError }: QueueOptions): Promise<WorkQueue> {
  const pool = { ...connection, max: 3, schema: 'bullmq', migrate: true, application_name: 'footbridge-queue' };
  const queue = new Queue(name, { connection: pool }, createPostgresBackend);
  queue.on('error', onError);
  await queue.waitUntilReady();
  const workers: Closable[] = [];
  return {
    ...adding(queue, workers),
    work(processor, concurrency) {
      const worker = new Worker(name, processing(processor), { connection: pool, concurrency }, createPostgresBackend);
      worker.on('error', onError);
      workers.push(worker);
    },
  };
}

async function redisQueue(name: string, url: string, onError: (error: Error) => void): Promise<WorkQueue> {
  const connection = new Redis(url, {
    maxRetriesPerRequest: 1,
    commandTimeout: commandTimeoutMs,
    enableOfflineQueue: true,
  });
  connection.on('error', onError);
  await refuseEviction(connection);
  // A worker's connection blocks while it waits for work, so it has no command timeout.
  const blocking = new Redis(url, { maxRetriesPerRequest: null });
  blocking.on('error', onError);
  const queue = new Queue(name, { connection });
  queue.on('error', onError);
  const workers: Closable[] = [];
  const common = adding(queue, workers);
  return {
    ...common,
    work(processor, concurrency) {
      const worker = new Worker<Data>(name, processing(processor), { connection: blocking, concurrency });
      worker.on('error', onError);
      workers.push(worker);
    },
    async close() {
      await common.close();
      connection.disconnect();
      blocking.disconnect();
    },
  };
}

async function refuseEviction(connection: Redis): Promise<void> {
  const memory = await connection.info('memory').catch(() => '');
  const policy = /maxmemory_policy:(\S+)/.exec(memory)?.[1];
  if (policy !== undefined && policy !== 'noeviction') {
    connection.disconnect();
    throw new EvictingRedis(
      `REDIS_URL: this Redis evicts keys (maxmemory-policy ${policy}), and would lose jobs. Set maxmemory-policy noeviction.`,
    );
  }
}

function processing(processor: (data: Data) => Promise<void>): Processor<Data> {
  return (job) => processor(job.data);
}

interface Closable {
  close(): Promise<void>;
}

/** What we use of a Queue, whatever its backend. */
interface Adding extends Closable {
  addBulk(jobs: { name: string; data: Data; opts: BulkJobOptions }[]): Promise<unknown>;
}

function adding(queue: Adding, workers: readonly Closable[]): Pick<WorkQueue, 'add' | 'close'> {
  return {
    async add(jobs) {
      await queue.addBulk(jobs.map(({ data, id }) => ({ name: 'work', data, opts: { ...kept, jobId: id } })));
    },
    async close() {
      await Promise.all(workers.map((worker) => worker.close()));
      await queue.close();
    },
  };
}
