import { lookup } from 'node:dns/promises';
import http from 'node:http';
import https from 'node:https';
import { BlockList, isIP } from 'node:net';
import type { JSONWebKeySet } from 'jose';
import { z } from 'zod';
import type { Clock } from '../base/time.ts';

const mostBytes = 256 * 1024;
const timeoutMs = 3_000;
const longestCacheMs = 600_000;
const refreshPauseMs = 30_000;
const negativeCacheMs = 30_000;
/** Even where the host says no-store: many assertions at once ask it once. */
const shortestCacheMs = 1_000;

const KeySet = z.object({ keys: z.array(z.looseObject({ kty: z.string() })).max(100) });

interface Loaded {
  readonly keys: JSONWebKeySet;
  readonly maxAgeMs: number;
}

interface Cached {
  readonly keys: JSONWebKeySet | undefined;
  readonly fetchedAt: number;
  readonly until: number;
}

/**
 * Keys at registered JWKS URLs, guarded (T18, T66-T68): https and public addresses only (loopback too in the sandbox), the address
 * checked when the socket connects, no redirect, 256 KiB and 3 s at most; kept for Cache-Control's max-age and ten minutes at most.
 * A kid that the cached set lacks fetches again, at most every 30 s.
 */
export class JwksFetcher {
  readonly #cache = new Map<string, Cached>();
  readonly #pending = new Map<string, Promise<Cached>>();
  readonly #clock: Clock;
  readonly #allowLoopback: boolean;

  constructor(clock: Clock, allowLoopback: boolean) {
    this.#clock = clock;
    this.#allowLoopback = allowLoopback;
  }

  readonly fetch = async (url: string, kid: string): Promise<JSONWebKeySet | undefined> => {
    const now = this.#clock.now().getTime();
    const cached = this.#cache.get(url);
    if (cached) {
      const known = cached.keys?.keys.some((key) => key.kid === kid) ?? false;
      if (known && now < cached.until) return cached.keys;
      // An unknown kid does not fetch again within the pause, however short-lived the keys are: none of them is this one.
      if (!known && now < cached.fetchedAt + refreshPauseMs) return cached.keys;
    }
    let pending = this.#pending.get(url);
    if (!pending) {
      pending = this.#load(url, now, cached).finally(() => this.#pending.delete(url));
      this.#pending.set(url, pending);
    }
    return (await pending).keys;
  };

  async #load(url: string, now: number, before: Cached | undefined): Promise<Cached> {
    const loaded = await this.#within(url).catch(() => undefined);
    // While their host is down, keys that are still within their time go on serving (F43).
    const kept = before && now < before.until ? before.keys : undefined;
    const cached: Cached = loaded
      ? {
          keys: loaded.keys,
          fetchedAt: now,
          until: now + Math.min(Math.max(loaded.maxAgeMs, shortestCacheMs), longestCacheMs),
        }
      : { keys: kept, fetchedAt: now, until: kept && before ? before.until : now + negativeCacheMs };
    this.#cache.set(url, cached);
    return cached;
  }

  /** One limit for the name's lookup, which cannot be aborted, and the request. */
  #within(url: string): Promise<Loaded> {
    const signal = AbortSignal.timeout(timeoutMs);
    return new Promise((resolve, reject) => {
      signal.addEventListener('abort', () => reject(new Error('too slow')), { once: true });
      this.#get(url, signal).then(resolve, reject);
    });
  }

  async #get(text: string, signal: AbortSignal): Promise<Loaded> {
    const url = new URL(text);
    if (url.protocol !== 'https:' && !(this.#allowLoopback && url.protocol === 'http:')) throw new Error('not https');
    if (url.username !== '' || url.password !== '') throw new Error('the URL holds credentials');
    const host = url.hostname.replace(/^\[|\]$/g, '');
    const addresses = isIP(host) ? [host] : (await lookup(host, { all: true })).map(({ address }) => address);
    const loopback = addresses.every(isLoopback);
    if (!addresses.every(isPublic) && !(this.#allowLoopback && loopback)) throw new Error('the address is not public');
    if (url.protocol !== 'https:' && !loopback) throw new Error('not https');
    const reply = await request(url, addresses[0] as string, signal);
    return { keys: KeySet.parse(JSON.parse(reply.body)), maxAgeMs: maxAge(reply.cacheControl) };
  }
}

/** Connects to the address that was checked, whatever the name resolves to by then (T67). */
function request(url: URL, address: string, signal: AbortSignal): Promise<{ body: string; cacheControl: string }> {
  return new Promise((resolve, reject) => {
    const client = url.protocol === 'https:' ? https : http;
    const pinned = {
      lookup: (
        _host: string,
        _options: unknown,
        done: (error: null, addresses: { address: string; family: number }[]) => void,
      ) => done(null, [{ address, family: isIP(address) }]),
    };
    const sent = client.get(
      url,
      {
        ...pinned,
        signal,
        headers: { accept: 'application/json' },
        agent: false,
      } as http.RequestOptions,
      (response) => {
        if (response.statusCode !== 200) {
          response.destroy();
          reject(new Error(`status ${response.statusCode}`));
          return;
        }
        const chunks: Buffer[] = [];
        let size = 0;
        response.on('data', (chunk: Buffer) => {
          size += chunk.length;
          if (size > mostBytes) response.destroy(new Error('too large'));
          else chunks.push(chunk);
        });
        response.on('error', reject);
        response.on('end', () =>
          resolve({ body: Buffer.concat(chunks).toString(), cacheControl: response.headers['cache-control'] ?? '' }),
        );
      },
    );
    sent.on('error', reject);
  });
}

function maxAge(cacheControl: string): number {
  if (/no-store|no-cache/.test(cacheControl)) return 0;
  const seconds = /max-age=(\d{1,9})/.exec(cacheControl)?.[1];
  return seconds === undefined ? longestCacheMs : Number(seconds) * 1000;
}

const inside = new BlockList();
for (const [network, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
] as const) {
  inside.addSubnet(network, bits, 'ipv4');
}
// Only global unicast is public in IPv6; transition ranges can hide a private IPv4 address, and documentation ranges lead nowhere.
const globalUnicast = new BlockList();
globalUnicast.addSubnet('2000::', 3, 'ipv6');
const transition = new BlockList();
for (const [network, bits] of [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['64:ff9b::', 96],
] as const)
  transition.addSubnet(network, bits, 'ipv6');

function isPublic(address: string): boolean {
  if (isIP(address) === 4) return !inside.check(address, 'ipv4');
  return globalUnicast.check(address, 'ipv6') && !transition.check(address, 'ipv6');
}

function isLoopback(address: string): boolean {
  return address === '::1' || (isIP(address) === 4 && address.startsWith('127.'));
}
