import { isDeepStrictEqual } from 'node:util';
import type { Resource } from '@medplum/fhirtypes';
import type { TenantId } from '../base/ids.ts';
import type { Transaction } from '../store/database.ts';
import { type LockedRow, resourceIn } from '../store/lock.ts';
import { applyWrites, type WorkTypes, type Write } from '../store/write.ts';
import type { Services } from './context.ts';
import { prepare, toWrite } from './prepare.ts';

/** A resource as a computation wants it to stand. */
export interface Change {
  readonly resource: Resource & { id?: string };
  readonly owner: string;
  /** Organization id of the payer that alone may see it besides its owner; undefined: nobody else */
  readonly audience: string | undefined;
  /** what stands now, locked; undefined: nothing */
  readonly before: LockedRow | undefined;
}

/** Name under which our own writes stand in the audit. */
export const self = 'footbridge';

/** The writes that make stand what does not stand yet, through the same preparation as any resource; nothing for what stands already. */
export function writesOf(services: Services, now: Date, changes: readonly Change[]): Write[] {
  return changes.flatMap(({ audience, before, owner, resource }) => {
    const { id = '', resourceType: type } = resource;
    const current = before && resourceIn(before);
    if (current && isDeepStrictEqual(saidBy(current), saidBy(resource))) return [];
    const prepared = prepare(services, resource, { type, id, fhirBase: '', ...(current && { before: current }) });
    if (!prepared.ok)
      throw new Error(
        `Footbridge would write an invalid ${type}: ${prepared.error.issues.map(({ text }) => text).join(' ')}`,
      );
    return [toWrite(prepared.value, { now, owner, audience, before })];
  });
}

/** What Footbridge itself writes asks for no work again. */
export const noWork: WorkTypes = { always: [], ifCharged: [] };

/** Stores what was computed, with its audit. */
export async function storeComputed(tx: Transaction, tenant: TenantId, writes: readonly Write[]): Promise<void> {
  const audits = writes.map(({ id, patient, type, version }) => ({
    clientId: self,
    interaction: version === 1 ? 'create' : 'update',
    type,
    entity: [`${type}/${id}/_history/${version}`],
    patients: patient === undefined ? [] : [patient],
    outcome: version === 1 ? 201 : 200,
  }));
  await applyWrites(tx, tenant, writes, noWork, audits);
}

/** What a version says, whatever the store added to it: version, time and labels, which follow from the rest. */
function saidBy(resource: Resource): object {
  const { meta, ...rest } = resource;
  const { lastUpdated: _updated, security: _labels, versionId: _version, ...said } = meta ?? {};
  return { ...rest, meta: said };
}
