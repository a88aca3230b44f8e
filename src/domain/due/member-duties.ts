import { addDays, type LocalDate } from '../../base/time.ts';
import { transitionDates } from '../cl-1-caseload.ts';
import { dateIn } from '../dating.ts';
import type { AdverseEventFact } from '../facts/adverse-events.ts';
import type { FamilyState } from '../facts/family-plans.ts';
import { m16Lost } from '../m-16-lost.ts';
import { m17Relapse } from '../m-17-relapse.ts';
import { latestFirst, planOfSafeCare } from '../ps-plan-of-safe-care.ts';
import { adverseEventsReported } from '../q-1-adverse-events.ts';
import { canonicalOf } from '../ruleset.ts';
import { type Account, type DueContext, whyOver } from './accounts.ts';
import { basisOf, type Due, type DueItem, dayAfter, keyOf, nothingDue } from './item.ts';

/** What is owed to the member: done once, whichever payer asks, so no key names a payer. */
function owed({ episode, payer, ruleset }: Account, { facts }: DueContext, rule: string) {
  return {
    rule,
    subject: facts.patient,
    dueAt: undefined,
    coach: episode.careManager[0],
    payer,
    ruleset: canonicalOf(ruleset),
    basis: basisOf(ruleset, rule),
  };
}

/**
 * M-16 as work: from the day on which the client counts as lost until a contact counts again. An attempt is an effort and the efforts
 * go on: it makes the work routine. The emergency contact is named only while a consent lets it be asked.
 */
export function outreachDue(account: Account, context: DueContext): Due {
  const { episode, question, ruleset } = account;
  const limit = ruleset.parameters.lostAfterDays?.value;
  const told = m16Lost(question, context.facts.support, context.more.consents);
  const { attempts, days, emergencyContact, lost } = told.figures;
  if (limit === undefined || typeof days !== 'number') return nothingDue;
  const since = addDays(question.date, -days);
  const opensOn = addDays(since, limit + 1);
  const consents = context.more.consents.flatMap(({ end, start }) => [
    dateIn(ruleset.zone, start),
    dayAfter(dateIn(ruleset.zone, end, 'end')),
  ]);
  const dates = [...account.caseloads.flatMap(transitionDates), opensOn, ...consents];
  if (lost !== true) return { items: [], dates };
  const tried = attempts === 0 ? 'No attempt is recorded' : `Attempts recorded: ${attempts}`;
  const asking = emergencyContact
    ? 'A consent lets you ask the emergency contact.'
    : 'No consent lets you ask the emergency contact.';
  const item: DueItem = {
    ...owed(account, context, 'M-16'),
    kind: 'outreach',
    key: keyOf(episode.reference, since),
    level: attempts === 0 ? 'urgent' : 'routine',
    dueDate: undefined,
    opensOn,
    focus: episode.reference,
    evidence: [episode.reference, ...told.evidence],
    sentence: `No contact has counted since ${since}: reach out to the member, and record each attempt as a Procedure. ${tried}. ${asking}`,
    closed: whyOver(account, context),
  };
  return { items: [item], dates };
}

/** M-17 as work: a relapse asks for a review of the intensity on its day or later. */
export function intensityReviewDue(account: Account, context: DueContext): Due {
  const { episode, question, ruleset } = account;
  if (!('M-17' in ruleset.rules)) return nothingDue;
  const { modes, stages, tasks } = context.more;
  const mode = modes.find((one) => one.episode === episode.reference);
  const told = m17Relapse(question, mode, stages, tasks);
  const { relapse } = told.figures;
  const on = typeof relapse === 'string' ? dateIn(ruleset.zone, relapse) : undefined;
  if (on === undefined || (account.span.start !== undefined && on < account.span.start)) return nothingDue;
  const reasons = 'reasons' in told.outcome ? told.outcome.reasons : [];
  const item: DueItem = {
    ...owed(account, context, 'M-17'),
    kind: 'intensity-review',
    key: keyOf(episode.reference, on),
    level: 'routine',
    dueDate: undefined,
    opensOn: on,
    focus: episode.reference,
    evidence: [episode.reference, ...told.evidence],
    sentence: `A relapse was recorded on ${on}: services go on. Review with the member whether more of them help now.`,
    closed: reasons.includes('no-intensity-review') ? whyOver(account, context) : 'The intensity was reviewed.',
  };
  return { items: [item], dates: [] };
}

