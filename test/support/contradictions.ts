import { localDate } from '../../src/base/time.ts';
import { billingDays } from '../../src/domain/billing.ts';
import { seriesOf } from '../../src/domain/caseload.ts';
import { caseloadOn, prepareCaseload } from '../../src/domain/cl-1-caseload.ts';
import { contradictionsOf } from '../../src/domain/contradictions.ts';
import type { MemberFacts } from '../../src/domain/facts/facts.ts';
import { employer, episode, memberFacts, ruleset, rulesets } from './facts.ts';
import { parameter } from './questions.ts';

export const later = '2026-01-01T12:00:00Z';
export const at = '2025-03-01T15:00:00-05:00';

export function codes(more: Partial<MemberFacts>, knownAt = later): string[] {
  return contradictionsOf(memberFacts(more), rulesets, knownAt).map(({ code }) => code);
}

export function status(more: Partial<MemberFacts>, date: string, knownAt = later) {
  const facts = memberFacts(more);
  const [series] = seriesOf(facts, [ruleset('masshealth-mce')], knownAt);
  if (!series) throw new Error('no series');
  return caseloadOn(prepareCaseload(facts, series, knownAt), localDate(date));
}

/** A plan that asks for nothing after the first 90 days. */
export const mce = ruleset('masshealth-mce');
const asking = { ...mce, parameters: { ...mce.parameters, postExemption: parameter('none' as const) } };

/** What billing reads beside the member's facts, where nothing but who bills is known. */
export const billingRecords = {
  organizations: [{ reference: employer, active: true, types: ['prov'], licences: [] }],
  authorizations: [],
  charges: [],
  plans: [],
  goals: [],
};

export function billed(more: Partial<MemberFacts>, date: string, whose = episode, knownAt = later) {
  const facts = memberFacts(more);
  const period = { start: localDate(date), end: localDate(date) };
  const series = seriesOf(facts, [asking], knownAt).filter((one) => one.episode.reference === whose);
  return billingDays(facts, billingRecords, series, knownAt, period)[0]?.answer.outcome;
}
