import { remembered } from '../base/remembered.ts';
import { addDays, type LocalDate, localDateOf } from '../base/time.ts';
import { dateIn } from './dating.ts';
import { type Account, type DueContext, dueDay, endings } from './due/accounts.ts';
import { caseloadRisk } from './due/caseload-risk.ts';
import { type Due, type DueItem, dayAfter } from './due/item.ts';
import { contradictionsDue, intensityReviewDue, outreachDue, reportsDue, safeCareDue } from './due/member-duties.ts';
import { authorizationDue, notificationDue, registrationDue } from './due/plan-duties.ts';
import { residentialDue } from './due/residential.ts';

/** R4 types that it reads. */
export const inputTypes = [
  'AdverseEvent',
  'CarePlan',
  'ClaimResponse',
  'Communication',
  'Consent',
  'Coverage',
  'DocumentReference',
  'Encounter',
  'EpisodeOfCare',
  'Observation',
  'Patient',
  'Practitioner',
  'PractitionerRole',
  'Procedure',
  'Provenance',
  'Task',
] as const;

const topics: readonly ((account: Account, context: DueContext) => Due)[] = [
  caseloadRisk,
  notificationDue,
  authorizationDue,
  registrationDue,
  outreachDue,
  intensityReviewDue,
  safeCareDue,
  reportsDue,
  residentialDue,
];

/** Every topic of an account, for both questions: what is due, and when that changes. */
const owedIn = remembered((account: Account, context: DueContext): readonly Due[] =>
  topics.map((topic) => topic(account, context)),
);

/**
 * What is to be done for one member at one organisation on D, as known at K, and what no longer is, with the reason: the work that the
 * rules ask for (domain model 2: CL-2, A-1, A-2, A-6, M-16, M-17, M-23, PS-1, Q-1), and facts that contradict each other. Sorted by kind and
 * key; what two payers ask for alike is one item, open while one of them asks.
 */
export function dueOf(context: DueContext): readonly DueItem[] {
  const found = new Map<string, DueItem>();
  const owed = context.accounts.flatMap((account) => owedIn(account, context).flatMap(({ items }) => items));
  for (const item of [...owed, ...contradictionsDue(context)]) {
    const name = `${item.kind} ${item.key}`;
    const other = found.get(name);
    if (!other || (other.closed !== undefined && item.closed === undefined)) found.set(name, item);
  }
  return [...found.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, item]) => item);
}

/**
 * The dates after D on which the answer of `dueOf` can change by itself, with the zone that they are dates of. It never changes by itself
 * before the first of them; what it says on that day may add later ones.
 */
export function dueDates(context: DueContext): readonly { readonly zone: string; readonly date: LocalDate }[] {
  const zones = new Map<string, Set<LocalDate>>();
  const add = (zone: string, dates: readonly (LocalDate | undefined)[]): void => {
    const today = dueDay(context, zone);
    const known = zones.get(zone) ?? new Set();
    for (const date of dates) if (date !== undefined && date > today) known.add(date);
    zones.set(zone, known);
  };
  const said = saidIn(context);
  for (const account of context.accounts) {
    const { zone } = account.ruleset;
    add(
      zone,
      owedIn(account, context).flatMap(({ dates }) => dates),
    );
    // What lies ahead comes true on its day, an instant of that day at the latest at the midnight after it.
    add(
      zone,
      said.flatMap((value) =>
        isLongPast(value, dueDay(context, zone)) ? [] : [dateIn(zone, value), dayAfter(dateIn(zone, value, 'end'))],
      ),
    );
    add(zone, endings(account, context));
  }
  for (const { publishedAt, zone } of context.rulesets) add(zone, [dayAfter(localDateOf(publishedAt, zone))]);
  return [...zones].flatMap(([zone, dates]) => [...dates].sort().map((date) => ({ zone, date })));
}

/** Whether it lies before a day in every zone, as nearly all that was ever said does: read off the text, for a calendar is dearer. */
function isLongPast(value: string | undefined, day: LocalDate): boolean {
  return value !== undefined && value.length >= 10 && value.slice(0, 10) < addDays(day, -2);
}

/** Every date that the facts of the duties and contradictions hold. */
function saidIn({ facts, more }: DueContext): (string | undefined)[] {
  const { authorizations, consents, events, notifications, plans, stages, states, tasks } = more;
  return [
    ...[...authorizations, ...consents, ...plans, ...facts.support].flatMap(({ end, start }) => [start, end]),
    ...facts.contacts.flatMap(({ documentation, start }) => [start, ...documentation.map(({ signedAt }) => signedAt)]),
    ...facts.messages.map(({ sent }) => sent),
    ...authorizations.map(({ created }) => created),
    ...[...events, ...states].map(({ on }) => on),
    ...notifications.flatMap(({ acknowledgedAt, sentAt }) => [sentAt, acknowledgedAt]),
    ...stages.map(({ at }) => at),
    ...tasks.map(({ date }) => date),
  ];
}
