import type { LocalDate } from '../base/time.ts';
import type { Account } from './accounts.ts';
import type { RuleAnswer } from './answer.ts';
import { type BillingDay, type BillingFacts, billingDays } from './billing.ts';
import type { Series } from './cl-1-caseload.ts';
import type { MemberFacts } from './facts/facts.ts';
import type { Period } from './ledger.ts';
import { type JudgedService, michiganServices } from './michigan-billing.ts';
import { type MichiganFacts } from './michigan-facts.ts';

/** Everything that says what may be charged for an episode, as known at K. */
export interface ChargeSources {
  readonly facts: MemberFacts;
  readonly billing: BillingFacts;
  readonly michigan: MichiganFacts;
  /** of one episode */
  readonly series: readonly Series[];
  /** of one episode */
  readonly accounts: readonly Account[];
  /** ISO instant */
  readonly knownAt: string;
}

/** A day or a contact that may be charged, and as what. */
export interface Chargeable {
  readonly account: Account;
  readonly date: LocalDate;
  /** met: B-2, B-4 or M-0 */
  readonly answer: RuleAnswer;
  readonly code: string;
  readonly modifiers: readonly string[];
  readonly quantity: number;
  /** of the ruleset's parameter `charge` */
  readonly unit: string | undefined;
  /** Practitioner references */
  readonly performers: readonly string[];
  /** charged by the contact: its Encounter or Procedure */
  readonly service: string | undefined;
}

/**
 * What may be charged in a period and is not yet: each billable day of a ruleset that charges by the day, each billable service of one
 * that charges by the contact (domain model 2b, 2e; section 3, Charge). A rule that is a measure only charges nothing.
 */
export function chargeables(sources: ChargeSources, period: Period): Chargeable[] {
  const { accounts, billing, facts, knownAt, michigan, series } = sources;
  const days = billingDays(facts, billing, series, knownAt, period).flatMap(chargeableDay);
  const services = accounts
    .flatMap((account) => michiganServices(facts, michigan, account, knownAt))
    .filter(({ date }) => period.start <= date && date <= period.end)
    .flatMap(chargeableService);
  return [...days, ...services].sort((a, b) => (a.date < b.date ? -1 : a.date > b.date ? 1 : 0));
}

export function chargeableDay({ answer, date, gates, series }: BillingDay): Chargeable[] {
  const charge = series.ruleset.parameters.charge?.value;
  if (!gates || answer.outcome.result !== 'met' || !charge) return [];
  const { coach, quantity } = answer.figures;
  return [
    {
      account: series,
      date,
      answer,
      ...charge,
      quantity: typeof quantity === 'number' ? quantity : 1,
      performers: typeof coach === 'string' ? [coach] : [],
      service: undefined,
    },
  ];
}

export function chargeableService(judged: JudgedService): Chargeable[] {
  const { account, answer, code, date, modifiers, service, units } = judged;
  if (answer.outcome.result !== 'met' || code === undefined || units === undefined) return [];
  const unit = account.ruleset.parameters.charge?.value.unit;
  const { performers, reference } = service;
  return [{ account, date, answer, code, modifiers, quantity: units, unit, performers, service: reference }];
}
