import { afterAll, beforeAll, expect, test } from 'vitest';
import { organization } from '../../support/people.ts';
import { type Caller, startTestServer, type TestServer } from '../../support/server.ts';
import { naiveSearch } from './naive.ts';
import { actCode, codes, families, givens, instants, type Stored, systems, World } from './world.ts';

// Random resources and random queries, the same on every run: what the server finds is what R4 says is found.
const world = new World(20_261_124);
const stored: Stored[] = [];
let server: TestServer;
let ehr: Caller;

beforeAll(async () => {
  server = await startTestServer();
  const admin = await server.caller('admin');
  const provider = (await admin.create(organization('Provider'))).id;
  ehr = await server.caller('ehr', 'org-a');
  const make = async (resource: Parameters<Caller['create']>[0]): Promise<string> => {
    const made = (await ehr.create(resource)) as Stored;
    stored.push(made);
    return made.id;
  };
  const people: string[] = [];
  for (let index = 0; index < 30; index++) people.push(await make(world.patient()));
  for (let index = 0; index < 60; index++) await make(world.encounter(world.pick(people), provider));
  for (let index = 0; index < 30; index++) await make(world.observation(world.pick(people)));
}, 60_000);
afterAll(async () => server.stop());

const idsOf = (type: string): string[] =>
  stored.filter(({ resourceType }) => resourceType === type).map(({ id }) => id);
const prefixes = ['', 'eq', 'ne', 'gt', 'lt', 'ge', 'le', 'sa', 'eb', 'ap'];
const escaped = (text: string): string => text.replaceAll(/[\\,|$]/g, '\\$&');

function token(list: readonly string[]): string {
  const code = escaped(world.pick(list));
  return world.pick([code, `${world.pick(systems)}|${code}`, `|${code}`, `${world.pick(systems)}|`]);
}
const date = (): string =>
  `${world.pick(prefixes)}${world.pick([...instants, '2026-03', '2026-03-02', '2026', '1980', '1980-05'])}`;
const text = (list: readonly string[]): string => {
  const value = world.pick(list);
  return escaped(world.pick([value, value.slice(0, 2), value.toUpperCase(), value.slice(1, 3) || value]));
};
const several = (make: () => string): string => Array.from({ length: world.pick([1, 1, 1, 2, 3]) }, make).join(',');
const identifiers = ['1', '2', 'a,b', 'x|y', '3'];

const forms: Record<string, (() => [string, string])[]> = {
  Patient: [
    () => ['identifier', several(() => token(identifiers))],
    () => ['gender', several(() => world.pick(['female', '|male', 'unknown', 'other']))],
    () => ['gender:not', several(() => world.pick(['female', 'male', 'unknown']))],
    () => ['active', world.pick(['true', 'false'])],
    () => ['family', several(() => text(families))],
    () => ['family:exact', several(() => escaped(world.pick(families)))],
    () => ['family:contains', several(() => text(families))],
    () => ['given', several(() => text(givens))],
    () => ['given:exact', escaped(world.pick(givens))],
    () => ['name', several(() => text([...families, ...givens]))],
    () => ['address', text(['Worcester', 'West Boylston', '1 Elm', 'œuf'])],
    () => ['address-city:contains', text(['Boyl', 'ster', 'Œuf'])],
    () => ['birthdate', several(date)],
    () => [`${world.pick(['birthdate', 'gender', 'identifier', 'address'])}:missing`, world.pick(['true', 'false'])],
    () => ['_id', several(() => world.pick(idsOf('Patient')))],
    () => ['_lastUpdated', `${world.pick(prefixes)}${world.pick(stored).meta.lastUpdated}`],
  ],
  Encounter: [
    () => ['patient', several(() => world.pick(idsOf('Patient')))],
    () => ['subject', several(() => `Patient/${world.pick(idsOf('Patient'))}`)],
    () => ['subject:Patient', world.pick(idsOf('Patient'))],
    () => ['status', several(() => world.pick(['planned', 'finished', 'cancelled', 'onleave']))],
    () => ['status:not', several(() => world.pick(['planned', 'finished', 'cancelled']))],
    () => ['class', several(() => world.pick(['AMB', `${actCode}|VR`, `${actCode}|`, '|AMB', 'HH']))],
    () => ['type', several(() => token(codes))],
    () => ['type:not', several(() => token(codes))],
    () => ['date', several(date)],
    () => ['date', several(date)],
    () => [`${world.pick(['date', 'type', 'service-provider'])}:missing`, world.pick(['true', 'false'])],
    () => ['patient.identifier', several(() => token(identifiers))],
    () => ['subject:Patient.family', text(families)],
    () => ['patient.birthdate', date()],
    () => ['patient.gender:not', 'female'],
  ],
  Observation: [
    () => ['code', several(() => token(codes))],
    () => ['value-string', several(() => text(['Calm, steady', 'craving', '100%', 'a_b']))],
    () => ['value-string:contains', text(['steady', '%', '_', 'alm', 'b'])],
    () => ['date', several(date)],
    () => ['patient', world.pick(idsOf('Patient'))],
    () => ['patient.name', text([...families, ...givens])],
    () => ['_lastUpdated', `${world.pick(['gt', 'le'])}${world.pick(stored).meta.lastUpdated}`],
  ],
};

async function found(type: string, query: readonly [string, string][]): Promise<string[]> {
  const path = `/${type}?${new URLSearchParams([...query, ['_count', '1000'], ['_total', 'accurate']])}`;
  const answer = await ehr.send('GET', path);
  if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${answer.text}`);
  const entries = (answer.json['entry'] ?? []) as { resource: { id: string } }[];
  expect(answer.json['total'], path).toBe(entries.length);
  return entries.map(({ resource }) => resource.id);
}

test('600 random queries find what a naive evaluator finds', async () => {
  let hits = 0;
  for (let index = 0; index < 600; index++) {
    const type = world.pick(['Patient', 'Encounter', 'Encounter', 'Observation']);
    const parts = Array.from({ length: world.pick([1, 1, 2, 2, 3]) }, () => world.pick(forms[type] ?? [])());
    const wanted = naiveSearch(stored, type, parts).sort();
    if (wanted.length > 0) hits++;
    expect(
      (await found(type, parts)).sort(),
      `${type}?${decodeURIComponent(String(new URLSearchParams(parts)))}`,
    ).toEqual(wanted);
  }
  // The queries are worth asking: a good share of them finds something.
  expect(hits).toBeGreaterThan(250);
}, 60_000);

test('every form is asked alone, so that none hides behind another', async () => {
  for (const [type, makers] of Object.entries(forms))
    for (const make of makers)
      for (let index = 0; index < 8; index++) {
        const form = make();
        const query = [form];
        expect((await found(type, query)).sort(), `${type}?${String(form)}`).toEqual(
          naiveSearch(stored, type, query).sort(),
        );
      }
}, 60_000);
