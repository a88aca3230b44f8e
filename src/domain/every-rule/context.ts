import { daysBetween, type LocalDate, localDateOf } from '../../base/time.ts';
import type { Account } from '../accounts.ts';
import type { Question } from '../answer.ts';
import type { Asked } from '../b-5-coach-qualified.ts';
import { type Caseload, contactsOf, prepareCaseload, type Series } from '../cl-1-caseload.ts';
import type { Judged } from '../ct-1-documented-contact.ts';
import { dateIn } from '../dating.ts';
import { holds, type MemberFacts } from '../facts/facts.ts';
import { type JudgedService, michiganServices } from '../michigan-billing.ts';
import { canonicalOf } from '../ruleset.ts';
import type { RuleFacts } from './facts.ts';

/** What every rule of one payer's ruleset is asked with, for one episode, day and state of knowledge. */
export interface RuleContext {
  /** its contacts are those with any coach of the episode, newest first */
  readonly question: Question;
  readonly account: Account;
  readonly member: MemberFacts;
  readonly facts: RuleFacts;
  /** one for each coach of the episode */
  readonly caseloads: readonly Caseload[];
  /** on whose behalf a coach's papers are asked for */
  readonly asked: Asked;
  /** date of death in the ruleset's zone */
  readonly death: LocalDate | undefined;
  /** of the episode, by begin, under a ruleset that charges by the service */
  readonly services: readonly JudgedService[];
}

/** For whom and when every rule is asked. */
export interface Asking {
  readonly member: MemberFacts;
  readonly facts: RuleFacts;
  readonly series: readonly Series[];
  /** instant K */
  readonly knownAt: string;
  /** undefined: K's own date in the ruleset's zone */
  readonly date: LocalDate | undefined;
}

/** @returns undefined where no coverage puts the member under the account's ruleset on the day */
export function contextOf(account: Account, asking: Asking): RuleContext | undefined {
  const { facts, knownAt, member } = asking;
  const { episode, payer, ruleset } = account;
  const date = asking.date ?? localDateOf(knownAt, ruleset.zone);
  const coverage = account.coverage.find((span) => holds(span, date));
  if (!coverage) return undefined;
  const caseloads = asking.series
    .filter((one) => one.episode.reference === episode.reference && one.payer === payer)
    .filter((one) => canonicalOf(one.ruleset) === canonicalOf(ruleset))
    .map((one) => prepareCaseload(member, one, knownAt));
  const contacts = contactsOf(caseloads);
  return {
    question: { ruleset, planType: coverage.planType, payer, episode, date, knownAt, contacts },
    account,
    member,
    facts,
    caseloads,
    asked: { ruleset, payer, organization: episode.organization },
    death: dateIn(ruleset.zone, member.deceased, 'end'),
    services: michiganServices(member, facts.michigan, account, knownAt),
  };
}

/** Whether a date is D or one of the ruleset's `windowDays` before it: of these the rules about a single contact answer. */
export function inWindow({ question: { date: day, ruleset } }: RuleContext, date: LocalDate): boolean {
  return date <= day && daysBetween(date, day) <= ruleset.parameters.windowDays.value;
}

export function contactsInWindow(context: RuleContext): readonly Judged[] {
  return context.question.contacts.filter(({ date }) => inWindow(context, date));
}

/** The same question about a single contact. */
export function aboutContact({ question }: RuleContext, contact: Judged): Question {
  return { ...question, contacts: [contact] };
}
