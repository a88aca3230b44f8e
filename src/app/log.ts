import { destination, type Logger, pino } from 'pino';

/** Longest message or stack that is kept of an error, in characters. */
const mostText = 8_000;

/** What JSON leaves as it is and a terminal or a viewer may obey: DEL, C1 controls, line separators, marks of direction. */
const obeyed = /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** One JSON object a line on stdout: values are escaped, so what a sender puts into a name cannot forge a line (T59). */
export function createLogger(level: string): Logger {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: { paths: ['*.authorization', '*.password'], remove: true },
      serializers: { err: told },
      hooks: { streamWrite: (line) => line.replace(obeyed, escaped) },
    },
    destination({ fd: 1, sync: true }),
  );
}

/** An error without the further fields that a driver hangs on it: PostgreSQL's `detail` quotes rows. */
function told(error: unknown): unknown {
  if (!(error instanceof Error)) return String(error).slice(0, mostText);
  // pino adds what the causes say.
  const { message, stack, type } = pino.stdSerializers.err(error);
  const code = 'code' in error ? String(error.code).slice(0, 64) : undefined;
  return { type, code, message: message.slice(0, mostText), stack: stack.slice(0, mostText) };
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
