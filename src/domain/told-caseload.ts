import type { LocalDate } from '../base/time.ts';
import type { CaseloadAnswer, CaseloadStatus } from './cl-1-caseload.ts';
import { decidingBasis } from './deciding-basis.ts';
import type { Reasons } from './reasons.ts';
import type { Basis, Ruleset } from './ruleset.ts';

/** Who is told. A plan hears what its payment rests on and nothing of the provider's record (docs/ledger.md, 42 CFR 2.13(a)). */
export type Hearer = 'plan' | 'provider';

/** Codes of CodeSystem `caseload-reason`: all that a plan is told of why. */
export type PlanReason =
  | 'coverage-ends'
  | 'no-counted-contact'
  | 'record-open'
  | 'service-begins-later'
  | 'service-ended'
  | 'service-ends'
  | 'within-window';

/** An answer as somebody is told it. */
export interface ToldCaseload {
  readonly status: CaseloadStatus;
  readonly contact: { readonly date: LocalDate; readonly reference: string | undefined } | undefined;
  readonly lastDay: LocalDate | undefined;
  readonly reason: string;
  /** the sentence that the answer rests on */
  readonly basis: Basis;
}

/**
 * The answer as the hearer may know it. To a plan every reason becomes one of a few that speak of its own coverage, of the days that a
 * contact counts, or of the service as a whole; a contact that does not count, one that is pending, a coach's papers and a death are in
 * none of them. The contact's date stands beside `on` alone, where it is what the plan pays by and the last day tells it anyhow.
 */
export function toldCaseload(
  answer: CaseloadAnswer,
  ruleset: Pick<Ruleset, 'caseload' | 'parameters' | 'rules'>,
  reasons: Reasons,
  hearer: Hearer,
): ToldCaseload {
  const { because, contact, lastDay, reason, status } = answer;
  if (hearer === 'plan') {
    const date = status === 'on' ? contact?.date : undefined;
    return {
      status,
      contact: date === undefined ? undefined : { date, reference: undefined },
      lastDay,
      reason: planSentence(planReason(answer), ruleset),
      basis: ruleset.caseload,
    };
  }
  return {
    status,
    contact: contact && { date: contact.date, reference: contact.contact.reference },
    lastDay,
    reason,
    // What binds the last day makes nobody on: that is the caseload's own sentence.
    basis:
      (status === 'on' ? undefined : decidingBasis(ruleset, reasons, because, ruleset.caseload)) ?? ruleset.caseload,
  };
}

/** Every answer's reason as a plan is told it. Answers that differ only in the provider's record have the same. */
export function planReason({ cause, status }: Pick<CaseloadAnswer, 'cause' | 'status'>): PlanReason {
  if (status === 'indeterminate') return 'record-open';
  const isOn = status === 'on';
  switch (cause) {
    case 'window':
      return isOn ? 'within-window' : 'no-counted-contact';
    case 'coverage':
      return 'coverage-ends';
    case 'episode-start':
      return 'service-begins-later';
    case 'coach':
    case 'contact':
      return isOn ? 'service-ends' : 'no-counted-contact';
    case 'death':
    case 'death-undated':
    case 'episode-end':
    case 'episode-status':
      return isOn ? 'service-ends' : 'service-ended';
  }
}

export function planSentence(reason: PlanReason, { parameters }: Pick<Ruleset, 'parameters'>): string {
  const window = parameters.windowDays.value;
  const sentences: Readonly<Record<PlanReason, string>> = {
    'coverage-ends': 'coverage ends',
    'no-counted-contact': `no contact that counts within ${window} days`,
    'record-open': 'the provider’s record is open',
    'service-begins-later': 'service not begun',
    'service-ended': 'service ended',
    'service-ends': 'service ends',
    'within-window': `${window} days after the contact`,
  };
  return sentences[reason];
}
