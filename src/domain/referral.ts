import type { Task } from '@medplum/fhirtypes';
import { type Failure, failure } from '../base/failure.ts';
import { err, ok, type Result } from '../base/result.ts';

/** `requester` owns the Task, `target` is whom it is addressed to; an organisation that refers to itself is both. */
export type ReferralActor = 'requester' | 'target' | 'both' | 'other';

/**
 * The life of a referral (Gravity's state machine; domain model 3.2). `ready` and `received` are not used.
 *
 *     draft ──► requested ──► accepted ──► in-progress ◄──► on-hold
 *                   │             │             │              │
 *                   ▼             └──────┬──────┴──────────────┘
 *          rejected, cancelled           ▼
 *                            completed, failed, cancelled
 *
 * Any state may become entered-in-error.
 */
const next: Readonly<Record<string, readonly string[]>> = {
  draft: ['requested', 'cancelled'],
  requested: ['accepted', 'rejected', 'cancelled'],
  accepted: ['in-progress', 'on-hold', 'completed', 'failed', 'cancelled'],
  'in-progress': ['on-hold', 'completed', 'failed', 'cancelled'],
  'on-hold': ['in-progress', 'completed', 'failed', 'cancelled'],
  rejected: [],
  cancelled: [],
  completed: [],
  failed: [],
  'entered-in-error': [],
};

const setters: Readonly<Record<string, readonly ReferralActor[]>> = {
  draft: ['requester', 'both'],
  requested: ['requester', 'both'],
  'entered-in-error': ['requester', 'both'],
  accepted: ['target', 'both'],
  rejected: ['target', 'both'],
  'in-progress': ['target', 'both'],
  'on-hold': ['target', 'both'],
  completed: ['target', 'both'],
  failed: ['target', 'both'],
  cancelled: ['requester', 'target', 'both'],
};

const reasoned: ReadonlySet<string> = new Set(['rejected', 'cancelled', 'on-hold', 'failed']);

/** A Task that fulfils a ServiceRequest; other Tasks have their own rules or none. */
export function isReferral({ code, focus }: Task): boolean {
  return (
    focus?.reference?.startsWith('ServiceRequest/') === true ||
    code?.coding?.some((one) => one.code === 'fulfill') === true
  );
}

/**
 * Whether this actor may bring a referral from where it stands to where it shall stand. 422 names the states that it may go to.
 *
 * @param before the stored Task; undefined when it is new
 */
export function checkReferralStep(before: Task | undefined, after: Task, actor: ReferralActor): Result<void, Failure> {
  if (!isReferral(after) && !(before && isReferral(before))) return ok(undefined);
  const { status } = after;
  if (!(status in next))
    return refuse('Task.status', `A referral is never ${status}: use ${Object.keys(next).join(', ')}.`);
  if (before && before.status !== status) {
    const allowed = next[before.status] ?? [];
    if (status !== 'entered-in-error' && !allowed.includes(status)) {
      const ways = allowed.length > 0 ? `From there it may become ${allowed.join(', ')}` : 'It has ended';
      return refuse(
        'Task.status',
        `This referral is ${before.status} and cannot become ${status}. ${ways} or entered-in-error.`,
      );
    }
  }
  if (!before && status !== 'draft' && status !== 'requested' && actor !== 'both')
    return refuse(
      'Task.status',
      `A new referral to another organisation begins as draft or requested, not as ${status}. Send it so, then let its owner answer.`,
    );
  if (before?.status !== status && !setters[status]?.includes(actor)) {
    const who =
      actor === 'requester' ? 'the organisation that the referral is addressed to' : 'the organisation that referred';
    return refuse('Task.status', `Only ${who} may set this referral to ${status}.`);
  }
  if (before && actor === 'target') {
    const moved = (['focus', 'for', 'owner', 'requester'] as const).find(
      (element) => before[element]?.reference !== after[element]?.reference,
    );
    if (moved)
      return refuse(
        `Task.${moved}`,
        `${moved} belongs to the organisation that referred: send it back as it was read.`,
      );
  }
  if (reasoned.has(status) && !after.statusReason?.text)
    return refuse(
      'Task.statusReason.text',
      `A referral that is ${status} needs statusReason.text: the referring provider will ask why.`,
    );
  return ok(undefined);
}

function refuse(expression: string, text: string): Result<never, Failure> {
  return err(failure('invalid', 'business-rule', text, { status: 422, expression }));
}
