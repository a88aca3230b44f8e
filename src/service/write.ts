import type { ChargeItem, Resource, Task } from '@medplum/fhirtypes';
import { type Failure, failure, type Issue } from '../base/failure.ts';
import { newId } from '../base/ids.ts';
import { err, ok, type Result } from '../base/result.ts';
import { checkChargeDeletion } from '../domain/frozen-charge.ts';
import { workTypes } from '../domain/rules-on-demand.ts';
import type { Access } from '../store/access.ts';
import { adoptProvenances } from '../store/adopt.ts';
import type { AuditRow } from '../store/audit.ts';
import { auditInsert } from '../store/audit.ts';
import type { Transaction } from '../store/database.ts';
import { applyDerived, derivedTypes } from '../store/derived.ts';
import { type LockedRow, lockResource } from '../store/lock.ts';
import { Params } from '../store/sql.ts';
import { applyWrites, insertStatement, type Write } from '../store/write.ts';
import { checkBusinessRules } from './business-rules.ts';
import { contentOf } from './content.ts';
import type { Services } from './context.ts';
import { findUnknownPatient, patientsKnown, targetPatient, unknownPatient } from './patient-compartment.ts';
import { checkRight, idPattern, type Prepared, prepare, toTombstone, toWrite } from './prepare.ts';
import { checkMatch, checkUpdate, notYours } from './version-check.ts';

/** Who writes, through which door. `tx` is the transaction of the Bundle or idempotent request that the write is part of. */
export interface WriteContext {
  readonly services: Services;
  readonly access: Access;
  readonly fhirBase: string;
  readonly requestId: string;
  readonly tx?: Transaction | undefined;
}

/** What was stored, as its writer sees it. */
export interface Written {
  readonly created: boolean;
  readonly type: string;
  readonly id: string;
  readonly version: number;
  readonly lastUpdated: Date;
  readonly content: string;
  /** warnings, for `Prefer: return=OperationOutcome` */
  readonly issues: readonly Issue[];
}

type Answer = Promise<Result<Written, Failure>>;

/** Types whose storing looks at other rows, or moves tables beside its own: they take a transaction of several statements. */
const needsTransaction: ReadonlySet<string> = new Set([...derivedTypes, 'Provenance']);

/** Creates a resource under a new id. An ordinary one is a single statement: rows, index, outbox and audit together. */
export async function createResource(context: WriteContext, type: string, sent: unknown, id: string = newId()): Answer {
  const refused = checkRight(context.access, type, 'c');
  if (refused) return err(refused);
  const prepared = prepare(context.services, sent, { type, id, fhirBase: context.fhirBase });
  if (!prepared.ok) return prepared;
  if (context.tx || needsTransaction.has(type))
    return inTransaction(context, (tx) =>
      storeOne(tx, context, { prepared: prepared.value, before: undefined, current: undefined }),
    );
  return createAtOnce(context, prepared.value);
}

/** Replaces a resource, or creates it under the client's id. */
export async function updateResource(
  context: WriteContext,
  type: string,
  id: string,
  sent: unknown,
  ifMatch?: string,
): Answer {
  if (!idPattern.test(id))
    return err(
      failure('invalid', 'value', `The id in the URL is not a FHIR id: use 1 to 64 letters, digits, '-' or '.'.`),
    );
  const sentId = (sent as { id?: unknown } | null)?.id;
  if (sentId !== id) {
    return err(
      failure(
        'invalid',
        'value',
        `The body's id is ${typeof sentId === 'string' ? sentId.slice(0, 64) : 'missing'}, the URL's is ${id}. Send the same id in both.`,
        { expression: `${type}.id` },
      ),
    );
  }
  return inTransaction(context, async (tx) => {
    const before = await lockResource(tx, context.access, type, id);
    const item = prepareUpdate(context, type, id, sent, before, ifMatch);
    return item.ok ? storeOne(tx, context, item.value) : item;
  });
}

