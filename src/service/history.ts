import type { Failure } from '../base/failure.ts';
import { err, ok, type Result } from '../base/result.ts';
import type { Access } from '../store/access.ts';
import { auditInsert } from '../store/audit.ts';
import { isMasked, type Presented, present, type ResourceRow, rowColumns } from '../store/masking.ts';
import { Params } from '../store/sql.ts';
import { visible } from '../store/visibility.ts';
import type { Services } from './context.ts';
import { checkRight } from './prepare.ts';
import { absent } from './read.ts';

export interface VersionCall {
  readonly access: Access;
  readonly type: string;
  readonly id: string;
  readonly requestId: string;
}

/** One version of a resource as the caller sees it; a deletion has no content. */
export interface Version extends Presented {
  readonly deleted: boolean;
}

/**
 * All versions, newest first. Who may see the resource today may see how it came to be so; a masked reader sees only today's view,
 * since earlier versions would tell what the mask hides.
 *
 * @param count most versions to return
 * @param before version to continue below, for the next page
 */
export async function readHistory(
  services: Services,
  call: VersionCall & { readonly count: number; readonly before?: number | undefined },
): Promise<Result<{ versions: Version[]; total: number }, Failure>> {
  const found = await versions(services, call, 'history-instance', (params) => {
    const below = call.before === undefined ? '' : `where version < ${params.add(call.before)}`;
    return `select *, (select count(*)::int from every) as total from every ${below} order by version desc limit ${params.add(call.count)}`;
  });
  if (!found.ok) return found;
  return ok({ versions: found.value, total: found.value[0]?.total ?? 0 });
}

/** One version by its id. */
export async function readVersion(
  services: Services,
  call: VersionCall & { readonly version: string },
): Promise<Result<Version, Failure>> {
  const wanted = /^[1-9]\d{0,8}$/.test(call.version) ? Number(call.version) : 0;
  const found = await versions(
    services,
    call,
    'vread',
    (params) => `select *, 1 as total from every where version = ${params.add(wanted)}`,
  );
  if (!found.ok) return found;
  const [version] = found.value;
  return version ? ok(version) : err(absent(call.type, `${call.id}/_history/${call.version.slice(0, 20)}`));
}

async function versions(
  services: Services,
  call: VersionCall,
  interaction: string,
  pick: (params: Params) => string,
): Promise<Result<(Version & { total: number })[], Failure>> {
  const { access, type, id } = call;
  const refused = checkRight(access, type, 'r');
  if (refused) return err(refused);
  const params = new Params();
  const here = `r.type = ${params.add(type)} and r.id = ${params.add(id)} and ${visible('r', access, 'r', type, params)}`;
  const masked = isMasked(type, access);
  const earlier = masked
    ? ''
    : `union all select h.type, h.id, h.version, h.last_updated, h.deleted, h.owner, h.patient, h.version, h.last_updated, h.content
       from resource_history h join today t on h.type = t.type and h.id = t.id and h.tenant = ${params.add(access.tenant)}`;
  const every = `select * from today ${earlier}`;
  const renumbered = masked
    ? 'select type, id, view_version as version, last_updated, deleted, owner, patient, view_version, view_updated, content from ('
    : '(';
  const sql = `with today as (select ${rowColumns('r')} from resource r where ${here}), every as (${renumbered}${every})${masked ? ' v' : ''}) ${pick(params)}`;
  return services.db.transaction(access.tenant, async (tx) => {
    const rows = await tx.query<ResourceRow & { total: number }>(sql, params.values);
    const audits = new Params();
    const entity = [`${type}/${id}`];
    const patients = rows[0]?.patient ? [rows[0].patient] : [];
    const row = {
      clientId: access.clientId,
      interaction,
      type,
      entity,
      patients,
      outcome: rows.length > 0 ? 200 : 404,
      requestId: call.requestId,
    };
    await tx.query(auditInsert(access.tenant, [row], audits), audits.values);
    return ok(rows.map((version) => ({ ...present(version, access), deleted: version.deleted, total: version.total })));
  });
}
