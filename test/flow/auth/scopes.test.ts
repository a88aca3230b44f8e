import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { grantScopes, grantsOf, intersect, parseScope, scopeText } from '../../../src/auth/scopes.ts';
import { servedTypes } from '../../../src/fhir/served-types.ts';
import type { ClientKind } from '../../../src/store/access.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';
import { askToken, errorOf, register } from './token-client.ts';

// SMART App Launch 2.2, scopes; ../shared/reference/threats-and-faults.md, 1A.
let server: TestServer;
let audience: string;
beforeAll(async () => {
  server = await startTestServer();
  audience = `${server.running.url}/auth/token`;
});
afterAll(async () => server.stop());

/** What a client registered for `registered` is given when it asks for `requested`. */
const given = (requested: string, registered: string, kind: ClientKind = 'ehr'): string => {
  const result = grantScopes(requested, registered, kind);
  return result.ok ? result.value : (result.error.issues[0]?.code ?? '');
};

describe('what is granted', () => {
  test('is requested ∩ registered, in v2 form, whatever the version of either (T13)', () => {
    const table: [string, string, string][] = [
      ['system/Patient.rs', 'system/*.cruds', 'system/Patient.rs'],
      ['system/Patient.read', 'system/*.cruds', 'system/Patient.rs'],
      ['system/Patient.write', 'system/*.cruds', 'system/Patient.cud'],
      ['system/Patient.*', 'system/*.cruds', 'system/Patient.cruds'],
      ['system/Patient.cruds', 'system/Patient.read', 'system/Patient.rs'],
      ['system/Patient.cruds', 'system/Patient.write', 'system/Patient.cud'],
      ['system/*.*', 'system/Patient.r system/Encounter.s', 'system/Encounter.s system/Patient.r'],
      ['system/*.read', 'system/Encounter.cru', 'system/Encounter.r'],
      ['system/Patient.rs system/Encounter.rs', 'system/Patient.rs', 'system/Patient.rs'],
      ['system/Patient.r system/Patient.r', 'system/*.rs', 'system/Patient.r'],
      ['  system/Patient.r  ', 'system/*.rs', 'system/Patient.r'],
    ];
    for (const [requested, registered, granted] of table)
      expect(given(requested, registered), `${requested} of ${registered}`).toBe(granted);
  });

  test('keeps every condition of both sides (T13)', () => {
    const table: [string, string, string][] = [
      ['system/Observation.rs?category=a', 'system/*.rs', 'system/Observation.rs?category=a'],
      ['system/Observation.rs', 'system/Observation.rs?category=a', 'system/Observation.rs?category=a'],
      ['system/*.rs', 'system/Observation.rs?category=a', 'system/Observation.rs?category=a'],
      [
        'system/Observation.rs?category=b',
        'system/Observation.rs?category=a',
        'system/Observation.rs?category=a&category=b',
      ],
      [
        'system/Observation.rs?status=final',
        'system/Observation.cruds?category=a',
        'system/Observation.rs?category=a&status=final',
      ],
      ['system/Observation.rs?category=a', 'system/Observation.rs?category=a', 'system/Observation.rs?category=a'],
      [
        'system/Observation.rs?category=http://terminology.hl7.org/CodeSystem/observation-category|laboratory',
        'system/*.rs',
        'system/Observation.rs?category=http%3A%2F%2Fterminology.hl7.org%2FCodeSystem%2Fobservation-category%7Claboratory',
      ],
    ];
    for (const [requested, registered, granted] of table)
      expect(given(requested, registered), `${requested} of ${registered}`).toBe(granted);
  });

  test('is nothing for what is no system scope of ours: invalid_scope (T13)', () => {
    const nothing = [
      'patient/Patient.rs',
      'user/Patient.rs',
      'openid',
      'launch',
      'offline_access',
      'fhirUser',
      'system/Patient.sr',
      'system/Patient.rr',
      'system/Patient.durcs',
      'system/Patient.x',
      'system/Patient.',
      'system/Patient',
      'system/.rs',
      'system/patient.rs',
      'SYSTEM/Patient.rs',
      'system/Patient.RS',
      'system/*.rs?category=a',
      'system/Patient.read?name=a',
      'system/Patient.rs?name:exact=a',
      'system/Patient.rs?name=a,b',
      'system/Patient.rs?name=',
      'system/Patient.rs?',
      'system/Patient.rs?_has:Observation:patient:code=a',
      'system/Patient.rs?organization.name=a',
      'system/NoSuchType.rs',
      'system/Patient.rs#',
      'system/Patient.rs\tsystem/Encounter.rs',
      'system/Patient.rs,system/Encounter.rs',
      'system/__proto__.rs',
      'system/constructor.rs',
      `system/Observation.rs?code=${'a'.repeat(300)}`,
      '*',
      '.*',
    ];
    for (const scope of nothing) expect(given(scope, 'system/*.cruds'), scope).toBe('invalid_scope');
    expect(given('', 'system/*.cruds')).toBe('invalid_scope');
    expect(given('system/Encounter.rs', 'system/Patient.cruds')).toBe('invalid_scope');
    expect(given('system/Patient.u', 'system/Patient.rs')).toBe('invalid_scope');
    expect(given(Array(201).fill('system/Patient.rs').join(' '), 'system/*.cruds')).toBe('invalid_scope');
    expect(given(Array(200).fill('system/Patient.rs').join(' '), 'system/*.cruds')).toBe('system/Patient.rs');
  });

  test('lies under the ceiling of the kind of client, whatever was registered (T13)', () => {
    expect(given('system/*.cruds', 'system/*.cruds', 'plan')).toBe(
      'system/CarePlan.rs system/Group.rs system/Observation.rs system/Organization.rs',
    );
    expect(given('system/*.cruds', 'system/*.cruds', 'auditor')).toBe('system/AuditEvent.rs system/Provenance.rs');
    expect(given('system/Patient.cruds', 'system/*.cruds', 'referrer')).toBe('system/Patient.crus');
    expect(given('system/Observation.cruds', 'system/*.cruds', 'plan')).toBe('system/Observation.rs');
    expect(given('system/Patient.rs', 'system/*.cruds', 'plan')).toBe('invalid_scope');
    expect(given('system/Patient.rs', 'system/*.cruds', 'admin')).toBe('invalid_scope');
  });

  test('says the same when it is read again as when it was granted, however it is written (T13)', () => {
    const long = `system/Observation.rs?code=${'ü'.repeat(150)}`;
    expect(given(long, 'system/*.cruds')).toBe(`system/Observation.rs?code=${'%C3%BC'.repeat(150)}`);
    for (const scope of ['system/Observation.rs?status=final&category=a', 'system/Patient.read', long]) {
      const granted = given(scope, 'system/Observation.rs?code=a system/*.cruds');
      expect(grantsOf(granted).map(scopeText).sort().join(' '), scope).toBe(granted);
    }
  });

  test('permits nothing that is not registered: 10,000 random pairs against another evaluator (T13)', () => {
    const random = randomOf(20_261_124);
    const pick = <T>(all: readonly T[]): T => all[Math.floor(random() * all.length)] as T;
    const scope = (): string => {
      const type = pick(['*', 'Patient', 'Encounter', 'Observation']);
      const rights = pick(['read', 'write', '*', 'c', 'r', 'u', 'd', 's', 'rs', 'cru', 'cruds', 'us', 'sr', 'x']);
      const query = pick(['', '', '', '?code=a', '?code=b', '?status=a', '?code=a&status=a', '?code=a&code=b']);
      return `${pick(['system', 'system', 'system', 'user'])}/${type}.${rights}${query}`;
    };
    const scopes = (): string => Array.from({ length: 1 + Math.floor(random() * 4) }, scope).join(' ');
    let permitted = 0;
    for (let round = 0; round < 10_000; round++) {
      const [requested, registered] = [scopes(), scopes()];
      const result = grantScopes(requested, registered, 'ehr');
      const granted = result.ok ? result.value : '';
      for (const access of everyAccess) {
        const both = permits(requested, access) && permits(registered, access);
        const expected =
          both && (!isWrite(access) || (permitsWholly(requested, access) && permitsWholly(registered, access)));
        if (both) permitted++;
        if (permits(granted, access) !== expected)
          expect.fail(`${requested} of ${registered}: ${granted} for ${JSON.stringify(access)}`);
      }
    }
    expect(permitted).toBeGreaterThan(10_000);
  });
});