/** Checks an update against the locked version that it would replace. */
export function prepareUpdate(
  context: WriteContext,
  type: string,
  id: string,
  sent: unknown,
  before: LockedRow | undefined,
  ifMatch: string | undefined,
): Result<Item, Failure> {
  const refused = checkUpdate(context.access, type, id, before, ifMatch);
  if (refused) return err(refused);
  const current = before && !before.deleted ? (JSON.parse(before.content) as Resource) : undefined;
  const prepared = prepare(context.services, sent, {
    type,
    id,
    fhirBase: context.fhirBase,
    ...(current && { before: current }),
  });
  return prepared.ok ? ok({ prepared: prepared.value, before, current, isIdChosen: true }) : prepared;
}

/**
 * Deletes: a tombstone version. What is absent or hidden is answered alike; what is already deleted keeps the tombstone that it has (F22).
 */
export async function deleteResource(
  context: WriteContext,
  type: string,
  id: string,
  ifMatch?: string,
): Promise<Result<Pick<Write, 'version'> | undefined, Failure>> {
  const refused = checkRight(context.access, type, 'd');
  if (refused) return err(refused);
  const { access } = context;
  return inTransaction(context, async (tx) => {
    const before = await lockResource(tx, access, type, id);
    // With If-Match the version that shall go must be there: one that has not arrived yet is not gone (RFC 9110, 13.1.1).
    const early = before?.visible ? undefined : checkMatch(undefined, ifMatch);
    if (early) return err(early);
    if (!before?.visible) return ok(undefined);
    if (before.deleted) return ok({ version: before.version });
    if (!before.writable) return err(notYours(type, id));
    const stale = checkMatch(before, ifMatch);
    if (stale) return err(stale);
    const kept = type === 'ChargeItem' ? checkChargeDeletion(JSON.parse(before.content) as ChargeItem) : ok(undefined);
    if (!kept.ok) return kept;
    const write = toTombstone(before, access.clock.now());
    await applyWrites(tx, access.tenant, [write], workTypes);
    await applyDerived(tx, access.tenant, write.owner, type, id, undefined);
    await audit(tx, context, [auditOf(context, 'delete', write, 204)]);
    return ok(write);
  });
}

/** Runs a write in the given transaction or a new one, and wakes the jobs once it is committed. */
export async function inTransaction<T>(
  context: WriteContext,
  work: (tx: Transaction) => Promise<Result<T, Failure>>,
): Promise<Result<T, Failure>> {
  if (context.tx) return work(context.tx);
  const result = await context.services.db.transaction(context.access.tenant, work);
  if (result.ok) context.services.wake();
  return result;
}

async function createAtOnce(context: WriteContext, prepared: Prepared): Answer {
  const { access, services } = context;
  const refused = checkBusinessRules(prepared.resource, undefined, undefined, access);
  if (refused) return err(refused);
  const write = toWrite(prepared, { now: access.clock.now(), owner: ownerOf(access), before: undefined });
  const params = new Params();
  const condition = patientsKnown(access, prepared, params);
  const sql = insertStatement(
    access.tenant,
    [write],
    workTypes,
    [auditOf(context, 'create', write, 201)],
    params,
    condition,
  );
  const stored = await services.db.once<{ stored: number }>(access.tenant, sql, params.values);
  if (!stored.ok) return stored;
  // A fresh id is never taken: nothing stored means that the condition did not hold.
  if (stored.value[0]?.stored !== 1) return err(unknownPatient(prepared));
  services.wake();
  return ok(written(write, true, prepared.issues));
}

/** A prepared resource and the locked version that it replaces, if any. */
export interface Item {
  readonly prepared: Prepared;
  readonly before: LockedRow | undefined;
  /** the current version's resource, absent where `before` is a tombstone */
  readonly current: Resource | undefined;
  /** the sender chose its id, and may have named it before it was there */
  readonly isIdChosen?: boolean;
  /** in a transaction: the failure as the Bundle's sender needs it, naming the entry (F25) */
  readonly locate?: (refused: Failure) => Failure;
}

/**
 * Stores all of these or none: checks what needs other rows, then writes rows, index, outbox and audit together, whether the items
 * are one resource or the entries of a transaction.
 */
