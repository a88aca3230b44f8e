import { addDays, type LocalDate } from '../base/time.ts';
import { notificationOfAdmission } from './a-1-notification.ts';
import { type Account, contactsIn } from './accounts.ts';
import type { Question } from './answer.ts';
import { knownDate } from './binding.ts';
import { dateIn } from './dating.ts';
import type { NotificationFact } from './facts/authorizations.ts';
import { holds, type MemberFacts } from './facts/facts.ts';
import type { Period } from './ledger.ts';
import { indeterminate, met, notMet, type Outcome } from './outcome.ts';
import { periodOn } from './service-period.ts';
import { fiveInThirty } from './t-2-five-in-thirty.ts';
import { weeksOf } from './t-3-weekly.ts';

/** One thing that a measure counts: a period, a week, an admission. */
export interface MeasureItem {
  readonly outcome: Outcome;
  /** literal references */
  readonly evidence: readonly string[];
}

/** What is known of one member when a measure is asked. */
export interface MeasureFacts {
  readonly facts: MemberFacts;
  readonly notifications: readonly NotificationFact[];
  readonly accounts: readonly Account[];
  /** ISO instant */
  readonly knownAt: string;
}

type Evaluation = (asked: Asked, period: Period) => MeasureItem[];

interface Asked extends MeasureFacts {
  readonly account: Account;
}

const evaluations: Readonly<Record<string, Evaluation>> = { 'T-2': periods, 'T-3': weeks, 'A-1': admissions };

/**
 * What a rule's measure counts of a member in a measurement period, one item for each payer's ruleset that holds the rule (domain model,
 * section 3, Measures). Only what was over in the period and by K: the rest is counted in the period in which it ends.
 *
 * @param rule T-2, T-3 or A-1
 */
export function measureItems(rule: string, known: MeasureFacts, period: Period): MeasureItem[] {
  const evaluate = evaluations[rule];
  if (!evaluate) throw new Error(`no measure of rule ${rule} is known`);
  return known.accounts
    .filter(({ ruleset }) => rule in ruleset.rules)
    .flatMap((account) => evaluate({ ...known, account }, period));
}

/** T-2: the anchored periods that ended. */
function periods(asked: Asked, { end, start }: Period): MeasureItem[] {
  const { account, facts } = asked;
  const contacts = contactsIn(facts, account, asked.knownAt);
  const death = dateIn(account.ruleset.zone, facts.deceased);
  const begin = dateIn(account.ruleset.zone, account.episode.start);
  const items: MeasureItem[] = [];
  if (begin === undefined) return unknownStart(asked);
  for (let date = begin > start ? begin : start; date <= end; ) {
    const question = questionOn(asked, date, contacts);
    const found = periodOn(question, death);
    if ('result' in found) return found.result === 'indeterminate' ? [{ outcome: found, evidence: [] }] : items;
    if (found.end <= end && found.ended && isCovered(account, found.end)) {
      const { evidence, outcome } = fiveInThirty(questionOn(asked, found.end, contacts), death);
      items.push({ outcome, evidence });
    }
    date = addDays(found.end, 1);
  }
  return items;
}

/** T-3: the weeks that ended. */
function weeks(asked: Asked, { end, start }: Period): MeasureItem[] {
  const { account, facts, knownAt } = asked;
  const found = weeksOf(questionOn(asked, end, contactsIn(facts, account, knownAt)));
  if ('result' in found) return [{ outcome: found, evidence: [] }];
  return found
    .filter((week) => week.end >= start && week.end <= end && isCovered(account, week.end))
    .map(({ accepted, open }) => ({
      outcome:
        accepted.length > 0 ? met : open.length > 0 ? indeterminate('connection-pending') : notMet('no-connection'),
      evidence: accepted.flatMap(({ contact }) => contact.evidence),
    }));
}

/** the admissions whose notification fell due. */
function admissions(asked: Asked, { end, start }: Period): MeasureItem[] {
  const { account, notifications } = asked;
  const begin = dateIn(account.ruleset.zone, account.episode.start);
  if (begin === undefined) return unknownStart(asked);
  const question = questionOn(asked, end, []);
  const { evidence, figures, outcome } = notificationOfAdmission(question, notifications);
  const due = figures['dueDate'];
  const today = knownDate(question);
  if (typeof due !== 'string') return [{ outcome, evidence }];
  const isOver = due >= start && due <= end && today !== undefined && due < today;
  const covered = account.coverage.some(
    (span) => (span.start === undefined || span.start <= due) && (span.end === undefined || span.end >= begin),
  );
  return isOver && covered ? [{ outcome, evidence }] : [];
}

/** Of an episode that does not say when it began nobody knows what ended when. */
function unknownStart({ account }: Asked): MeasureItem[] {
  const outcome = indeterminate('missing: EpisodeOfCare.period.start');
  return [{ outcome, evidence: [account.episode.reference] }];
}

function isCovered({ coverage }: Account, date: LocalDate): boolean {
  return coverage.some((span) => holds(span, date));
}

function questionOn({ account, knownAt }: Asked, date: LocalDate, contacts: Question['contacts']): Question {
  const { coverage, episode, payer, ruleset } = account;
  const planType = coverage.find((span) => holds(span, date))?.planType;
  return { ruleset, planType, payer, episode, date, knownAt, contacts };
}
