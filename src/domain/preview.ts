import { type LocalDate, localDateOf } from '../base/time.ts';
import { type Spell, seriesOf, spellsOf } from './caseload.ts';
import { type CaseloadAnswer, caseloadOn, prepareCaseload, type Series } from './cl-1-caseload.ts';
import type { MemberFacts } from './facts/facts.ts';
import { canonicalOf, type Ruleset } from './ruleset.ts';

/** What a caseload says today, and how long the days are that it has spoken of. */
export interface Told {
  /** `url|version` */
  readonly ruleset: string;
  /** undefined: no coverage under it today, or the caseload does not bind */
  readonly answer: CaseloadAnswer | undefined;
}

/** A member's caseload that other rulesets would answer otherwise, today or on any day before. */
export interface PreviewedChange {
  readonly episode: string;
  readonly coach: string;
  readonly payer: string;
  readonly date: LocalDate;
  /** undefined: no such caseload under these rulesets */
  readonly before: Told | undefined;
  readonly after: Told | undefined;
  /** spells, past ones included, that begin, end or say otherwise */
  readonly spells: number;
}

interface Side {
  readonly series: Series;
  readonly told: Told;
  readonly spells: readonly Spell[];
}

/** Whom a change of rulesets would change, before it is published: each caseload under what holds beside what would hold. */
export function previewOf(
  facts: MemberFacts,
  held: readonly Ruleset[],
  proposed: readonly Ruleset[],
  knownAt: string,
): PreviewedChange[] {
  const before = sidesOf(facts, held, knownAt);
  const after = sidesOf(facts, proposed, knownAt);
  return [...new Set([...before.keys(), ...after.keys()])].sort().flatMap((key) => {
    const [was, willBe] = [before.get(key), after.get(key)];
    const series = (willBe ?? was)?.series;
    if (!series) return [];
    const stood = new Set(was?.spells.map(textOf));
    const stands = new Set(willBe?.spells.map(textOf));
    const spells = stood.symmetricDifference(stands).size;
    if (spells === 0 && sameToday(was, willBe)) return [];
    const { coach, episode, payer, ruleset } = series;
    const date = localDateOf(knownAt, ruleset.zone);
    return [{ episode: episode.reference, coach, payer, date, before: was?.told, after: willBe?.told, spells }];
  });
}

/** By episode, coach, payer and the ruleset's name: two versions of a name are the same caseload. */
function sidesOf(facts: MemberFacts, rulesets: readonly Ruleset[], knownAt: string): Map<string, Side> {
  const binding = seriesOf(facts, rulesets, knownAt).filter(({ ruleset }) => ruleset.contactDefinition === 'binds');
  const versions = Map.groupBy(binding, ({ coach, episode, payer, ruleset }) =>
    [episode.reference, coach, payer, ruleset.name].join(' '),
  );
  return new Map(
    [...versions].flatMap(([key, all]) => {
      const told = all.map((series) => toldBy(facts, series, knownAt));
      const today = told.find(({ told: { answer } }) => answer !== undefined) ?? told.at(-1);
      return today ? [[key, { ...today, spells: told.flatMap(({ spells }) => spells) }] as const] : [];
    }),
  );
}

function toldBy(facts: MemberFacts, series: Series, knownAt: string): Side {
  const answer = caseloadOn(prepareCaseload(facts, series, knownAt), localDateOf(knownAt, series.ruleset.zone));
  const told = { ruleset: canonicalOf(series.ruleset), answer };
  return { series, told, spells: spellsOf(facts, series, knownAt).spells };
}

function textOf({ answer, end, start, status }: Spell): string {
  return [status, start, end ?? '', answer.contact?.contact.reference ?? '', answer.reason].join(' ');
}

function sameToday(was: Side | undefined, willBe: Side | undefined): boolean {
  const of = (side: Side | undefined): string => {
    const answer = side?.told.answer;
    return [side !== undefined, answer?.status, answer?.lastDay, answer?.reason].join(' ');
  };
  return of(was) === of(willBe);
}
