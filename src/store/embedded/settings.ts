/** Server settings by name, as in postgresql.conf. */
export type ServerSettings = Readonly<Record<string, string>>;

/**
 * A small server that keeps what it has acknowledged. Errors of statements may quote patient data, and the client gets them
 * anyway: the log file has the server's own messages (LOG and above) without details.
 */
const defaultSettings: ServerSettings = {
  listen_addresses: '',
  unix_socket_permissions: '0700',
  max_connections: '60',
  shared_buffers: '64MB',
  fsync: 'on',
  full_page_writes: 'on',
  synchronous_commit: 'on',
  wal_compression: 'pglz',
  max_wal_size: '512MB',
  autovacuum: 'on',
  jit: 'off',
  timezone: 'UTC',
  log_timezone: 'UTC',
  logging_collector: 'off',
  log_min_messages: 'log',
  log_error_verbosity: 'terse',
  log_min_error_statement: 'panic',
};

/** The settings as arguments of the server program; `own` ones win. */
export function settingArguments(own: ServerSettings): string[] {
  return Object.entries({ ...defaultSettings, ...own }).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}
