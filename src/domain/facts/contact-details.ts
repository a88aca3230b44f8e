import type { Encounter, Extension } from '@medplum/fhirtypes';
import { codeSystem } from '../../fhir/canonical.ts';
import type { Coaches } from './coaches.ts';
import { codesIn, extensionOf, extensionsOf, literal, partOf } from './extensions.ts';
import type { ContactDetails, GroupSession } from './facts.ts';

/** What an Encounter says about its contact beside whether it counts (domain model 8.5). */
export function contactDetails(encounter: Encounter, coaches: Coaches): ContactDetails {
  const { location, partOf: interrupted, period, reasonCode, type } = encounter;
  return {
    end: period?.end,
    purposes: codesIn(reasonCode, codeSystem('service-component')),
    goals: goalsOf(encounter),
    supportCategories: extensionsOf(encounter, 'support-category').flatMap(({ valueCode }) => valueCode ?? []),
    fidelityTags: tagsOf(encounter),
    accompaniedTo: extensionOf(encounter, 'accompanied-to')?.valueCode,
    coachRole: extensionOf(encounter, 'coach-role')?.valueCode,
    group: groupOf(extensionOf(encounter, 'group-session'), coaches),
    places: (location ?? []).flatMap(({ location: place, physicalType }) => [
      ...((literal(place.reference) ?? place.display) ? [literal(place.reference) ?? place.display ?? ''] : []),
      ...(physicalType?.coding ?? []).flatMap(({ code }) => code ?? []),
    ]),
    types: (type ?? []).flatMap(({ coding, text }) => [
      ...(coding ?? []).flatMap(({ code }) => code ?? []),
      ...(text === undefined ? [] : [text]),
    ]),
    partOf: literal(interrupted?.reference),
    activities: codesIn(type, codeSystem('activity')),
    encounterClass: encounter.class?.code,
  };
}

/** Goal references of ext supportsGoal. */
export function goalsOf(element: { extension?: Extension[] | undefined }): string[] {
  return extensionsOf(element, 'supports-goal').flatMap(
    ({ valueReference }) => literal(valueReference?.reference) ?? [],
  );
}

/** Ext fidelityTag: what the work was, and of transport whether it was temporary. */
export function tagsOf(element: { extension?: Extension[] | undefined }): ContactDetails['fidelityTags'] {
  return extensionsOf(element, 'fidelity-tag').flatMap((one) => {
    const temporary = partOf(one, 'temporary')?.valueBoolean;
    return (one.extension ?? []).flatMap(({ url, valueCode }) =>
      url === 'tag' && valueCode !== undefined ? [{ tag: valueCode, temporary }] : [],
    );
  });
}

function groupOf(extension: Extension | undefined, coaches: Coaches): GroupSession | undefined {
  if (!extension) return undefined;
  return {
    size: partOf(extension, 'size')?.valuePositiveInt,
    therapistPresent: partOf(extension, 'therapistPresent')?.valueBoolean,
    mat: partOf(extension, 'mat')?.valueBoolean,
    lead: coaches.practitioner(partOf(extension, 'lead')?.valueReference?.reference),
  };
}
