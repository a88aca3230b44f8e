import type { Parameters, ParametersParameter } from '@medplum/fhirtypes';
import { type Failure, failure } from '../base/failure.ts';
import { err, ok, type Result } from '../base/result.ts';
import type { Access } from '../store/access.ts';
import { auditInsert } from '../store/audit.ts';
import type { Transaction } from '../store/database.ts';
import { latestRecomputation, type Recomputation, requestRecomputation } from '../store/recomputation.ts';
import { Params } from '../store/sql.ts';
import { tenantNow } from '../store/tenant-clock.ts';
import type { Services } from './context.ts';

/** `POST EpisodeOfCare/$recompute`: asks for everyone to be computed anew from the contacts, or tells of the one under way. */
export function askRecomputation(
  services: Services,
  access: Access,
  requestId: string,
): Promise<Result<Parameters, Failure>> {
  return administering(services, access, requestId, async (tx) => {
    const at = await tenantNow(tx, access.tenant, services.wallClock);
    return requestRecomputation(tx, access.tenant, { reason: 'request', by: access.clientId, at });
  });
}

/** `GET EpisodeOfCare/$recompute`: how far the one under way is, or how the last one ended. */
export function tellRecomputation(
  services: Services,
  access: Access,
  requestId: string,
): Promise<Result<Parameters, Failure>> {
  return administering(services, access, requestId, (tx) => latestRecomputation(tx, access.tenant));
}

async function administering(
  services: Services,
  access: Access,
  requestId: string,
  work: (tx: Transaction) => Promise<Recomputation | undefined>,
): Promise<Result<Parameters, Failure>> {
  if (access.kind !== 'admin')
    return err(
      failure('forbidden', 'forbidden', 'Only a client of kind admin may have everyone computed anew or watch it.'),
    );
  return services.db.transaction(access.tenant, async (tx) => {
    const found = await work(tx);
    const params = new Params();
    const outcome = found ? 200 : 404;
    const row = { clientId: access.clientId, interaction: '$recompute', type: 'EpisodeOfCare', outcome, requestId };
    await tx.query(auditInsert(access.tenant, [row], params), params.values);
    return ok(toParameters(found));
  });
}

function toParameters(found: Recomputation | undefined): Parameters {
  const parameter: ParametersParameter[] = found
    ? [
        { name: 'job', valueString: found.id },
        { name: 'reason', valueCode: found.reason },
        { name: 'requestedAt', valueInstant: found.requested_at.toISOString() },
        { name: 'status', valueCode: found.status },
        { name: 'total', valueInteger: found.total },
        { name: 'members', valueInteger: found.members },
        { name: 'changed', valueInteger: found.changed },
      ]
    : [{ name: 'status', valueCode: 'none' }];
  return { resourceType: 'Parameters', parameter };
}
