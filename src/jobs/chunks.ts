import type { Failure } from '../base/failure.ts';
import type { Result } from '../base/result.ts';
import { Fenced } from '../store/schedule.ts';

/** Members, or coaches, in one transaction: few enough that whoever waits for one of their locks waits a moment, many enough to share its round trips. */
const size = 50;
/** Transactions at a time: while the database works on one, the rules of another are computed. */
const flows = 2;

/**
 * Does many members in transactions of some, two side by side. Where one of them breaks us the others of its chunk are done one by
 * one, and it is parked for a person to look at: nobody waits for it.
 *
 * @param work does these members in one transaction
 * @param park puts one aside, with the reason
 * @param together members in one transaction
 * @returns whether all were done; the store may have gone away, or the process been asked to stop
 */
export async function inChunks(
  patients: readonly string[],
  stopped: () => boolean,
  work: (patients: readonly string[]) => Promise<Result<unknown, Failure>>,
  park: (patient: string, reason: string) => Promise<Result<unknown, Failure>>,
  together = size,
): Promise<boolean> {
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