export async function storeAll(
  tx: Transaction,
  context: WriteContext,
  items: readonly Item[],
): Promise<Result<Written[], Failure>> {
  const { access } = context;
  for (const item of items) {
    const { prepared, current, before } = item;
    const refused = checkBusinessRules(prepared.resource, current, before, access);
    if (refused) return err(located(item, refused));
  }
  const unknown = await findUnknownPatient(tx, access, items);
  if (unknown) return err(located(unknown.item, unknown.refused));
  const now = access.clock.now();
  const stored: { item: Item; created: boolean; version: Version; write: Write | undefined }[] = [];
  for (const item of items) {
    const { prepared, before } = item;
    const patient =
      prepared.resource.resourceType === 'Provenance' ? await targetPatient(tx, access, prepared, items) : undefined;
    const write = toWrite(prepared, { now, owner: ownerOf(access), before, patient });
    const stands = repeated(item, write);
    stored.push({
      item,
      created: !before || before.deleted,
      version: stands ?? write,
      write: stands ? undefined : write,
    });
  }
  const audits = stored.map(({ created, version }) =>
    auditOf(context, created && version.version === 1 ? 'create' : 'update', version, created ? 201 : 200),
  );
  const writes = stored.flatMap(({ write }) => write ?? []);
  if (writes.length > 0) await applyWrites(tx, access.tenant, writes, workTypes, audits);
  else if (audits.length > 0) await audit(tx, context, audits);
  await adoptProvenances(
    tx,
    access.tenant,
    stored.flatMap(({ created, item, write }) => (created && item.isIdChosen && write) || []),
  );
  for (const { item, version } of stored) {
    if (derivedTypes.has(version.type))
      await applyDerived(tx, access.tenant, version.owner, version.type, version.id, item.prepared.resource as Task);
  }
  return ok(stored.map(({ created, item, version }) => written(version, created, item.prepared.issues)));
}

/** What an answer and the audit say of a version. */
type Version = Pick<Write, 'type' | 'id' | 'version' | 'lastUpdated' | 'owner' | 'patient' | 'content'>;

/**
 * The version that stands, where the write would say the same again: what was sent twice is no second version, asks for no work, and
 * is known since the first time (F22). The access itself is audited like any other.
 */
function repeated({ before, current, prepared }: Item, write: Write): Version | undefined {
  if (!before || !current || contentOf(current) !== contentOf(prepared.resource)) return undefined;
  const patient = before.patient ?? undefined;
  // A Provenance may have come before what it is about.
  if (patient !== write.patient) return undefined;
  return { ...before, lastUpdated: before.last_updated, patient };
}

async function storeOne(tx: Transaction, context: WriteContext, item: Item): Answer {
  const stored = await storeAll(tx, context, [item]);
  return stored.ok ? ok(stored.value[0] as Written) : stored;
}

/** The client's organisation owns what it writes; what an admin writes is the tenant's directory. */
function ownerOf(access: Access): string {
  return access.organization ?? '';
}

function located({ locate }: Item, refused: Failure): Failure {
  return locate ? locate(refused) : refused;
}

function auditOf(
  context: WriteContext,
  interaction: string,
  write: Pick<Write, 'type' | 'id' | 'version' | 'patient'>,
  outcome: number,
): AuditRow {
  return {
    clientId: context.access.clientId,
    interaction,
    type: write.type,
    entity: [`${write.type}/${write.id}/_history/${write.version}`],
    patients: write.patient === undefined ? [] : [write.patient],
    outcome,
    requestId: context.requestId,
  };
}

async function audit(tx: Transaction, context: WriteContext, rows: readonly AuditRow[]): Promise<void> {
  const params = new Params();
  await tx.query(auditInsert(context.access.tenant, rows, params), params.values);
}

function written(write: Version, created: boolean, issues: readonly Issue[]): Written {
  const { type, id, version, lastUpdated, content } = write;
  return { created, type, id, version, lastUpdated, content, issues };
}
