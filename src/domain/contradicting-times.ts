import { atOnce, isLongerThanADay, type Timed, takesPlace } from './at-once.ts';
import type { ContradictionCode } from './contradictions/scene.ts';
import { isReversed } from './dating.ts';
import type { MemberFacts } from './facts/facts.ts';

/** What is wrong with the times of a member's contacts and activities, for `contradictionsOf`. */
export interface WrongTime {
  readonly code: Extract<
    ContradictionCode,
    'activity-end-before-start' | 'activity-longer-than-a-day' | 'services-at-once'
  >;
  readonly evidence: readonly string[];
  readonly text: string;
}

export function wrongActivities({ support }: MemberFacts, zones: readonly string[]): WrongTime[] {
  return support.flatMap((activity): WrongTime[] => {
    const { end, reference, start } = activity;
    if (zones.some((zone) => isReversed(zone, activity)))
      return [
        {
          code: 'activity-end-before-start',
          evidence: [reference],
          text: `${reference} ends at ${end}, before it begins at ${start}. Correct performedPeriod.`,
        },
      ];
    if (!zones.some((zone) => isLongerThanADay(zone, activity))) return [];
    return [
      {
        code: 'activity-longer-than-a-day',
        evidence: [reference],
        text: `${reference} lasts from ${start} to ${end}, longer than a day. Correct performedPeriod, or send a Procedure for each piece of work.`,
      },
    ];
  });
}

/**
 * Two services of one performer at the same time, where a ruleset of the member charges by the time: each of them would be charged.
 * Under a day rate they are one day, whatever overlaps in it.
 */
export function servicesAtOnce({ contacts, support }: MemberFacts, zone: string): WrongTime[] {
  const timed = new Map<string, Timed>();
  for (const { coach, details, reference, start, status } of contacts) {
    if (!takesPlace.has(status)) continue;
    const performers = [...(timed.get(reference)?.performers ?? []), coach];
    timed.set(reference, { reference, start, end: details.end, performers });
  }
  for (const { category, coaches, end, reference, start, status } of support)
    if (takesPlace.has(status) && category === 'collateral')
      timed.set(reference, { reference, start, end, performers: coaches });
  const pairs = [...atOnce(zone, [...timed.values()])].flatMap(([one, others]) =>
    others.filter(({ reference }) => one.reference < reference).map((other) => [one, other] as const),
  );
  return pairs.map(([one, other]) => ({
    code: 'services-at-once',
    evidence: [one.reference, other.reference],
    text: `${one.reference} and ${other.reference} run at the same time with the same coach, so that neither is charged. Correct the period of one, or mark one entered-in-error.`,
  }));
}
