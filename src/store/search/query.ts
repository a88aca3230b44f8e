import type { InstantRange } from './dates.ts';
import type { SearchParameter } from './parameters.ts';

/** One way to meet a condition: a search_key entry, a range of them, or what stands somewhere behind a prefix. */
export type KeyTest =
  | { readonly equals: string /** a text that the resource must hold as it is written */; readonly literal?: string }
  | { readonly from: string; readonly before: string }
  | { readonly prefix: string; readonly holds: string };

export type DatePrefix = 'eq' | 'ne' | 'gt' | 'lt' | 'ge' | 'le' | 'sa' | 'eb' | 'ap';

/** What a resource must meet. Alternatives within one are joined by or, conditions by and (R4 search.html#combining). */
export type Condition =
  | { readonly kind: 'id'; readonly ids: readonly string[] }
  | { readonly kind: 'keys'; readonly param: string; readonly tests: readonly KeyTest[]; readonly not: boolean }
  | {
      readonly kind: 'date';
      readonly param: string;
      readonly tests: readonly { readonly prefix: DatePrefix; readonly range: InstantRange }[];
    }
  | {
      readonly kind: 'missing';
      readonly param: string;
      readonly of: Pick<SearchParameter, 'type' | 'code' | 'kind' | 'only'>;
      readonly missing: boolean;
    }
  | { readonly kind: 'chain'; readonly param: string; readonly target: string; readonly condition: Condition };

export interface Include {
  readonly type: string;
  readonly param: string;
  readonly targets: readonly string[];
}

export interface Sort {
  readonly by: '_lastUpdated' | '_id' | { readonly param: string; readonly kind: 'date' | 'text' };
  readonly descending: boolean;
}

export interface SearchQuery {
  readonly type: string;
  readonly conditions: readonly Condition[];
  readonly includes: readonly Include[];
  readonly revIncludes: readonly Include[];
  /** keys of the order, the first one first; never empty */
  readonly sort: readonly Sort[];
  /** most matches of a page; 0 asks for the count alone */
  readonly count: number;
  readonly total: boolean;
  /** the parameters that were followed, for the self link and the cursor */
  readonly followed: URLSearchParams;
  /** parameters that lenient handling passed over */
  readonly ignored: readonly string[];
}
