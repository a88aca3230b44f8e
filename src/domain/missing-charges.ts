import type { LocalDate } from '../base/time.ts';
import { billingOn } from './billing.ts';
import { type Chargeable, type ChargeSources, chargeableDay, chargeableService } from './charges.ts';
import { spanIn } from './dating.ts';
import type { CutCharge } from './facts/cut-charges.ts';
import { holds } from './facts/facts.ts';
import { daysOf, type Period } from './ledger.ts';
import { michiganServices } from './michigan-billing.ts';

/** A billing period that is closed: its days under every version of one ruleset. */
export interface ClosedPeriod extends Period {
  /** url */
  readonly ruleset: string;
}

/** What may be charged of a closed period and is not: it became billable afterwards, by a late entry say. */
export interface MissingCharges {
  readonly period: Period;
  readonly charges: readonly Chargeable[];
}

/**
 * The days and contacts of closed periods that may be charged by what is known now, and for which Footbridge has cut no charge (domain model,
 * section 1: a late entry counts back). What a person set to not-billable or aborted stays so; what a client charged itself is not billable
 * any more.
 *
 * @param sources of one episode
 * @param ever all charges that Footbridge cut of that episode
 */
export function missingCharges(
  sources: ChargeSources,
  ever: readonly CutCharge[],
  closed: readonly ClosedPeriod[],
): MissingCharges[] {
  const charged = new Set(
    ever.filter(({ status }) => status !== 'entered-in-error').map(({ date, service }) => service ?? date),
  );
  const found = [...daysMissing(sources, charged, closed), ...servicesMissing(sources, charged, closed)];
  return [...Map.groupBy(closed, ({ end, start }) => `${start} ${end}`).values()].flatMap((same): MissingCharges[] => {
    const [period] = same;
    const charges = found.filter((one) => same.some((each) => isIn(one, each)));
    return period && charges.length > 0 ? [{ period: { start: period.start, end: period.end }, charges }] : [];
  });
}

function daysMissing(
  { billing, facts, knownAt, series }: ChargeSources,
  charged: ReadonlySet<string>,
  closed: readonly ClosedPeriod[],
): Chargeable[] {
  const own = series.filter(({ ruleset }) => closed.some((one) => one.ruleset === ruleset.url));
  const dates = [...new Set(closed.flatMap(daysOf))]
    .filter(
      (date) => !charged.has(date) && own.some(({ episode, ruleset }) => holds(spanIn(ruleset.zone, episode), date)),
    )
    .sort();
  return dates.length === 0 ? [] : billingOn(facts, billing, series, knownAt, dates).flatMap(chargeableDay);
}

function servicesMissing(
  { accounts, facts, knownAt, michigan }: ChargeSources,
  charged: ReadonlySet<string>,
  closed: readonly ClosedPeriod[],
): Chargeable[] {
  return accounts
    .filter(({ ruleset }) => closed.some((one) => one.ruleset === ruleset.url))
    .flatMap((account) => michiganServices(facts, michigan, account, knownAt))
    .flatMap(chargeableService)
    .filter(({ service }) => service !== undefined && !charged.has(service));
}

function isIn({ account, date }: { account: Chargeable['account']; date: LocalDate }, period: ClosedPeriod): boolean {
  return account.ruleset.url === period.ruleset && period.start <= date && date <= period.end;
}
