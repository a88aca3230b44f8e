import { addDays, type LocalDate } from '../../base/time.ts';
import { notificationOfAdmission, wasToBeTold } from '../a-1-notification.ts';
import { approvalOn, decisionsOn } from '../a-2-first-ninety-days.ts';
import { planRegistration } from '../a-6-registration.ts';
import { dateIn, spanIn } from '../dating.ts';
import type { AuthorizationFact } from '../facts/authorizations.ts';
import { canonicalOf } from '../ruleset.ts';
import { type Account, type DueContext, whyOver } from './accounts.ts';
import { basisOf, type Due, type DueItem, dayAfter, keyOf, levelOn, nothingDue, planOf, urgentFrom } from './item.ts';

/** What an episode owes a payer: the parts that are alike in every item. */
function owed(account: Account, context: DueContext, rule: string) {
  const { episode, payer, ruleset } = account;
  return {
    rule,
    subject: context.facts.patient,
    dueAt: undefined,
    coach: undefined,
    payer,
    ruleset: canonicalOf(ruleset),
    basis: basisOf(ruleset, rule),
    focus: episode.reference,
  };
}

/**
 * A-1 as work: from the first day of an episode that is covered within the window until the notification was sent. After the due date
 * it stays to be sent, late, until the episode ends; a plan whose coverage begins after the window was never to be told [D].
 */
export function notificationDue(account: Account, context: DueContext): Due {
  const { coverage, episode, payer, question, ruleset, span } = account;
  const days = ruleset.parameters.notificationDays?.value;
  if (!('A-1' in ruleset.rules) || days === undefined || span.start === undefined) return nothingDue;
  const { start } = span;
  const due = addDays(start, days);
  if (!wasToBeTold(account, coverage)) return nothingDue;
  const urgent = urgentFrom(due, ruleset);
  const dates = [urgent, addDays(due, 1)];
  if (question.date < start) return { items: [], dates };
  const told = notificationOfAdmission(question, context.more.notifications);
  const { dueAt, sentDate, status } = told.figures;
  const isOver = question.date > due && span.end !== undefined && question.date > span.end;
  const item: DueItem = {
    ...owed(account, context, 'A-1'),
    kind: 'notification-of-admission',
    key: keyOf(episode.reference, ruleset.url, payer),
    level: levelOn(question.date, urgent),
    dueDate: due,
    dueAt: typeof dueAt === 'string' ? dueAt : undefined,
    opensOn: start,
    evidence: told.evidence,
    sentence: notificationSentence(told.figures['status'], due, account, told.outcome),
    closed:
      status === 'timely'
        ? `Sent on ${sentDate}.`
        : status === 'late'
          ? `Sent on ${sentDate}, late: it was due on ${due}.`
          : isOver
            ? `The episode ended on ${span.end}.`
            : undefined,
  };
  return { items: [item], dates };
}

function notificationSentence(
  status: string | number | boolean | undefined,
  due: LocalDate,
  account: Account,
  outcome: { readonly reasons?: readonly string[] } | object,
): string {
  const what = `The episode began on ${account.span.start}: send the notification of admission to ${planOf(account)}`;
  const how = 'Complete this Task when it is sent, with the time in an output of type sent.';
  if (status === 'overdue') return `${what}. It was due on ${due}, so it will be late. ${how}`;
  if (status === 'undated')
    return `${what} by the end of ${due}. One was sent, and it is not said on which day. ${how}`;
  if (status === undefined && 'reasons' in outcome)
    return `${what} by the end of ${due}. One was sent that names no plan: name it in restriction.recipient. ${how}`;
  return `${what} by the end of ${due}. ${how}`;
}

/**
 * A-2 as work: from the ruleset's alert day until an authorization covers the first day that needs one. The day after an approved
 * period is such a day again, announced as long before as the end of the exemption is [D]. A plan that is known to ask for nothing
 * is owed nothing; one whose setting is unknown may ask, so its day is announced and the sentence says that.
 */
