import { addDays, addMonths, daysBetween, type LocalDate, localDate } from '../base/time.ts';
import { spanIn } from './dating.ts';
import type { Span } from './facts/facts.ts';
import type { Period } from './ledger.ts';
import { inForce, intersect, type Ruleset } from './ruleset.ts';

/** An organisation that has Footbridge close its billing periods: those days on which it does (ext `billing-close`). */
export interface ClosingOrganization extends Span {
  /** id of the Organization */
  readonly id: string;
}

/** A billing period that is to be closed: its days under one version of a ruleset. */
export interface Closing extends Period {
  /** id of the Organization */
  readonly organization: string;
  /** url: another version of it closes no day again */
  readonly ruleset: string;
}

export type BillingPeriod = NonNullable<Ruleset['parameters']['billingPeriod']>['value'];

const monday = localDate('1970-01-05');

/** The billing period that holds a date: a calendar month, its half from the 1st or 16th, or a week from Monday. */
export function periodOf(kind: BillingPeriod, date: LocalDate): Period {
  if (kind === 'week') {
    const start = addDays(date, -(((daysBetween(monday, date) % 7) + 7) % 7));
    return { start, end: addDays(start, 6) };
  }
  const first = localDate(`${date.slice(0, 7)}-01`);
  const last = addDays(addMonths(first, 1), -1);
  if (kind === 'month') return { start: first, end: last };
  const middle = addDays(first, 14);
  return date <= middle ? { start: first, end: middle } : { start: addDays(middle, 1), end: last };
}

/** Days of one organisation and ruleset that a night closes at most: a longer arrear is closed night by night. */
const mostDays = 100;

/**
 * The periods that are to be closed in a zone on D: those that ended `closeAfterDays` ago or earlier and are not closed yet, from the
 * day on which the organisation has them closed. So one that fell into days on which nothing ran is closed afterwards, once.
 *
 * @param closedThrough the last day that is closed; undefined: none is
 */
export function closingsDue(
  rulesets: readonly Ruleset[],
  organizations: readonly ClosingOrganization[],
  closedThrough: (organization: string, ruleset: string) => LocalDate | undefined,
  { date, zone }: { readonly zone: string; readonly date: LocalDate },
): Closing[] {
  const versions = Map.groupBy(
    rulesets.filter((ruleset) => ruleset.zone === zone),
    ({ url }) => url,
  );
  return organizations.flatMap((organization) =>
    [...versions].flatMap(([url, some]) => {
      const after = closedThrough(organization.id, url);
      const due = some.flatMap((ruleset) => periodsDue(ruleset, organization, after, date)).sort(byStart);
      const first = due[0]?.start;
      return due
        .filter(({ end }) => first !== undefined && daysBetween(first, end) < mostDays)
        .map((period) => ({ organization: organization.id, ruleset: url, ...period }));
    }),
  );
}

function byStart(a: Period, b: Period): number {
  return a.start < b.start ? -1 : 1;
}

function periodsDue(
  ruleset: Ruleset,
  organization: ClosingOrganization,
  after: LocalDate | undefined,
  date: LocalDate,
): Period[] {
  const { billingPeriod, closeAfterDays } = ruleset.parameters;
  const asked = spanIn(ruleset.zone, organization);
  // Without its first day nobody can say how far back; the profile asks for it.
  if (!billingPeriod || !closeAfterDays || asked.start === undefined) return [];
  const open = { start: after === undefined ? undefined : addDays(after, 1), end: undefined };
  const span = intersect(intersect(asked, inForce(ruleset)), open);
  const due: Period[] = [];
  for (let from = span.start; from !== undefined && (span.end === undefined || from <= span.end); ) {
    const period = periodOf(billingPeriod.value, from);
    if (addDays(period.end, closeAfterDays.value) > date) break;
    const { end = period.end } = intersect(period, { start: undefined, end: span.end });
    due.push({ start: from, end });
    from = addDays(period.end, 1);
  }
  return due;
}
