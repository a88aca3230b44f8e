import type { Bundle, Encounter, Observation, Resource } from '@medplum/fhirtypes';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { searchKeys } from '../../../src/store/search/extract.ts';
import { standingOf } from '../../../src/store/search/shared-values.ts';
import { post } from '../../support/caseload.ts';
import { type Caller, startTestServer, type TestServer } from '../../support/server.ts';

// R4 search.html#references and the definitions of clinical-patient, Encounter-practitioner and combo-code: parameters over the same elements.
const loinc = (code: string) => ({ coding: [{ system: 'http://loinc.org', code }] });
const visit: Encounter = {
  resourceType: 'Encounter',
  id: 'visit',
  status: 'finished',
  class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'AMB' },
  subject: { reference: 'Patient/robin' },
  participant: [{ individual: { reference: 'Practitioner/avery' } }],
};
const byRole: Encounter = {
  ...visit,
  id: 'by-role',
  participant: [{ individual: { reference: 'PractitionerRole/avery' } }],
};
const ofGroup: Encounter = { ...visit, id: 'of-group', subject: { reference: 'Group/circle' } };
const pressure: Observation = {
  resourceType: 'Observation',
  id: 'pressure',
  status: 'final',
  code: loinc('85354-9'),
  subject: { reference: 'Patient/robin' },
  component: [{ code: loinc('8480-6'), valueQuantity: { value: 120 } }],
};
const weight: Observation = {
  resourceType: 'Observation',
  id: 'weight',
  status: 'final',
  code: loinc('29463-7'),
  subject: { reference: 'Patient/robin' },
};

let server: TestServer;
let ehr: Caller;
beforeAll(async () => {
  server = await startTestServer({ ROLES: 'http' });
  ehr = await server.caller('ehr', 'org-a');
  const robin: Resource = { resourceType: 'Patient', id: 'robin', name: [{ family: 'Example' }], gender: 'unknown' };
  await post(ehr, robin, visit, byRole, ofGroup, pressure, weight);
});
afterAll(async () => server.stop());

async function found(path: string, caller = ehr): Promise<string[]> {
  const { json, status, text } = await caller.send('GET', path);
  expect(status, text).toBe(200);
  return ((json as unknown as Bundle).entry ?? []).map(({ resource }) => resource?.id ?? '');
}
const sorted = async (path: string): Promise<string[]> => (await found(path)).sort();

describe('parameters over the same elements', () => {
  test('have their values in the index once', () => {
    const codes = (resource: Resource): Set<string> =>
      new Set(searchKeys(resource).keys.map((key) => key.slice(0, key.indexOf('='))));
    expect(codes(visit)).toEqual(
      new Set(['Encounter.class', 'Encounter.participant', 'Encounter.status', 'Encounter.subject']),
    );
    expect(codes(pressure)).toEqual(
      new Set(['Observation.code', 'Observation.component-code', 'Observation.status', 'Observation.subject']),
    );
  });

  test('patient finds by id, by reference and along a chain, and no Group', async () => {
    for (const query of ['patient=robin', 'patient=Patient/robin', 'patient:Patient=robin', 'patient.family=Example'])
      expect(await sorted(`/Encounter?${query}`), query).toEqual(['by-role', 'visit']);
    expect(await found('/Encounter?patient=Group/circle')).toEqual([]);
    expect(await found('/Encounter?subject=Group/circle')).toEqual(['of-group']);
  });

  test('practitioner is who participates as such, not by a role; patient:missing is true of a Group’s', async () => {
    expect(await sorted('/Encounter?practitioner=avery')).toEqual(['of-group', 'visit']);
    expect(await found('/Encounter?practitioner=PractitionerRole/avery')).toEqual([]);
    expect(await found('/Encounter?participant=PractitionerRole/avery')).toEqual(['by-role']);
    expect(await sorted('/Encounter?practitioner:missing=true')).toEqual(['by-role']);
    expect(await sorted('/Encounter?patient:missing=true')).toEqual(['of-group']);
    expect(await sorted('/Encounter?patient:missing=false')).toEqual(['by-role', 'visit']);
    expect((await found('/Encounter?_sort=patient')).at(-1)).toBe('of-group');
  });

  test('combo-code finds by the code and by a component’s, and :not by neither', async () => {
    for (const value of ['85354-9', '8480-6', 'http://loinc.org|8480-6'])
      expect(await found(`/Observation?combo-code=${value}`), value).toEqual(['pressure']);
    expect(await sorted('/Observation?combo-code=http://loinc.org|')).toEqual(['pressure', 'weight']);
    expect(await found('/Observation?combo-code:not=8480-6')).toEqual(['weight']);
    expect(await found('/Observation?combo-code:missing=true')).toEqual([]);
    expect(await sorted('/Observation?_sort=combo-code')).toEqual(['pressure', 'weight']);
  });

  test('a scope that names one of them opens what it names', async () => {
    const narrow = await server.caller('ehr', 'org-a', 'system/Observation.rs?combo-code=8480-6');
    expect(await found('/Observation?patient=robin', narrow)).toEqual(['pressure']);
  });

  test('a row that was indexed before, under each of them, is found as well and once', async () => {
    const old = ['Encounter.patient=Patient/robin', 'Encounter.practitioner=Practitioner/avery'];
    await server.database.owner.query(
      `insert into search_key (tenant, key, id) select $1, key, 'visit' from unnest($2::text[]) as key`,
      [server.tenant, old],
    );
    await server.database.owner.query(
      `update resource set keys = keys || $2::text[] where tenant = $1 and type = 'Encounter' and id = 'visit'`,
      [server.tenant, old],
    );
    expect(await sorted('/Encounter?patient=robin')).toEqual(['by-role', 'visit']);
    const changed = await ehr.send('PUT', '/Encounter/visit', { ...visit, subject: { reference: 'Group/circle' } });
    expect(changed.status, changed.text).toBe(200);
    expect(await found('/Encounter?patient=robin')).toEqual(['by-role']);
    const { rows } = await server.database.owner.query(
      `select key from search_key where tenant = $1 and id = 'visit' and key like 'Encounter.p%' order by key`,
      [server.tenant],
    );
    expect(rows).toEqual([{ key: 'Encounter.participant=Practitioner/avery' }]);
  });
});

describe('where values stand', () => {
  const of = (code: string, expression: string, kind = 'reference') => ({ code, expression, kind });
  const all = [
    of('actor', 'A.x'),
    of('both', '(A.x) | A.y'),
    of('narrow', 'A.x.where(resolve() is B)'),
    of('y', 'A.y'),
  ];

  test.each([
    ['another’s elements', of('same', '(A.x)'), { under: ['actor'] }],
    ['those of a type', all[2], { under: ['actor'], only: 'B' }],
    ['a union of others', all[1], { under: ['actor', 'y'] }],
    ['a union of which one part is its own', of('half', 'A.x | A.z'), { under: ['half'] }],
    ['elements of its own', of('own', 'A.z'), { under: ['own'] }],
    ['another kind', of('token', 'A.x', 'token'), { under: ['token'] }],
    ['dates, whose index tells parameters apart', of('when', 'A.x', 'date'), { under: ['when'] }],
  ])('%s', (_name, parameter, standing) => {
    expect(standingOf(parameter as (typeof all)[number], [...all, parameter as (typeof all)[number]])).toEqual(
      standing,
    );
  });
});