interface Attempt {
  readonly type: string;
  readonly right: string;
  /** what is true of the resource */
  readonly facts: readonly string[];
}

const everyAccess: readonly Attempt[] = ['Patient', 'Encounter', 'Observation'].flatMap((type) =>
  'cruds'.split('').flatMap((right) =>
    [[], ['code=a'], ['code=b'], ['code=a', 'code=b'], ['status=a'], ['code=a', 'status=a']].map((facts) => ({
      type,
      right,
      facts,
    })),
  ),
);

/** Written from the specification, without our parser: SMART App Launch 2.2, scopes for requesting FHIR resources. */
function permits(scopes: string, { facts, right, type }: Attempt): boolean {
  return scopes.split(' ').some((scope) => {
    if (!scope.startsWith('system/')) return false;
    const [head = '', query = ''] = scope.slice(7).split('?');
    const [scopeType = '', letters = ''] = head.split('.');
    if (scopeType !== '*' && scopeType !== type) return false;
    if (query !== '' && (scopeType === '*' || ['read', 'write', '*'].includes(letters))) return false;
    const rights = { read: 'rs', write: 'cud', '*': 'cruds' }[letters] ?? letters;
    if (
      'cruds'
        .split('')
        .filter((letter) => rights.includes(letter))
        .join('') !== rights
    )
      return false;
    return rights.includes(right) && query.split('&').every((fact) => fact === '' || facts.includes(fact));
  });
}

