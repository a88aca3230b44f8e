import { answer, notApplicable, type Question, type RuleAnswer } from './answer.ts';
import { isLongerThanADay } from './at-once.ts';
import { dateIn } from './dating.ts';
import type { Service } from './facts/michigan-services.ts';
import { indeterminate, met, notMet, type Outcome } from './outcome.ts';

/** R4 types that M-5 reads. */
export const inputTypes = ['Encounter', 'Procedure'] as const;

const minuteMs = 60_000;
const isInstant = /T.*(Z|[+-]\d\d:\d\d)$/;

/**
 * M-5 "15 minutes", and "telephone contact with the client for a minimum of 15 minutes duration" (Michigan, XII): whole units only, 14
 * minutes are none, nor are 14 and 59 seconds. Not Medicare's eight minutes. Minutes are the whole ones that elapsed from the begin to
 * the end, whatever the clock on the wall did. [D]: parts of one in-person service on one day, by the same performers, are
 * summed before they are floored; phone and collateral parts never are (8 + 8 is 0).
 *
 * @param parts the service alone, or the linked parts of an interrupted one
 */
export function m5Units(question: Question, parts: readonly Service[]): RuleAnswer {
  if (!question.ruleset.rules['M-5']) return notApplicable('M-5', 'rule-not-in-ruleset');
  const unit = question.ruleset.parameters.unitMinutes?.value;
  const evidence = parts.flatMap((part) => part.evidence);
  if (unit === undefined) return answer('M-5', indeterminate('missing-parameter: unitMinutes'), evidence);
  const obstacle = cannotCount(question, parts);
  if (obstacle) return answer('M-5', obstacle, evidence);
  const minutes = Math.floor(parts.reduce((sum, part) => sum + elapsedMs(part), 0) / minuteMs);
  const units = Math.floor(minutes / unit);
  return answer('M-5', units === 0 ? notMet('under-one-unit') : met, evidence, { minutes, units });
}

function cannotCount({ knownAt, ruleset }: Question, parts: readonly Service[]): Outcome | undefined {
  if (parts.length === 0) return indeterminate('missing: service');
  if (parts.some(({ start }) => start === undefined || !isInstant.test(start)))
    return indeterminate('missing: begin time');
  if (parts.some(({ end }) => end === undefined || !isInstant.test(end))) return indeterminate('missing: end time');
  if (parts.some((part) => elapsedMs(part) < 0)) return notMet('end-before-begin');
  if (parts.some((part) => isLongerThanADay(ruleset.zone, part))) return indeterminate('longer-than-a-day');
  if (parts.some(({ end }) => Date.parse(end ?? '') > Date.parse(knownAt))) return indeterminate('not-ended-by-then');
  if (parts.length > 1) return cannotLink(parts, ruleset.zone);
  return undefined;
}

function cannotLink(parts: readonly Service[], zone: string): Outcome | undefined {
  if (parts.some(({ kind, modality }) => kind !== 'contact' || modality !== 'in-person'))
    return notMet('parts-never-summed');
  if (new Set(parts.map(({ start }) => dateIn(zone, start))).size > 1) return notMet('parts-on-several-days');
  if (new Set(parts.map(({ performers }) => [...performers].sort().join(' '))).size > 1)
    return notMet('parts-of-several-performers');
  const inOrder = [...parts].sort((a, b) => instantOf(a.start) - instantOf(b.start));
  const overlap = inOrder.some(
    (part, index) => index > 0 && instantOf(part.start) < instantOf(inOrder[index - 1]?.end),
  );
  return overlap ? notMet('parts-overlap') : undefined;
}

function elapsedMs({ end, start }: Service): number {
  return instantOf(end) - instantOf(start);
}

function instantOf(instant: string | undefined): number {
  return Date.parse(instant ?? '');
}
