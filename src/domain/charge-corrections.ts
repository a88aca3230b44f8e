import { billingOn } from './billing.ts';
import { type Chargeable, type ChargeSources, chargeableDay, chargeableService } from './charges.ts';
import type { CutCharge } from './facts/cut-charges.ts';
import { michiganServices } from './michigan-billing.ts';
import type { Outcome } from './outcome.ts';

/** A charge that stands and that the facts, as they are known now, no longer support as it was cut. */
export interface Correction {
  readonly charge: CutCharge;
  /** names what changed: the same cause is the same thing to do */
  readonly cause: string;
  /** for a person: what was charged, what has changed, why */
  readonly sentence: string;
  /** literal references, of the answer as it is now */
  readonly evidence: readonly string[];
}

/** Statuses in which a charge is on its way to the payer, or there. */
const claimed: ReadonlySet<string> = new Set(['billable', 'billed']);

/**
 * What a later fact (a late entry, a retracted contact, an ended coverage) has made wrong about charges that were cut. A charge is never
 * altered silently: each is judged anew as if none of ours had been cut, and where its day or contact is no longer billable, is open, or
 * would be charged otherwise, there is a correction (domain model, section 1: "open a correction Task").
 *
 * @param cut charges of the sources' episode
 */
export function correctionsOf(sources: ChargeSources, cut: readonly CutCharge[]): Correction[] {
  const standing = cut.filter(({ status }) => claimed.has(status));
  if (standing.length === 0) return [];
  const own = new Set(cut.map(({ reference }) => reference));
  const others = sources.billing.charges.filter(({ reference }) => !own.has(reference));
  const anew = {
    ...sources,
    billing: { ...sources.billing, charges: others },
    michigan: { ...sources.michigan, charges: others },
  };
  const answers = Map.groupBy([...dayAnswers(anew, standing), ...serviceAnswers(anew)], ({ key }) => key);
  return standing.flatMap((charge): Correction[] => {
    const now = judgedNow(charge, answers, sources);
    const difference = differenceOf(charge, now);
    return difference === undefined ? [] : [{ charge, ...difference, evidence: now.evidence }];
  });
}

/** What a day or contact is now under one ruleset and payer. */
interface Answered {
  /** ruleset url, payer and date or contact */
  readonly key: string;
  readonly outcome: Outcome;
  readonly chargeable: Chargeable | undefined;
  readonly evidence: readonly string[];
}

function keyOf(url: string, payer: string, what: string): string {
  return `${url} ${payer} ${what}`;
}

function dayAnswers({ billing, facts, knownAt, series }: ChargeSources, standing: readonly CutCharge[]): Answered[] {
  const dates = new Set(standing.flatMap(({ date, service }) => (service === undefined ? [date] : [])));
  return billingOn(facts, billing, series, knownAt, [...dates].sort()).map((day) => ({
    key: keyOf(day.series.ruleset.url, day.series.payer, day.date),
    outcome: day.answer.outcome,
    chargeable: chargeableDay(day)[0],
    evidence: day.answer.evidence,
  }));
}

function serviceAnswers({ accounts, facts, knownAt, michigan }: ChargeSources): Answered[] {
  return accounts
    .flatMap((account) => michiganServices(facts, michigan, account, knownAt))
    .flatMap((judged) =>
      [judged.service, ...judged.linked].map(({ reference }) => ({
        key: keyOf(judged.account.ruleset.url, judged.account.payer, reference),
        outcome: judged.answer.outcome,
        chargeable: chargeableService(judged)[0],
        evidence: judged.answer.evidence,
      })),
    );
}

/** Of several versions of a ruleset the one that still bears the charge out; else any that says why not. */
function judgedNow(
  charge: CutCharge,
  answers: ReadonlyMap<string, readonly Answered[]>,
  { accounts }: ChargeSources,
): Answered {
  const [url = ''] = charge.ruleset.split('|');
  const key = keyOf(url, charge.payer, charge.service ?? charge.date);
  const found = answers.get(key) ?? [];
  const answered = found.find(({ chargeable }) => chargeable) ?? found[0];
  if (answered) return answered;
  const covered = accounts.some(({ payer, ruleset }) => payer === charge.payer && ruleset.url === url);
  const reason = !covered
    ? 'no coverage under the ruleset'
    : charge.service === undefined
      ? 'caseload-off: no coach'
      : `${charge.service} is no service of the episode any more`;
  return { key, outcome: { result: 'not-met', reasons: [reason] }, chargeable: undefined, evidence: [] };
}

function differenceOf(
  charge: CutCharge,
  { chargeable, outcome }: Answered,
): Pick<Correction, 'cause' | 'sentence'> | undefined {
  const what = charge.service === undefined ? `The day ${charge.date}` : `${charge.service} of ${charge.date}`;
  const was = toText(charge);
  if (chargeable) {
    const now = toText(chargeable);
    if (now === was) return undefined;
    return { cause: `charged otherwise: ${now}`, sentence: `${what} was charged as ${was} and would be ${now} now.` };
  }
  const reasons = 'reasons' in outcome ? [...outcome.reasons].sort().join('; ') : 'nothing says what it is charged as';
  const state = outcome.result === 'indeterminate' ? 'not certain any more' : 'not billable any more';
  return { cause: `${state}: ${reasons}`, sentence: `${what} was charged as ${was} and is ${state}: ${reasons}.` };
}

function toText({ code, modifiers, quantity }: Pick<CutCharge, 'code' | 'modifiers' | 'quantity'>): string {
  return `${[code ?? 'no code', ...modifiers].join('-')}, quantity ${quantity ?? 'unknown'}`;
}
