import type { DocumentReference } from '@medplum/fhirtypes';
import { literal, localCodes } from './extensions.ts';
import type { Recorded, Span } from './facts.ts';

/** What a provider attests about itself: a DocumentReference whose type is the local code of what is attested (domain model 8.5). */
export interface ProviderAttestation extends Span {
  readonly reference: string;
  readonly code: string;
  /** Organization reference of custodian, else of the author */
  readonly organization: string | undefined;
  /** who signed for it: authenticator, else author */
  readonly attester: string | undefined;
}

/** Current documents with their as-of date, `context.period.start` or else `date`; drafts and errors attest nothing. */
export function providerAttestations(documents: readonly Recorded<DocumentReference>[]): ProviderAttestation[] {
  return documents.flatMap(({ resource }): ProviderAttestation[] => {
    const { authenticator, author, context, custodian, date, docStatus, id, status, type } = resource;
    if (status !== 'current' || docStatus === 'preliminary' || docStatus === 'entered-in-error') return [];
    const authors = (author ?? []).flatMap(({ reference }) => literal(reference) ?? []);
    const organization =
      literal(custodian?.reference) ?? authors.find((reference) => reference.startsWith('Organization/'));
    return localCodes(type ? [type] : []).map((code) => ({
      reference: `DocumentReference/${id}`,
      code,
      organization,
      attester: literal(authenticator?.reference) ?? authors[0],
      start: context?.period?.start ?? date,
      end: context?.period?.end,
    }));
  });
}
