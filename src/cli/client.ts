import { importJWK, type JWK, SignJWT } from 'jose';

/** A client of `DATA_DIR/sandbox-clients.json`. */
export interface SandboxClient {
  readonly name: string;
  readonly kind: string;
  readonly clientId: string;
  readonly scopes: string;
  readonly tokenUrl: string;
  readonly fhirBaseUrl: string;
  readonly privateKeyJwk: JWK;
}

export interface FhirReply {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown> | undefined;
}

/** How long before its end a token is not used any more. */
const tokenMarginMs = 30_000;

/** A partner's side of SMART Backend Services and FHIR over HTTP: what any client of ours would write. */
export class FhirClient {
  readonly #client: SandboxClient;
  #token: { readonly value: string; readonly until: number } | undefined;

  readonly #via: string | undefined;

  /** @param via origin to speak to instead of the client's URLs: PUBLIC_URL may not lead back to this machine */
  constructor(client: SandboxClient, via?: string) {
    this.#client = client;
    this.#via = via;
  }

  async send(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<FhirReply> {
    const reply = await fetch(this.#reach(`${this.#client.fhirBaseUrl}${path === '' ? '' : '/'}${path}`), {
      method,
      headers: {
        authorization: `Bearer ${await this.token()}`,
        ...(body !== undefined && { 'content-type': 'application/fhir+json' }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await reply.text();
    return {
      status: reply.status,
      headers: reply.headers,
      body: text === '' ? undefined : (JSON.parse(text) as Record<string, unknown>),
    };
  }

  /** An access token, renewed when it comes near its end. */
  async token(): Promise<string> {
    if (!this.#token || Date.now() > this.#token.until - tokenMarginMs) this.#token = await this.#fetchToken();
    return this.#token.value;
  }

  #reach(url: string): string {
    const { pathname, search } = new URL(url);
    return this.#via === undefined ? url : `${this.#via}${pathname}${search}`;
  }

  async #fetchToken(): Promise<{ value: string; until: number }> {
    const { scopes, tokenUrl } = this.#client;
    const reply = await fetch(this.#reach(tokenUrl), {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        scope: scopes,
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        client_assertion: await assertion(this.#client),
      }),
    });
    const answer = (await reply.json()) as { access_token?: string; expires_in?: number; error_description?: string };
    if (answer.access_token === undefined)
      throw new Error(
        `No token for ${this.#client.name} from ${tokenUrl}: ${answer.error_description ?? reply.status}`,
      );
    return { value: answer.access_token, until: Date.now() + (answer.expires_in ?? 0) * 1_000 };
  }
}

/** A signed assertion for the token endpoint (SMART Backend Services, private_key_jwt). */
export async function assertion({ clientId, privateKeyJwk, tokenUrl }: SandboxClient): Promise<string> {
  const alg = privateKeyJwk.alg ?? 'ES384';
  return new SignJWT()
    .setProtectedHeader({ alg, typ: 'JWT', ...(privateKeyJwk.kid !== undefined && { kid: privateKeyJwk.kid }) })
    .setIssuer(clientId)
    .setSubject(clientId)
    .setAudience(tokenUrl)
    .setJti(crypto.randomUUID())
    .setExpirationTime('4 min')
    .sign(await importJWK(privateKeyJwk, alg));
}
