import type { Bundle, BundleEntry } from '@medplum/fhirtypes';
import { type Failure, failure } from '../base/failure.ts';
import { newId } from '../base/ids.ts';
import { err, ok, type Result } from '../base/result.ts';
import { referencePlaces } from '../fhir/references.ts';
import type { Transaction } from '../store/database.ts';
import { type LockedRow, lockResource } from '../store/lock.ts';
import { auditMatches, type Match, onlyMatch } from './conditional.ts';
import { checkRight, idPattern, prepare } from './prepare.ts';
import { deleteResource, type Item, prepareUpdate, storeAll, type WriteContext, type Written } from './write.ts';

/** Most entries of one Bundle; larger loads go in several (T77). */
export const mostEntries = 1_000;

/** What became of an entry. A GET is answered by the caller's own reading after the writes, inside the same transaction. */
export type EntryResult =
  | { readonly kind: 'written'; readonly written: Written }
  | { readonly kind: 'deleted'; readonly version: number | undefined }
  | { readonly kind: 'get'; readonly entry: BundleEntry };

/** A write of the Bundle on its way: what was sent, where it goes, and once matched, that it is already there. */
export interface Planned {
  readonly index: number;
  readonly entry: BundleEntry;
  readonly method: 'POST' | 'PUT' | 'DELETE' | 'GET';
  readonly type: string;
  id: string;
  /** the existing resource that ifNoneExist found */
  existing?: Match;
}

/**
 * A transaction (R4 http.html#transaction): all entries or none. The order is the specification's: deletes, creates, updates, then
 * reads. Steps: plan every entry; answer ifNoneExist; replace urn:uuid and conditional references; lock what is replaced, in one
 * order, so that crossing Bundles wait for each other instead of deadlocking; store everything together.
 */
export async function runTransaction(
  tx: Transaction,
  context: WriteContext,
  plans: readonly Planned[],
): Promise<Result<EntryResult[], Failure>> {
  const inner = { ...context, tx };
  const resolved = await resolveReferences(inner, plans);
  if (!resolved.ok) return resolved;
  const results: EntryResult[] = plans.map(({ entry }) => ({ kind: 'get', entry }));
  for (const step of plans.filter(({ method }) => method === 'DELETE')) {
    const gone = await deleteResource(inner, step.type, step.id, step.entry.request?.ifMatch);
    if (!gone.ok) return err(at(step, gone.error));
    results[step.index] = { kind: 'deleted', version: gone.value?.version };
  }
  const stored = await storeWrites(inner, plans);
  if (!stored.ok) return stored;
  for (const [step, written] of stored.value) results[step.index] = { kind: 'written', written };
  return ok(results);
}

/** What a Bundle asks for, entry by entry, with the ids that its new resources get: once, so that a second try writes the same. */
export function planTransaction(bundle: Bundle): Result<Planned[], Failure> {
  const plans: Planned[] = [];
  const targets = new Set<string>();
  const urls = new Set<string>();
  for (const [index, entry] of (bundle.entry ?? []).entries()) {
    const planned = planEntry(entry, index);
    if (!planned.ok) return planned;
    const target = `${planned.value.type}/${planned.value.id}`;
    if (planned.value.method !== 'GET') {
      if (targets.has(target))
        return refuse(
          index,
          'duplicate',
          `${target} is written twice in this transaction. Send one entry for each resource.`,
        );
      if (entry.fullUrl !== undefined && urls.has(entry.fullUrl))
        return refuse(
          index,
          'duplicate',
          `fullUrl ${entry.fullUrl.slice(0, 100)} stands on two entries. Give each entry its own.`,
        );
      targets.add(target);
      if (entry.fullUrl !== undefined) urls.add(entry.fullUrl);
    }
    plans.push(planned.value);
  }
  return ok(plans);
}

function planEntry(entry: BundleEntry, index: number): Result<Planned, Failure> {
  const method = entry.request?.method;
  const url = entry.request?.url;
  if (typeof method !== 'string' || typeof url !== 'string')
    return refuse(index, 'required', 'An entry of a transaction needs request.method and request.url.');
  if (method === 'GET') return ok({ index, entry, method, type: '', id: String(index) });
  const [type = '', id, ...rest] = url.split('/');
  const wrong = (text: string): Result<never, Failure> =>
    refuse(index, 'value', `${method} ${url.slice(0, 100)}: ${text}`);
  if (method === 'POST') {
    if (id !== undefined || type.includes('?'))
      return wrong('a create goes to a resource type, for example POST Encounter.');
    return ok({ index, entry, method, type, id: newId() });
  }
  if (method !== 'PUT' && method !== 'DELETE')
    return wrong('a transaction takes GET, POST, PUT and DELETE. Send the whole resource with PUT instead.');
  if (type.includes('?'))
    return wrong('conditional updates and deletes are not served. Search first, then send the resource to its id.');
  if (id === undefined || rest.length > 0 || !idPattern.test(id))
    return wrong('this needs a resource type and an id, for example Encounter/123.');
  return ok({ index, entry, method, type, id });
}

