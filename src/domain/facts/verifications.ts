import type { PractitionerQualification, VerificationResult } from '@medplum/fhirtypes';
import { codeSystem } from '../../fhir/canonical.ts';
import { codesIn, literal } from './extensions.ts';
import type { Recorded, Verification } from './facts.ts';

/** Only what was decided: a verification that is under way, attested or due anew says nothing yet. */
const decided: Readonly<Record<string, Verification['status']>> = {
  validated: 'validated',
  'val-fail': 'failed',
  'reval-fail': 'failed',
};

/**
 * What primary sources said of a Practitioner's qualification, from VerificationResults that name the Practitioner as target. Their
 * targetLocation is `Practitioner.qualification`, one of them by its index, `Practitioner.qualification[0]`, or by its code,
 * `Practitioner.qualification.where(code.coding.code='carc')`; without one the whole Practitioner was verified, and any other
 * location is about something else.
 *
 * @param index place of the qualification in the Practitioner
 */
export function verificationsOf(
  practitioner: string,
  { code }: PractitionerQualification,
  index: number,
  results: readonly Recorded<VerificationResult>[],
): Verification[] {
  const codes = codesIn([code], codeSystem('qualification'));
  return results.flatMap(({ recordedAt, resource }): Verification[] => {
    const { id, primarySource, statusDate, target, targetLocation } = resource;
    const status = decided[resource.status];
    const isTarget = target?.some(({ reference }) => literal(reference) === practitioner) ?? false;
    const isMeant = targetLocation?.some((location) => means(location, codes, index)) ?? true;
    if (status === undefined || !isTarget || !isMeant) return [];
    const on = statusDate ?? primarySource?.find(({ validationDate }) => validationDate)?.validationDate ?? recordedAt;
    return [{ reference: `VerificationResult/${id}`, status, on }];
  });
}

const location = /^Practitioner\.qualification(?:\[(\d+)\]|\.where\(code\.coding\.code ?= ?'([^']+)'\))?(?:\.|$)/;

function means(text: string, codes: readonly string[], index: number): boolean {
  const found = location.exec(text.trim());
  if (!found) return text.trim() === 'Practitioner';
  const [, at, code] = found;
  if (at !== undefined) return Number(at) === index;
  return code === undefined || codes.includes(code);
}
