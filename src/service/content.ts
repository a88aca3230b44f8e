import type { Resource } from '@medplum/fhirtypes';

/**
 * What a version says, whatever the store called it (`meta.versionId`, `meta.lastUpdated`), as text in one order of elements: JSON
 * gives no meaning to theirs. Two versions with the same text say the same.
 */
export function contentOf(resource: Resource): string {
  const { meta, ...rest } = resource;
  const { lastUpdated: _updated, versionId: _version, ...labels } = meta ?? {};
  return canonical({ ...rest, meta: labels });
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, child: unknown) =>
    typeof child === 'object' && child !== null && !Array.isArray(child)
      ? Object.fromEntries(Object.entries(child).sort(([a], [b]) => (a < b ? -1 : 1)))
      : child,
  );
}
