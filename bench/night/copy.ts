import { once } from 'node:events';
import type { Socket } from 'node:net';
import type pg from 'pg';

/** What COPY needs of node-postgres' connection; @types/pg does not tell. */
interface CopyConnection {
  readonly stream: Socket;
  query(text: string): void;
  sendCopyFromChunk(chunk: Buffer): void;
  endCopyFrom(): void;
  sendCopyFail(message: string): void;
}

/**
 * One COPY in the simple query protocol (https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-COPY), as a query that the
 * client runs like any other.
 */
class Copy {
  readonly #text: string;
  readonly #chunks: Iterable<string> | undefined;
  readonly #settled: (error: Error | undefined, bytes: number) => void;
  #bytes = 0;
  #error: Error | undefined;

  constructor(
    text: string,
    chunks: Iterable<string> | undefined,
    settled: (error: Error | undefined, bytes: number) => void,
  ) {
    this.#text = text;
    this.#chunks = chunks;
    this.#settled = settled;
  }

  submit(connection: CopyConnection): void {
    connection.query(this.#text);
  }

  handleCopyInResponse(connection: CopyConnection): void {
    this.#send(connection).catch((error: unknown) => connection.sendCopyFail(String(error)));
  }

  async #send(connection: CopyConnection): Promise<void> {
    for (const text of this.#chunks ?? []) {
      const chunk = Buffer.from(text);
      this.#bytes += chunk.length;
      connection.sendCopyFromChunk(chunk);
      if (connection.stream.writableNeedDrain) await once(connection.stream, 'drain');
    }
    connection.endCopyFrom();
  }

  handleCopyData(message: { chunk: Buffer }): void {
    this.#bytes += message.chunk.length;
  }

  handleError(error: Error): void {
    this.#error = error;
  }

  handleReadyForQuery(): void {
    this.#settled(this.#error, this.#bytes);
  }

  handleCommandComplete(): void {}
  handleCopyOutResponse(): void {}
  handleRowDescription(): void {}
  handleDataRow(): void {}
}

function run(client: pg.Client, text: string, chunks?: Iterable<string>): Promise<number> {
  return new Promise((done, fail) => {
    const copy = new Copy(text, chunks, (error, bytes) => (error ? fail(error) : done(bytes)));
    (client.query as unknown as (query: Copy) => void).call(client, copy);
  });
}

/** COPY … FROM STDIN in text format. @returns bytes sent */
export function copyIn(client: pg.Client, target: string, chunks: Iterable<string>): Promise<number> {
  return run(client, `copy ${target} from stdin with (freeze)`, chunks);
}

/** COPY … TO STDOUT, its bytes thrown away. @returns bytes received */
export function copyOut(client: pg.Client, source: string): Promise<number> {
  return run(client, `copy ${source} to stdout`);
}

/** A row of COPY's text format; `\N` is null. Our rows hold no tab, newline or backslash. */
export function copyRow(values: readonly (string | number | null)[]): string {
  return `${values.map((value) => value ?? String.raw`\N`).join('\t')}\n`;
}

/** Rows joined to chunks that a socket takes well. */
export function* inChunks(rows: Iterable<string>, size = 262_144): Generator<string> {
  let chunk = '';
  for (const row of rows) {
    chunk += row;
    if (chunk.length < size) continue;
    yield chunk;
    chunk = '';
  }
  if (chunk !== '') yield chunk;
}
