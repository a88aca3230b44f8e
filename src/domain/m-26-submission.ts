import { answer, notApplicable, type Question, type RuleAnswer } from './answer.ts';
import { hasHappened } from './binding.ts';
import { dateIn } from './dating.ts';
import type { ClaimToSubmit, SubmissionFact } from './facts/submissions.ts';
import { any, indeterminate, met, notMet, type Outcome } from './outcome.ts';

/** R4 types that M-26 reads. */
export const inputTypes = ['Claim', 'Task'] as const;

const targets: Readonly<Record<ClaimToSubmit['use'], string>> = {
  preauthorization: 'carenet',
  claim: 'provider-connect',
};

/**
 * M-26 requests for authorization "shall be submitted via the CareNet system" (Michigan, XI), services "submitted for reimbursement via
 * ProviderConnect system unless otherwise authorized by the CMHSP" (XII): a submission of this Claim to its system by D and K, with the
 * confirmation that a person typed. Another system counts for a claim where the submission names the CMHSP's permission; XI has no
 * such exception. No document says by when, so what is not sent yet is open.
 */
export function m26Submitted(
  question: Question,
  claim: ClaimToSubmit,
  submissions: readonly SubmissionFact[],
): RuleAnswer {
  if (!question.ruleset.rules['M-26']) return notApplicable('M-26', 'rule-not-in-ruleset');
  const target = targets[claim.use];
  const own = submissions.filter((one) => one.claim === claim.reference);
  const sent = own.filter(({ sentAt }) => hasHappened(question, sentAt));
  const judged = sent.map((one) => ({ one, outcome: judge(one, claim, target) }));
  const outcome =
    judged.length === 0 ? indeterminate('missing: submission') : any(...judged.map((told) => told.outcome));
  const [done] = judged.filter((told) => told.outcome.result === 'met').map(({ one }) => one);
  const on = dateIn(question.ruleset.zone, done?.sentAt);
  const evidence = [claim.reference, ...(done ? [done] : own).map(({ reference }) => reference)];
  return answer('M-26', outcome, evidence, {
    target,
    ...(done?.target === undefined ? {} : { sentTo: done.target }),
    ...(on === undefined ? {} : { sentDate: on }),
  });
}

function judge({ confirmation, permission, target }: SubmissionFact, { use }: ClaimToSubmit, wanted: string): Outcome {
  if (target === undefined) return indeterminate('missing: target of the submission');
  if (target !== wanted && use === 'preauthorization') return notMet('not-by-carenet');
  if (target !== wanted && permission === undefined) return notMet('other-system-without-permission');
  return confirmation === undefined ? indeterminate('missing: confirmation') : met;
}
