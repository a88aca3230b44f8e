import { createHash } from 'node:crypto';
import type { Resource } from '@medplum/fhirtypes';
import { canonicalJson } from '../base/canonical-json.ts';

/**
 * What a version says, whatever the store called it (`meta.versionId`, `meta.lastUpdated`), as text in one order of elements. Two
 * versions with the same text say the same.
 */
export function contentOf(resource: Resource): string {
  const { meta, ...rest } = resource;
  const { lastUpdated: _updated, versionId: _version, ...labels } = meta ?? {};
  return canonicalJson({ ...rest, meta: labels });
}

/**
 * SHA-256, in hex, of what a resource says beside its id and meta. It stands as a tag in what Footbridge opens and follows: a version
 * without its own digest was written by somebody else. A change of this value would make every standing Task somebody else's.
 */
export function digestOf({ id: _id, meta: _meta, ...said }: Resource): string {
  return createHash('sha256').update(canonicalJson(said)).digest('hex');
}
