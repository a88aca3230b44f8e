import type { Flag, Task } from '@medplum/fhirtypes';
import { type LockedRow, resourceIn } from '../store/lock.ts';
import { digestOf } from './content.ts';

/*
 * Each version of a Flag or Task that Footbridge writes of itself bears a digest of what it says as a tag; a version without its own digest
 * was written by somebody else, and then Footbridge neither changes it nor opens it anew.
 */

/**
 * Written by Footbridge, and by nobody since.
 *
 * @param system of the tag: `correctionTagSystem` of Tasks about charges, `dueTagSystem` of what falls due
 */
export function isOurs(row: LockedRow, system: string): boolean {
  if (row.deleted) return false;
  const resource = resourceIn(row);
  const digest = resource.meta?.tag?.find((tag) => tag.system === system)?.code;
  return digest !== undefined && digest === digestOf(resource);
}

export function signed<R extends Flag | Task>(resource: R, system: string): R {
  const others = (resource.meta?.tag ?? []).filter((tag) => tag.system !== system);
  return { ...resource, meta: { ...resource.meta, tag: [...others, { system, code: digestOf(resource) }] } };
}
