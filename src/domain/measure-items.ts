import { addDays, earliest, type LocalDate } from '../base/time.ts';
import { notificationOfAdmission, wasToBeTold } from './a-1-notification.ts';
import { type Account, contactsIn } from './accounts.ts';
import type { Question, RuleAnswer } from './answer.ts';
import { minimaOn } from './billing.ts';
import { knownDate } from './binding.ts';
import type { Series } from './cl-1-caseload.ts';
import { type DateSpan, dateIn, spanIn } from './dating.ts';
import type { NotificationFact } from './facts/authorizations.ts';
import type { CarePlanFact, GoalFact, StageFact } from './facts/care-plans.ts';
import { holds, type MemberFacts } from './facts/facts.ts';
import type { EpisodeMode } from './facts/michigan-episode.ts';
import type { Period } from './ledger.ts';
import { indeterminate, met, notMet, type Outcome } from './outcome.ts';
import { type MemberOutcomes, outcomeMeasures } from './q-2-outcomes.ts';
import { periodOn } from './service-period.ts';
import { fiveInThirty } from './t-2-five-in-thirty.ts';
import { weekOutcome, weeksOf } from './t-3-weekly.ts';

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
  readonly goals: readonly GoalFact[];
  readonly plans: readonly CarePlanFact[];
  readonly stages: readonly StageFact[];
  readonly modes: readonly EpisodeMode[];
  readonly series: readonly Series[];
  readonly accounts: readonly Account[];
  /** ISO instant */
  readonly knownAt: string;
}

type Evaluation = (asked: Asked, period: Period) => MeasureItem[];

interface Asked extends MeasureFacts {
  readonly account: Account;
}

/** By the code of a Measure's group: what is counted of each account with the rule. */
const evaluations: Readonly<Record<string, Evaluation>> = { 'T-2': periods, 'T-3': weeks, 'A-1': admissions };

/** what came of members, by the same codes; those that are rules are asked on the last day. */
const outcomes = ['stage-advanced', 'stage-held', 'goal-achieved', 'episode-completed', 'O-1', 'O-2', 'T-4'];

/**
 * What a measure counts of a member in a measurement period, for each payer's ruleset that holds the rule (domain model, section 3,
 * Measures). Only what was over in the period and by K: the rest is counted in the period in which it ends.
 *
 * @param code of a Measure's group
 */
export function measureItems(code: string, known: MeasureFacts, period: Period): MeasureItem[] {
  const rule = outcomes.includes(code) ? 'Q-2' : code;
  const asked = known.accounts
    .filter(({ ruleset }) => rule in ruleset.rules)
    .map((account): Asked => ({ ...known, account }));
  if (rule === 'Q-2') return counted(code, asked, period).flatMap((one) => outcomesOf(code, one, period));
  const evaluate = evaluations[code];
  if (!evaluate) throw new Error(`no measure ${code} is known`);
  return asked.flatMap((one) => evaluate(one, period));
}

/**
 * Q-2 counts people: of a member with several episodes or payers the latest episode speaks, and only what is said of episodes is counted
 * for each of them. The payer's specifications are asked about the members of the last day, the rest about who was served and covered on
 * any day.
 */
function counted(code: string, asked: readonly Asked[], period: Period): Asked[] {
  const present = asked
    .filter((one) => {
      const { coverage, episode, ruleset } = one.account;
      const days = isRule(code) ? lastDayOf(one, period) : period;
      const overlaps = (span: DateSpan): boolean =>
        (span.start === undefined || span.start <= days.end) && (span.end === undefined || span.end >= days.start);
      return overlaps(spanIn(ruleset.zone, episode)) && coverage.some(overlaps);
    })
    .sort((a, b) => startOf(b.account).localeCompare(startOf(a.account)));
  const episodes = new Map(present.toReversed().map((one) => [one.account.episode.reference, one]));
  return code === 'episode-completed' ? [...episodes.values()] : present.slice(0, 1);
}

const isRule = (code: string): boolean => /^[A-Z]/.test(code);

function startOf({ episode, ruleset }: Account): string {
  return dateIn(ruleset.zone, episode.start) ?? '';
}

/** The period's, or the day of K before it. */
function lastDayOf(asked: Asked, { end }: Period): Period {
  const date = earliest(end, knownDate(questionOn(asked, end, []))) ?? end;
  return { start: date, end: date };
}

function outcomesOf(code: string, asked: Asked, period: Period): MeasureItem[] {
  const { account, goals, knownAt, modes, stages } = asked;
  const { episode, ruleset } = account;
  const date = lastDayOf(asked, period).end;
  const endReason = modes.find((mode) => mode.episode === episode.reference)?.endReason;
  const member: MemberOutcomes = {
    episode: { start: episode.start, end: episode.end, episode: episode.reference, endReason },
    goals,
    stages,
    answers: isRule(code) ? minimaIn(asked, date).filter(({ rule }) => rule === code) : [],
  };
  const found = outcomeMeasures({ date, knownAt, ruleset }, [member], period.start).find((one) => one.code === code);
  const evidence = evidenceOf(code, member);
  const { denominator = 0, numerator = 0, unknown = 0 } = found ?? {};
  const several = (count: number, outcome: Outcome): MeasureItem[] =>
    Array.from({ length: count }, () => ({ outcome, evidence }));
  return [
    ...several(numerator, met),
    ...several(denominator - numerator, notMet(code)),
    ...several(unknown, indeterminate(`missing: ${code}`)),
  ];
}

function minimaIn({ account, facts, goals, knownAt, plans, series }: Asked, date: LocalDate): RuleAnswer[] {
  const same = series.filter(
    ({ episode, payer, ruleset }) =>
      ruleset === account.ruleset && payer === account.payer && episode.reference === account.episode.reference,
  );
  // A member whom no coach has met yet is on the case all the same.
  return minimaOn(facts, { goals, plans }, same.length > 0 ? same : [{ ...account, coach: '' }], knownAt, date);
}

function evidenceOf(code: string, { answers, episode, goals, stages }: MemberOutcomes): string[] {
  if (code.startsWith('stage-')) return stages.map(({ reference }) => reference);
  if (code.startsWith('goal-')) return goals.map(({ reference }) => reference);
  return [episode.episode, ...answers.flatMap(({ evidence }) => evidence)];
}

/** T-2: the anchored periods that ended. */
function periods(asked: Asked, { end, start }: Period): MeasureItem[] {
  const { account, facts } = asked;
  const contacts = contactsIn(facts, account, asked.knownAt);
  const death = dateIn(account.ruleset.zone, facts.deceased, 'end');
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
  const death = dateIn(account.ruleset.zone, facts.deceased, 'end');
  const found = weeksOf(questionOn(asked, end, contactsIn(facts, account, knownAt)), death);
  if ('result' in found) return [{ outcome: found, evidence: [] }];
  return found
    .filter((week) => week.end >= start && week.end <= end && isCovered(account, week.end))
    .map((week) => ({
      outcome: weekOutcome(week),
      evidence: week.accepted.flatMap(({ contact }) => contact.evidence),
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
  return isOver && wasToBeTold(account, account.coverage) ? [{ outcome, evidence }] : [];
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
