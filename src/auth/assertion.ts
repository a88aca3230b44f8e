import { decodeJwt, decodeProtectedHeader } from 'jose';
import { type Failure, failure } from '../base/failure.ts';
import { err, ok, type Result } from '../base/result.ts';

/** SMART Backend Services 2.2 names these two; nothing else is accepted, so neither `none` nor HMAC can be asked for (T01, T02). */
export const signingAlgorithms = ['ES384', 'RS384'] as const;
export type SigningAlgorithm = (typeof signingAlgorithms)[number];

export const longestAssertion = 16_384;
const longestLifetimeSeconds = 300;
const skewSeconds = 30;
const longestClientId = 256;
const longestJti = 128;
const longestKid = 256;

/** A client assertion whose form and times are right; nobody has looked at its signature yet. */
export interface Assertion {
  readonly jwt: string;
  readonly alg: SigningAlgorithm;
  readonly kid: string;
  readonly jku: string | undefined;
  readonly clientId: string;
  readonly audience: string;
  readonly jti: string;
  readonly expiresAt: Date;
}

/**
 * The cheap checks, before any key is looked for (T19). Each failure here can be told from the assertion and our own address alone,
 * so it names its rule without telling who exists.
 *
 * @param audiences the strings that `aud` may be: token URL and issuer; which of them it must be depends on the client
 * @param now wall-clock instant
 */
export function checkAssertion(jwt: string, audiences: readonly string[], now: Date): Result<Assertion, Failure> {
  if (jwt.length > longestAssertion) return refuse(`client_assertion is longer than ${longestAssertion} characters.`);
  const parts = decode(jwt);
  if (!parts) return refuse('client_assertion is not a JWT of three parts.');
  const { claims, header } = parts;
  const alg = signingAlgorithms.find((known) => known === header.alg);
  if (!alg) return refuse(`alg must be ${signingAlgorithms.join(' or ')}.`);
  if (typeof header.kid !== 'string' || header.kid === '' || header.kid.length > longestKid)
    return refuse('The header needs kid, the id of your key in your registered JWKS.');
  if (header['jwk'] !== undefined || header['x5u'] !== undefined || header['x5c'] !== undefined)
    return refuse('Keys in the header (jwk, x5u, x5c) are not taken; register your JWKS.');
  if (header.jku !== undefined && typeof header.jku !== 'string') return refuse('jku must be a string.');
  if (header.crit !== undefined) return refuse('crit is not supported.');
  const { aud, iss, jti, sub } = claims;
  if (!isText(iss, longestClientId) || iss !== sub) return refuse('iss and sub must both be your client_id.');
  if (typeof aud !== 'string' || !audiences.includes(aud))
    return refuse(
      `aud must be a single string, to the letter ${audiences.join(' or ')}, whichever this client is registered with.`,
    );
  if (!isText(jti, longestJti))
    return refuse(`jti must be a string of 1 to ${longestJti} bytes without U+0000, new for each assertion.`);
  const time = checkTimes(claims, Math.floor(now.getTime() / 1000));
  if (time !== undefined) return refuse(time);
  return ok({
    jwt,
    alg,
    kid: header.kid,
    jku: header.jku,
    clientId: iss,
    audience: aud,
    jti,
    expiresAt: new Date((claims.exp as number) * 1000),
  });
}

/** Text that PostgreSQL keeps byte for byte: no U+0000, no half of a surrogate pair. */
function isText(value: unknown, mostBytes: number): value is string {
  if (typeof value !== 'string' || value === '' || Buffer.byteLength(value) > mostBytes) return false;
  return value.isWellFormed() && !value.includes('\0');
}

interface Claims {
  [name: string]: unknown;
}

function decode(
  jwt: string,
): { claims: Claims; header: ReturnType<typeof decodeProtectedHeader> & { jku?: string; kid?: unknown } } | undefined {
  if (!/^[\w-]+\.[\w-]+\.[\w-]*$/.test(jwt)) return undefined;
  try {
    return { claims: decodeJwt(jwt), header: decodeProtectedHeader(jwt) };
  } catch {
    return undefined;
  }
}

/** SMART: exp no more than five minutes in the future. Both ends allow for clocks that differ by 30 s. */
function checkTimes(claims: Claims, nowSeconds: number): string | undefined {
  const { exp, iat, nbf } = claims;
  if (!Number.isSafeInteger(exp)) return 'exp must be a whole number of seconds since 1970.';
  if ((exp as number) <= nowSeconds - skewSeconds)
    return 'exp is in the past: make a new assertion, and check your clock.';
  if ((exp as number) > nowSeconds + longestLifetimeSeconds + skewSeconds)
    return `exp must be at most ${longestLifetimeSeconds} s ahead, in seconds, not milliseconds.`;
  for (const [name, value] of [
    ['iat', iat],
    ['nbf', nbf],
  ] as const) {
    if (value === undefined) continue;
    if (typeof value !== 'number' || !Number.isFinite(value)) return `${name} must be a number of seconds since 1970.`;
    if (value > nowSeconds + skewSeconds) return `${name} is in the future: check your clock.`;
  }
  return undefined;
}

function refuse(text: string): Result<never, Failure> {
  return err(failure('unauthorized', 'invalid_client', text));
}