export function authorizationDue(account: Account, context: DueContext): Due {
  const { episode, payer, question, ruleset, span } = account;
  const { exemptAlertDay, exemptDays, postExemption } = ruleset.parameters;
  if (!('A-2' in ruleset.rules) || !exemptAlertDay || !exemptDays || span.start === undefined) return nothingDue;
  if (postExemption?.value === 'none') return nothingDue;
  const { facts, more } = context;
  const asked = { ...question, date: question.date > span.start ? question.date : span.start };
  const history = { episodes: facts.episodes, charges: [], judged: [] };
  const { approvalFrom } = approvalOn(asked, more.authorizations, history).figures;
  // Where billed days alone count, the exemption lasts longer than by the calendar: nobody can tell yet how long.
  const first = dateIn(ruleset.zone, typeof approvalFrom === 'string' ? approvalFrom : undefined);
  const free = first ?? addDays(span.start, exemptDays.value);
  const needed = neededFrom(account, more.authorizations, free > span.start ? free : span.start);
  const over = whyOver(account, context);
  const dates: LocalDate[] = [];
  const items = needed.flatMap(({ covered, from }): DueItem[] => {
    const due = addDays(from, -1);
    const opensOn = addDays(due, exemptAlertDay.value - exemptDays.value);
    const urgent = urgentFrom(due, ruleset);
    dates.push(opensOn, urgent);
    if (question.date < opensOn || (span.end !== undefined && span.end < from)) return [];
    const { denied, pending } = decisionsOn({ ...question, date: from }, more.authorizations);
    return [
      {
        ...owed(account, context, 'A-2'),
        kind: 'authorization-due',
        key: keyOf(episode.reference, ruleset.url, payer, from),
        level: levelOn(question.date, urgent),
        dueDate: due,
        opensOn,
        evidence: [episode.reference, ...[...covered, ...pending, ...denied].map(({ reference }) => reference)],
        sentence: authorizationSentence(account, from, pending, denied),
        closed: covered.length > 0 ? `Covered by ${covered.map(({ reference }) => reference).join(', ')}.` : over,
      },
    ];
  });
  return { items, dates };
}

/** Days from which an authorization is needed, oldest first: those that approvals cover, and the first that none does. */
function neededFrom(
  { question, ruleset }: Account,
  facts: readonly AuthorizationFact[],
  first: LocalDate,
): { from: LocalDate; covered: readonly AuthorizationFact[] }[] {
  const found: { from: LocalDate; covered: readonly AuthorizationFact[] }[] = [];
  let from = first;
  for (;;) {
    const { approved } = decisionsOn({ ...question, date: from }, facts);
    found.push({ from, covered: approved });
    const ends = approved.map((one) => spanIn(ruleset.zone, one).end);
    const last = ends
      .filter((end) => end !== undefined)
      .sort()
      .at(-1);
    if (last === undefined || ends.includes(undefined)) return found;
    from = addDays(last, 1);
  }
}

function authorizationSentence(
  account: Account,
  from: LocalDate,
  pending: readonly AuthorizationFact[],
  denied: readonly AuthorizationFact[],
): string {
  const { ruleset } = account;
  const plan = planOf(account);
  const asked = ruleset.parameters.postExemption?.value;
  const count = ruleset.parameters.exemptDayCount?.value;
  const on = count === 'billed-days' ? `${from} on (at the earliest: only billed days count)` : `${from} on`;
  const names = (list: readonly AuthorizationFact[]): string => list.map(({ reference }) => reference).join(', ');
  const what =
    asked === undefined
      ? `What ${plan} asks for from ${on} is not known. Ask the plan, and have its approval by then; its answer is recorded as the ruleset’s postExemption`
      : `From ${on} ${plan} asks for ${asked === 'prior-auth' ? 'prior authorization' : 'a concurrent review'}: have it by then`;
  if (pending.length > 0) return `${what}. ${names(pending)} is pending.`;
  return denied.length > 0 ? `${what}. ${names(denied)} was denied.` : `${what}.`;
}

/** A-6 as work, only where the plan's setting asks for a registration: through the exemption. Lateness blocks nothing, so it is routine. */
export function registrationDue(account: Account, context: DueContext): Due {
  const { episode, payer, question, ruleset, span } = account;
  const { exemptDays, registration } = ruleset.parameters;
  if (!('A-6' in ruleset.rules) || registration?.value !== 'registration' || span.start === undefined)
    return nothingDue;
  const due = exemptDays && addDays(span.start, exemptDays.value - 1);
  const dates = [dayAfter(due)];
  if (question.date < span.start) return { items: [], dates };
  const told = planRegistration(question, context.more.notifications);
  const done = told.outcome.result === 'met';
  const past = due !== undefined && question.date > due ? `The days that it is asked for ended on ${due}.` : undefined;
  const item: DueItem = {
    ...owed(account, context, 'A-6'),
    kind: 'registration',
    key: keyOf(episode.reference, ruleset.url, payer),
    level: 'routine',
    dueDate: due,
    opensOn: span.start,
    evidence: told.evidence,
    sentence: `${planOf(account)} asks for a registration of the service that began on ${span.start}${due === undefined ? '' : `, by ${due}`}. Complete this Task when it is sent.`,
    closed: done ? 'The registration was sent.' : (whyOver(account, context) ?? past),
  };
  return { items: [item], dates };
}