/** PS-1 as work: while the member is pregnant or parenting by the latest word and no Plan of Safe Care is active. */
export function safeCareDue(account: Account, context: DueContext): Due {
  const { episode, question, ruleset } = account;
  if (!('PS-1' in ruleset.rules)) return nothingDue;
  const { plans, states } = context.more;
  const told = planOfSafeCare(question, states, plans);
  const since = presentSince(states, account);
  if (since === undefined || told.figures['due'] === undefined) return nothingDue;
  const item: DueItem = {
    ...owed(account, context, 'PS-1'),
    kind: 'plan-of-safe-care',
    key: keyOf(episode.reference, since),
    level: 'routine',
    dueDate: undefined,
    opensOn: since,
    focus: episode.reference,
    evidence: [episode.reference, ...told.evidence],
    sentence: `The member is pregnant or parenting since ${since}: make a Plan of Safe Care with the member, and record it as an active CarePlan.`,
    closed: told.figures['due'] === true ? whyOver(account, context) : 'A Plan of Safe Care is active.',
  };
  return { items: [item], dates: [] };
}

/** The day from which one of the two has been said to be so without a break. */
function presentSince(states: readonly FamilyState[], { question, ruleset }: Account): LocalDate | undefined {
  const dated = states
    .toSorted(latestFirst(ruleset.zone))
    .reverse()
    .flatMap(({ on, present, what }) => {
      const date = dateIn(ruleset.zone, on);
      return date === undefined || date > question.date ? [] : [{ date, present, what }];
    });
  const now = new Map<FamilyState['what'], boolean>();
  let since: LocalDate | undefined;
  for (const { date, present, what } of dated) {
    now.set(what, present === true);
    since = [...now.values()].includes(true) ? (since ?? date) : undefined;
  }
  return since;
}

/**
 * Q-1 as work: each adverse event is reported to each authority that the deployment's ruleset names, within the days that it names. No
 * document names an authority; while none is set there is one item, which asks for it. A report that others recorded closes it.
 */
export function reportsDue(account: Account, context: DueContext): Due {
  const { coverage, question, ruleset } = account;
  if (!('Q-1' in ruleset.rules)) return nothingDue;
  const authorities = ruleset.parameters.reportAuthorities?.value ?? [];
  const items = context.more.events.flatMap((event): DueItem[] => {
    const on = dateIn(ruleset.zone, event.on);
    if (on !== undefined && on > question.date) return [];
    // A report stays owed when the coverage ends; whether it was owed at all is decided by the day of the event.
    const day = on ?? question.date;
    if (!coverage.some(({ end, start }) => (start ?? day) <= day && day <= (end ?? day))) return [];
    const names = authorities.length > 0 ? authorities : [undefined];
    return names.map((authority) => reportDue(account, context, event, on, authority));
  });
  return { items, dates: [] };
}

function reportDue(
  account: Account,
  context: DueContext,
  event: AdverseEventFact,
  on: LocalDate | undefined,
  authority: { readonly name: string; readonly withinDays?: number } | undefined,
): DueItem {
  const { question } = account;
  const within = authority?.withinDays;
  const due = on === undefined || within === undefined ? undefined : addDays(on, within);
  const isReported = adverseEventsReported(question, [event]).outcome.result === 'met';
  const what = `An adverse event${on === undefined ? '' : ` of ${on}`} is to be reported`;
  return {
    ...owed(account, context, 'Q-1'),
    kind: 'adverse-event-report',
    key: keyOf(context.organization, event.reference, authority?.name),
    level: 'urgent',
    dueDate: due,
    opensOn: on,
    coach: undefined,
    focus: event.reference,
    evidence: [event.reference, ...event.reports.map(({ reference }) => reference)],
    sentence:
      authority === undefined
        ? `${what} to the relevant authorities. Which they are is not set: name them in the ruleset’s reportAuthorities.`
        : `${what} to ${authority.name}${due === undefined ? '' : ` by ${due}`}. Complete this Task when it is sent.`,
    closed: isReported ? 'The event was reported.' : undefined,
  };
}

/** Facts that cannot all be true: a person must say which one is. */
export function contradictionsDue(context: DueContext): readonly DueItem[] {
  return context.contradictions.map(({ code, episode, evidence, text }) => ({
    kind: 'fact-contradiction' as const,
    rule: undefined,
    key: keyOf(context.organization, context.facts.patient, code, episode, ...evidence),
    level: 'routine' as const,
    dueDate: undefined,
    dueAt: undefined,
    opensOn: undefined,
    subject: context.facts.patient,
    coach: undefined,
    payer: undefined,
    ruleset: undefined,
    basis: undefined,
    // A Task about a ServiceRequest would be a referral, with a life of its own.
    focus: episode ?? evidence.find((reference) => !reference.startsWith('ServiceRequest/')) ?? context.facts.patient,
    evidence,
    sentence: text,
    closed: undefined,
  }));
}
