import { destination, type Logger, pino } from 'pino';

/** One JSON object a line on stdout: values are escaped, so what a sender puts into a name cannot forge a line (T59). */
export function createLogger(level: string): Logger {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: { paths: ['*.authorization', '*.password'], remove: true },
    },
    destination({ fd: 1, sync: true }),
  );
}
