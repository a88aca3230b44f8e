import type { Claim, CodeableConcept, Task } from '@medplum/fhirtypes';
import { codeSystem } from '../../fhir/canonical.ts';
import { codesIn, literal, localCodes } from './extensions.ts';
import type { Recorded } from './facts.ts';

/** A request for authorization or a claim that has to reach a payer's own system. */
export interface ClaimToSubmit {
  readonly reference: string;
  readonly use: 'preauthorization' | 'claim';
}

/**
 * A person's work in a payer's system that has no interface: a Task of local code `submission` whose focus is the Claim; input `target`
 * says which system, input `permission` why another than the usual one; output `sent` says when it left, output `confirmation` is the
 * number that the person typed from the screen [D], as for a notification of admission (domain model 3.3 d).
 */
export interface SubmissionFact {
  readonly reference: string;
  /** Claim reference */
  readonly claim: string | undefined;
  /** `submission-target` code */
  readonly target: string | undefined;
  readonly sentAt: string | undefined;
  readonly confirmation: string | undefined;
  /** the CMHSP's permission for another way: a document's reference, or its words */
  readonly permission: string | undefined;
}

const takenBack: ReadonlySet<string> = new Set(['draft', 'rejected', 'cancelled', 'failed', 'entered-in-error']);

export function claimsToSubmit(claims: readonly Recorded<Claim>[]): ClaimToSubmit[] {
  return claims.flatMap(({ resource: { id, status, use } }): ClaimToSubmit[] =>
    status === 'active' && (use === 'preauthorization' || use === 'claim') ? [{ reference: `Claim/${id}`, use }] : [],
  );
}

export function submissions(tasks: readonly Recorded<Task>[]): SubmissionFact[] {
  return tasks.flatMap(({ resource }): SubmissionFact[] => {
    const { code, focus, id, input, output, status } = resource;
    if (!localCodes(code ? [code] : []).includes('submission') || takenBack.has(status)) return [];
    const claim = literal(focus?.reference);
    const target = part(input, 'target');
    const permission = part(input, 'permission');
    const sent = part(output, 'sent');
    return [
      {
        reference: `Task/${id}`,
        claim: claim?.startsWith('Claim/') ? claim : undefined,
        target: codesIn(
          target?.valueCodeableConcept ? [target.valueCodeableConcept] : [],
          codeSystem('submission-target'),
        )[0],
        sentAt: sent?.valueInstant ?? sent?.valueDateTime ?? sent?.valueDate,
        confirmation: part(output, 'confirmation')?.valueString?.trim() || undefined,
        permission: literal(permission?.valueReference?.reference) ?? (permission?.valueString?.trim() || undefined),
      },
    ];
  });
}

function part<P extends { type: CodeableConcept }>(parts: readonly P[] | undefined, name: string): P | undefined {
  return parts?.find(({ type }) => localCodes([type]).includes(name));
}
