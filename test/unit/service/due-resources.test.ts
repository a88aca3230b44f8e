import type { Flag, Resource, Task } from '@medplum/fhirtypes';
import { describe, expect, test } from 'vitest';
import type { TenantId } from '../../../src/base/ids.ts';
import { coachDueOf } from '../../../src/domain/due/credentials.ts';
import type { DueItem } from '../../../src/domain/due/item.ts';
import { isReferral } from '../../../src/domain/referral.ts';
import { loadValidatorSync } from '../../../src/profiles/validator.ts';
import type { Change } from '../../../src/service/computed.ts';
import { dueChanges } from '../../../src/service/due-resources.ts';
import { prepare, toWrite } from '../../../src/service/prepare.ts';
import type { LockedRow } from '../../../src/store/lock.ts';
import { dueAt, type Known } from '../../support/due.ts';
import {
  attestations,
  coachFacts,
  contact,
  employer,
  episode,
  memberFacts,
  payer,
  ruleset,
  rulesets,
} from '../../support/facts.ts';
import { parameter } from '../../support/questions.ts';

const tenant = 1 as TenantId;
const owner = 'riverside';
const validator = loadValidatorSync();

/** The row that the store would hold after this change. */
function stored({ before, owner: whose, resource }: Change): LockedRow {
  const { id = '', resourceType: type } = resource;
  const current = before && (JSON.parse(before.content) as Resource);
  const prepared = prepare({ validator }, resource, { type, id, fhirBase: '', ...(current && { before: current }) });
  if (!prepared.ok) throw new Error(JSON.stringify(prepared.error.issues));
  const write = toWrite(prepared.value, { now: new Date('2025-03-05T12:00:00Z'), owner: whose, before });
  return {
    ...write,
    last_updated: write.lastUpdated,
    view_version: write.viewVersion,
    view_updated: write.viewUpdated,
    patient: write.patient ?? null,
    audience: write.audience ?? null,
    keys: [...write.keys],
    visible: true,
    writable: true,
  };
}

const parsed = (row: LockedRow | undefined): Resource => JSON.parse(row?.content ?? '{}') as Resource;
const taskOf = (rows: readonly LockedRow[]): Task => parsed(rows.find(({ type }) => type === 'Task')) as Task;
const flagOf = (rows: readonly LockedRow[]): Flag => parsed(rows.find(({ type }) => type === 'Flag')) as Flag;

/** What stands after each list of items, written one after another. */
function after(...lists: (readonly DueItem[])[]): LockedRow[] {
  return lists.reduce<LockedRow[]>((rows, items) => write(rows, items), []);
}

function write(rows: readonly LockedRow[], items: readonly DueItem[]): LockedRow[] {
  const written = dueChanges(tenant, owner, items, rows).map(stored);
  return [...rows.filter(({ id }) => !written.some((one) => one.id === id)), ...written];
}

/** An edit as a client makes it: the resource as it was read, with a change. */
function edited(rows: readonly LockedRow[], change: (task: Task) => Task): LockedRow[] {
  return rows.map((row) =>
    row.type === 'Task'
      ? { ...row, version: row.version + 1, content: JSON.stringify(change(parsed(row) as Task)) }
      : row,
  );
}

const known = (...starts: string[]): Known => ({ facts: { contacts: starts.map((start) => contact(start)) } });
const risk = (date: string, ...starts: string[]): DueItem[] =>
  dueAt(date, known('2025-03-01T15:00:00Z', ...starts)).filter(({ kind }) => kind === 'contact-at-risk');
const again = '2025-03-16T15:00:00Z';

