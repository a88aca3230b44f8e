import type { CapabilityStatement, Resource } from '@medplum/fhirtypes';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { newId } from '../../../src/base/ids.ts';
import { definitionTypes } from '../../../src/fhir/served-types.ts';
import { searchKeys } from '../../../src/store/search/extract.ts';
import { Params } from '../../../src/store/sql.ts';
import { insertStatement, type Write } from '../../../src/store/write.ts';
import { type Answer, type Caller, startTestServer, type TestServer } from '../../support/server.ts';
import { examplesOf, findingValues, type Parameter, parametersOf } from './examples.ts';

// Every search parameter, include and reverse include that `metadata` claims finds an example that it should find.
let server: TestServer;
let ehr: Caller;
let claims: NonNullable<NonNullable<CapabilityStatement['rest']>[number]['resource']>;
/** ids of the examples of `Type.parameter` */
const examples = new Map<string, string[]>();
/** types that are assembled from rows of their own; their claims have tests beside their interactions */
const assembled = new Set(['AuditEvent', 'Group', ...definitionTypes]);

beforeAll(async () => {
  server = await startTestServer();
  ehr = await server.caller('ehr', 'org-a');
  const statement = (await ehr.send('GET', '/metadata')).json as unknown as CapabilityStatement;
  claims = (statement.rest?.[0]?.resource ?? []).filter(({ type }) => !assembled.has(type ?? ''));
  const writes: Write[] = [];
  const add = (type: string, id: string, body: object): void =>
    void writes.push(writeOf({ ...body, resourceType: type, id } as unknown as Resource & { id: string }));
  for (const { type = '' } of claims) {
    add(type, 'target', {});
    for (const parameter of parametersOf(type)) {
      const made = examplesOf(type, parameter).map((body) => ({ id: newId(), body }));
      for (const { id, body } of made) add(type, id, body);
      examples.set(
        `${type}.${parameter.code}`,
        made.map(({ id }) => id),
      );
    }
  }
  for (let from = 0; from < writes.length; from += 100) {
    const params = new Params();
    const text = insertStatement(
      server.tenant,
      writes.slice(from, from + 100),
      { always: [], ifCharged: [] },
      [],
      params,
    );
    const stored = await server.database.db.once(server.tenant, text, params.values);
    if (!stored.ok) throw new Error('the examples were not stored');
  }
}, 60_000);
afterAll(async () => server.stop());

/** Straight into the store: an example holds what its parameter needs and not what the type requires. */
function writeOf(resource: Resource & { id: string }): Write {
  const { keys, dates } = searchKeys(resource);
  const now = new Date();
  return {
    type: resource.resourceType,
    id: resource.id,
    version: 1,
    lastUpdated: now,
    deleted: false,
    owner: 'org-a',
    patient: undefined,
    mixed: false,
    audience: undefined,
    viewVersion: 1,
    viewUpdated: now,
    keys: [...keys, ...dates.map(({ param, lo, hi }) => `@${param}=${lo}/${hi}`)],
    content: JSON.stringify({ ...resource, meta: { versionId: '1', lastUpdated: now.toISOString() } }),
  };
}

const found = (answer: Answer): { mode: string; reference: string }[] =>
  ((answer.json['entry'] ?? []) as { search: { mode: string }; resource: { resourceType: string; id: string } }[]).map(
    ({ search, resource }) => ({ mode: search.mode, reference: `${resource.resourceType}/${resource.id}` }),
  );

async function search(path: string): Promise<Answer> {
  const answer = await ehr.send('GET', path);
  if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${answer.text}`);
  return answer;
}

test('the claims are those of the served types, with parameters on each', () => {
  expect(claims.length).toBeGreaterThan(40);
  const without = claims.filter(({ searchParam }) => (searchParam ?? []).length < 3).map(({ type }) => type);
  expect(without).toEqual(['Binary']);
});

async function isFound(type: string, parameter: Parameter, id: string): Promise<boolean> {
  for (const value of findingValues(parameter)) {
    const query = new URLSearchParams([
      [parameter.code, value],
      ['_count', '1000'],
    ]);
    if (found(await search(`/${type}?${query}`)).some(({ reference }) => reference === `${type}/${id}`)) return true;
  }
  return false;
}

test('every claimed search parameter finds its examples, and not by a value that they do not have', async () => {
  const missed: string[] = [];
  for (const { type = '', searchParam = [] } of claims)
    for (const { name = '' } of searchParam.filter(({ name }) => !name?.startsWith('_'))) {
      const parameter = parametersOf(type).find(({ code }) => code === name) as Parameter;
      for (const id of examples.get(`${type}.${name}`) ?? [])
        if (!(await isFound(type, parameter, id))) missed.push(`${type}.${name}: ${parameter.expression}`);
      const other = parameter.kind === 'date' ? '1901-01-01' : 'urn:absent';
      if (found(await search(`/${type}?${name}=${other}`)).length > 0)
        missed.push(`${type}.${name}=${other} finds some`);
    }
  expect(missed).toEqual([]);
}, 120_000);

test('_id and _lastUpdated find every type', async () => {
  for (const { type = '' } of claims) {
    expect(found(await search(`/${type}?_id=target,absent`))).toEqual([{ mode: 'match', reference: `${type}/target` }]);
    expect(found(await search(`/${type}?_lastUpdated=gt2020&_count=1`)).length).toBe(1);
    expect(found(await search(`/${type}?_lastUpdated=lt2020`)).length).toBe(0);
  }
}, 60_000);

test('every claimed include adds what the example points to', async () => {
  for (const { type = '', searchInclude = [] } of claims)
    for (const include of searchInclude) {
      const parameter = parametersOf(type).find(({ code }) => `${type}:${code}` === include) as Parameter;
      const ids = examples.get(`${type}.${parameter.code}`) ?? [];
      const entries = found(await search(`/${type}?_id=${ids.join(',')}&_include=${include}`));
      const added = entries.filter(({ mode }) => mode === 'include').map(({ reference }) => reference);
      const targets = parameter.targets.filter((target) => !assembled.has(target)).map((target) => `${target}/target`);
      expect(added.sort(), include).toEqual(targets.sort());
    }
}, 60_000);

test('every claimed reverse include adds the example that points here', async () => {
  for (const { type = '', searchRevInclude = [] } of claims) {
    const claimed = searchRevInclude.filter((name) => !assembled.has(name.split(':')[0] ?? ''));
    for (let from = 0; from < claimed.length; from += 12) {
      const some = claimed.slice(from, from + 12);
      const entries = found(await search(`/${type}?_id=target&${some.map((name) => `_revinclude=${name}`).join('&')}`));
      const added = new Set(entries.filter(({ mode }) => mode === 'include').map(({ reference }) => reference));
      for (const name of some) {
        const [source, code] = name.split(':');
        const ids = examples.get(`${source}.${code}`) ?? [];
        expect(
          ids.some((id) => added.has(`${source}/${id}`)),
          `${type} ${name}`,
        ).toBe(true);
      }
    }
  }
}, 180_000);
