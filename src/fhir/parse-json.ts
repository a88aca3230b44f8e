import { type Failure, failure } from '../base/failure.ts';
import { err, ok, type Result } from '../base/result.ts';

/** How deep and how wide a body may be; its size in bytes is capped before it is read. */
export interface JsonLimits {
  /** objects and arrays inside one another */
  readonly depth: number;
  /** property names in the whole body */
  readonly keys: number;
}

export const jsonLimits: JsonLimits = { depth: 64, keys: 200_000 };

const decoder = new TextDecoder('utf-8', { fatal: true });

const quote = 0x22;
const backslash = 0x5c;
const openBrace = 0x7b;
const closeBrace = 0x7d;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const comma = 0x2c;
const colon = 0x3a;
const upperE = 0x45;
const lowerE = 0x65;
/** Beyond this a double, and so every reader of ours, would make zero or infinity of the number. */
const largestExponent = 300;

/**
 * Parses a body as JSON, refusing what two readers could understand differently or what is meant to exhaust or poison a reader:
 * text that is not UTF-8, duplicate keys, lone surrogates, `__proto__` and `constructor.prototype`, and depth or width beyond the limits (T55, T56).
 *
 * @returns the value, or an `invalid` (malformed) or `too-costly` Failure that names the line and column
 */
export function parseJson(bytes: Buffer, limits: JsonLimits = jsonLimits): Result<unknown, Failure> {
  const text = decodeUtf8(bytes);
  if (text === undefined) return notUtf8(bytes);
  const objection = scan(text, limits);
  if (objection) return refuse(text, objection);
  try {
    return ok(JSON.parse(text));
  } catch (cause) {
    return malformed(text, cause);
  }
}

function decodeUtf8(bytes: Buffer): string | undefined {
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}

interface Objection {
  readonly at: number;
  readonly category: 'invalid' | 'too-costly';
  readonly code: string;
  readonly what: string;
  readonly next: string;
}

/**
 * One pass over the text before anything is built from it: structure is tracked only as far as the objections need, and whether
 * the text is JSON at all is left to the parser.
 */
function scan(text: string, limits: JsonLimits): Objection | undefined {
  /** the property names of each open object; undefined for an array */
  const open: (Set<string> | undefined)[] = [];
  /** the last property name of each open level, for constructor.prototype */
  const names: string[] = [];
  let expectsKey = false;
  let keys = 0;
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case quote: {
        const end = endOfString(text, at);
        if (end < 0) return undefined;
        const literal = text.slice(at + 1, end);
        const objection = badCharacter(literal);
        if (objection) return { at, ...objection };
        if (expectsKey) {
          expectsKey = false;
          if (++keys > limits.keys) return tooManyKeys(at, limits);
          const key = literal.includes('\\') ? unescape(literal) : literal;
          const forbidden = checkKey(key, open.at(-1), names, open.length, at);
          if (forbidden) return forbidden;
          names[open.length] = key;
        }
        at = end;
        break;
      }
      case openBrace:
        if (open.push(new Set()) > limits.depth) return tooDeep(at, limits);
        names.length = open.length;
        expectsKey = true;
        break;
      case openBracket:
        if (open.push(undefined) > limits.depth) return tooDeep(at, limits);
        names.length = open.length;
        expectsKey = false;
        break;
      case closeBrace:
      case closeBracket:
        open.pop();
        expectsKey = false;
        break;
      case comma:
        expectsKey = open.at(-1) !== undefined;
        break;
      case colon:
        expectsKey = false;
        break;
      case upperE:
      case lowerE:
        // Outside strings an e that follows a digit is a number's exponent.
        if (isOutOfRange(text, at)) return outOfRange(at);
        break;
    }
  }
  return undefined;
}

/** Index of the closing quote of the string that starts at `start`, -1 where it does not end. */
function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (end > 0 && text.charCodeAt(end - 1) === backslash) {
    let slashes = 1;
    while (text.charCodeAt(end - 1 - slashes) === backslash) slashes++;
    if (slashes % 2 === 0) break;
    end = text.indexOf('"', end + 1);
  }
  return end;
}

function unescape(literal: string): string {
  try {
    return JSON.parse(`"${literal}"`) as string;
  } catch {
    return literal;
  }
}

