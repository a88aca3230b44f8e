import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type {
  Bundle,
  CapabilityStatement,
  OperationDefinition,
  OperationDefinitionParameter,
  Parameters,
  ParametersParameter,
} from '@medplum/fhirtypes';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addDays } from '../../../src/base/time.ts';
import { coachRole, practitioner, waiverRequest } from '../../../src/cli/sandbox/people.ts';
import { canonicalBase } from '../../../src/fhir/canonical.ts';
import { definitionTypes } from '../../../src/fhir/served-types.ts';
import { ago, contactOn, post, provider, settled, setUpMember } from '../../support/caseload.ts';
import { type Caller, startTestServer, type TestServer } from '../../support/server.ts';

const folder = resolve(import.meta.dirname, '../../../profiles');
const mce = readFileSync(join(folder, '../rulesets/masshealth-mce.yaml'), 'utf8');
const files = readdirSync(folder).filter((name) => name.endsWith('.json'));
const committed = files
  .map(
    (name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as { resourceType: string; id: string; url: string },
  )
  .filter(({ resourceType }) => definitionTypes.includes(resourceType));

let server: TestServer;
let ehr: Caller;
let statement: CapabilityStatement;
beforeAll(async () => {
  server = await startTestServer();
  ehr = await server.caller('ehr', provider);
  statement = (await ehr.send('GET', '/metadata')).json as unknown as CapabilityStatement;
}, 60_000);
afterAll(async () => server.stop());

async function byUrl(type: string, url: string): Promise<unknown[]> {
  const { json, status, text } = await ehr.send('GET', `/${type}?url=${encodeURIComponent(url)}`);
  expect(status, text).toBe(200);
  return ((json as unknown as Bundle).entry ?? []).map(({ resource }) => resource);
}

test('every definition in profiles/ is read by its id and found by its URL, as committed', async () => {
  expect(committed.length).toBeGreaterThan(50);
  for (const one of committed) {
    const { headers, json } = await ehr.send('GET', `/${one.resourceType}/${one.id}`);
    expect(headers.get('content-type')).toContain('application/fhir+json');
    expect(json).toEqual(one);
    expect(await byUrl(one.resourceType, one.url)).toEqual([one]);
  }
});

test('a search without a criterion tells all of the type, by _id those that are named', async () => {
  const of = (type: string) => committed.filter(({ resourceType }) => resourceType === type);
  const all = (await ehr.send('GET', '/ValueSet')).json as unknown as Bundle;
  expect([all.total, all.type]).toEqual([of('ValueSet').length, 'searchset']);
  const some = (await ehr.send('GET', '/OperationDefinition?_id=ledger,nobody')).json as unknown as Bundle;
  expect(some.entry?.map(({ fullUrl }) => fullUrl)).toEqual([`${server.url}/fhir/R4/OperationDefinition/ledger`]);
});

test('every canonical of ours that metadata names is published', async () => {
  const resources = statement.rest?.[0]?.resource ?? [];
  const named = resources.flatMap(({ operation = [], searchParam = [], supportedProfile = [] }) => [
    ...operation.map(({ definition }) => ['OperationDefinition', definition]),
    ...searchParam.map(({ definition }) => ['SearchParameter', definition]),
    ...supportedProfile.map((profile) => ['StructureDefinition', profile.split('|')[0]]),
  ]);
  const own = named.filter(([, url]) => url?.startsWith(`${canonicalBase}/`)) as [string, string][];
  expect(own.length).toBeGreaterThan(6);
  for (const [type, url] of own) expect(await byUrl(type, url), url).toHaveLength(1);
});

test('metadata claims them read-only, and a write is refused with what is allowed', async () => {
  const claim = statement.rest?.[0]?.resource?.find(({ type }) => type === 'StructureDefinition');
  expect(claim).toMatchObject({
    interaction: [{ code: 'read' }, { code: 'search-type' }],
    versioning: 'no-version',
    conditionalRead: 'not-supported',
    conditionalCreate: false,
    searchParam: [{ name: '_id' }, { name: 'url' }],
  });
  const [first] = committed;
  for (const [method, path] of [
    ['POST', '/CodeSystem'],
    ['PUT', '/CodeSystem/contact-type'],
    ['DELETE', '/CodeSystem/contact-type'],
  ] as const) {
    const { headers, status } = await ehr.send(method, path, method === 'DELETE' ? undefined : first);
    expect([method, status, headers.get('allow')]).toEqual([method, 405, 'GET']);
  }
});

test('what is not there, and what cannot be asked, is said in words', async () => {
  const absent = await ehr.send('GET', '/ValueSet/nobody');
  expect([absent.status, absent.text]).toEqual([404, expect.stringContaining('GET ValueSet lists')]);
  const unknown = await ehr.send('GET', '/ValueSet?context=x');
  expect([unknown.status, unknown.text]).toEqual([400, expect.stringContaining('found by url and _id')]);
  const nobody = await fetch(`${server.url}/fhir/R4/ValueSet/contact-type`);
  expect(nobody.status).toBe(401);
});

const operations = committed.filter(
  (one): one is typeof one & OperationDefinition => one.resourceType === 'OperationDefinition',
);

/** Operations that take Parameters, not a query. */
const posted: ReadonlySet<string> = new Set(['charge', 'preview-rulesets', 'recompute']);

describe.each(operations.map((one) => [one.id, one] as const))('OperationDefinition %s', (id, definition) => {
  const [type = ''] = definition.resource ?? [];
  const method = posted.has(id) ? 'POST' : 'GET';

  test('has the code, level and resource under which metadata and the paths know it', async () => {
    expect([definition.url, definition.code]).toEqual([`${canonicalBase}/OperationDefinition/${id}`, id]);
    const claimed = statement.rest?.[0]?.resource?.find((one) => one.type === type)?.operation ?? [];
    expect(claimed.filter(({ name }) => name === id)).toEqual([{ name: id, definition: definition.url }]);
    const onType = await ehr.send(method, `/${type}/$${id}?nonsense=1`);
    const onInstance = await ehr.send(method, `/${type}/x/$${id}?nonsense=1`);
    expect([onType.status !== 404, onInstance.status !== 404]).toEqual([definition.type, definition.instance]);
    expect(definition.system).toBe(false);
  });

  test('takes the parameters that the server says it takes', async () => {
    // What takes parts by name tells them when the body is none; what takes several of a kind tells when one is missing.
    const sent = { resourceType: definition.instance ? 'Patient' : 'Parameters' };
    const path = definition.instance ? `/${type}/x/$${id}?nonsense=1` : `/${type}/$${id}`;
    const { json } = await ehr.send(method, path, method === 'POST' ? sent : undefined);
    const text = (json as { issue?: { details?: { text?: string } }[] }).issue?.[0]?.details?.text ?? '';
    const listed = /takes (?:a Parameters resource with )?([\w, ]+?)(?:, each once| as its body)/.exec(text)?.[1];
    const repeated = /, each once, and ([\w, ]+), as often/.exec(text)?.[1];
    const takes = listed
      ? [listed, ...(repeated ? [repeated] : [])].flatMap((found) => found.split(', '))
      : [...text.matchAll(/(\w+) \(value/g)].map(([, name]) => name);
    const names = (definition.parameter ?? []).filter(({ use }) => use === 'in').map(({ name }) => name);
    expect(names).toEqual(takes);
  });
});

/** Where a part is not as its definition says: unknown, of another type, too few or too many. */
function deviations(
  parts: readonly ParametersParameter[],
  defined: readonly OperationDefinitionParameter[],
  at: string,
): string[] {
  // Parts that stand each under its own name are not listed.
  if (defined.some(({ name }) => name === '{name}')) return [];
  const unknown = parts.filter(({ name }) => !defined.some((one) => one.name === name));
  return [
    ...unknown.map(({ name }) => `${at}.${name} is not defined`),
    ...defined.flatMap((one) => {
      const own = parts.filter(({ name }) => name === one.name);
      const where = `${at}.${one.name}`;
      const wrong = own.flatMap((part) => {
        if (one.part) return deviations(part.part ?? [], one.part, where);
        const value = `value${one.type?.charAt(0).toUpperCase()}${one.type?.slice(1)}`;
        return value in part ? [] : [`${where} is not a ${one.type}`];
      });
      const most = one.max === '*' ? Number.POSITIVE_INFINITY : Number(one.max);
      const count = own.length < (one.min ?? 0) || own.length > most ? [`${where} is there ${own.length} times`] : [];
      return [...wrong, ...count];
    }),
  ];
}

test('what the operations answer is what their definitions say', async () => {
  await setUpMember(ehr, 'defined', { since: ago(60), product: 'tufts-together' });
  await post(ehr, contactOn('defined', ago(5)));
  const waiver = { payer: 'org-payer', start: ago(10), end: addDays(ago(0), 10), document: 'waiver-request' };
  const papers = { hired: ago(800), certified: 'working', waiver } as const;
  await post(
    ehr,
    practitioner({ id: 'coach-waived', given: 'Wren', family: 'Willow' }, provider, papers),
    coachRole('coach-waived-role', 'coach-waived', provider, ago(800)),
    waiverRequest('waiver-request', 'coach-waived', provider, new Date().toISOString()),
  );
  await settled(server);
  const admin = await server.caller('admin');
  const strict = mce.replace('value: 21', 'value: 20').replace('code: H2016', 'code: H0038');
  expect(strict).toContain('code: H0038');
  const preview = { resourceType: 'Parameters', parameter: [{ name: 'ruleset', valueString: strict }] };
  const calls: Readonly<Record<string, readonly [Caller, string, string, object?]>> = {
    'caseload-status': [ehr, 'GET', 'EpisodeOfCare/episode-defined/$caseload-status'],
    ledger: [ehr, 'GET', `EpisodeOfCare/episode-defined/$ledger?start=${ago(30)}&end=${ago(0)}`],
    'credential-runway': [ehr, 'GET', 'Organization/$credential-runway'],
    'coach-roster': [ehr, 'GET', 'Organization/$coach-roster'],
    'preview-rulesets': [ehr, 'POST', 'EpisodeOfCare/$preview-rulesets', preview],
    'evaluate-rules': [ehr, 'GET', 'EpisodeOfCare/episode-defined/$evaluate-rules'],
    recompute: [admin, 'POST', 'EpisodeOfCare/$recompute'],
  };
  // What $charge answers is a Bundle: test/flow/fhir/charge.test.ts has it.
  expect([...Object.keys(calls), 'charge'].sort()).toEqual(operations.map(({ id }) => id).sort());
  for (const [id, [caller, method, path, body]] of Object.entries(calls)) {
    const { json, status, text } = await caller.send(method, `/${path}`, body);
    expect([200, 202], text).toContain(status);
    const parts = (json as unknown as Parameters).parameter ?? [];
    expect(parts.length, path).toBeGreaterThan(0);
    const out = operations.find((one) => one.id === id)?.parameter?.filter(({ use }) => use === 'out') ?? [];
    expect(deviations(parts, out, id)).toEqual([]);
  }
});
