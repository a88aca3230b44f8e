import { createHash } from 'node:crypto';
import type { Task } from '@medplum/fhirtypes';
import { expect, test } from 'vitest';
import type { TenantId } from '../../../src/base/ids.ts';
import { dueTagSystem } from '../../../src/fhir/canonical.ts';
import { contentOf, digestOf } from '../../../src/service/content.ts';
import { dueChanges } from '../../../src/service/due-resources.ts';
import type { LockedRow } from '../../../src/store/lock.ts';

/** A Task as it could have been stored before the code of its digest was touched. */
const task: Task & { id: string } = {
  resourceType: 'Task',
  id: '0b5f3c8e-8f0e-5a9c-9d7b-3f1e2a4b6c8d',
  meta: {
    versionId: '3',
    lastUpdated: '2026-11-01T10:00:00.000Z',
    security: [{ system: 'urn:x', code: 'R' }],
  },
  status: 'requested',
  intent: 'order',
  priority: 'routine',
  code: {
    coding: [
      {
        system: 'https://footbridge.example/fhir/CodeSystem/task-code',
        code: 'contact-at-risk',
        display: 'Contact at risk',
      },
    ],
  },
  description: 'Zoë’s last day is 2026-11-20 – call "today".',
  focus: { reference: 'EpisodeOfCare/1' },
  for: { reference: 'Patient/1' },
  authoredOn: '2026-11-01',
  restriction: { repetitions: 1, period: { start: '2026-11-01', end: '2026-11-20' } },
  input: [
    { type: { text: 'z' }, valueDecimal: 1.5 },
    { valueReference: { reference: 'Encounter/1' }, type: { text: 'a' } },
  ],
  extension: [
    { url: 'urn:b', valueBoolean: false },
    { valueString: '2', url: 'urn:a' },
  ],
};

/** What the code said of it that wrote the first digests into stores, commit 6ad512d. */
const storedDigest = '0243a5db50d95edadc73a5bbe8de7bf105c02db6903f20b0ff6085a181574a3b';
const storedContent = 'cb671098c44e2ae6915efc53d4a098283b13ab0bfd23a17edf78460cc4ebd543';

test('a digest is what it was when the first Tasks were stored with one, in whatever order they come back', () => {
  const { resourceType, ...rest } = task;
  expect(digestOf(task)).toBe(storedDigest);
  expect(digestOf({ resourceType, ...Object.fromEntries(Object.entries(rest).reverse()) } as Task)).toBe(storedDigest);
  expect(digestOf({ ...task, meta: {}, id: 'another' })).toBe(storedDigest);
  expect(digestOf({ ...task, priority: 'urgent' })).not.toBe(storedDigest);
});

test('a Task that was stored with such a digest is still Footbridge’s own: it is cancelled when its cause is gone', () => {
  const standing = (said: Task): LockedRow => ({
    type: 'Task',
    id: task.id,
    version: 3,
    last_updated: new Date('2026-11-01T10:00:00Z'),
    deleted: false,
    owner: 'riverside',
    patient: '1',
    mixed: false,
    audience: null,
    view_version: 3,
    view_updated: new Date('2026-11-01T10:00:00Z'),
    keys: [],
    visible: true,
    writable: true,
    content: JSON.stringify({ ...said, meta: { ...said.meta, tag: [{ system: dueTagSystem, code: storedDigest }] } }),
  });
  const changesOf = (row: LockedRow) => dueChanges(1 as TenantId, 'riverside', [], [row]);
  expect(changesOf(standing(task)).map(({ resource }) => (resource as Task).status)).toEqual(['cancelled']);
  expect(changesOf(standing({ ...task, priority: 'urgent' }))).toEqual([]);
});

test('what a version says is told apart from how the store calls it, as ever', () => {
  const digest = (one: Task): string => createHash('sha256').update(contentOf(one)).digest('hex');
  expect(digest(task)).toBe(storedContent);
  expect(digest({ ...task, meta: { ...task.meta, versionId: '4', lastUpdated: '2026-11-02T10:00:00.000Z' } })).toBe(
    storedContent,
  );
  expect(digest({ ...task, meta: { ...task.meta, security: [] } })).not.toBe(storedContent);
});