const isWrite = ({ right }: Attempt): boolean => 'cud'.includes(right);

/** Without any condition. Writes are given only so: they are not checked against conditions. */
const permitsWholly = (scopes: string, access: Attempt): boolean => permits(scopes, { ...access, facts: [] });

/** The same numbers in every run (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

test('every served type parses in v1 and v2, and a grant is the same after it was written down (T13)', () => {
  for (const type of ['*', ...servedTypes]) {
    for (const rights of ['read', 'write', '*', 'cruds', 'rs', 'c', 'r', 'u', 'd', 's']) {
      const grant = parseScope(`system/${type}.${rights}`);
      expect(grant, `${type}.${rights}`).toBeDefined();
      expect(grant && parseScope(scopeText(grant))).toEqual(grant);
      expect(grant && intersect([grant], [grant])).toEqual([grant]);
    }
  }
});

test('the token endpoint says what was granted, and refuses with invalid_scope when nothing is left (T13)', async () => {
  const client = await register(server.database, server.tenant, audience, {
    scopes: 'system/Patient.rs system/Encounter.cruds',
  });
  const ask = async (scope: string) => askToken(server.url, await client.assertion(), scope);
  expect((await ask('system/*.read')).json['scope']).toBe('system/Encounter.rs system/Patient.rs');
  expect((await ask('system/Patient.cruds openid')).json['scope']).toBe('system/Patient.rs');
  const nothing = await ask('system/Patient.cud');
  expect(errorOf(nothing)).toEqual([400, 'invalid_scope']);
  expect(nothing.json['error_description']).toContain('Nothing of the requested scope is registered');
  const { rows } = await server.database.owner.query<{ outcome: number }>(
    `select outcome from audit where client_id = $1 order by seq`,
    [client.clientId],
  );
  expect(rows.map(({ outcome }) => outcome)).toEqual([200, 200, 400]);
});

test('registration refuses scopes that the kind can never have, and a plan without its Organization (T13)', async () => {
  const registered = (more: Parameters<typeof register>[3]) => register(server.database, server.tenant, audience, more);
  await expect(registered({ kind: 'plan', scopes: 'system/Patient.rs' })).rejects.toThrow('None of these scopes');
  await expect(registered({ scopes: 'user/Patient.rs' })).rejects.toThrow('None of these scopes');
  await expect(registered({ kind: 'plan', organization: undefined })).rejects.toThrow('name its id');
});

test('a lowered ceiling holds for tokens that were given before (T13)', async () => {
  const plan = await server.caller('plan', 'org-p', 'system/*.cruds');
  expect((await plan.send('GET', '/Patient')).status).toBe(403);
  expect((await plan.send('POST', '/Observation', { resourceType: 'Observation' })).status).toBe(403);
});
