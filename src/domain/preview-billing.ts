import { addDays, type LocalDate } from '../base/time.ts';
import { type Account, accountsOf } from './accounts.ts';
import { type BillingDay, billingDays } from './billing.ts';
import { seriesOf } from './caseload.ts';
import { type Chargeable, type ChargeSources, chargeableDay, chargeableService } from './charges.ts';
import type { Series } from './cl-1-caseload.ts';
import type { CutCharge } from './facts/cut-charges.ts';
import { holds, type MemberFacts } from './facts/facts.ts';
import type { Period } from './ledger.ts';
import { type JudgedService, michiganServices } from './michigan-billing.ts';
import { indeterminate, type Outcome } from './outcome.ts';
import { canonicalOf, type Ruleset } from './ruleset.ts';

/** What one payer's ruleset says of a day or a contact. */
export interface Billed {
  /** `url|version`; undefined: no such ruleset covers the episode */
  readonly ruleset: string | undefined;
  /** met: it may be charged, and then as `charge` */
  readonly outcome: Outcome;
  /** code and modifiers, `T1012-HG` */
  readonly charge: string | undefined;
  /** whole units of the charge */
  readonly units: number | undefined;
}

/** Days that follow each other, or a contact, that other rulesets would bill otherwise. */
export interface BillingChange {
  /** EpisodeOfCare reference */
  readonly episode: string;
  /** Organization reference */
  readonly payer: string;
  readonly start: LocalDate;
  /** the last day, included; a contact's is its start */
  readonly end: LocalDate;
  /** charged by the contact: its Encounter or Procedure */
  readonly service: string | undefined;
  readonly before: Billed;
  readonly after: Billed;
  /** charges that Footbridge cut for it and that stand: each would be corrected */
  readonly charged: number;
}

/** What billing rests on for one member at one organisation, whichever rulesets judge it. */
export type BillingRecords = Pick<ChargeSources, 'billing' | 'facts' | 'michigan'> & {
  /** charges that Footbridge cut */
  readonly cut: readonly CutCharge[];
};

/** Versions of one ruleset name for an episode and payer: as of a caseload, they are one account to whoever bills. */
interface Side {
  readonly accounts: readonly Account[];
  readonly series: readonly Series[];
}

interface Judged {
  readonly date: LocalDate;
  readonly service: string | undefined;
  readonly billed: Billed;
  /** whether a coverage brings the version to bear on the date */
  readonly bears: boolean;
}

/**
 * Which days and contacts of a period would become billable or not, would be open or decided, or would be charged otherwise, with the
 * reasons before and after, by the functions that answer the ledger. What Footbridge charged already is judged as if it had not, as its
 * corrections are: a closed month is mostly charged, and the question is whether it would be. Another reason for the same answer is no
 * change.
 *
 * @returns by episode, ruleset and payer, then by date
 */
export function billingPreviewOf(
  records: BillingRecords,
  held: readonly Ruleset[],
  proposed: readonly Ruleset[],
  knownAt: string,
  period: Period,
): BillingChange[] {
  const was = sidesOf(records.facts, held, knownAt);
  const wouldBe = sidesOf(records.facts, proposed, knownAt);
  const anew = withoutCut(records);
  const keys = [...new Set([...was.keys(), ...wouldBe.keys()])].sort();
  return keys.flatMap((key) => {
    const before = was.get(key) ?? nobody;
    const after = wouldBe.get(key) ?? nobody;
    // What the files leave as it is need not be judged twice.
    if (textOf(before, held) === textOf(after, held)) return [];
    return changesOf(judged(anew, before, knownAt, period), judged(anew, after, knownAt, period), period)
      .map((change) => ({ ...change, ...nameOf(before, after) }))
      .map((change) => ({ ...change, charged: chargedFor(change, records.cut) }))
      .reduce(joined, []);
  });
}

const nobody: Side = { accounts: [], series: [] };

function sidesOf(facts: MemberFacts, rulesets: readonly Ruleset[], knownAt: string): Map<string, Side> {
  const keyOf = ({ episode, payer, ruleset }: Account): string => [episode.reference, ruleset.name, payer].join(' ');
  const series = Map.groupBy(seriesOf(facts, rulesets, knownAt), keyOf);
  const accounts = Map.groupBy(accountsOf(facts, rulesets, knownAt), keyOf);
  return new Map([...accounts].map(([key, own]) => [key, { accounts: own, series: series.get(key) ?? [] }]));
}

/** Two texts are the same only where the very rulesets that are held judge the same coverages. */
function textOf({ accounts }: Side, held: readonly Ruleset[]): string {
  return JSON.stringify(accounts.map(({ coverage, ruleset }) => [held.indexOf(ruleset), coverage]));
}

function nameOf({ accounts: before }: Side, { accounts: after }: Side): Pick<BillingChange, 'episode' | 'payer'> {
  const [one] = [...before, ...after];
  return { episode: one?.episode.reference ?? '', payer: one?.payer ?? '' };
}

function withoutCut({ billing, cut, facts, michigan }: BillingRecords): Omit<BillingRecords, 'cut'> {
  const own = new Set(cut.map(({ reference }) => reference));
  const charges = billing.charges.filter(({ reference }) => !own.has(reference));
  return { facts, billing: { ...billing, charges }, michigan: { ...michigan, charges } };
}

