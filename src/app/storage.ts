import { mkdirSync } from 'node:fs';
import type { Logger } from 'pino';
import { type ConnectionSettings, Database } from '../store/database.ts';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../store/embedded/index.ts';
import { migrate } from '../store/migrate.ts';
import type { Config, Secrets } from './config.ts';

/** The database of this process: an outside PostgreSQL, or the embedded one that lives and ends with us. */
export interface Storage {
  readonly connection: ConnectionSettings;
  readonly db: Database;
  readonly embedded: EmbeddedPostgres | undefined;
  stop(): Promise<void>;
}

export async function openStorage(config: Config, secrets: Secrets, logger: Logger): Promise<Storage> {
  mkdirSync(config.dataDir, { recursive: true });
  const told = { info: (text: string) => logger.info(text), warn: (text: string) => logger.warn(text) };
  const embedded =
    secrets.databaseUrl === undefined
      ? await startEmbeddedPostgres({ dataDir: config.dataDir, logger: told })
      : undefined;
  const connection: ConnectionSettings = embedded?.connection ?? { connectionString: secrets.databaseUrl ?? '' };
  try {
    await migrate(connection);
  } catch (error) {
    await embedded?.stop();
    throw error;
  }
  const db = new Database({
    connection,
    onConnectionLost: (error) => logger.warn({ reason: error.message }, 'a database connection was lost'),
  });
  const stop = async (): Promise<void> => {
    await db.close();
    await embedded?.stop();
  };
  return { connection, db, embedded, stop };
}
