import type { Resource } from '@medplum/fhirtypes';
import { type Failure, failure, type Issue } from '../base/failure.ts';
import { err, ok, type Result } from '../base/result.ts';
import { type Compartment, patientCompartment, type ReferencePlace, referencePlaces } from '../fhir/references.ts';
import { servedTypes } from '../fhir/served-types.ts';
import type { Access } from '../store/access.ts';
import { grantsFor } from '../store/access.ts';
import { type LockedRow, resourceIn } from '../store/lock.ts';
import { isMaskedType, maskForPlan } from '../store/masking.ts';
import { searchKeys } from '../store/search/extract.ts';
import { datePrefix } from '../store/search/keys.ts';
import type { Write } from '../store/write.ts';
import type { Services } from './context.ts';
import { labelled } from './labels.ts';

/** A resource that passed validation and may be stored once its place in the store is known. */
export interface Prepared {
  readonly resource: Resource & { id: string };
  readonly places: readonly ReferencePlace[];
  readonly compartment: Compartment;
  /** warnings for a client that prefers an OperationOutcome */
  readonly issues: readonly Issue[];
}

/** R4 ids: letters, digits, '-' and '.', at most 64. */
export const idPattern = /^[A-Za-z0-9.-]{1,64}$/;

/** Resources that Footbridge itself writes; a client's version would be a claim about our own work. */
const computedTypes: Readonly<Record<string, string>> = {
  AuditEvent: 'Footbridge writes AuditEvents itself with each access; read them with GET AuditEvent.',
  Group: 'Rosters are assembled by Footbridge from its caseload results; read them with GET Group.',
};

/**
 * Takes what a client sent to what may be stored: its type, server-owned fields, labels, references to our own base, validation.
 *
 * @param fhirBase our own base URL: absolute references to it become relative, so that both forms are one (T30)
 */
export function prepare(
  services: Pick<Services, 'validator'>,
  sent: unknown,
  place: { readonly type: string; readonly id: string; readonly fhirBase: string; readonly before?: Resource },
): Result<Prepared, Failure> {
  const typed = checkType(sent, place.type);
  if (!typed.ok) return typed;
  const resource = { ...typed.value, id: place.id } as Resource & { id: string };
  const places = referencePlaces(resource);
  for (const { holder } of places) {
    if (holder.reference.startsWith(`${place.fhirBase}/`))
      holder.reference = holder.reference.slice(place.fhirBase.length + 1);
  }
  const compartment = patientCompartment(resource, places);
  const { versionId: _version, lastUpdated: _updated, ...meta } = resource.meta ?? {};
  const security = labelled(meta, compartment.patient !== undefined, place.before);
  if (Object.keys(security).length > 0) resource.meta = security;
  else delete resource.meta;
  const { issues } = services.validator.validate(resource);
  const errors = issues.filter(({ severity }) => severity === 'error');
  if (errors.length > 0) return err({ category: 'invalid', status: 422, issues });
  return ok({ resource, places, compartment, issues });
}

function checkType(sent: unknown, type: string): Result<Resource, Failure> {
  if (!servedTypes.includes(type)) {
    return err(
      failure(
        'not-found',
        'not-supported',
        `This server does not serve ${type}. GET metadata lists the types it serves.`,
      ),
    );
  }
  if (typeof sent !== 'object' || sent === null || Array.isArray(sent)) {
    return err(
      failure(
        'invalid',
        'structure',
        `The body must be one ${type} resource as a JSON object; it is ${sent === undefined ? 'empty' : 'something else'}.`,
      ),
    );
  }
  const found = (sent as { resourceType?: unknown }).resourceType;
  if (found !== type) {
    const said = typeof found === 'string' ? found.slice(0, 64) : 'missing';
    return err(
      failure(
        'invalid',
        'structure',
        `resourceType is ${said}, but the URL asks for ${type}. Send the resource to the URL of its own type.`,
        { expression: 'resourceType' },
      ),
    );
  }
  const computed = computedTypes[type];
  if (computed)
    return err(
      failure('unsupported', 'not-supported', `${type} cannot be written. ${computed}`, {
        status: 405,
        headers: { Allow: 'GET' },
      }),
    );
  return ok(sent as Resource);
}

/** The code of Observations that only the daily computation writes. */
export function isCaseloadStatus(resource: Resource, statusSystem: string): boolean {
  return (
    resource.resourceType === 'Observation' &&
    (resource.code?.coding?.some(({ system }) => system === statusSystem) ?? false)
  );
}

/** The scopes' word on a write: 403 names the scope that would be needed. */
export function checkRight(access: Access, type: string, right: 'c' | 'r' | 'u' | 'd' | 's'): Failure | undefined {
  if (grantsFor(access, type, right).length > 0) return undefined;
  return failure(
    'forbidden',
    'forbidden',
    `The token's scopes do not reach: this needs system/${type}.${right}. Ask for it at the token endpoint; if it is refused there, it is not registered for this client.`,
  );
}

/** The row to store for a prepared resource; `before` is the locked version that it replaces. */
export function toWrite(
  prepared: Prepared,
  more: {
    readonly now: Date;
    readonly owner: string;
    readonly audience?: string | undefined;
    readonly before: LockedRow | undefined;
    readonly patient?: string | undefined;
  },
): Write {
  const { before, now } = more;
  const version = (before?.version ?? 0) + 1;
  const { id, resourceType: type } = prepared.resource;
  const meta = { ...prepared.resource.meta, versionId: String(version), lastUpdated: now.toISOString() };
  const content = JSON.stringify({ ...prepared.resource, meta });
  const { keys, dates } = searchKeys(prepared.resource);
  const view = viewOf(prepared.resource, before, now);
  return {
    type,
    id,
    version,
    lastUpdated: now,
    deleted: false,
    owner: before?.owner ?? more.owner,
    patient: more.patient ?? prepared.compartment.patient,
    mixed: prepared.compartment.patients.length > 1,
    audience: more.audience,
    ...view,
    keys: [...new Set([...keys, ...dates.map(({ param, lo, hi }) => `${datePrefix(param)}${lo}/${hi}`)])],
    ...(before && { previousKeys: before.keys }),
    content,
  };
}

/** A masked reader's version moves only when what it sees does. */
function viewOf(
  resource: Resource,
  before: LockedRow | undefined,
  now: Date,
): { viewVersion: number; viewUpdated: Date } {
  if (!before) return { viewVersion: 1, viewUpdated: now };
  if (!isMaskedType(resource.resourceType)) return { viewVersion: before.version + 1, viewUpdated: now };
  const seen = (version: object): string => {
    const { meta: _meta, ...rest } = maskForPlan(version as Record<string, unknown>, resource.resourceType);
    return JSON.stringify(rest);
  };
  const same = !before.deleted && seen(resourceIn(before)) === seen(resource);
  return same
    ? { viewVersion: before.view_version, viewUpdated: before.view_updated }
    : { viewVersion: before.view_version + 1, viewUpdated: now };
}

/** The tombstone that replaces a locked version. */
export function toTombstone(before: LockedRow, now: Date): Write {
  return {
    type: before.type,
    id: before.id,
    version: before.version + 1,
    lastUpdated: now,
    deleted: true,
    owner: before.owner,
    patient: before.patient ?? undefined,
    mixed: before.mixed,
    audience: before.audience ?? undefined,
    viewVersion: before.view_version + 1,
    viewUpdated: now,
    keys: [],
    previousKeys: before.keys,
    content: '',
  };
}
