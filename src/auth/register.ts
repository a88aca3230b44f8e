import { type Failure, failure } from '../base/failure.ts';
import type { TenantId } from '../base/ids.ts';
import { err, ok, type Result } from '../base/result.ts';
import { type Client, insertClient } from '../store/clients.ts';
import type { Transaction } from '../store/database.ts';
import { signingAlgorithms } from './assertion.ts';
import { isUsable } from './keys.ts';
import { grantsOf, scopeText, withinCeiling } from './scopes.ts';

export type Registration = Omit<Client, 'disabled' | 'audience'> & { readonly audience?: Client['audience'] };

/** Registers a client. Keys that could never verify, and scopes that its kind can never have, are refused here, not at the token endpoint. */
export async function registerClient(
  tx: Transaction,
  tenant: TenantId,
  registration: Registration,
  at: Date,
): Promise<Result<Client, Failure>> {
  const { jwks, jwksUrl, kind, organization, scopes } = registration;
  if ((jwks === undefined) === (jwksUrl === undefined))
    return refuse('jwks', 'A client has its keys inline or at a URL: give exactly one of jwks and jwksUrl.');
  if (jwksUrl !== undefined && !isKeyAddress(jwksUrl))
    return refuse(
      'jwksUrl',
      'jwksUrl must be an https URL without credentials and fragment, for example https://ehr.example/jwks.json. Only a sandbox takes http, on its own machine.',
    );
  for (const [index, key] of (jwks?.keys ?? []).entries()) {
    if (key['d'] !== undefined)
      return refuse(
        `jwks.keys[${index}]`,
        'The key holds its private part. Register the public key only, and make a new pair.',
      );
    if (!key.kid) return refuse(`jwks.keys[${index}]`, 'The key has no kid.');
    if (!signingAlgorithms.some((alg) => isUsable(key, alg)))
      return refuse(
        `jwks.keys[${index}]`,
        'The key cannot sign: use RSA of at least 2048 bits (RS384) or EC P-384 (ES384), for signatures.',
      );
  }
  if (kind !== 'admin' && kind !== 'auditor' && organization === undefined)
    return refuse('organization', `A client of kind ${kind} speaks for an Organization: name its id.`);
  const grants = withinCeiling(kind, grantsOf(scopes));
  if (grants.length === 0)
    return refuse('scopes', `None of these scopes is one that a client of kind ${kind} can have.`);
  const client: Client = {
    ...registration,
    scopes: grants.map(scopeText).join(' '),
    audience: registration.audience ?? 'smart',
    disabled: false,
  };
  await insertClient(tx, tenant, client, at);
  return ok(client);
}

/** Where the address leads is checked when the keys are fetched, since a name can come to mean something else. */
function isKeyAddress(text: string): boolean {
  const url = URL.parse(text);
  if (!url || text.length > 2_000 || url.username !== '' || url.password !== '' || text.includes('#')) return false;
  const loopback = /^(localhost|127(\.\d+){3}|\[::1\])$/.test(url.hostname);
  return url.protocol === 'https:' || (url.protocol === 'http:' && loopback);
}

function refuse(expression: string, text: string): Result<never, Failure> {
  return err(failure('invalid', 'value', text, { expression }));
}
