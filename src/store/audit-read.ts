import type { TenantId } from '../base/ids.ts';
import type { Statement } from './database.ts';
import { Params } from './sql.ts';

/** An audit row as stored; `seq` is text because it is a bigint. */
export interface StoredAudit {
  readonly seq: string;
  readonly at: Date;
  readonly client_id: string;
  readonly client_name: string | null;
  readonly interaction: string;
  readonly type: string | null;
  readonly entity: readonly string[];
  readonly patients: readonly string[];
  readonly query: string | null;
  readonly outcome: number;
  readonly request_id: string | null;
}

export interface AuditCriteria {
  readonly seq?: string | undefined;
  readonly patient?: string | undefined;
  readonly clientId?: string | undefined;
  readonly from?: Date | undefined;
  readonly until?: Date | undefined;
  /** continue below this row, for the next page */
  readonly before?: string | undefined;
  readonly count: number;
}

/** Audit rows, newest first. Rows of transactions that are still open are left out, so that no page ever gains an earlier row. */
export function auditStatement(tenant: TenantId, criteria: AuditCriteria): Statement {
  const params = new Params();
  const conditions = [`a.tenant = ${params.add(tenant)}`, 'a.changed < pg_snapshot_xmin(pg_current_snapshot())'];
  if (criteria.seq !== undefined) conditions.push(`a.seq = ${params.add(criteria.seq)}::bigint`);
  if (criteria.before !== undefined) conditions.push(`a.seq < ${params.add(criteria.before)}::bigint`);
  if (criteria.patient !== undefined) conditions.push(`${params.add(criteria.patient)} = any(a.patients)`);
  if (criteria.clientId !== undefined) conditions.push(`a.client_id = ${params.add(criteria.clientId)}`);
  if (criteria.from !== undefined) conditions.push(`a.at >= ${params.add(criteria.from)}`);
  if (criteria.until !== undefined) conditions.push(`a.at < ${params.add(criteria.until)}`);
  const text = `select a.seq::text, a.at, a.client_id, c.name as client_name, a.interaction, a.type, a.entity, a.patients, a.query, a.outcome, a.request_id
    from audit a left join client c on c.tenant = a.tenant and c.client_id = a.client_id
    where ${conditions.join(' and ')} order by a.seq desc limit ${params.add(criteria.count)}`;
  return { text, values: params.values };
}
