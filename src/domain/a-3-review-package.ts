import type { LocalDate } from '../base/time.ts';
import type { Firewall } from './a-4-wellness-plan-firewall.ts';
import { answer, notApplicable, type Question, type RuleAnswer } from './answer.ts';
import { hasHappened } from './binding.ts';
import { dateIn } from './dating.ts';
import type { GoalFact, StageFact } from './facts/care-plans.ts';
import type { CriteriaAttestation } from './facts/criteria-attestations.ts';
import type { SupportActivity } from './facts/facts.ts';
import { indeterminate, met, type Outcome } from './outcome.ts';

/** R4 types that and D-3 read. */
export const inputTypes = ['Encounter', 'Procedure', 'Goal', 'Observation', 'CarePlan', 'DocumentReference'] as const;

/** Contents of a package for concurrent review, as references; what serialises it adds nothing. */
export interface ReviewPackage {
  readonly answer: RuleAnswer;
  readonly engagement: {
    readonly contacts: readonly string[];
    readonly byModality: Readonly<Record<string, number>>;
    readonly latest: LocalDate | undefined;
    readonly outreach: readonly string[];
  };
  readonly goals: readonly string[];
  readonly progressNotes: readonly string[];
  readonly stages: readonly string[];
  readonly carePlans: readonly string[];
}

export interface ReviewSources {
  readonly goals: readonly GoalFact[];
  readonly stages: readonly StageFact[];
  readonly support: readonly SupportActivity[];
  /** what A-4 lets out */
  readonly firewall: Firewall;
}

/**
 * A-3 "the MCE may require the provider to submit documents to the plan for concurrent review … may include a summary of engagement
 * efforts" (MassHealth bulletin, Authorization and Registration of Service; on which days, `duringExemption` says): contacts by modality and outreach, goals, progress notes
 * and stages, up to D. Wellness plans only as far as A-4 let them out. Without any contact there is no engagement to tell.
 */
export function reviewPackage(question: Question, sources: ReviewSources): ReviewPackage {
  return packageFor('A-3', question, sources);
}

/**
 * D-3 "The Wellness Plan, along with progress notes" (Tufts, Process 3), "The initial goals and plan, along with progress notes"
 * (Optum, Process 3): the same contents, subject to A-4 and WP-2. Where the bulletin leaves open which documents there are, these
 * name the progress notes: a note that stays with its sender is in no package.
 */
export function documentsForReview(question: Question, sources: ReviewSources): ReviewPackage {
  return packageFor('D-3', question, sources);
}

/**
 * A-3 and A-5 speak of what comes "after 90 days": on a day that A-2 exempts from approval the bulletin asks for neither.
 *
 * @param approval A-2's answer for D
 * @returns undefined where the rule is to be asked
 */
export function duringExemption(rule: string, { ruleset }: Question, approval: RuleAnswer): RuleAnswer | undefined {
  if (!ruleset.rules[rule] || approval.figures['status'] !== 'exempt') return undefined;
  const { approvalFrom } = approval.figures;
  const figures = approvalFrom === undefined ? {} : { approvalFrom };
  return answer(rule, { result: 'not-applicable', reasons: ['exempt-from-approval'] }, approval.evidence, figures);
}

function packageFor(rule: string, question: Question, sources: ReviewSources): ReviewPackage {
  const contacts = question.contacts.filter(({ date, outcome }) => outcome.result === 'met' && date <= question.date);
  const outreach = sources.support.filter(
    ({ category, start, status }) => category === 'outreach' && status === 'completed' && hasHappened(question, start),
  );
  const byModality: Record<string, number> = {};
  for (const { contact } of contacts) byModality[contact.modality] = (byModality[contact.modality] ?? 0) + 1;
  const contents = {
    engagement: {
      contacts: contacts.map(({ contact }) => contact.reference),
      byModality,
      latest: contacts
        .map(({ date }) => date)
        .sort()
        .at(-1),
      outreach: outreach.map(({ reference }) => reference),
    },
    goals: sources.goals.map(({ reference }) => reference),
    progressNotes: [...new Set(contacts.flatMap(({ contact }) => finalNotes(contact.documentation)))].sort(),
    stages: sources.stages.filter(({ at }) => hasHappened(question, at)).map(({ reference }) => reference),
    carePlans: sources.firewall.included,
  };
  return { ...contents, answer: completeness(rule, question, contents) };
}

function finalNotes(
  documentation: readonly { readonly status: string; readonly evidence: readonly string[] }[],
): string[] {
  return documentation
    .filter(({ status }) => status === 'final')
    .flatMap(({ evidence }) => evidence.filter((one) => one.startsWith('DocumentReference/')));
}

function completeness(rule: string, { ruleset }: Question, contents: Omit<ReviewPackage, 'answer'>): RuleAnswer {
  if (!ruleset.rules[rule]) return notApplicable(rule, 'rule-not-in-ruleset');
  const { carePlans, engagement, goals, progressNotes, stages } = contents;
  const missing = [
    ...(engagement.contacts.length === 0 ? ['missing: engagement'] : []),
    ...(goals.length === 0 ? ['missing: Goal'] : []),
    ...(stages.length === 0 ? ['missing: stage of change'] : []),
    ...(rule === 'D-3' && progressNotes.length === 0 ? ['missing: progress note'] : []),
  ];
  const evidence = [
    ...engagement.contacts,
    ...engagement.outreach,
    ...goals,
    ...progressNotes,
    ...stages,
    ...carePlans,
  ];
  return answer(rule, missing.length === 0 ? met : indeterminate(...missing), evidence, {
    contacts: engagement.contacts.length,
    outreach: engagement.outreach.length,
    notes: progressNotes.length,
    ...(engagement.latest ? { latestContact: engagement.latest } : {}),
  });
}

/**
 * A-5 "meets the continuing stay requirements in the medical necessity criteria and continues to remain engaged" (MassHealth bulletin,
 * Authorization and Registration of Service): the criteria are in no document that we have, so the latest dated attestation of a
 * reviewer stands for them, beside engagement [D].
 *
 * @param engaged the caseload's answer for D
 */
export function continuingStay(
  question: Question,
  attestations: readonly CriteriaAttestation[],
  engaged: Outcome,
): RuleAnswer {
  if (!question.ruleset.rules['A-5']) return notApplicable('A-5', 'rule-not-in-ruleset');
  const dated = attestations
    .filter(({ asOf, episode }) => episode === question.episode.reference && hasHappened(question, asOf))
    .map((one) => ({ one, date: dateIn(question.ruleset.zone, one.asOf) ?? '' }))
    // Of two on one date the one that denies goes first: a contradiction must not be outvoted by its order.
    .sort((a, b) => (a.date === b.date ? Number(a.one.met) - Number(b.one.met) : a.date < b.date ? 1 : -1));
  const latest = dated[0]?.one;
  if (!latest) return answer('A-5', indeterminate('missing: criteria attestation'));
  if (latest.attester === undefined) return answer('A-5', indeterminate('missing: attester'), [latest.reference]);
  // Someone whom the plan may still reach is judged by a human: nothing here ends a stay by itself.
  const outcome = latest.met ? engaged : indeterminate('criteria-not-attested');
  return answer('A-5', outcome.result === 'not-met' ? indeterminate(...outcome.reasons) : outcome, [latest.reference]);
}
