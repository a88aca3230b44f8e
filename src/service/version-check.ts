import { type Failure, failure } from '../base/failure.ts';
import type { Access } from '../store/access.ts';
import type { LockedRow } from '../store/lock.ts';
import { checkRight } from './prepare.ts';

/**
 * Whether the caller may put a version over the one that stands, and means that one: right, owner and If-Match.
 *
 * @param before the locked version; undefined: nothing is there
 * @returns undefined where it may; 403, 409 or 412 in words
 */
export function checkUpdate(
  access: Access,
  type: string,
  id: string,
  before: LockedRow | undefined,
  ifMatch: string | undefined,
): Failure | undefined {
  // Updating what does not exist creates it, so the scope that is asked for depends on what the caller may know to exist.
  const exists = before?.visible === true && !before.deleted;
  const refused = checkRight(access, type, exists ? 'u' : 'c');
  if (refused) return refused;
  if (before && !before.visible) {
    return failure(
      'conflict',
      'duplicate',
      `${type}/${id} cannot be used as an id here. POST to ${type} to have one assigned, or choose another id.`,
      { status: 409 },
    );
  }
  if (before && !before.writable) return notYours(type, id);
  return checkMatch(exists ? before : undefined, ifMatch);
}

/** If-Match names the version that the client last saw (R4 http.html#concurrency): 412 where it has moved on. */
export function checkMatch(before: LockedRow | undefined, ifMatch: string | undefined): Failure | undefined {
  if (ifMatch === undefined) return undefined;
  const wanted = /^(?:W\/)?"([^"]*)"$/.exec(ifMatch.trim())?.[1];
  if (wanted === undefined)
    return failure('invalid', 'value', `If-Match must hold one ETag as the server sent it, for example W/"3".`);
  if (before && wanted === String(before.version)) return undefined;
  const stands = before ? `the current version is ${before.version}` : 'there is no current version';
  return failure(
    'conflict',
    'conflict',
    `If-Match asks for version ${wanted.slice(0, 20)}, but ${stands}. Read it again, apply your change to that and send its ETag.`,
    { status: 412 },
  );
}

/** 403: another organisation's, which the caller may see. */
export function notYours(type: string, id: string): Failure {
  return failure(
    'forbidden',
    'forbidden',
    `${type}/${id} belongs to another organisation: you may read it, not change it.`,
  );
}
