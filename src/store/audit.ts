import type { TenantId } from '../base/ids.ts';
import type { Params } from './sql.ts';

/** One access, as the audit table keeps it; BALP AuditEvents are rendered from it on read. */
export interface AuditRow {
  readonly clientId: string;
  /** R4 restful-interaction or operation code, or `token` */
  readonly interaction: string;
  readonly type?: string | undefined;
  /** `Type/id/_history/version` of what was seen or changed */
  readonly entity?: readonly string[];
  /** ids of the Patients concerned */
  readonly patients?: readonly string[];
  readonly query?: string | undefined;
  /** HTTP status of the answer */
  readonly outcome: number;
  readonly requestId?: string | undefined;
}

/** An INSERT of audit rows, to stand as a statement or as a data-modifying CTE beside the access that it records. */
export function auditInsert(tenant: TenantId, rows: readonly AuditRow[], params: Params): string {
  const at = `${params.add(tenant)}::int`;
  const values = rows.map((row) => {
    const columns = [
      params.add(row.clientId),
      params.add(row.interaction),
      params.add(row.type ?? null),
      `${params.add(row.entity ?? [])}::text[]`,
      `${params.add(row.patients ?? [])}::text[]`,
      params.add(row.query ?? null),
      `${params.add(row.outcome)}::smallint`,
      params.add(row.requestId ?? null),
    ];
    return `(${at}, ${columns.join(', ')})`;
  });
  return `insert into audit (tenant, client_id, interaction, type, entity, patients, query, outcome, request_id) values ${values.join(', ')}`;
}
