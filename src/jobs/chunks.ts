import type { Failure } from '../base/failure.ts';
import type { Result } from '../base/result.ts';
import { Fenced } from '../store/schedule.ts';

/** How many in one transaction, and how many transactions at a time. */
export interface Sharing {
  readonly together: number;
  readonly flows: number;
}

/** Few enough that whoever waits for one of their locks waits a moment, many enough to share the round trips of a transaction. */
const usual: Sharing = { together: 25, flows: 2 };

/**
 * Does many members in transactions of some, several side by side. Where one of them breaks us the others of its chunk are done one by
 * one, and it is parked for a person to look at: nobody waits for it.
 *
 * @param work does these members in one transaction
 * @param park puts one aside, with the reason
 * @returns whether all were done; the store may have gone away, or the process been asked to stop
 */
export async function inChunks(
  patients: readonly string[],
  stopped: () => boolean,
  work: (patients: readonly string[]) => Promise<Result<unknown, Failure>>,
  park: (patient: string, reason: string) => Promise<Result<unknown, Failure>>,
  sharing: Partial<Sharing> = {},
): Promise<boolean> {
  const { flows, together } = { ...usual, ...sharing };
  const chunks = Array.from({ length: Math.ceil(patients.length / together) }, (_, index) =>
    patients.slice(index * together, (index + 1) * together),
  );
  let going = true;
  const flow = async (): Promise<void> => {
    for (let chunk = chunks.shift(); chunk && going; chunk = chunks.shift()) {
      if (stopped() || !(await done(chunk, work, park))) going = false;
    }
  };
  await Promise.all(Array.from({ length: flows }, flow));
  return going;
}

async function done(
  patients: readonly string[],
  work: (patients: readonly string[]) => Promise<Result<unknown, Failure>>,
  park: (patient: string, reason: string) => Promise<Result<unknown, Failure>>,
): Promise<boolean> {
  try {
    return (await work(patients)).ok;
  } catch (error) {
    if (error instanceof Fenced) throw error;
    const [only, ...others] = patients;
    if (only === undefined) return true;
    if (others.length === 0) return (await park(only, error instanceof Error ? error.message : String(error))).ok;
    for (const patient of patients) if (!(await done([patient], work, park))) return false;
    return true;
  }
}
