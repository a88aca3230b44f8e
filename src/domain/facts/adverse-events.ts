import type { AdverseEvent, Task } from '@medplum/fhirtypes';
import { literal } from './extensions.ts';
import type { Recorded } from './facts.ts';

export interface AdverseEventFact {
  readonly reference: string;
  /** date or instant of the event, else of its record */
  readonly on: string | undefined;
  /** Tasks whose focus is the event: one for each authority it is reported to */
  readonly reports: readonly { readonly reference: string; readonly status: string }[];
}

export function adverseEvents(
  events: readonly Recorded<AdverseEvent>[],
  tasks: readonly Recorded<Task>[],
): AdverseEventFact[] {
  return events.map(({ resource: { date, id, recordedDate } }) => ({
    reference: `AdverseEvent/${id}`,
    on: date ?? recordedDate,
    reports: tasks
      .filter(({ resource }) => literal(resource.focus?.reference) === `AdverseEvent/${id}`)
      .filter(({ resource }) => resource.status !== 'entered-in-error' && resource.status !== 'cancelled')
      .map(({ resource }) => ({ reference: `Task/${resource.id}`, status: resource.status })),
  }));
}
