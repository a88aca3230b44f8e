import type { ChargeItem } from '@medplum/fhirtypes';
import { canonicalJson } from '../base/canonical-json.ts';
import { type Failure, failure } from '../base/failure.ts';
import { err, ok, type Result } from '../base/result.ts';
import { isCut } from './facts/cut-charges.ts';

/**
 * The life of a charge that Footbridge cut:
 *
 *     billable ──► billed ──► not-billable (the payer refused), aborted (taken back)
 *        │
 *        └──► not-billable, aborted
 *
 * Any of them may become entered-in-error, which frees the day or contact to be charged anew; the others keep it.
 */
const next: Readonly<Record<string, readonly string[]>> = {
  billable: ['billed', 'not-billable', 'aborted', 'entered-in-error'],
  billed: ['not-billable', 'aborted', 'entered-in-error'],
  'not-billable': ['entered-in-error'],
  aborted: ['entered-in-error'],
  'entered-in-error': [],
};

/**
 * Whether a client may store this over what stands. What Footbridge cut is frozen but for its status: a later fact opens a correction
 * Task and changes nothing in the charge. Charges that a client made are the client's own.
 *
 * @param before the stored version; undefined when it is new
 * @returns 422 that says what may be done instead
 */
export function checkChargeStep(before: ChargeItem | undefined, after: ChargeItem): Result<void, Failure> {
  if (!before || !isCut(before)) {
    if (!isCut(after)) return ok(undefined);
    return refuse(
      'ChargeItem.extension',
      'The extension charge-basis says that Footbridge cut this charge, and it did not. Send the charge without it, or ask for EpisodeOfCare/{id}/$charge.',
    );
  }
  const changed = changedElement(before, after);
  if (changed !== undefined)
    return refuse(
      `ChargeItem.${changed}`,
      `This charge was cut by Footbridge and is frozen: ${changed} cannot change, only status can. Set status to entered-in-error and ask for EpisodeOfCare/{id}/$charge again, or send a charge of your own.`,
    );
  const allowed = next[before.status] ?? [];
  if (before.status === after.status || allowed.includes(after.status)) return ok(undefined);
  const ways = allowed.length > 0 ? `From there it may become ${allowed.join(', ')}.` : 'It has ended.';
  return refuse('ChargeItem.status', `This charge is ${before.status} and cannot become ${after.status}. ${ways}`);
}

/** 409: a charge that was cut stays readable, whatever becomes of it. */
export function checkChargeDeletion(before: ChargeItem): Result<void, Failure> {
  if (!isCut(before)) return ok(undefined);
  return err(
    failure(
      'conflict',
      'business-rule',
      'This charge was cut by Footbridge and is kept. Set its status to entered-in-error instead of deleting it.',
      { status: 409, expression: 'ChargeItem' },
    ),
  );
}

/** The first element that differs, whatever the order in which they were sent; meta is the store's and the labels'. */
function changedElement(before: ChargeItem, after: ChargeItem): string | undefined {
  const { meta: _metaBefore, status: _before, ...old } = before;
  const { meta: _metaAfter, status: _after, ...sent } = after;
  const names = [...new Set([...Object.keys(old), ...Object.keys(sent)])];
  const value = (from: object, name: string): string => canonicalJson((from as Record<string, unknown>)[name]);
  return names.find((name) => value(old, name) !== value(sent, name));
}

function refuse(expression: string, text: string): Result<never, Failure> {
  return err(failure('invalid', 'business-rule', text, { status: 422, expression }));
}
