import type { TenantId } from '../base/ids.ts';
import type { LocalDate } from '../base/time.ts';
import { contradictionsOf } from '../domain/contradictions.ts';
import { dueContext } from '../domain/due/accounts.ts';
import { dueFacts } from '../domain/due/facts.ts';
import type { DueItem } from '../domain/due/item.ts';
import { dueDates, dueOf } from '../domain/due.ts';
import type { MemberFacts, Recorded } from '../domain/facts/facts.ts';
import type { Ruleset } from '../domain/ruleset.ts';
import type { Wake } from '../store/due.ts';
import type { LockedRow } from '../store/lock.ts';
import type { NightOf } from './caseload-series.ts';
import type { Change } from './computed.ts';
import { dueChanges, dueIds } from './due-resources.ts';
import { rowsOfOwner } from './owned-facts.ts';

/** What is due for a member at each organisation, and when that changes by itself. */
export interface MemberDue {
  /** by Organization id */
  readonly items: ReadonlyMap<string, readonly DueItem[]>;
  readonly wakes: readonly Wake[];
}

/** What falls due for a member (docs/due.md), from the facts that its caseload was computed from. */
export function memberDue(
  patient: string,
  factsByOwner: ReadonlyMap<string, MemberFacts>,
  rows: readonly Recorded[],
  when: { readonly rulesets: readonly Ruleset[]; readonly now: Date; readonly asOf?: NightOf },
): MemberDue {
  const { asOf, now, rulesets } = when;
  const knownAt = now.toISOString();
  const items = new Map<string, readonly DueItem[]>();
  const next = new Map<string, LocalDate>();
  for (const [owner, facts] of factsByOwner) {
    const context = dueContext({
      organization: `Organization/${owner}`,
      facts,
      more: dueFacts(rowsOfOwner(rows, owner)),
      rulesets,
      contradictions: contradictionsOf(facts, rulesets, knownAt),
      knownAt,
      asOf,
    });
    items.set(owner, dueOf(context));
    for (const { date, zone } of dueDates(context)) {
      const known = next.get(zone);
      if (known === undefined || date < known) next.set(zone, date);
    }
  }
  const subject = `Patient/${patient}`;
  return { items, wakes: [...next].map(([zone, date]) => ({ subject, zone, next_date: date })) };
}

/**
 * The ids of the Flags and Tasks that may have to be opened. What is closed already opens none, and what stands for it stands with
 * the member: who gave it to another member made it theirs.
 */
export function dueIdsOf(tenant: TenantId, { items }: MemberDue): string[] {
  return [...items].flatMap(([owner, own]) =>
    dueIds(
      tenant,
      owner,
      own.filter(({ closed }) => closed === undefined),
    ),
  );
}

/** An organisation whose episode is gone owes nothing any more: what it still has standing is closed. */
export function dueChangesOf(tenant: TenantId, { items }: MemberDue, standing: readonly LockedRow[]): Change[] {
  const owners = new Set([...items.keys(), ...standing.map(({ owner }) => owner)]);
  return [...owners].sort().flatMap((owner) => {
    const own = items.get(owner) ?? [];
    // What somebody else put under an id of ours stands in its way.
    const named = new Set(dueIds(tenant, owner, own));
    const stands = standing.filter((row) => row.owner === owner || named.has(row.id));
    return dueChanges(tenant, owner, own, stands);
  });
}
