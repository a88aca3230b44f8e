import type { AuthorizedItem } from './facts/michigan-authorizations.ts';

/** A service that would be billable, with what authorizes it. */
export interface Counted {
  readonly units: number | undefined;
  readonly items: readonly AuthorizedItem[];
}

/**
 * M-11 "All recovery support services must be preauthorized" (Michigan, XII), and "Units of recovery support shall be counted" (XI): once
 * the units that a payer allowed of an item are used, what comes after them is authorized no more. They are used in the order of the
 * services [D], whatever was charged first, so that a late entry moves the end and a charge beyond it is corrected. A service that does
 * not fit as a whole is not charged in part, and leaves what is left to a shorter one. An item of which no number was told has no end.
 *
 * @param services in the order in which they took place
 * @returns those for which nothing is left
 */
export function beyondUnits<One extends Counted>(services: readonly One[]): Set<One> {
  const left = new Map<AuthorizedItem, number>();
  const leftOf = (item: AuthorizedItem): number => left.get(item) ?? item.granted ?? Number.POSITIVE_INFINITY;
  return new Set(
    services.filter(({ items, units }) => {
      if (units === undefined || items.length === 0) return false;
      const item = items.find((one) => leftOf(one) >= units);
      if (item) left.set(item, leftOf(item) - units);
      return item === undefined;
    }),
  );
}
