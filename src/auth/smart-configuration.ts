import type { Extension } from '@medplum/fhirtypes';
import { signingAlgorithms } from './assertion.ts';

/** `.well-known/smart-configuration` (SMART App Launch 2.2, conformance): what a backend service needs. */
export function smartConfiguration(issuer: string, tokenUrl: string): Record<string, unknown> {
  return {
    issuer,
    token_endpoint: tokenUrl,
    token_endpoint_auth_methods_supported: ['private_key_jwt'],
    token_endpoint_auth_signing_alg_values_supported: [...signingAlgorithms],
    grant_types_supported: ['client_credentials'],
    scopes_supported: ['system/*.cruds', 'system/*.rs', 'system/*.read', 'system/*.write'],
    response_types_supported: [],
    code_challenge_methods_supported: ['S256'],
    capabilities: ['client-confidential-asymmetric', 'permission-v1', 'permission-v2'],
  };
}

/** The `oauth-uris` extension of CapabilityStatement.rest.security. */
export function oauthUris(tokenUrl: string): Extension {
  return {
    url: 'http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris',
    extension: [{ url: 'token', valueUri: tokenUrl }],
  };
}
