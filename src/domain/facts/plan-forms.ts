import type { CarePlan } from '@medplum/fhirtypes';
import { literal } from './extensions.ts';
import type { Recorded } from './facts.ts';

/** In what form a plan is written: narrative, attachment, or neither. */
export interface PlanForm {
  /** CarePlan reference */
  readonly reference: string;
  readonly hasNarrative: boolean;
  readonly hasAttachment: boolean;
}

/** Narrative is `text` that was not generated empty, or a description; an attachment is a document in `supportingInfo`. */
export function planForms(plans: readonly Recorded<CarePlan>[]): PlanForm[] {
  return plans.map(({ resource: { description, id, note, supportingInfo, text } }) => ({
    reference: `CarePlan/${id}`,
    hasNarrative:
      (text?.div !== undefined && text.status !== 'empty') ||
      Boolean(description?.trim()) ||
      (note ?? []).some((one) => Boolean(one.text?.trim())),
    hasAttachment: (supportingInfo ?? []).some(
      ({ reference }) => literal(reference)?.startsWith('DocumentReference/') === true,
    ),
  }));
}
