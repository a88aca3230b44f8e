import type { DocumentReference } from '@medplum/fhirtypes';
import type { Coaches } from './coaches.ts';
import { literal, localCodes } from './extensions.ts';
import type { Recorded } from './facts.ts';

/** A reviewer's dated word that the medical necessity criteria are met, or that they are not, and for which episode. */
export interface CriteriaAttestation {
  readonly reference: string;
  readonly episode: string | undefined;
  readonly attester: string | undefined;
  readonly asOf: string | undefined;
  readonly met: boolean;
}

/**
 * Current DocumentReferences of local type `criteria-met` or `criteria-not-met` (domain model 8.5: an attestation that is not about a
 * person is a DocumentReference with code, attester and as-of date; the two words are ours [D]): `authenticator` attests as of
 * `date`, and the episode stands in `context.encounter` or `context.related`.
 */
export function criteriaAttestations(
  documents: readonly Recorded<DocumentReference>[],
  people: Coaches,
): CriteriaAttestation[] {
  return documents.flatMap(({ resource }): CriteriaAttestation[] => {
    const { authenticator, context, date, docStatus, id, status, type } = resource;
    const said = localCodes(type ? [type] : []).find((code) => code === 'criteria-met' || code === 'criteria-not-met');
    if (said === undefined || status !== 'current' || docStatus === 'preliminary' || docStatus === 'entered-in-error')
      return [];
    const attester = authenticator?.reference;
    const about = [...(context?.encounter ?? []), ...(context?.related ?? [])].map(({ reference }) =>
      literal(reference),
    );
    return [
      {
        reference: `DocumentReference/${id}`,
        episode: about.find((one) => one?.startsWith('EpisodeOfCare/')),
        attester: people.practitioner(attester) ?? literal(attester),
        asOf: date,
        met: said === 'criteria-met',
      },
    ];
  });
}
