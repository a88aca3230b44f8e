import type { CodeableConcept, Patient, Practitioner } from '@medplum/fhirtypes';
import type { Recorded } from './facts.ts';

/** BCP 47 tags that people speak. */
export interface Languages {
  readonly member: readonly string[];
  /** by Practitioner reference */
  readonly coaches: ReadonlyMap<string, readonly string[]>;
}

export function languagesOf(
  patients: readonly Recorded<Patient>[],
  practitioners: readonly Recorded<Practitioner>[],
): Languages {
  return {
    member: patients.flatMap(({ resource }) => tagsOf((resource.communication ?? []).map(({ language }) => language))),
    coaches: new Map(
      practitioners.map(({ resource }) => [`Practitioner/${resource.id}`, tagsOf(resource.communication ?? [])]),
    ),
  };
}

function tagsOf(languages: readonly CodeableConcept[]): string[] {
  return languages.flatMap(({ coding }) => (coding ?? []).flatMap(({ code }) => code ?? []));
}
