import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { z } from 'zod';

/** Threads that are used where nothing is said: each has a heap of its own, and few nights need more. */
const mostThreads = 2;

const environment = z.object({
  PORT: z.coerce.number().int().min(0).max(65_535).default(8080),
  DATA_DIR: z.string().min(1).default('./data'),
  DATABASE_URL: z
    .string()
    .regex(/^postgres(ql)?:\/\//, 'must be a postgres:// URL')
    .optional(),
  REDIS_URL: z
    .string()
    .regex(/^rediss?:\/\//, 'must be a redis:// or rediss:// URL')
    .optional(),
  PUBLIC_URL: z.url({ protocol: /^https?$/ }).optional(),
  ROLES: z.string().default('http,jobs'),
  PROFILE: z.enum(['sandbox', 'production']).default('sandbox'),
  SANDBOX_WORLD: z.enum(['on', 'off']).default('on'),
  RATE_LIMITS: z.enum(['on', 'off']).default('on'),
  BATCH_THREADS: z
    .string()
    .regex(/^\d{1,2}$/, 'must be a number of threads from 0 to 99')
    .transform(Number)
    .optional(),
  LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error']).default('warn'),
  ALLOW_EMBEDDED_POSTGRES: z.enum(['yes', 'no']).default('no'),
});

export type Role = 'http' | 'jobs';

export interface Config {
  readonly port: number;
  readonly dataDir: string;
  readonly publicUrl: string | undefined;
  readonly roles: ReadonlySet<Role>;
  /** threads for nights and recomputations of many members; 0: the process's own thread does them */
  readonly batchThreads: number;
  readonly profile: 'sandbox' | 'production';
  /** whether the first start loads the invented people and their clients; never in production */
  readonly sandboxWorld: boolean;
  readonly rateLimits: boolean;
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error';
}

/** Connection strings hold passwords: apart from the rest, without defaults, never printed. */
export interface Secrets {
  readonly databaseUrl: string | undefined;
  readonly redisUrl: string | undefined;
}

/** What is wrong with the settings, a line each, with its remedy. */
export class ConfigError extends Error {
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.problems = problems;
  }
}

/**
 * The only reader of the environment, once at start. Empty variables count as absent.
 *
 * @throws ConfigError with every problem at once
 */
export function readConfig(env: NodeJS.ProcessEnv): { config: Config; secrets: Secrets } {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const parsed = environment.safeParse(given);
  if (!parsed.success)
    throw new ConfigError(parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`));
  const values = parsed.data;
  const roles = values.ROLES.split(',')
    .map((role) => role.trim())
    .filter((role) => role !== '' && role !== 'mllp');
  const problems = [...roleProblems(roles), ...(values.PROFILE === 'production' ? productionProblems(values) : [])];
  if (problems.length > 0) throw new ConfigError(problems);
  const config: Config = {
    port: values.PORT,
    dataDir: resolve(values.DATA_DIR),
    publicUrl: values.PUBLIC_URL?.replace(/\/$/, ''),
    roles: new Set(roles as Role[]),
    batchThreads: values.BATCH_THREADS ?? Math.min(availableParallelism(), mostThreads),
    profile: values.PROFILE,
    sandboxWorld: values.PROFILE === 'sandbox' && values.SANDBOX_WORLD === 'on',
    rateLimits: values.RATE_LIMITS === 'on',
    logLevel: values.LOG_LEVEL,
  };
  return { config, secrets: { databaseUrl: values.DATABASE_URL, redisUrl: values.REDIS_URL } };
}

function roleProblems(roles: readonly string[]): string[] {
  const unknown = roles.filter((role) => role !== 'http' && role !== 'jobs');
  if (unknown.length > 0)
    return [`ROLES: ${unknown.join(', ')} is no role. Use http, jobs or both, separated by commas.`];
  return roles.length === 0
    ? ['ROLES: names no role that this version has. Use http, jobs or both; mllp comes later.']
    : [];
}

/** Production refuses to start on a weak setting, naming it and the remedy. */
function productionProblems(values: z.infer<typeof environment>): string[] {
  const problems: string[] = [];
  if (values.RATE_LIMITS === 'off')
    problems.push('RATE_LIMITS: production does not run without rate limits. Set RATE_LIMITS=on.');
  if (!values.PUBLIC_URL?.startsWith('https://'))
    problems.push(
      'PUBLIC_URL: production needs the https:// address that clients use, since token audiences are checked against it.',
    );
  if (!values.DATABASE_URL && values.ALLOW_EMBEDDED_POSTGRES !== 'yes') {
    problems.push(
      'DATABASE_URL: production needs a PostgreSQL that you run and back up. Set it, or ALLOW_EMBEDDED_POSTGRES=yes to say that you accept the embedded one.',
    );
  }
  if (values.LOG_LEVEL === 'debug') problems.push('LOG_LEVEL: debug logs too much for production. Use info or above.');
  return problems;
}
