import type { Bundle, BundleEntry } from '@medplum/fhirtypes';
import type { Failure } from '../../base/failure.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { at, type EntryResult, type Planned, planTransaction, runTransaction } from '../../service/transaction.ts';
import type { Transaction } from '../../store/database.ts';
import { resourceResponse } from '../answer.ts';
import { checkBundle, entryRequest, isBundle, responseEntry } from '../bundle.ts';
import type { FhirAnswer, FhirRequest, FhirResponse, Interaction } from '../fhir-request.ts';

/** All entries or none: https://hl7.org/fhir/R4/http.html#transaction */
export const interaction: Interaction = {
  code: 'transaction',
  level: 'system',
  method: 'POST',
  path: '',
  accepts: (body) => isBundle(body, 'transaction'),
  handle,
};

async function handle(request: FhirRequest): FhirAnswer {
  const bundle = request.body as Bundle;
  const refused = checkBundle(bundle);
  if (refused) return err(refused);
  const plans = planTransaction(bundle);
  if (!plans.ok) return plans;
  const run = (tx: Transaction): Promise<Result<string[], Failure>> => runAndRead(tx, request, plans.value);
  const answered = request.tx
    ? await run(request.tx)
    : await request.services.db.transaction(request.access.tenant, run);
  if (!answered.ok) return answered;
  if (!request.tx) request.services.wake();
  return ok({
    status: 200,
    body: `{"resourceType":"Bundle","type":"transaction-response","entry":[${answered.value.join(',')}]}`,
  });
}

async function runAndRead(
  tx: Transaction,
  request: FhirRequest,
  plans: readonly Planned[],
): Promise<Result<string[], Failure>> {
  const results = await runTransaction(tx, request, plans);
  if (!results.ok) return results;
  const entries: string[] = [];
  for (const [index, result] of results.value.entries()) {
    const response =
      result.kind === 'get' ? await read(tx, request, result.entry, index) : ok(writeResponse(request, result));
    if (!response.ok) return response;
    entries.push(responseEntry(response.value));
  }
  return ok(entries);
}

/** Reads come last and see what the transaction wrote. One that fails takes the whole transaction with it. */
async function read(tx: Transaction, request: FhirRequest, entry: BundleEntry, index: number): FhirAnswer {
  const asked = entryRequest({ ...request, tx }, entry, index);
  if (!asked.ok) return asked;
  const answered = await request.dispatch(asked.value);
  return answered.ok ? answered : err(at({ index }, answered.error));
}

function writeResponse(request: FhirRequest, result: Exclude<EntryResult, { kind: 'get' }>): FhirResponse {
  if (result.kind === 'deleted')
    return { status: 204, ...(result.version !== undefined && { headers: { ETag: `W/"${result.version}"` } }) };
  const { written } = result;
  return resourceResponse(request, written.created ? 201 : 200, written, written.issues);
}