describe('while nobody but Footbridge has touched it', () => {
  test('nothing due writes nothing; what is due is one Task and one Flag under ids that stay', () => {
    expect(dueChanges(tenant, owner, risk('2025-03-14'), [])).toEqual([]);
    const [soon, critical] = [after(risk('2025-03-15')), after(risk('2025-03-20'))];
    expect(soon.map(({ type }) => type).sort()).toEqual(['Flag', 'Task']);
    expect(critical.map(({ id }) => id)).toEqual(soon.map(({ id }) => id));
    const elsewhere = dueChanges(2 as TenantId, owner, risk('2025-03-15'), []);
    expect(elsewhere.map(({ resource }) => resource.id)).not.toEqual(soon.map(({ id }) => id));
  });

  test('it escalates as the last day comes near', () => {
    const rows = after(risk('2025-03-15'));
    expect([taskOf(rows).priority, flagOf(rows).code.coding?.[0]?.code]).toEqual(['routine', 'due-soon']);
    const later = write(rows, risk('2025-03-20'));
    expect([taskOf(later).priority, flagOf(later).code.coding?.[0]?.code]).toEqual(['urgent', 'critical']);
    expect(taskOf(later).meta?.versionId).toBe('2');
  });

  test('the same facts give the same content, so that the writer leaves it out', () => {
    const rows = after(risk('2025-03-15'));
    for (const { before, resource } of dueChanges(tenant, owner, risk('2025-03-15'), rows)) {
      const current = JSON.parse(before?.content ?? '{}') as Resource;
      const prepared = prepare({ validator }, resource, {
        type: resource.resourceType,
        id: resource.id ?? '',
        fhirBase: '',
        before: current,
      });
      if (!prepared.ok) throw new Error('refused');
      const { lastUpdated: _updated, versionId: _version, ...meta } = current.meta ?? {};
      expect(prepared.value.resource).toEqual({ ...current, meta });
    }
  });

  test('its cause gone it is cancelled with the reason, its cause back it is requested again under the same id', () => {
    const gone = after(risk('2025-03-15'), risk('2025-03-16', again));
    expect(taskOf(gone)).toMatchObject({
      status: 'cancelled',
      statusReason: { text: expect.stringMatching(/moved/) as string },
    });
    expect(flagOf(gone).status).toBe('inactive');
    const back = write(gone, risk('2025-03-17'));
    expect(taskOf(back)).toMatchObject({ id: taskOf(gone).id, status: 'requested' });
    expect(taskOf(back).statusReason).toBeUndefined();
    expect(flagOf(back).status).toBe('active');
    expect(back).toHaveLength(2);
  });

  test('a cancelled one is left as it is for as long as its cause is gone', () => {
    const gone = after(risk('2025-03-15'), risk('2025-03-16', again));
    expect(write(gone, []).map(({ content }) => parsedWithoutVersion(content))).toEqual(
      gone.map(({ content }) => parsedWithoutVersion(content)),
    );
  });

  test('an item that says why it is closed gives the reason, and opens nothing', () => {
    const open = (sentAt?: string): readonly DueItem[] =>
      dueAt('2025-03-05', {
        facts: {
          episodes: [
            { reference: episode, organization: employer, careManager: [], start: '2025-03-01', end: undefined },
          ],
        },
        more: {
          notifications:
            sentAt === undefined
              ? []
              : [
                  {
                    reference: 'Task/x',
                    kind: 'notification-of-admission',
                    episode,
                    payers: [payer],
                    sentAt,
                    acknowledgedAt: undefined,
                  },
                ],
        },
      });
    expect(taskOf(after(open(), open('2025-03-04')))).toMatchObject({
      status: 'cancelled',
      statusReason: { text: 'Sent on 2025-03-04.' },
    });
    expect(dueChanges(tenant, owner, open('2025-03-04'), [])).toEqual([]);
  });

  test('another organisation’s rows and other resources with such ids are none of its business', () => {
    const rows = after(risk('2025-03-15')).map((row) => ({ ...row, owner: 'elsewhere' }));
    expect(dueChanges(tenant, owner, [], rows)).toEqual([]);
    expect(dueChanges(tenant, owner, risk('2025-03-20'), rows)).toEqual([]);
    const foreign = {
      ...(rows[0] as LockedRow),
      owner,
      content: JSON.stringify({ resourceType: 'Task', id: 'x', status: 'requested' }),
    };
    expect(dueChanges(tenant, owner, [], [foreign])).toEqual([]);
  });
});

function parsedWithoutVersion(content: string): unknown {
  const { meta: _meta, ...said } = JSON.parse(content) as Resource;
  return said;
}

