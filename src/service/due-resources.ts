import type { CodeableConcept, Flag, Task, TaskInput } from '@medplum/fhirtypes';
import { derivedId, type TenantId } from '../base/ids.ts';
import { remembered } from '../base/remembered.ts';
import type { DueItem, DueKind } from '../domain/due/item.ts';
import { codeSystem, dueTagSystem, rulesetSystem } from '../fhir/canonical.ts';
import { type LockedRow, resourceIn } from '../store/lock.ts';
import type { Change } from './computed.ts';
import { isOurs, signed } from './own-task.ts';

/*
 * The life of a Task that Footbridge opens (of a Flag: active and inactive):
 *
 *     nothing ──cause──► requested ──cause gone──► cancelled
 *                          │   ▲                   │   │
 *                          │   └───cause is back───┘   │
 *                          └─── a person edits it ─────┘
 *                                      ▼
 *                                   theirs
 *
 * While it is ours it follows the facts: priority, dates, sentence, evidence. Any edit makes it theirs, whatever the status: accepted,
 * in-progress, completed, another owner, a note, its deletion. Then Footbridge never writes it again and never opens it anew under
 * another id; the item's key names the thing to do, so the next thing to do is another Task.
 *
 * Whose it is can be read off the resource: each version that Footbridge writes has a tag of system `due-digest` whose code is a
 * digest of all that it says beside its id and meta. A version that does not bear its own digest was written by somebody else. Labels
 * are in meta, so raising them is no edit.
 */

const displays: Readonly<Record<DueKind, string>> = {
  'contact-at-risk': 'Contact at risk',
  'notification-of-admission': 'Notification of admission',
  'authorization-due': 'Authorization due',
  registration: 'Registration',
  'credential-alert': 'Credential alert',
  outreach: 'Outreach',
  'intensity-review': 'Intensity review',
  'plan-of-safe-care': 'Plan of Safe Care',
  'adverse-event-report': 'Adverse event report',
  'residential-access': 'Residential access',
  'post-discharge': 'Post-discharge',
  'fact-contradiction': 'Contradiction between facts',
};

/** What closes an item that no fact asks for any more; where the facts still name it, the item says why itself. */
const gone: Readonly<Record<DueKind, string>> = {
  'contact-at-risk': 'The last day on the caseload has moved, or the member is off the caseload.',
  'notification-of-admission': 'No episode under this ruleset asks for it any more.',
  'authorization-due': 'No day of the episode needs this authorization any more.',
  registration: 'The plan does not ask for it any more.',
  'credential-alert': 'The limit has moved away, or the coach no longer works here.',
  outreach: 'The member has been in contact, or the episode has ended.',
  'intensity-review': 'A later relapse has taken its place, or it is no longer recorded.',
  'plan-of-safe-care': 'The member is neither pregnant nor parenting by the latest word.',
  'adverse-event-report': 'The event is no longer recorded.',
  'residential-access': 'The episode is no admission beside residential services any more.',
  'post-discharge': 'The client is not in residential services, or the episode is no such admission.',
  'fact-contradiction': 'The facts no longer contradict each other.',
};

/**
 * The Flags and Tasks that bring what stands in line with what is due, by the state machine above. What does not differ from what stands
 * is among them too: the writer leaves it out.
 *
 * @param owner Organization id whose work it is
 * @param items of this owner; for a coach's those of `coachDueOf`
 * @param standing rows that may be ours, and whatever stands under the items' ids, tombstones included: those of src/store/due.ts
 */
export function dueChanges(
  tenant: TenantId,
  owner: string,
  items: readonly DueItem[],
  standing: readonly LockedRow[],
): Change[] {
  const known = new Map(standing.map((row) => [`${row.type}/${row.id}`, row]));
  const named = new Set<string>();
  const changes: Change[] = [];
  for (const item of items) {
    for (const resource of resourcesOf(item, tenant, owner)) {
      const name = `${resource.resourceType}/${resource.id}`;
      named.add(name);
      const before = known.get(name);
      if (before ? isOf(owner, before) : item.closed === undefined)
        changes.push({ resource: signed(resource, dueTagSystem), owner, audience: undefined, before });
    }
  }
  for (const [name, before] of known) {
    if (named.has(name) || !isOf(owner, before)) continue;
    const resource = withoutCause(resourceIn(before) as Flag | Task);
    changes.push({ resource: signed(resource, dueTagSystem), owner, audience: undefined, before });
  }
  return changes;
}

