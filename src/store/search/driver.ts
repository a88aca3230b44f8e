import { isIndexed } from './conditions.ts';
import { type ParameterKind, parametersOf } from './parameters.ts';
import type { Condition, SearchQuery } from './query.ts';

export interface Driver {
  readonly condition: Condition;
  /** it may find very many */
  readonly weak: boolean;
}

/**
 * The condition that is looked up first: the one that by its nature finds the fewest rows. Statistics would know better at times,
 * but a fresh database has none, and row-level security hides most of them from the planner.
 */
export function driverOf({ type, conditions }: Pick<SearchQuery, 'type' | 'conditions'>): Driver | undefined {
  let best: Condition | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const condition of conditions) {
    const rank = rankOf(type, condition);
    if (rank < least) [best, least] = [condition, rank];
  }
  return best && { condition: best, weak: least >= firstWeak };
}

/** From this rank on a condition may well hold for most of a type: references to others than Patients, dates, codes. */
const firstWeak = 5;
const never = Number.POSITIVE_INFINITY;

function rankOf(type: string, condition: Condition): number {
  switch (condition.kind) {
    case 'id':
      return 0;
    case 'keys': {
      if (!isIndexed(condition)) return never;
      const parameter = parametersOf(type).get(condition.param);
      if (parameter?.code === 'identifier') return 1;
      if (parameter?.kind === 'reference') return parameter.targets.includes('Patient') ? 2 : 5;
      return keyRanks[parameter?.kind ?? 'token'];
    }
    case 'chain':
      return 1 + rankOf(condition.target, condition.condition);
    case 'date':
      return condition.param === '_lastUpdated' ? never : 7;
    case 'missing':
      return never;
  }
}

const keyRanks: Readonly<Record<ParameterKind, number>> = { uri: 3, string: 4, reference: 5, token: 8, date: 7 };
