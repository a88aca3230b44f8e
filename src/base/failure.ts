/**
 * What can go wrong, as data. `http/outcome.ts` turns a category into a status and an OperationOutcome; `jobs` decides from it
 * between retry and park. Facts travel as fields: nobody reads meaning out of `what`.
 */
export type FailureCategory =
  | 'invalid' // the request or resource is wrong: 400 or 422
  | 'unauthorized' // no or no valid token: 401
  | 'forbidden' // the token's scopes do not reach: 403
  | 'not-found' // absent, or hidden, which is the same: 404
  | 'gone' // deleted and visible to the caller: 410
  | 'conflict' // version, state or duplicate: 409 or 412
  | 'unsupported' // method, media type or feature: 405, 406, 415, 501
  | 'too-costly' // larger or slower than we accept: 413 or 422
  | 'busy' // rate or lock: 429 or 409
  | 'unavailable' // the store is away: 503 with Retry-After
  | 'fault'; // our own error: 500, with an id to quote and no detail

/** One thing to tell the sender. `code` is an R4 issue-type; `expression` is FHIRPath into what was sent. */
export interface Issue {
  readonly severity: 'error' | 'warning' | 'information';
  readonly code: string;
  /** what happened, where and what to do next, in one or two sentences */
  readonly text: string;
  readonly expression?: string;
}

export interface Failure {
  readonly category: FailureCategory;
  readonly issues: readonly Issue[];
  /** overrides the category's HTTP status where the specification asks for another one, e.g. 412 or 415 */
  readonly status?: number;
  readonly retryAfterSeconds?: number;
  /** extra response headers, e.g. Allow or WWW-Authenticate */
  readonly headers?: Readonly<Record<string, string>>;
  readonly cause?: unknown;
}

/** A failure with a single issue. `text` says what happened, where, and what to do next. */
export function failure(
  category: FailureCategory,
  code: string,
  text: string,
  more: Partial<Omit<Failure, 'category' | 'issues'>> & { expression?: string } = {},
): Failure {
  const { expression, ...rest } = more;
  return { category, issues: [{ severity: 'error', code, text, ...(expression && { expression }) }], ...rest };
}
