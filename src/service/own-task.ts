import { createHash } from 'node:crypto';
import type { Resource, Task } from '@medplum/fhirtypes';
import { correctionTagSystem } from '../fhir/canonical.ts';
import type { LockedRow } from '../store/lock.ts';

/*
 * Each version of a Task about charges that Footbridge writes bears a digest of what it says as a tag; a version without its own digest was
 * written by somebody else, and then Footbridge neither changes it nor opens it anew.
 */

/** Written by Footbridge, and by nobody since. */
export function isOurs({ content, deleted }: LockedRow): boolean {
  if (deleted) return false;
  const resource = JSON.parse(content) as Resource;
  const digest = resource.meta?.tag?.find(({ system }) => system === correctionTagSystem)?.code;
  return digest !== undefined && digest === digestOf(resource);
}

export function signed(task: Task): Task {
  const others = (task.meta?.tag ?? []).filter(({ system }) => system !== correctionTagSystem);
  return { ...task, meta: { ...task.meta, tag: [...others, { system: correctionTagSystem, code: digestOf(task) }] } };
}

/** SHA-256 of what the resource says beside its id and meta, in one order of elements. */
function digestOf({ id: _id, meta: _meta, ...said }: Resource): string {
  const text = JSON.stringify(said, (_key, child: unknown) =>
    typeof child === 'object' && child !== null && !Array.isArray(child)
      ? Object.fromEntries(Object.entries(child).sort(([a], [b]) => (a < b ? -1 : 1)))
      : child,
  );
  return createHash('sha256').update(text).digest('hex');
}
