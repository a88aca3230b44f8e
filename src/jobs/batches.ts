import type { Failure } from '../base/failure.ts';
import type { Result } from '../base/result.ts';
import type { Services } from '../service/context.ts';
import { doMembersAnew, doNightlyMembers } from '../service/recompute-work.ts';
import type { Recomputing } from '../store/recomputation.ts';
import type { Run } from '../store/schedule.ts';

/** Members of a night, or of a full recomputation, that one transaction does: plain data, so that any thread can be told. */
export type Batch =
  | { readonly kind: 'night'; readonly run: Run; readonly patients: readonly string[] }
  | { readonly kind: 'anew'; readonly job: Recomputing; readonly patients: readonly string[] };

/** Who does batches: this thread, or threads of their own. */
export interface Hands {
  /** transactions that it does side by side: while the database works on one, the rules of another are computed */
  readonly flows: number;
  /** members from which it is worth asking them; for fewer this thread is faster */
  readonly from: number;
  /**
   * Does all members of a batch, or none. Fails where the store does not answer.
   *
   * @throws Fenced when another process has taken the work over; whatever a member breaks us with
   */
  do(batch: Batch): Promise<Result<unknown, Failure>>;
}

/** Who does a run's work, and until when. */
export interface Doing {
  readonly services: Services;
  readonly stopped: () => boolean;
  /** who does the members where there are many; absent: this thread */
  readonly many?: Hands | undefined;
}

/** This thread. */
function ownHands(services: Services): Hands {
  return { flows: 2, from: 0, do: (batch) => doBatch(services, batch) };
}

export function doBatch(services: Services, batch: Batch): Promise<Result<unknown, Failure>> {
  return batch.kind === 'night'
    ? doNightlyMembers(services, batch.run, batch.patients)
    : doMembersAnew(services, batch.job, batch.patients);
}

/** @param many whom a process has for many members; absent: nobody */
export function handsFor(services: Services, many: Hands | undefined, members: number): Hands {
  return many && members >= many.from ? many : ownHands(services);
}
