import type { MemberFacts, Recorded } from '../domain/facts/facts.ts';
import { factsFrom } from '../domain/facts/from-fhir.ts';
import type { Ruleset } from '../domain/ruleset.ts';

/**
 * What one organisation's answer rests on: its own records, the tenant's directory, and the person, who may have been shared with it.
 * Another organisation's records never decide, or show in, this one's status.
 */
export function factsByOwner(
  patient: string,
  rows: readonly Recorded[],
  rulesets: readonly Ruleset[],
): Map<string, MemberFacts> {
  const zone = rulesets[0]?.zone ?? 'America/New_York';
  const owners = new Set(
    rows.flatMap(({ owner, resource }) => (resource.resourceType === 'EpisodeOfCare' ? [owner] : [])),
  );
  return new Map(
    [...owners].sort().map((owner) => {
      return [owner, factsFrom(patient, rowsOfOwner(rows, owner), zone)];
    }),
  );
}

export function rowsOfOwner(rows: readonly Recorded[], owner: string): readonly Recorded[] {
  return rows.filter((row) => row.owner === owner || row.owner === '' || row.resource.resourceType === 'Patient');
}