describe('once a person has changed it', () => {
  const edits: [string, (task: Task) => Task][] = [
    ['accepted', (task) => ({ ...task, status: 'accepted' })],
    ['in progress', (task) => ({ ...task, status: 'in-progress' })],
    ['completed', (task) => ({ ...task, status: 'completed' })],
    ['rejected', (task) => ({ ...task, status: 'rejected', statusReason: { text: 'Seen elsewhere' } })],
    ['annotated', (task) => ({ ...task, note: [{ text: 'Called, no answer' }] })],
    ['given to somebody else', (task) => ({ ...task, owner: { reference: 'Practitioner/other' } })],
    ['sent back without its meta', ({ meta: _meta, ...task }) => ({ ...task, status: 'accepted' })],
    ['sent back without its tag alone', ({ meta: _meta, ...task }) => task],
    [
      'given a tag by somebody else',
      (task) => ({ ...task, status: 'accepted', meta: { tag: [{ system: 'https://example.org', code: 'x' }] } }),
    ],
  ];
  test.each(edits)('%s: it is never written again, whatever the facts say', (_name, change) => {
    const rows = edited(after(risk('2025-03-15')), change);
    for (const items of [risk('2025-03-15'), risk('2025-03-20'), risk('2025-03-16', again), []]) {
      const tasks = dueChanges(tenant, owner, items, rows).filter(({ resource }) => resource.resourceType === 'Task');
      expect(tasks).toEqual([]);
    }
    // The Flag is still ours.
    expect(flagOf(write(rows, [])).status).toBe('inactive');
  });

  test('deleted: it is not created again', () => {
    const rows = after(risk('2025-03-15')).map((row) => ({ ...row, deleted: true, content: '' }));
    expect(dueChanges(tenant, owner, risk('2025-03-16'), rows)).toEqual([]);
    expect(dueChanges(tenant, owner, [], rows)).toEqual([]);
  });

  test('the next last day is another Task', () => {
    const rows = edited(after(risk('2025-03-15')), (task) => ({ ...task, status: 'completed' }));
    const next = write(rows, risk('2025-03-31', again));
    const tasks = next.filter(({ type }) => type === 'Task').map((row) => parsed(row) as Task);
    expect(tasks.map(({ restriction, status }) => [status, restriction?.period?.end])).toEqual([
      ['completed', '2025-03-22'],
      ['requested', '2025-04-06'],
    ]);
  });

  test('raised labels and a version that was only sent again are no edit', () => {
    const rows = edited(after(risk('2025-03-15')), (task) => ({
      ...task,
      meta: {
        ...task.meta,
        security: [...(task.meta?.security ?? []), { system: 'urn:x', code: 'V' }],
        versionId: '2',
      },
    }));
    const later = taskOf(write(rows, risk('2025-03-20')));
    expect(later.priority).toBe('urgent');
    expect(later.meta?.security?.map(({ code }) => code)).toContain('V');
  });
});

const tufts = 'tufts-together';
const optum = ruleset('optum');
const [plainCoverage] = memberFacts().coverages;
const coverageOf = (product: string, planType?: string) => {
  if (!plainCoverage) throw new Error('no coverage');
  return { ...plainCoverage, product, planType };
};
const mce = ruleset('masshealth-mce');
const everything: [string, readonly DueItem[]][] = [
  ['contact-at-risk', risk('2025-03-20')],
  ['notification-of-admission', dueAt('2024-01-10')],
  ['authorization-due', dueAt('2024-03-20')],
  [
    'registration',
    dueAt('2024-01-10', {
      rulesets: [{ ...mce, parameters: { ...mce.parameters, registration: parameter('registration') } }],
    }),
  ],
  ['outreach', dueAt('2024-06-01', { facts: { coverages: [coverageOf('x', 'cmhsp')] } })],
  [
    'intensity-review',
    dueAt('2025-03-12', {
      facts: { coverages: [coverageOf('x', 'cmhsp')] },
      more: { stages: [{ reference: 'Observation/1', encounter: undefined, at: '2025-03-10', stage: '134409004' }] },
    }),
  ],
  [
    'plan-of-safe-care',
    dueAt('2025-03-12', {
      facts: { coverages: [coverageOf(tufts)] },
      more: {
        states: [{ reference: 'Observation/1', what: 'parenting', present: true, on: '2025-03-10T12:00:00-05:00' }],
      },
    }),
  ],
  [
    'adverse-event-report',
    dueAt('2025-03-12', {
      facts: { coverages: [coverageOf('optum-commercial')] },
      more: { events: [{ reference: 'AdverseEvent/1', on: undefined, reports: [] }] },
      rulesets: [optum],
    }),
  ],
  [
    'fact-contradiction',
    dueAt('2025-03-12', {
      contradictions: [
        {
          code: 'unknown-plan',
          reason: 'unknown-plan',
          evidence: ['ServiceRequest/1'],
          episode: undefined,
          text: 'Both.',
        },
      ],
    }),
  ],
  [
    'credential-alert',
    coachDueOf({
      coach: coachFacts({
        roles: [{ reference: 'PractitionerRole/1', organization: employer, start: '2023-03-01', end: undefined }],
        qualifications: attestations,
      }),
      organization: employer,
      payers: [payer],
      rulesets,
      knownAt: '2025-02-01T12:00:00Z',
    }),
  ],
];

test.each(everything)('%s: open and cancelled, it is valid R4 with its labels, and no referral', (kind, items) => {
  const wanted = items.filter((item) => item.kind === kind);
  expect(wanted).toHaveLength(1);
  for (const rows of [after(wanted), after(wanted, [])]) {
    const task = taskOf(rows);
    expect(task).toMatchObject({ intent: 'order', code: { coding: [{ code: kind }] } });
    expect(isReferral(task)).toBe(false);
    for (const row of rows) {
      const resource = parsed(row);
      expect(validator.validate(resource).issues).toEqual([]);
      // A record about a member is a Part 2 record; a coach's credential is none.
      expect(resource.meta?.security?.map(({ code }) => code)).toEqual(
        kind === 'credential-alert' ? undefined : ['R', '42CFRPart2'],
      );
    }
  }
});
