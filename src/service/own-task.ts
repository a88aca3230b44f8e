import type { Task } from '@medplum/fhirtypes';
import { correctionTagSystem } from '../fhir/canonical.ts';
import { type LockedRow, resourceIn } from '../store/lock.ts';
import { digestOf } from './content.ts';

/*
 * Each version of a Task about charges that Footbridge writes bears a digest of what it says as a tag; a version without its own digest was
 * written by somebody else, and then Footbridge neither changes it nor opens it anew.
 */

/** Written by Footbridge, and by nobody since. */
export function isOurs(row: LockedRow): boolean {
  if (row.deleted) return false;
  const resource = resourceIn(row);
  const digest = resource.meta?.tag?.find(({ system }) => system === correctionTagSystem)?.code;
  return digest !== undefined && digest === digestOf(resource);
}

export function signed(task: Task): Task {
  const others = (task.meta?.tag ?? []).filter(({ system }) => system !== correctionTagSystem);
  return { ...task, meta: { ...task.meta, tag: [...others, { system: correctionTagSystem, code: digestOf(task) }] } };
}
