import { createHash } from 'node:crypto';
import type { Bundle } from '@medplum/fhirtypes';
import { type Failure, failure } from '../base/failure.ts';
import { err, ok, type Result } from '../base/result.ts';
import type { Transaction } from '../store/database.ts';
import type { Dispatch } from './dispatch.ts';
import type { FhirAnswer, FhirRequest, FhirResponse } from './fhir-request.ts';

interface Kept {
  body_hash: Buffer;
  status: number;
  headers: Record<string, string>;
  body: string;
}

/**
 * Runs a write at most once for a key (draft-ietf-httpapi-idempotency-key-header): the key, the effect and the answer are one
 * transaction, so a client that lost the answer to a commit sends the same request again and gets the same answer (F15, T85). The
 * key belongs to the tenant, client and route; kept for 30 days. A refused request keeps no key and may be corrected.
 */
export async function idempotently(request: FhirRequest, key: string, dispatch: Dispatch): FhirAnswer {
  if (request.method === 'GET') return dispatch(request);
  if (!/^[\x21-\x7e]{1,128}$/.test(key))
    return err(
      failure('invalid', 'value', 'Idempotency-Key must be 1 to 128 visible ASCII characters, for example a UUID.'),
    );
  const route = `${request.method} /${request.path.join('/')}`;
  const hash = createHash('sha256')
    .update(JSON.stringify([request.body, request.headers['if-none-exist'], request.headers['if-match']]))
    .digest();
  const result = await request.services.db.transaction(request.access.tenant, (tx) =>
    once(tx, request, route, key, hash, dispatch),
  );
  if (result.ok) request.services.wake();
  return result;
}

async function once(
  tx: Transaction,
  request: FhirRequest,
  route: string,
  key: string,
  hash: Buffer,
  dispatch: Dispatch,
): Promise<Result<FhirResponse, Failure>> {
  const own = [request.access.tenant, request.access.clientId, route, key];
  // A concurrent request with this key waits here until the first one is committed or rolled back.
  const claimed = await tx.query(
    `insert into idempotency_key (tenant, client_id, route, key, body_hash, status, headers, body) values ($1, $2, $3, $4, $5, 0, '{}', '')
      on conflict do nothing returning 1`,
    [...own, hash],
  );
  if (claimed.length === 0) {
    const [kept] = await tx.query<Kept>(
      'select body_hash, status, headers, body from idempotency_key where tenant = $1 and client_id = $2 and route = $3 and key = $4',
      own,
    );
    if (kept) return replay(tx, request, kept, hash, key);
    return err(
      failure('conflict', 'lock-error', 'This Idempotency-Key is being removed. Send the request again.', {
        retryAfterSeconds: 1,
      }),
    );
  }
  const answer = await dispatch({ ...request, tx });
  if (!answer.ok) return answer;
  const { status, headers = {}, body = '' } = answer.value;
  await tx.query(
    'update idempotency_key set status = $5, headers = $6, body = $7 where tenant = $1 and client_id = $2 and route = $3 and key = $4',
    [...own, status, headers, body],
  );
  return answer;
}

async function replay(
  tx: Transaction,
  { access, requestId }: FhirRequest,
  kept: Kept,
  hash: Buffer,
  key: string,
): Promise<Result<FhirResponse, Failure>> {
  if (!kept.body_hash.equals(hash)) {
    return err(
      failure(
        'invalid',
        'duplicate',
        `Idempotency-Key ${key} was used before with another body. Use a new key for a new request.`,
        { status: 422 },
      ),
    );
  }
  // Nothing is written again, but what was stored is told again: a read of each version that the answer names.
  await tx.query(
    `insert into audit (tenant, client_id, interaction, type, entity, patients, outcome, request_id)
      select $1, $2, 'read', split_part(v, '/', 1), array[v], array_remove(array[r.patient], null), 200, $4
      from unnest($3::text[]) v left join resource r on r.tenant = $1 and r.type = split_part(v, '/', 1) and r.id = split_part(v, '/', 2)`,
    [access.tenant, access.clientId, versionsIn(kept), requestId],
  );
  return ok({
    status: kept.status,
    headers: { ...kept.headers, 'Idempotent-Replayed': 'true' },
    ...(kept.body !== '' && { body: kept.body }),
  });
}

/** `Type/id/_history/version` of what an answer to a write tells of: its own location, or those of a Bundle's entries. */
function versionsIn({ body, headers }: Kept): string[] {
  const answered = (body === '' ? {} : JSON.parse(body)) as Partial<Bundle>;
  const entries = answered.resourceType === 'Bundle' ? (answered.entry ?? []) : [];
  const locations = [
    headers['Location'],
    headers['Content-Location'],
    ...entries.map(({ response }) => response?.location),
  ];
  return locations.flatMap((location) => /[^/]+\/[^/]+\/_history\/[^/]+$/.exec(location ?? '')?.[0] ?? []);
}
