import { type Failure, failure } from '../base/failure.ts';
import { err, ok, type Result } from '../base/result.ts';
import { servedTypes } from '../fhir/served-types.ts';
import type { ClientKind, Grant, Right } from '../store/access.ts';

const order: readonly Right[] = ['c', 'r', 'u', 'd', 's'];
const versionOne: Readonly<Record<string, readonly Right[]>> = { read: ['r', 's'], write: ['c', 'u', 'd'], '*': order };
const mostScopes = 200;
const longestScope = 200;

/**
 * A system scope of SMART v1 (`system/Encounter.read`) or v2 (`system/Encounter.rs?category=x`), SMART App Launch 2.2, scopes.
 * Under a condition only the rights r and s are taken. Undefined for any other: patient/ and user/ scopes mean a person at a screen, whom a backend service does not have.
 */
export function parseScope(text: string): Grant | undefined {
  const [, type = '', rights = '', query] = /^system\/([A-Z][A-Za-z]+|\*)\.([a-z]+|\*)(?:\?(.+))?$/.exec(text) ?? [];
  if (type !== '*' && !servedTypes.includes(type)) return undefined;
  const granted = rightsOf(rights, query !== undefined);
  const filter = query === undefined ? [] : [...new URLSearchParams(query)].map(([param, value]) => ({ param, value }));
  // A condition that we cannot hold exactly must not widen the scope.
  if (
    !granted ||
    filter.some(({ param, value }) => !/^[a-z][a-z-]*$/.test(param) || value === '' || value.includes(',')) ||
    (query !== undefined && type === '*')
  )
    return undefined;
  return { type, rights: granted, filter: sorted(filter) };
}

function sorted(filter: Grant['filter']): Grant['filter'] {
  return filter.toSorted((a, b) => (`${a.param}=${a.value}` < `${b.param}=${b.value}` ? -1 : 1));
}

function rightsOf(text: string, granular: boolean): ReadonlySet<Right> | undefined {
  const older = versionOne[text];
  if (older) return granular ? undefined : new Set(older);
  // SMART 2.2: the letters stand in this order, each at most once.
  if (!/^c?r?u?d?s?$/.test(text)) return undefined;
  // Writes are not checked against conditions: under a condition only r and s are given, rather than all writes (T14).
  const letters = (text.split('') as Right[]).filter((right) => !granular || right === 'r' || right === 's');
  return letters.length > 0 ? new Set(letters) : undefined;
}

/** The v2 form of a grant. */
export function scopeText({ type, rights, filter }: Grant): string {
  const query = filter.map(({ param, value }) => `${encodeURIComponent(param)}=${encodeURIComponent(value)}`).join('&');
  return `system/${type}.${order.filter((right) => rights.has(right)).join('')}${query === '' ? '' : `?${query}`}`;
}

const parsed = new Map<string, readonly Grant[]>();

/** The grants of stored scope text. The same text gives the same array, so that reads of one client can share a statement. */
export function grantsOf(scopes: string): readonly Grant[] {
  let grants = parsed.get(scopes);
  if (!grants) {
    grants = scopes
      .split(' ')
      .map(parseScope)
      .filter((grant) => grant !== undefined);
    if (parsed.size > 1_000) parsed.clear();
    parsed.set(scopes, grants);
  }
  return grants;
}

/** The most that a kind of client can ever be registered for. */
const ceilings: Readonly<Record<ClientKind, readonly string[]>> = {
  ehr: ['system/*.cruds'],
  'coach-app': ['system/*.cruds'],
  referrer: ['Patient', 'ServiceRequest', 'Task', 'DocumentReference', 'Condition', 'Practitioner', 'PractitionerRole']
    .map((type) => `system/${type}.crus`)
    .concat('system/Organization.rs'),
  plan: ['Observation', 'CarePlan', 'Group', 'Organization'].map((type) => `system/${type}.rs`),
  auditor: ['system/AuditEvent.rs', 'system/Provenance.rs'],
  admin: ['Organization', 'Location', 'HealthcareService', 'Questionnaire', 'Measure'].map(
    (type) => `system/${type}.cruds`,
  ),
};

/** What a client of this kind gets of what it registered or asked for; the rest falls away. */
export function withinCeiling(kind: ClientKind, grants: readonly Grant[]): readonly Grant[] {
  return intersect(
    grants,
    ceilings[kind].map(parseScope).filter((grant) => grant !== undefined),
  );
}

/**
 * Requested ∩ registered, grant by grant: the narrower type, the rights that both hold, and the conditions of both. The result
 * permits nothing that either side does not.
 */
export function intersect(requested: readonly Grant[], registered: readonly Grant[]): readonly Grant[] {
  const granted = new Map<string, Grant>();
  for (const wanted of requested) {
    for (const held of registered) {
      const both = intersectOne(wanted, held);
      if (both) granted.set(scopeText(both), both);
    }
  }
  return [...granted.values()];
}

function intersectOne(a: Grant, b: Grant): Grant | undefined {
  if (a.type !== b.type && a.type !== '*' && b.type !== '*') return undefined;
  const rights = new Set([...a.rights].filter((right) => b.rights.has(right)));
  const conditions = new Map(
    [...a.filter, ...b.filter].map((condition) => [`${condition.param}=${condition.value}`, condition]),
  );
  if (rights.size === 0) return undefined;
  return { type: a.type === '*' ? b.type : a.type, rights, filter: sorted([...conditions.values()]) };
}

/** Granted scopes as canonical text, or `invalid_scope` where nothing is left (RFC 6749, 5.2). */
export function grantScopes(requested: string, registered: string, kind: ClientKind): Result<string, Failure> {
  const wanted = requested.split(' ').filter((scope) => scope !== '');
  if (wanted.length === 0 || wanted.length > mostScopes) {
    return err(
      failure(
        'invalid',
        'invalid_scope',
        `scope must name 1 to ${mostScopes} scopes, for example system/Encounter.cruds.`,
      ),
    );
  }
  const grants = intersect(
    wanted
      .filter((scope) => scope.length <= longestScope)
      .map(parseScope)
      .filter((grant) => grant !== undefined),
    withinCeiling(kind, grantsOf(registered)),
  );
  if (grants.length > 0) return ok([...new Set(grants.map(scopeText))].sort().join(' '));
  return err(
    failure(
      'invalid',
      'invalid_scope',
      'Nothing of the requested scope is registered for this client. Ask the operator which scopes it has.',
    ),
  );
}
