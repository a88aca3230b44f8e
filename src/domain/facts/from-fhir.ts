import type { Coverage, EpisodeOfCare } from '@medplum/fhirtypes';
import { Coaches } from './coaches.ts';
import { encounterContacts, withoutCoach } from './contacts.ts';
import { standingOf } from './episode-standing.ts';
import { extensionOf, literal } from './extensions.ts';
import {
  byType,
  type CoverageFact,
  type Episode,
  type MemberFacts,
  type OpenCoverage,
  type Recorded,
} from './facts.ts';
import { coachMessages } from './messages.ts';
import { supportActivities } from './support-activities.ts';

/**
 * What the rules read about a member, out of the versions that were current at one instant (tombstones left out): the member's own
 * compartment, and the Practitioners and PractitionerRoles that it names, with the VerificationResults about them.
 *
 * @param zone the zone in which a contact is dated when its episode is looked for; each rule dates it in its ruleset's own
 */
export function factsFrom(patientId: string, recorded: readonly Recorded[], zone: string): MemberFacts {
  const of = byType(recorded);
  const patient = `Patient/${patientId}`;
  const coaches = new Coaches(of('Practitioner'), of('PractitionerRole'), of('VerificationResult'), {
    organizations: of('Organization'),
    documents: of('DocumentReference'),
  });
  const episodes = of('EpisodeOfCare').flatMap(({ resource }) => toEpisode(resource, coaches));
  const sources = { coaches, episodes, zone };
  const contacts = encounterContacts({
    ...sources,
    encounters: of('Encounter'),
    notes: of('DocumentReference'),
    provenances: of('Provenance'),
  });
  const person = of('Patient').find(({ resource }) => resource.id === patientId)?.resource;
  const death = person?.deceasedDateTime;
  const isUndated = person?.deceasedBoolean === true || (death !== undefined && death.length < 10);
  const open = of('Coverage').flatMap(({ resource }) => toOpenCoverages(resource));
  const unattributed = withoutCoach({ ...sources, encounters: of('Encounter') });
  return {
    patient,
    deceased: death,
    ...(isUndated && { deceasedWithoutDate: true }),
    episodes,
    coverages: of('Coverage').flatMap(({ resource }) => toCoverages(resource)),
    ...(open.length > 0 && { openCoverages: open }),
    ...(unattributed.length > 0 && { unattributed }),
    contacts,
    messages: coachMessages(patient, of('Communication'), episodes, coaches, zone),
    support: supportActivities(of('Procedure'), coaches),
    coaches: coaches.facts,
  };
}

export function toEpisode(episode: EpisodeOfCare, coaches: Coaches): Episode[] {
  const { careManager, id, managingOrganization, period, status } = episode;
  const { end, interruptions, undatedStatus } = standingOf(episode);
  const manager = coaches.practitioner(careManager?.reference);
  if (status === 'entered-in-error' || status === 'cancelled') return [];
  return [
    {
      reference: `EpisodeOfCare/${id}`,
      organization: literal(managingOrganization?.reference),
      careManager: manager === undefined ? [] : [manager],
      start: period?.start,
      end,
      ...(interruptions.length > 0 && { interruptions }),
      ...(undatedStatus !== undefined && { undatedStatus }),
    },
  ];
}

/** One fact for each payer; only an active Coverage, or one that a cancellation ended on a day, covers anything. */
export function toCoverages(coverage: Coverage): CoverageFact[] {
  const { class: classes, id, payor, period, status } = coverage;
  if (status !== 'active' && !(status === 'cancelled' && period?.end !== undefined)) return [];
  const product = classes?.find(({ type }) => type.coding?.some(({ code }) => code === 'plan'))?.value;
  const planType = extensionOf(coverage, 'plan-type')?.valueCode;
  return payor.flatMap(({ reference }) => {
    const payer = literal(reference);
    return payer?.startsWith('Organization/')
      ? [{ reference: `Coverage/${id}`, payer, product, planType, start: period?.start, end: period?.end }]
      : [];
  });
}

/** A Coverage that brings no rule to bear as it is. Who pays alone, and one that was entered in error, has nothing to correct. */
export function toOpenCoverages({ id, payor, period, status }: Coverage): OpenCoverage[] {
  if (status === 'entered-in-error') return [];
  const pays = payor.some(({ reference }) => literal(reference)?.startsWith('Organization/'));
  const problem =
    status === 'cancelled'
      ? period?.end === undefined
        ? 'coverage-cancelled-without-end'
        : undefined
      : status === 'draft'
        ? 'coverage-not-active'
        : undefined;
  const found = problem ?? (pays ? undefined : 'coverage-without-payer');
  return found ? [{ reference: `Coverage/${id}`, problem: found, start: period?.start, end: period?.end }] : [];
}