/** Gives every urn:uuid and every conditional reference its literal form; both look only at what the caller may see (T30). */
async function resolveReferences(
  context: WriteContext & { tx: Transaction },
  plans: readonly Planned[],
): Promise<Result<void, Failure>> {
  for (const step of plans) {
    const criteria = step.method === 'POST' ? step.entry.request?.ifNoneExist : undefined;
    if (criteria === undefined) continue;
    const match = await onlyMatch(context, step.type, new URLSearchParams(criteria.replace(/^[^?]*\?/, '')));
    if (!match.ok) return err(at(step, match.error));
    if (match.value) Object.assign(step, { existing: match.value, id: match.value.id });
  }
  const literal = new Map(
    plans
      .filter(({ entry }) => entry.fullUrl !== undefined)
      .map((step) => [step.entry.fullUrl, `${step.type}/${step.id}`]),
  );
  const matched = new Map<string, string>();
  for (const step of plans) {
    if (step.method === 'GET' || step.entry.resource === undefined) continue;
    for (const { holder, path } of referencePlaces(step.entry.resource)) {
      const known = literal.get(holder.reference);
      if (known !== undefined) {
        holder.reference = known;
        continue;
      }
      if (holder.reference.startsWith('urn:'))
        return refuse(
          step.index,
          'not-found',
          `${holder.reference.slice(0, 60)} is not the fullUrl of any entry. Give the entry it means that fullUrl.`,
          `${path}.reference`,
        );
      const resolved = await resolveConditional(context, holder.reference, matched);
      if (!resolved.ok) return err(at(step, resolved.error, `${path}.reference`));
      holder.reference = resolved.value;
    }
  }
  return ok(undefined);
}

/** `Practitioner?identifier=…` means the one resource that it finds; none or several fail the transaction. */
async function resolveConditional(
  context: WriteContext & { tx: Transaction },
  reference: string,
  matched: Map<string, string>,
): Promise<Result<string, Failure>> {
  const [, type, query] = /^([A-Z][A-Za-z]+)\?(.+)$/.exec(reference) ?? [];
  if (type === undefined || query === undefined) return ok(reference);
  const before = matched.get(reference);
  if (before !== undefined) return ok(before);
  const match = await onlyMatch(context, type, new URLSearchParams(query));
  if (!match.ok) return match;
  if (!match.value)
    return err(
      failure(
        'conflict',
        'not-found',
        `${type} with these search criteria is not known here. Send it first, or in the same transaction.`,
        { status: 412 },
      ),
    );
  matched.set(reference, `${type}/${match.value.id}`);
  return ok(`${type}/${match.value.id}`);
}

async function storeWrites(
  context: WriteContext & { tx: Transaction },
  plans: readonly Planned[],
): Promise<Result<[Planned, Written][], Failure>> {
  const done: [Planned, Written][] = plans.flatMap((step): [Planned, Written][] =>
    step.existing ? [[step, step.existing]] : [],
  );
  const steps = plans.filter(({ method, existing }) => (method === 'POST' || method === 'PUT') && !existing);
  await auditMatches(
    context,
    plans.flatMap(({ existing }) => existing ?? []),
  );
  const locked = await lockInOrder(context, steps);
  const items: Item[] = [];
  for (const step of steps) {
    const item = step.method === 'POST' ? prepareCreate(context, step) : checkedUpdate(context, step, locked.get(step));
    if (!item.ok) return err(at(step, item.error));
    items.push({ ...item.value, locate: (refused) => at(step, refused) });
  }
  const stored = await storeAll(context.tx, context, items);
  if (!stored.ok) return stored;
  return ok([...done, ...stored.value.map((written, index): [Planned, Written] => [steps[index] as Planned, written])]);
}

async function lockInOrder(
  context: WriteContext & { tx: Transaction },
  steps: readonly Planned[],
): Promise<Map<Planned, LockedRow | undefined>> {
  const order = steps
    .filter(({ method }) => method === 'PUT')
    .toSorted((a, b) => compare(`${a.type}/${a.id}`, `${b.type}/${b.id}`));
  const locked = new Map<Planned, LockedRow | undefined>();
  for (const step of order) locked.set(step, await lockResource(context.tx, context.access, step.type, step.id));
  return locked;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function prepareCreate(context: WriteContext, step: Planned): Result<Item, Failure> {
  const refused = checkRight(context.access, step.type, 'c');
  if (refused) return err(refused);
  const prepared = prepare(context.services, step.entry.resource, {
    type: step.type,
    id: step.id,
    fhirBase: context.fhirBase,
  });
  return prepared.ok ? ok({ prepared: prepared.value, before: undefined, current: undefined }) : prepared;
}

function checkedUpdate(context: WriteContext, step: Planned, before: LockedRow | undefined): Result<Item, Failure> {
  const sentId = step.entry.resource?.id;
  if (sentId !== step.id)
    return err(
      failure(
        'invalid',
        'value',
        `The resource's id is ${sentId?.slice(0, 64) ?? 'missing'}, the URL's is ${step.id}. Send the same id in both.`,
      ),
    );
  return prepareUpdate(context, step.type, step.id, step.entry.resource, before, step.entry.request?.ifMatch);
}

function refuse(index: number, code: string, text: string, path = ''): Result<never, Failure> {
  return err(
    failure('invalid', code, text, {
      expression: path ? `Bundle.entry[${index}].resource.${path}` : `Bundle.entry[${index}]`,
    }),
  );
}

/** The failure as the sender of the Bundle needs it: which entry it came from (F25). */
export function at({ index }: Pick<Planned, 'index'>, refused: Failure, path?: string): Failure {
  const entry = `Bundle.entry[${index}]`;
  const issues = refused.issues.map((issue) => {
    const inside = path ?? issue.expression;
    return { ...issue, expression: inside === undefined ? entry : `${entry}.resource.${inside}` };
  });
  return { ...refused, issues };
}
