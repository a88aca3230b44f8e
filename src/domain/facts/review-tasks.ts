import type { CodeableConcept, Task, TaskInput } from '@medplum/fhirtypes';
import { codeSystem } from '../../fhir/canonical.ts';
import type { Coaches } from './coaches.ts';
import { codesIn, literal, localCodes } from './extensions.ts';
import type { Recorded } from './facts.ts';

/** A plan's request for its concurrent review: a Task of local code `review-request` (A-4) [D]. */
export interface ReviewRequest {
  readonly reference: string;
  /** Organization reference of Task.requester */
  readonly payer: string | undefined;
  /** EpisodeOfCare reference of Task.focus, where it names one */
  readonly episode: string | undefined;
  readonly at: string | undefined;
  /** inputs `required-document`: codes of CodeSystem review-document */
  readonly required: readonly string[];
  /** one of them is named in words or by a foreign code alone: what it asks for only a person can say */
  readonly unread?: boolean;
}

/** A person's decision to add a wellness plan to a plan's package: a Task of local code `review-package` (A-4) [D]. */
export interface PlanAddition {
  readonly reference: string;
  /** CarePlan reference of an input `added-plan` */
  readonly plan: string;
  /** Organization references of Task.restriction.recipient: for whose package it was decided */
  readonly payers: readonly string[];
  readonly episode: string | undefined;
  /** Practitioner reference of Task.requester; what no person decided adds nothing */
  readonly addedBy: string | undefined;
  /** Task.authoredOn */
  readonly addedAt: string | undefined;
}

const takenBack: ReadonlySet<string> = new Set(['draft', 'rejected', 'cancelled', 'failed', 'entered-in-error']);

export function reviewRequests(tasks: readonly Recorded<Task>[]): ReviewRequest[] {
  return standing(tasks, 'review-request').map((task) => {
    const payer = literal(task.requester?.reference);
    const documents = inputs(task, 'required-document').map(({ valueCodeableConcept: concept }) =>
      codesIn(concept ? [concept] : [], codeSystem('review-document')),
    );
    return {
      reference: `Task/${task.id}`,
      payer: payer?.startsWith('Organization/') ? payer : undefined,
      episode: episodeOf(task),
      at: task.authoredOn,
      required: documents.flat(),
      ...(documents.some((codes) => codes.length === 0) && { unread: true }),
    };
  });
}

export function planAdditions(tasks: readonly Recorded<Task>[], people: Coaches): PlanAddition[] {
  return standing(tasks, 'review-package').flatMap((task) =>
    inputs(task, 'added-plan').flatMap(({ valueReference }) => {
      const plan = literal(valueReference?.reference);
      if (!plan?.startsWith('CarePlan/')) return [];
      return [
        {
          reference: `Task/${task.id}`,
          plan,
          payers: (task.restriction?.recipient ?? []).flatMap(({ reference }) => literal(reference) ?? []),
          episode: episodeOf(task),
          addedBy: people.practitioner(task.requester?.reference),
          addedAt: task.authoredOn,
        },
      ];
    }),
  );
}

function standing(tasks: readonly Recorded<Task>[], wanted: string): Task[] {
  return tasks
    .map(({ resource }) => resource)
    .filter(({ code, status }) => localCodes(code ? [code] : []).includes(wanted) && !takenBack.has(status));
}

function inputs({ input }: Task, name: string): TaskInput[] {
  return (input ?? []).filter(({ type }: { type?: CodeableConcept }) => localCodes(type ? [type] : []).includes(name));
}

function episodeOf({ focus }: Task): string | undefined {
  const about = literal(focus?.reference);
  return about?.startsWith('EpisodeOfCare/') ? about : undefined;
}
