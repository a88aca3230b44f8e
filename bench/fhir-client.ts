import http from 'node:http';
import { importJWK, SignJWT } from 'jose';

export interface SandboxClient {
  readonly name: string;
  readonly kind: string;
  readonly clientId: string;
  readonly scopes: string;
  readonly tokenUrl: string;
  readonly fhirBaseUrl: string;
  readonly privateKeyJwk: { kty: string; crv?: string; kid: string };
}

export interface Reply {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly text: string;
  readonly ms: number;
}

/** A bearer token for a sandbox client, as any backend service gets one: SMART Backend Services with private_key_jwt. */
export async function fetchToken(client: SandboxClient): Promise<string> {
  const alg = client.privateKeyJwk.kty === 'EC' ? 'ES384' : 'RS384';
  const key = await importJWK(client.privateKeyJwk, alg);
  const now = Math.floor(Date.now() / 1000);
  const assertion = await new SignJWT({ jti: crypto.randomUUID() })
    .setProtectedHeader({ alg, kid: client.privateKeyJwk.kid, typ: 'JWT' })
    .setIssuer(client.clientId)
    .setSubject(client.clientId)
    .setAudience(client.tokenUrl)
    .setIssuedAt(now)
    .setExpirationTime(now + 240)
    .sign(key);
  const reply = await fetch(client.tokenUrl, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      scope: client.scopes,
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: assertion,
    }),
  });
  const body = (await reply.json()) as { access_token?: string };
  if (!reply.ok || body.access_token === undefined)
    throw new Error(`no token for ${client.name}: ${reply.status} ${JSON.stringify(body)}`);
  return body.access_token;
}

/** A keep-alive HTTP client that renews its token before the five minutes are over. */
export class FhirClient {
  readonly #client: SandboxClient;
  readonly #agent: http.Agent;
  readonly #base: URL;
  #token: Promise<string> | undefined;
  #tokenUntil = 0;

  constructor(client: SandboxClient, sockets: number) {
    this.#client = client;
    this.#base = new URL(client.fhirBaseUrl);
    this.#agent = new http.Agent({ keepAlive: true, maxSockets: sockets });
  }

  async send(method: string, path: string, body?: unknown, more: Record<string, string> = {}): Promise<Reply> {
    if (Date.now() > this.#tokenUntil) {
      this.#tokenUntil = Date.now() + 240_000;
      this.#token = fetchToken(this.#client);
    }
    const payload = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
    const headers = {
      accept: 'application/fhir+json',
      authorization: `Bearer ${await this.#token}`,
      ...(payload && { 'content-type': 'application/fhir+json', 'content-length': String(payload.length) }),
      ...more,
    };
    const started = performance.now();
    return new Promise((resolve, reject) => {
      const request = http.request(
        {
          hostname: this.#base.hostname,
          port: this.#base.port,
          path: this.#base.pathname + path,
          method,
          headers,
          agent: this.#agent,
        },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('error', reject);
          response.on('end', () =>
            resolve({
              status: response.statusCode ?? 0,
              headers: response.headers,
              text: Buffer.concat(chunks).toString(),
              ms: performance.now() - started,
            }),
          );
        },
      );
      request.on('error', reject);
      request.end(payload);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}
