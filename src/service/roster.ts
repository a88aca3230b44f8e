import { createHash } from 'node:crypto';
import type { Group, GroupMember } from '@medplum/fhirtypes';
import { type Failure, failure } from '../base/failure.ts';
import { derivedId } from '../base/ids.ts';
import { err, ok, type Result } from '../base/result.ts';
import { structure } from '../fhir/canonical.ts';
import type { Access } from '../store/access.ts';
import { auditInsert } from '../store/audit.ts';
import type { RosterRow } from '../store/caseload.ts';
import type { Transaction } from '../store/database.ts';
import { type RosterQuery, rosterRows } from '../store/roster.ts';
import { Params } from '../store/sql.ts';
import type { Services } from './context.ts';
import { checkRight } from './prepare.ts';
import { absent } from './read.ts';

export interface RosterCall {
  readonly services: Services;
  readonly access: Access;
  readonly requestId: string;
  /** as asked, for the audit */
  readonly query: string;
}

/** A roster as its reader sees it: `meta` and ETag belong to that view, so that what it may not see does not move them. */
export type Roster = Group & { id: string };

/** Rosters by payer, and by payer and coach, that match; assembled on read (architecture, section 4). */
export async function searchRosters(call: RosterCall, query: RosterQuery): Promise<Result<Roster[], Failure>> {
  const refused = checkRight(call.access, 'Group', 's');
  if (refused) return err(refused);
  return call.services.db.transaction(call.access.tenant, async (tx) => {
    const rows = await rosterRows(tx, call.access, { payer: query.payer, patient: query.patient });
    const rosters = assemble(call.access, rows).filter(
      ({ coach }) => query.coach === undefined || coach === query.coach,
    );
    const named = rosters.filter(({ group }) => query.patient === undefined || holdsMember(group, query.patient));
    await log(
      tx,
      call,
      'search-type',
      named.map(({ group }) => group),
      200,
    );
    return ok(named.map(({ group }) => group));
  });
}

export async function readRoster(call: RosterCall, id: string): Promise<Result<Roster, Failure>> {
  const refused = checkRight(call.access, 'Group', 'r');
  if (refused) return err(refused);
  return call.services.db.transaction(call.access.tenant, async (tx) => {
    const found = assemble(call.access, await rosterRows(tx, call.access, {})).find(
      ({ group }) => group.id === id,
    )?.group;
    await log(tx, call, 'read', found ? [found] : [], found ? 200 : 404);
    return found ? ok(found) : err(absent('Group', id));
  });
}

async function log(
  tx: Transaction,
  { access, query, requestId }: RosterCall,
  interaction: string,
  groups: readonly Roster[],
  outcome: number,
): Promise<void> {
  const params = new Params();
  const members = groups.flatMap(({ member }) =>
    (member ?? []).map(({ entity }) => entity.reference?.slice('Patient/'.length) ?? ''),
  );
  const row = {
    clientId: access.clientId,
    interaction,
    type: 'Group',
    entity: groups.map(({ id }) => `Group/${id}`),
    patients: [...new Set(members)],
    query,
    outcome,
    requestId,
  };
  await tx.query(auditInsert(access.tenant, [row], params), params.values);
}

function holdsMember({ member }: Group, patient: string): boolean {
  return member?.some(({ entity }) => entity.reference === `Patient/${patient}`) ?? false;
}

function assemble(access: Access, rows: readonly RosterRow[]): { group: Roster; coach: string | undefined }[] {
  const byPayer = [...Map.groupBy(rows, ({ payer }) => payer)].map(([payer, members]) => ({
    coach: undefined,
    group: rosterOf(access, payer, undefined, members),
  }));
  const byCoach = [...Map.groupBy(rows, ({ coach, payer }) => `${payer} ${coach}`).values()].flatMap((members) => {
    const [first] = members;
    return first ? [{ coach: first.coach, group: rosterOf(access, first.payer, first.coach, members) }] : [];
  });
  return [...byPayer, ...byCoach];
}

function rosterOf(access: Access, payer: string, coach: string | undefined, rows: readonly RosterRow[]): Roster {
  const member = rows.map(
    (row): GroupMember => ({
      entity: { reference: `Patient/${row.patient}` },
      period: { start: row.starts, end: row.ends },
      inactive: access.today < row.starts || access.today > row.ends,
    }),
  );
  const roster: Roster = {
    resourceType: 'Group',
    id: derivedId(access.tenant, 'roster', payer, coach ?? ''),
    type: 'person',
    actual: true,
    name: coach === undefined ? 'Peer recovery coach caseload' : 'Caseload of one peer recovery coach',
    managingEntity: { reference: `Organization/${payer}` },
    quantity: new Set(
      rows.filter(({ ends, starts }) => starts <= access.today && access.today <= ends).map(({ patient }) => patient),
    ).size,
    characteristic: [
      {
        code: { text: 'payer-coverage' },
        valueReference: { reference: `Organization/${payer}` },
        exclude: false,
      },
    ],
    ...(coach !== undefined && {
      extension: [{ url: structure('roster-coach'), valueReference: { reference: `Practitioner/${coach}` } }],
    }),
    member,
  };
  const version = createHash('sha256').update(JSON.stringify(roster)).digest('hex').slice(0, 16);
  return { ...roster, meta: { versionId: version } };
}

/** A criterion that rosters do not have. */
export function unknownCriterion(name: string): Failure {
  return failure(
    'invalid',
    'value',
    `Rosters are found by managing-entity (Organization), coach (Practitioner), member (Patient) and _id; ${name.slice(0, 40)} is none of these.`,
  );
}
