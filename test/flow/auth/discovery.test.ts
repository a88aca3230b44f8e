import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTenant } from '../../support/database.ts';
import { type Answer, request, startTestServer, type TestServer } from '../../support/server.ts';
import { type Algorithm, askToken, createSigner, errorOf, formOf, formType, register } from './token-client.ts';

// SMART App Launch 2.2, conformance: each claim of .well-known/smart-configuration is put to the test.
interface Configuration {
  readonly issuer: string;
  readonly token_endpoint: string;
  readonly token_endpoint_auth_methods_supported: string[];
  readonly token_endpoint_auth_signing_alg_values_supported: Algorithm[];
  readonly grant_types_supported: string[];
  readonly scopes_supported: string[];
  readonly response_types_supported: string[];
  readonly code_challenge_methods_supported: string[];
  readonly capabilities: string[];
}

let server: TestServer;
let configuration: Configuration;
beforeAll(async () => {
  server = await startTestServer();
  configuration = (await discover('')).json as never;
});
afterAll(async () => server.stop());

const discover = (root: string): Promise<Answer> =>
  request(`${server.url}${root}/fhir/R4/.well-known/smart-configuration`, 'GET', undefined, {});

test('discovery is open, JSON whatever is accepted, and claims nothing that these tests do not know', async () => {
  for (const accept of ['*/*', 'application/json', 'application/fhir+json']) {
    const url = `${server.url}/fhir/R4/.well-known/smart-configuration`;
    const answer = await request(url, 'GET', undefined, { accept });
    expect([answer.status, answer.headers.get('content-type')], accept).toEqual([200, 'application/json']);
  }
  expect(configuration).toEqual({
    issuer: `${server.running.url}/fhir/R4`,
    token_endpoint: `${server.running.url}/auth/token`,
    token_endpoint_auth_methods_supported: ['private_key_jwt'],
    token_endpoint_auth_signing_alg_values_supported: ['ES384', 'RS384'],
    grant_types_supported: ['client_credentials'],
    scopes_supported: ['system/*.cruds', 'system/*.rs', 'system/*.read', 'system/*.write'],
    // Required by SMART 2.2 even of a server without an authorization endpoint.
    code_challenge_methods_supported: ['S256'],
    response_types_supported: [],
    capabilities: ['client-confidential-asymmetric', 'permission-v1', 'permission-v2'],
  });
});

test('every algorithm, and every scope in the version it is written in, gets a token at the endpoint that is named', async () => {
  for (const alg of configuration.token_endpoint_auth_signing_alg_values_supported) {
    const signer = await createSigner(alg);
    const client = await register(server.database, server.tenant, configuration.token_endpoint, {}, signer);
    for (const scope of configuration.scopes_supported) {
      const answer = await request(
        configuration.token_endpoint,
        'POST',
        formOf(await client.assertion(), scope),
        formType,
      );
      expect([answer.status, answer.json['scope']], `${alg} ${scope}`).toEqual([
        200,
        scope.replace('.read', '.rs').replace('.write', '.cud'),
      ]);
    }
  }
});

test('no grant type, authentication method or endpoint but those that are named is there', async () => {
  const url = configuration.token_endpoint;
  for (const grant of ['authorization_code', 'refresh_token', 'password', 'implicit']) {
    expect(configuration.grant_types_supported).not.toContain(grant);
    const answer = await request(url, 'POST', `grant_type=${grant}`, formType);
    expect(errorOf(answer)).toEqual([400, 'unsupported_grant_type']);
  }
  const secret = 'grant_type=client_credentials&client_id=a&client_secret=b';
  expect((await request(url, 'POST', secret, formType)).status).toBe(400);
  for (const path of ['authorize', 'register', 'introspect', 'revoke', 'manage'])
    expect((await request(`${server.url}/auth/${path}`, 'POST', '', formType)).status, path).toBe(404);
});

test('the issuer that is named is the aud of clients in issuer mode', async () => {
  const client = await register(server.database, server.tenant, configuration.issuer, { audience: 'issuer' });
  expect((await askToken(server.url, await client.assertion())).status).toBe(200);
});

test('metadata names the same token endpoint in oauth-uris', async () => {
  const { json } = await request(`${server.url}/fhir/R4/metadata`, 'GET', undefined, {});
  expect(JSON.stringify(json)).toContain('http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris');
  const { rest } = json as { rest?: { security: { extension: { extension: unknown[] }[] } }[] };
  expect(rest?.[0]?.security.extension[0]?.extension).toEqual([
    { url: 'token', valueUri: configuration.token_endpoint },
  ]);
});

test('a sandbox names its own endpoint and issuer, and a client of it gets a token there', async () => {
  const tenant = await createTenant(server.database.db, 'clinic');
  const theirs = (await discover('/sandbox/clinic')).json as unknown as Configuration;
  expect([theirs.issuer, theirs.token_endpoint]).toEqual([
    `${server.running.url}/sandbox/clinic/fhir/R4`,
    `${server.running.url}/sandbox/clinic/auth/token`,
  ]);
  const client = await register(server.database, tenant, theirs.token_endpoint);
  expect((await askToken(`${server.url}/sandbox/clinic`, await client.assertion())).status).toBe(200);
  expect((await discover('/sandbox/nowhere')).status).toBe(404);
});

test('behind a public address every URL is of that address', async () => {
  const proxied = await startTestServer({ PUBLIC_URL: 'https://footbridge.example/' });
  const url = `${proxied.url}/fhir/R4/.well-known/smart-configuration`;
  const { json } = await request(url, 'GET', undefined, { 'x-forwarded-host': 'evil.example' });
  await proxied.stop();
  expect([json['issuer'], json['token_endpoint']]).toEqual([
    'https://footbridge.example/fhir/R4',
    'https://footbridge.example/auth/token',
  ]);
});
