import { createHash } from 'node:crypto';
import { type Failure, failure } from '../base/failure.ts';
import { err, ok, type Result } from '../base/result.ts';
import { auditInsert } from '../store/audit.ts';
import type { Transaction } from '../store/database.ts';
import { present } from '../store/masking.ts';
import { Params } from '../store/sql.ts';
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
    if (!match.value) return createResource(inner, type, sent);
    await auditMatches(inner, [match.value]);
    return ok(match.value);
  };
  if (context.tx) return run(context.tx);
  const result = await context.services.db.transaction(context.access.tenant, run);
  if (result.ok) context.services.wake();
  return result;
}

/** What a condition found. */
export interface Match extends Written {
  /** id of the Patient in whose compartment it is */
  readonly patient: string | undefined;
}

/** A create that found its match answers with the content of what it found: that is a read, and audited as one. */
export async function auditMatches(
  { access, requestId, tx }: WriteContext & { readonly tx: Transaction },
  matches: readonly Match[],
): Promise<void> {
  if (matches.length === 0) return;
  const params = new Params();
  const rows = matches.map(({ id, patient, type, version }) => ({
    clientId: access.clientId,
    interaction: 'read',
    type,
    entity: [`${type}/${id}/_history/${version}`],
    patients: patient === undefined ? [] : [patient],
    outcome: 200,
    requestId,
  }));
  await tx.query(auditInsert(access.tenant, rows, params), params.values);
}

/** The one current resource that the criteria find for this caller; undefined for none; 412 for several. */
export async function onlyMatch(
  context: WriteContext & { readonly tx: Transaction },
  type: string,
  criteria: URLSearchParams,
): Promise<Result<Match | undefined, Failure>> {
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
  const patient = row.patient ?? undefined;
  return ok({ created: false, type, id: row.id, version, lastUpdated, content, issues: [], patient });
}
