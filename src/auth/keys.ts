import { compactVerify, importJWK, type JSONWebKeySet, type JWK } from 'jose';
import type { Client } from '../store/clients.ts';
import type { Assertion, SigningAlgorithm } from './assertion.ts';

const keyTypes: Readonly<Record<SigningAlgorithm, { kty: string; crv?: string }>> = {
  ES384: { kty: 'EC', crv: 'P-384' },
  RS384: { kty: 'RSA' },
};
const smallestModulusBits = 2_048;
/** A larger key makes each verification slow for everybody. */
const largestModulusBits = 8_192;

/** Whether a key may verify signatures of an algorithm: type, curve, size and declared use (T03). */
export function isUsable(key: JWK, alg: SigningAlgorithm): boolean {
  const { crv, kty } = keyTypes[alg];
  if (key.kty !== kty || (crv !== undefined && key.crv !== crv) || (key.alg !== undefined && key.alg !== alg))
    return false;
  if (key.use !== undefined && key.use !== 'sig') return false;
  if (key.key_ops !== undefined && !key.key_ops.includes('verify')) return false;
  return kty !== 'RSA' || isUsableRsa(key);
}

function isUsableRsa(key: JWK): boolean {
  const bits = modulusBits(key);
  const exponent = typeof key.e === 'string' ? Buffer.from(key.e, 'base64url').toString('hex') : '';
  // RFC 8017 asks for an odd exponent of at least 3; with 1 everybody can sign.
  const odd = /^0*([1-9a-f][\da-f]{0,7})$/.exec(exponent)?.[1];
  const fits = odd !== undefined && Number.parseInt(odd, 16) >= 3 && Number.parseInt(odd, 16) % 2 === 1;
  return fits && bits >= smallestModulusBits && bits <= largestModulusBits;
}

/** The length of the modulus itself: leading zeros do not make a small key large. */
export function modulusBits(key: JWK): number {
  const hex = typeof key.n === 'string' ? Buffer.from(key.n, 'base64url').toString('hex').replace(/^0+/, '') : '';
  return hex === '' ? 0 : hex.length * 4 - (Math.clz32(Number.parseInt(hex.charAt(0), 16)) - 28);
}

/** The one key that the header means; several with the same kid are none (SMART 2.2, and T06). */
export function candidate(keys: JSONWebKeySet, assertion: Pick<Assertion, 'alg' | 'kid'>): JWK | undefined {
  const named = keys.keys.filter((key) => key.kid === assertion.kid);
  const usable = named.filter((key) => isUsable(key, assertion.alg));
  return usable.length === 1 && named.filter((key) => key.kty === usable[0]?.kty).length === 1 ? usable[0] : undefined;
}

/**
 * Keys that belong to nobody: an unknown client or kid costs one verification of the algorithm that the header names, as a known one
 * does (T12). Their private parts were never kept.
 */
const nobody: Readonly<Record<SigningAlgorithm, JWK>> = {
  ES384: {
    kty: 'EC',
    crv: 'P-384',
    x: 'Zh14ftTnBFsxFmAu8L_AeeQZ0qkFyXswVMX3OcotofqlnZUSUSbO_5_n9wEoznmz',
    y: '5_z0ZKB_dnRKgfge4Tq_xa4p5XzwsH7c7__OmaIAcHWlRNyoGOkB_LBLeGWtnhvf',
  },
  RS384: {
    kty: 'RSA',
    e: 'AQAB',
    n: 'wDro83OwNggrsx7tI5ROKehOTMTdFStXMUyBlRUDQI1chzyDwkPyh7MH0Oe6DIUerh2VS5UPynByf5k3h9-dWoJRMDQsFiSkj_HMGn1JwzoBN9iTtvyiXLIpQAmWvxj3g5AsYimHR1fZdmHsCj8LVb39h2mKMTcx0LhX9XRDpL_p-tDP-AIEX6JiCeOX1UIGqd7xLR-XON0-uQVtso3Xsoy_xr24_T4LpWVwEqEdfIwhrOZTOsgal37BWSuEQjkq7tXln4fKraGPFZvxrq0D2gwVRKMiX6uRJbWwllLE5quhLY8zIsr-XPjoGy2a0iQttcGND3fNzl4l-hgmWdnHSQ',
  },
};

/** Whether the assertion is signed by its client. jku, where sent, must be the registered URL to the letter; it is never followed (T04). */
export async function isSignedBy(
  client: Client | undefined,
  assertion: Assertion,
  fetchKeys: (url: string, kid: string) => Promise<JSONWebKeySet | undefined>,
): Promise<boolean> {
  const jkuFits = assertion.jku === undefined || assertion.jku === client?.jwksUrl;
  const keys =
    client?.jwks ??
    (client?.jwksUrl !== undefined && jkuFits ? await fetchKeys(client.jwksUrl, assertion.kid) : undefined);
  const key = keys && candidate(keys, assertion);
  const verified = await verify(assertion, key ?? nobody[assertion.alg]);
  return verified && key !== undefined && jkuFits && client !== undefined && !client.disabled;
}

async function verify({ alg, jwt }: Assertion, key: JWK): Promise<boolean> {
  try {
    const imported = await importJWK({ ...key, key_ops: ['verify'] }, alg);
    await compactVerify(jwt, imported, { algorithms: [alg] });
    return true;
  } catch {
    return false;
  }
}
