/**
 * The embedded database cannot be started as things are. `message` is written for the person at the terminal: what happened,
 * where, and what to do next; print it without the stack.
 */
export class EmbeddedPostgresRefusal extends Error {
  override readonly name = 'EmbeddedPostgresRefusal';
}

/** The `code` of a failed system call, e.g. `ENOENT`; undefined for any other error. */
export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

export interface EmbeddedLogger {
  info(text: string): void;
  warn(text: string): void;
}
