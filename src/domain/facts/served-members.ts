import type { Resource } from '@medplum/fhirtypes';
import type { LocalDate } from '../../base/time.ts';
import { type DateSpan, dateIn, spanIn } from '../dating.ts';
import { applicableRulesets, canonicalOf, type Ruleset } from '../ruleset.ts';
import type { ServedMember } from '../runway.ts';
import type { Coaches } from './coaches.ts';
import { literal } from './extensions.ts';
import { type CoverageFact, type Episode, holds, type Recorded } from './facts.ts';
import { toCoverages, toEpisode } from './from-fhir.ts';

/** A member on a coach's caseload for a payer on a day, as the computed status says it; references. */
export interface RosterFact {
  readonly coach: string;
  readonly payer: string;
  /** `url|version` */
  readonly ruleset: string;
  readonly patient: string;
  readonly episode: string;
}

interface Person {
  readonly episodes: readonly Episode[];
  readonly coverages: readonly CoverageFact[];
  readonly deceased: string | undefined;
}

/** Episodes, coverages and deaths of an organisation's members, for those questions that are about coaches. */
export class Members {
  readonly #people: ReadonlyMap<string, Person>;
  readonly #rulesets: readonly Ruleset[];
  readonly #knownAt: string;
  /** by payer, the rulesets under which its coverage puts any of the members */
  #rulesetsOf: ReadonlyMap<string, ReadonlySet<string>> | undefined;

  constructor(recorded: readonly Recorded[], coaches: Coaches, rulesets: readonly Ruleset[], knownAt: string) {
    const byPatient = Map.groupBy(
      recorded.map(({ resource }) => resource),
      patientOf,
    );
    this.#people = new Map([...byPatient].map(([patient, resources]) => [patient, toPerson(resources, coaches)]));
    this.#rulesets = rulesets;
    this.#knownAt = knownAt;
  }

  /**
   * Whom a coach serves under a ruleset. Where its caseload binds, those of the roster; where it has none (One Care, SCO, PACE), those
   * whose episode names the coach as care manager and is in force on the day, under coverage of a payer on it [D].
   */
  servedBy(coach: string, ruleset: Ruleset, date: LocalDate, roster: readonly RosterFact[]): ServedMember[] {
    if (ruleset.contactDefinition === 'binds')
      return roster
        .filter((row) => row.coach === coach && row.ruleset === canonicalOf(ruleset))
        .flatMap(({ episode, patient, payer }) => this.#member(patient, episode, payer, ruleset) ?? []);
    return [...this.#people].flatMap(([patient, { coverages, episodes }]) =>
      episodes
        .filter(({ careManager }) => careManager.includes(coach))
        .flatMap(({ reference }) =>
          [...new Set(coverages.map(({ payer }) => payer))].flatMap(
            (payer) => this.#member(patient, reference, payer, ruleset) ?? [],
          ),
        )
        .filter(({ coverage, death, episode }) => {
          const covered = coverage.some((span) => holds(span, date));
          return covered && holds(episode, date) && (death === undefined || date <= death);
        }),
    );
  }

  /** Whether a payer is known as one of other rulesets only: what it waives is not waived under this one. Of a stranger nobody knows. */
  isOnlyUnderOthers(payer: string, ruleset: Ruleset): boolean {
    this.#rulesetsOf ??= this.#payers();
    const known = this.#rulesetsOf.get(payer);
    return known !== undefined && !known.has(canonicalOf(ruleset));
  }

  #payers(): ReadonlyMap<string, ReadonlySet<string>> {
    const found = new Map<string, Set<string>>();
    for (const coverage of [...this.#people.values()].flatMap(({ coverages }) => coverages))
      for (const { ruleset } of applicableRulesets(this.#rulesets, coverage, this.#knownAt))
        found.set(coverage.payer, (found.get(coverage.payer) ?? new Set()).add(canonicalOf(ruleset)));
    return found;
  }

  #member(patient: string, reference: string, payer: string, ruleset: Ruleset): ServedMember | undefined {
    const person = this.#people.get(patient);
    const episode = person?.episodes.find((one) => one.reference === reference);
    if (!person || !episode) return undefined;
    return {
      payer,
      patient,
      coverage: person.coverages.filter((one) => one.payer === payer).flatMap((one) => this.#daysUnder(one, ruleset)),
      episode: spanIn(ruleset.zone, episode),
      death: dateIn(ruleset.zone, person.deceased, 'end'),
    };
  }

  #daysUnder(coverage: CoverageFact, ruleset: Ruleset): DateSpan[] {
    return applicableRulesets(this.#rulesets, coverage, this.#knownAt)
      .filter((one) => one.ruleset === ruleset)
      .map(({ days }) => days);
  }
}

function toPerson(resources: readonly Resource[], coaches: Coaches): Person {
  const of = <T extends Resource['resourceType']>(type: T): Extract<Resource, { resourceType: T }>[] =>
    resources.filter(({ resourceType }) => resourceType === type) as never;
  return {
    episodes: of('EpisodeOfCare').flatMap((one) => toEpisode(one, coaches)),
    coverages: of('Coverage').flatMap(toCoverages),
    deceased: of('Patient')[0]?.deceasedDateTime,
  };
}

function patientOf(resource: Resource): string {
  if (resource.resourceType === 'Patient') return `Patient/${resource.id}`;
  if (resource.resourceType === 'Coverage') return literal(resource.beneficiary.reference) ?? '';
  return resource.resourceType === 'EpisodeOfCare' ? (literal(resource.patient.reference) ?? '') : '';
}
