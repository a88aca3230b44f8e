import { readFileSync, type Stats, statSync } from 'node:fs';
import { dirname } from 'node:path';

/** The user that runs the database server. PostgreSQL refuses to run as root, so root lends it another one. */
export interface ServerUser {
  readonly uid: number;
  readonly gid: number;
}

/**
 * Whom the server of `cluster` runs as: the owner of the cluster where there is one, else `nobody`.
 * Undefined when this process is an ordinary user: then the server runs as the same user.
 */
export function serverUser(cluster: string): ServerUser | undefined {
  if (process.geteuid?.() !== 0) return undefined;
  const owner = statSync(cluster, { throwIfNoEntry: false });
  return owner ? { uid: owner.uid, gid: owner.gid } : nobody();
}

// initdb looks its own user up in the system's list, so that a number without an entry would not do.
function nobody(): ServerUser {
  const entry = readFileSync('/etc/passwd', 'utf8').match(/^nobody:[^:]*:(-?\d+):(-?\d+):/m);
  return entry ? { uid: Number(entry[1]), gid: Number(entry[2]) } : { uid: 65534, gid: 65534 };
}

/** Whether `user` may walk into the directory `path`, judged by the mode bits of every folder on the way. */
export function canEnter(path: string, user: ServerUser): boolean {
  return blockingFolder(path, user) === undefined;
}

/** The first folder from the root towards `path` that `user` may not enter. */
export function blockingFolder(path: string, user: ServerUser): string | undefined {
  const parent = dirname(path);
  const above = parent === path ? undefined : blockingFolder(parent, user);
  if (above) return above;
  return allows(statSync(path), user, 0o1) ? undefined : path;
}

/** Whether the mode of `file` gives `user` all of `bits` (4 read, 2 write, 1 execute or enter). */
export function allows(file: Stats, user: ServerUser, bits: number): boolean {
  const shift = file.uid === user.uid ? 6 : file.gid === user.gid ? 3 : 0;
  return ((file.mode >> shift) & bits) === bits;
}
