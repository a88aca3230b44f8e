import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { JWK } from 'jose';

export type Behaviour = (request: IncomingMessage, response: ServerResponse) => void;

/** A client's JWKS host on loopback that behaves as a test says, and counts what reaches it. */
export class JwksHost {
  connections = 0;
  requests: string[] = [];
  behave: Behaviour = serveKeys([]);
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((request, response) => {
      this.requests.push(request.url ?? '');
      this.behave(request, response);
    }).on('connection', () => this.connections++);
  }

  static async start(): Promise<JwksHost> {
    const host = new JwksHost();
    await new Promise<void>((done) => host.#server.listen(0, '127.0.0.1', done));
    return host;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/jwks.json`;
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

export function serveKeys(keys: readonly JWK[], headers: Record<string, string> = {}): Behaviour {
  return (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json', ...headers });
    response.end(JSON.stringify({ keys }));
  };
}