function judged(
  { billing, facts, michigan }: Omit<BillingRecords, 'cut'>,
  { accounts, series }: Side,
  knownAt: string,
  period: Period,
): Map<string, Judged> {
  const all = [
    ...billingDays(facts, billing, series, knownAt, period).map(judgedDay),
    ...accounts.flatMap((account) => michiganServices(facts, michigan, account, knownAt)).map(judgedService),
  ];
  const versions = Map.groupBy(all, ({ date, service }) => service ?? date);
  return new Map([...versions].flatMap(([what, several]) => deciding(several).map((one) => [what, one] as const)));
}

/** Of several versions the one that bills; else the one that holds on the day, which says why not. */
function deciding(several: readonly Judged[]): Judged[] {
  const found =
    several.find(({ billed }) => billed.charge !== undefined) ?? several.find(({ bears }) => bears) ?? several[0];
  return found ? [found] : [];
}

function judgedDay(day: BillingDay): Judged {
  const { answer, date, gates, series } = day;
  const [chargeable] = chargeableDay(day);
  const decided = gates ? answer.outcome : notDeciding(answer.outcome);
  return { date, service: undefined, billed: billedBy(series, decided, chargeable), bears: bearsOn(series, date) };
}

function judgedService(service: JudgedService): Judged {
  const { account, answer, date } = service;
  const [chargeable] = chargeableService(service);
  return {
    date,
    service: service.service.reference,
    billed: billedBy(account, answer.outcome, chargeable),
    bears: bearsOn(account, date),
  };
}

function bearsOn({ coverage }: Account, date: LocalDate): boolean {
  return coverage.some((span) => holds(span, date));
}

/** A rule that only informs beside another payer's file charges nothing, whatever it says. */
function notDeciding(outcome: Outcome): Outcome {
  return outcome.result === 'not-applicable' ? outcome : { result: 'not-applicable', reasons: ['rule-does-not-gate'] };
}

function billedBy({ ruleset }: Account, outcome: Outcome, chargeable: Chargeable | undefined): Billed {
  const canonical = canonicalOf(ruleset);
  if (chargeable) {
    const { code, modifiers, quantity } = chargeable;
    return { ruleset: canonical, outcome, charge: [code, ...modifiers].join('-'), units: quantity };
  }
  const open = outcome.result === 'met' ? indeterminate('missing-parameter: charge') : outcome;
  return { ruleset: canonical, outcome: open, charge: undefined, units: undefined };
}

type Unnamed = Pick<BillingChange, 'after' | 'before' | 'end' | 'service' | 'start'>;

function changesOf(was: ReadonlyMap<string, Judged>, wouldBe: ReadonlyMap<string, Judged>, period: Period): Unnamed[] {
  return [...new Set([...was.keys(), ...wouldBe.keys()])]
    .flatMap((what): Unnamed[] => {
      const [before, after] = [was.get(what), wouldBe.get(what)];
      const one = after ?? before;
      if (!one || !isWithin(one, period) || kindOf(before?.billed) === kindOf(after?.billed)) return [];
      const { date, service } = one;
      const [stood, stands] = [before?.billed ?? unbilled, after?.billed ?? unbilled];
      return [{ start: date, end: date, service, before: stood, after: stands }];
    })
    .sort((a, b) => (a.start < b.start ? -1 : a.start > b.start ? 1 : 0));
}

function isWithin({ date }: Judged, { end, start }: Period): boolean {
  return start <= date && date <= end;
}

const unbilled: Billed = {
  ruleset: undefined,
  outcome: { result: 'not-applicable', reasons: ['no-billing-rule'] },
  charge: undefined,
  units: undefined,
};

/** What somebody who bills does with it: charges it, and as what; asks for what is open; leaves it. */
function kindOf(billed: Billed | undefined): string {
  if (billed?.charge !== undefined) return `${billed.charge} ${billed.units}`;
  return billed?.outcome.result === 'indeterminate' ? 'open' : 'not billable';
}

function chargedFor(
  { after, before, episode, payer, service, start }: Omit<BillingChange, 'charged'>,
  cut: readonly CutCharge[],
): number {
  const urls = [before, after].map(({ ruleset }) => ruleset?.split('|')[0]);
  return cut.filter(
    (one) =>
      (one.status === 'billable' || one.status === 'billed') &&
      one.episode === episode &&
      one.payer === payer &&
      urls.includes(one.ruleset.split('|')[0]) &&
      (one.service ?? one.date) === (service ?? start),
  ).length;
}

/** Days that follow each other and change alike are one. */
function joined(spans: readonly BillingChange[], day: BillingChange): BillingChange[] {
  const last = spans.at(-1);
  const same = (one: BillingChange): string => JSON.stringify([one.before, one.after]);
  const joins =
    last?.service === undefined &&
    day.service === undefined &&
    last !== undefined &&
    addDays(last.end, 1) === day.start &&
    same(last) === same(day);
  return joins
    ? [...spans.slice(0, -1), { ...last, end: day.end, charged: last.charged + day.charged }]
    : [...spans, day];
}
