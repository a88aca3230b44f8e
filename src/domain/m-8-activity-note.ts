import { answer, notApplicable, type Question, type RuleAnswer } from './answer.ts';
import { dateIn, isBefore } from './dating.ts';
import type { PeerRoleFact } from './facts/michigan-episode.ts';
import type { Service } from './facts/michigan-services.ts';
import { roleOf } from './m-3-m-4-service-code.ts';
import { all, indeterminate, met, notMet, type Outcome } from './outcome.ts';

/** R4 types that M-8 reads. */
export const inputTypes = [
  'Encounter',
  'Procedure',
  'DocumentReference',
  'Provenance',
  'Practitioner',
  'PractitionerRole',
] as const;

/**
 * M-8 "Activity notes … must be in the file for each billed PRSS services: Date of service; Beginning and end time …; Nature and extent
 * … and place of service if located outside of the provider office setting; Signature of recovery coach/associate" (Michigan, XI.B).
 * [D]: without any place nobody knows that it was the office, so a meeting in person must name one; a call has none. One performer's
 * signature by K is enough, on the day of service or later: what was signed before cannot tell of it. Who took part and is neither coach
 * nor associate, a therapist say, signs for neither; where nobody is known as one, M-0 says so.
 */
export function m8ActivityNote(question: Question, service: Service, roles: readonly PeerRoleFact[]): RuleAnswer {
  if (!question.ruleset.rules['M-8']) return notApplicable('M-8', 'rule-not-in-ruleset');
  const outcome = all(
    isSaid(dateIn(question.ruleset.zone, service.start) !== undefined, 'date of service'),
    isSaid(service.start?.includes('T') === true, 'begin time'),
    isSaid(service.end?.includes('T') === true, 'end time'),
    isSaid(service.nature.length > 0, 'nature of service'),
    isSaid(service.modality !== 'in-person' || service.places.length > 0, 'place of service'),
    isCompleted(service),
    isSigned(service, question, roles),
  );
  return answer('M-8', outcome, service.evidence);
}

function isSaid(said: boolean, what: string): Outcome {
  return said ? met : indeterminate(`missing: ${what}`);
}

function isCompleted({ status }: Service): Outcome {
  if (status === 'finished' || status === 'completed') return met;
  return ['cancelled', 'not-done', 'entered-in-error'].includes(status)
    ? notMet(status)
    : indeterminate('not-finished');
}

function isSigned(service: Service, { knownAt, ruleset }: Question, roles: readonly PeerRoleFact[]): Outcome {
  const { documentation, performers, start } = service;
  const peers = performers.filter((one) => roleOf(one, service, roles, ruleset) !== undefined);
  const signers = peers.length > 0 ? peers : performers;
  if (documentation.length === 0) return indeterminate('no-documentation');
  const final = documentation.filter(({ status }) => status === 'final');
  if (final.length === 0) return indeterminate('note-not-final');
  const own = final.filter(({ signedBy }) => signedBy.some((signer) => signers.includes(signer)));
  if (own.length === 0) return indeterminate('not-signed-by-a-performer');
  const afterwards = own.filter(({ signedAt }) => !isBefore(ruleset.zone, signedAt, start));
  if (afterwards.length === 0) return indeterminate('signed-before-the-service');
  const signed = afterwards.some(
    ({ signedAt }) => signedAt !== undefined && Date.parse(signedAt) <= Date.parse(knownAt),
  );
  return signed ? met : indeterminate('not-signed-by-then');
}
