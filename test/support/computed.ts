import { addDays, localDateOf } from '../../src/base/time.ts';
import { seriesOf, spellsOf } from '../../src/domain/caseload.ts';
import type { Recorded } from '../../src/domain/facts/facts.ts';
import { factsFrom } from '../../src/domain/facts/from-fhir.ts';
import { caseloadSpans } from '../../src/domain/ledger.ts';
import { canonicalOf } from '../../src/domain/ruleset.ts';
import { heldReasons } from '../../src/profiles/reasons.ts';
import { zone } from './caseload.ts';
import { rulesets } from './facts.ts';

/** What the rules compute of a member from these rows, as known at K: spells, next transitions and the ledger of two weeks. */
export function computedFrom(rows: readonly Recorded[], member: string, knownAt: string) {
  const facts = factsFrom(member, rows, zone);
  const series = seriesOf(facts, rulesets, knownAt);
  const spells = series.map((one) => {
    const { nextTransition, spells } = spellsOf(facts, one, knownAt);
    return {
      series: [one.episode.reference, one.coach, canonicalOf(one.ruleset), one.payer],
      spells: spells.map(({ answer: { contact, ...answer }, ...spell }) => ({
        ...spell,
        answer,
        contact: contact && { date: contact.date, outcome: contact.outcome, reference: contact.contact.reference },
      })),
      nextTransition,
    };
  });
  const today = localDateOf(knownAt, zone);
  const period = { start: addDays(today, -14), end: today };
  const view = { hearer: 'provider', reasons: heldReasons() } as const;
  const ledger = caseloadSpans(facts, series, knownAt, period, view).map(({ series: { coach }, told, ...span }) => {
    const { basis: _basis, ...rest } = told ?? {};
    return { coach, ...span, told: rest };
  });
  return { spells, ledger };
}