/** The ids of the Flags and Tasks of these items: whatever stands under them must be among the standing rows. */
export function dueIds(tenant: TenantId, owner: string, items: readonly DueItem[]): string[] {
  return items.flatMap((item) => resourcesOf(item, tenant, owner).map(({ id }) => id));
}

/** Written by Footbridge for this organisation, and by nobody since. */
function isOf(owner: string, row: LockedRow): boolean {
  return row.owner === owner && isOurs(row, dueTagSystem);
}

/** Once for an item: its ids are asked for before what stands under them is known. */
const resourcesOf = remembered(
  (item: DueItem, tenant: TenantId, owner: string): readonly ((Flag | Task) & { id: string })[] => {
    const { key, kind, subject } = item;
    const task = toTask(derivedId(tenant, 'Task', kind, subject, key), owner, item);
    if (kind !== 'contact-at-risk') return [task];
    return [task, toFlag(derivedId(tenant, 'Flag', kind, subject, key), item)];
  },
);

function toTask(id: string, owner: string, item: DueItem): Task & { id: string } {
  const { basis, closed, coach, dueAt, dueDate, evidence, focus, kind, level, opensOn, payer, rule, sentence } = item;
  // find their plan here, for a Task that is completed is the evidence of sending.
  const recipient = payer !== undefined && toPlan.has(kind) ? [{ reference: payer }] : undefined;
  const end = dueAt ?? dueDate;
  const period = start(opensOn, dueDate, end);
  return {
    resourceType: 'Task',
    id,
    status: closed === undefined ? 'requested' : 'cancelled',
    ...(closed !== undefined && { statusReason: { text: closed } }),
    intent: 'order',
    priority: level,
    code: codeOf(kind),
    description: sentence,
    focus: { reference: focus },
    for: { reference: item.subject },
    ...(opensOn !== undefined && { authoredOn: opensOn }),
    requester: { display: 'Footbridge' },
    owner: { reference: coach ?? `Organization/${owner}` },
    ...(rule !== undefined && { reasonCode: { text: basis === undefined ? rule : `${rule}: ${basis}` } }),
    ...((recipient || period) && { restriction: { ...(recipient && { recipient }), ...(period && { period }) } }),
    input: inputsOf(item, evidence),
  };
}

const toPlan: ReadonlySet<DueKind> = new Set(['notification-of-admission', 'registration']);

/** A period may not begin after it ends: what came up late is due from its due date. */
function start(
  opensOn: string | undefined,
  dueDate: string | undefined,
  end: string | undefined,
): { start?: string; end?: string } | undefined {
  if (end === undefined) return undefined;
  return { ...(opensOn !== undefined && dueDate !== undefined && opensOn <= dueDate && { start: opensOn }), end };
}

function codeOf(kind: DueKind): CodeableConcept {
  return { coding: [{ system: codeSystem('task-code'), code: kind, display: displays[kind] }] };
}

function inputsOf({ payer, ruleset }: DueItem, evidence: readonly string[]): TaskInput[] {
  return [
    ...(ruleset === undefined
      ? []
      : [
          {
            type: { text: 'ruleset' },
            valueCodeableConcept: { coding: [{ system: rulesetSystem, code: ruleset }] },
          },
        ]),
    ...(payer === undefined ? [] : [{ type: { text: 'payer' }, valueReference: { reference: payer } }]),
    ...evidence.map((reference) => ({ type: { text: 'evidence' }, valueReference: { reference } })),
  ];
}

/** For the provider's own eyes: a plan is served no Flags at all. */
function toFlag(id: string, { closed, dueDate, level, opensOn, sentence, subject }: DueItem): Flag & { id: string } {
  const [code, display] = level === 'urgent' ? ['critical', 'Critical'] : ['due-soon', 'Due soon'];
  return {
    resourceType: 'Flag',
    id,
    status: closed === undefined ? 'active' : 'inactive',
    code: { coding: [{ system: codeSystem('caseload-risk'), code, display }], text: sentence },
    subject: { reference: subject },
    ...(opensOn !== undefined &&
      dueDate !== undefined && { period: { start: opensOn < dueDate ? opensOn : dueDate, end: dueDate } }),
  };
}

function withoutCause(standing: Flag | Task): Flag | Task {
  if (standing.resourceType === 'Flag') return { ...standing, status: 'inactive' };
  const { statusReason, ...task } = standing;
  const kind = task.code?.coding?.find(({ system }) => system === codeSystem('task-code'))?.code as DueKind | undefined;
  return {
    ...task,
    status: 'cancelled',
    statusReason:
      task.status === 'cancelled' && statusReason
        ? statusReason
        : { text: kind ? gone[kind] : 'No fact asks for it any more.' },
  };
}