function isOutOfRange(text: string, at: number): boolean {
  const before = text.charCodeAt(at - 1);
  if (before < 0x30 || before > 0x39) return false;
  const exponent = /^[+-]?(\d+)/.exec(text.slice(at + 1, at + 12))?.[1];
  return Number(exponent ?? 0) > largestExponent;
}

function outOfRange(at: number): Objection {
  return {
    at,
    category: 'invalid',
    code: 'value',
    what: `A number's exponent is beyond ${largestExponent}, so it cannot be kept as it was sent`,
    next: 'Send a number of ordinary size.',
  };
}

/** U+0000 is in no FHIR string (R4 datatypes.html#string), and UTF-8 holds no surrogates, so both can only come from an escape. */
function badCharacter(literal: string): Omit<Objection, 'at'> | undefined {
  if (literal.includes('\\u0000') && unescape(literal).includes('\0'))
    return {
      category: 'invalid',
      code: 'value',
      what: 'A string holds U+0000, which no FHIR string may hold',
      next: 'Remove it.',
    };
  if (!/\\u[dD][89a-fA-F]/.test(literal) || unescape(literal).isWellFormed()) return undefined;
  return {
    category: 'invalid',
    code: 'structure',
    what: 'A string holds half of a surrogate pair, which is not a character',
    next: 'Send the character itself in UTF-8, or both halves of the pair.',
  };
}

function checkKey(
  key: string,
  siblings: Set<string> | undefined,
  names: readonly (string | undefined)[],
  level: number,
  at: number,
): Objection | undefined {
  if (key === '__proto__' || (key === 'prototype' && names[level - 1] === 'constructor'))
    return {
      at,
      category: 'invalid',
      code: 'structure',
      what: `The property name ${key === 'prototype' ? 'constructor.prototype' : key} is not accepted`,
      next: 'No FHIR element has that name; remove it.',
    };
  if (siblings?.has(key))
    return {
      at,
      category: 'invalid',
      code: 'structure',
      what: `The property ${JSON.stringify(key.slice(0, 64))} stands twice in one object`,
      next: 'Send it once: which of the two counts is not defined.',
    };
  siblings?.add(key);
  return undefined;
}

function tooDeep(at: number, limits: JsonLimits): Objection {
  return {
    at,
    category: 'too-costly',
    code: 'too-costly',
    what: `The body is nested deeper than ${limits.depth} levels`,
    next: 'Send it flatter; no FHIR resource needs that depth.',
  };
}

function tooManyKeys(at: number, limits: JsonLimits): Objection {
  return {
    at,
    category: 'too-costly',
    code: 'too-costly',
    what: `The body has more than ${limits.keys} properties`,
    next: 'Split it into several requests.',
  };
}

function refuse(text: string, objection: Objection): Result<never, Failure> {
  const { at, category, code, what, next } = objection;
  return err(failure(category, code, `${what} (${position(text, at)}). ${next}`));
}

function notUtf8(bytes: Buffer): Result<never, Failure> {
  // Decoding with replacement finds the first bad byte: all text before it is as long in bytes as it was.
  const bad = bytes.toString('utf8').indexOf('\uFFFD');
  const offset = bad < 0 ? 0 : Buffer.byteLength(bytes.toString('utf8').slice(0, bad));
  return err(
    failure(
      'invalid',
      'structure',
      `The body is not UTF-8 (byte ${offset}). Send JSON encoded in UTF-8 without other bytes.`,
    ),
  );
}

function malformed(text: string, cause: unknown): Result<never, Failure> {
  if (text.trim() === '')
    return err(failure('invalid', 'structure', 'The body is empty where JSON was expected. Send one JSON object.'));
  const message = cause instanceof Error ? cause.message : '';
  const at = /at position (\d+)/.exec(message)?.[1];
  const where = at === undefined ? 'at its end' : position(text, Number(at));
  return err(
    failure('invalid', 'structure', `The body is not JSON (${where}). Correct it there and send it again.`, { cause }),
  );
}

function position(text: string, at: number): string {
  let line = 1;
  let start = 0;
  for (let next = text.indexOf('\n'); next >= 0 && next < at; next = text.indexOf('\n', next + 1)) {
    line++;
    start = next + 1;
  }
  return `line ${line}, column ${at - start + 1}`;
}
