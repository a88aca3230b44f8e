import type { Access } from './access.ts';
import type { RosterRow } from './caseload.ts';
import type { Transaction } from './database.ts';
import { Params } from './sql.ts';
import { visible } from './visibility.ts';

export interface RosterQuery {
  /** Organization id of the payer */
  readonly payer?: string | undefined;
  /** Practitioner id of the coach */
  readonly coach?: string | undefined;
  /** Patient id of a member */
  readonly patient?: string | undefined;
}

/** Roster rows whose status the caller may read, through the same builder as the Observations themselves. */
export async function rosterRows(
  tx: Transaction,
  access: Access,
  { coach, patient, payer }: RosterQuery,
): Promise<RosterRow[]> {
  const params = new Params();
  const tenant = params.add(access.tenant);
  const conditions = [
    visible('r', access, 'r', 'Observation', params),
    ...(payer === undefined ? [] : [`m.payer = ${params.add(payer)}`]),
    ...(coach === undefined ? [] : [`m.coach = ${params.add(coach)}`]),
    ...(patient === undefined
      ? []
      : [`(m.payer) in (select payer from roster where tenant = ${tenant} and patient = ${params.add(patient)})`]),
  ];
  return tx.query<RosterRow>(
    `select m.payer, m.coach, m.patient, m.episode, m.ruleset, m.owner, m.starts::text, m.ends::text, m.status_id from roster m
      join resource r on r.tenant = m.tenant and r.type = 'Observation' and r.id = m.status_id
      where m.tenant = ${tenant} and ${conditions.join(' and ')} order by m.payer, m.coach, m.patient, m.starts, m.episode, m.ruleset`,
    params.values,
  );
}
