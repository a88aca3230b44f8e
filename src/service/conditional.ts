import { createHash } from 'node:crypto';
import { type Failure, failure } from '../base/failure.ts';
import { err, ok, type Result } from '../base/result.ts';
import type { Transaction } from '../store/database.ts';
import { present } from '../store/masking.ts';
import { checkRight } from './prepare.ts';
import { matchCurrent } from './search.ts';
import { createResource, type WriteContext, type Written } from './write.ts';

/**
 * Conditional create (R4 http.html#ccreate): one match is the answer, none creates, several are 412. Matches are computed on what
 * the caller may see, so a hidden resource is no match (T31). Requests with the same criteria wait for each other: of many at once,
 * one creates.
 */
export async function createConditionally(
  context: WriteContext,
  type: string,
  sent: unknown,
  criteria: URLSearchParams,
): Promise<Result<Written, Failure>> {
  const refused = checkRight(context.access, type, 'c');
  if (refused) return err(refused);
  const run = async (tx: Transaction): Promise<Result<Written, Failure>> => {
    const inner = { ...context, tx };
    const match = await onlyMatch(inner, type, criteria);
    if (!match.ok) return match;
    return match.value ? ok(match.value) : createResource(inner, type, sent);
  };
  if (context.tx) return run(context.tx);
  const result = await context.services.db.transaction(context.access.tenant, run);
  if (result.ok) context.services.wake();
  return result;
}

/** The one current resource that the criteria find for this caller; undefined for none; 412 for several. */
export async function onlyMatch(
  context: WriteContext & { readonly tx: Transaction },
  type: string,
  criteria: URLSearchParams,
): Promise<Result<Written | undefined, Failure>> {
  const { access, tx } = context;
  if (criteria.size === 0)
    return err(
      failure(
        'invalid',
        'required',
        `The condition on ${type} has no search criteria. Give at least one, for example identifier=system|value.`,
      ),
    );
  const refused = checkRight(access, type, 's');
  if (refused) return err(refused);
  const lock = createHash('sha256')
    .update(`${access.tenant} ${access.clientId} ${type} ${criteria}`)
    .digest()
    .readBigInt64BE();
  await tx.query('select pg_advisory_xact_lock($1)', [lock.toString()]);
  const found = await matchCurrent(tx, context, type, criteria);
  if (!found.ok) return found;
  const [row, second] = found.value;
  if (second)
    return err(
      failure(
        'conflict',
        'multiple-matches',
        `Several ${type} resources meet these criteria. Use criteria that only one can meet, such as an identifier.`,
        { status: 412 },
      ),
    );
  if (!row) return ok(undefined);
  const { content, lastUpdated, version } = present(row, access);
  return ok({ created: false, type, id: row.id, version, lastUpdated, content, issues: [] });
}
