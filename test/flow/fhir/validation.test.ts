import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { CapabilityStatement, Patient } from '@medplum/fhirtypes';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Caller, startTestServer, type TestServer } from '../../support/server.ts';

const examples = resolve(import.meta.dirname, '../../../profiles/examples');
const example = (name: string) => JSON.parse(readFileSync(join(examples, `${name}.json`), 'utf8')) as Patient;

let server: TestServer;
let ehr: Caller;
beforeAll(async () => {
  server = await startTestServer({ ROLES: 'http' });
  ehr = await server.caller('ehr', 'org-a');
});
afterAll(async () => server.stop());

const outcome = (answer: { json: unknown }) =>
  (answer.json as { issue: { severity: string; details: { text: string }; expression?: string[] }[] }).issue;

test('what breaks R4, a required binding or a claimed profile is refused with 422 at its place, and nothing is stored', async () => {
  const { name: _, ...nameless } = example('patient');
  for (const [body, where] of [
    [{ ...example('patient'), gendre: 'x' }, 'Patient'],
    [{ ...example('patient'), gender: 'x' }, 'Patient.gender'],
    [nameless, 'Patient.name'],
  ] as const) {
    const answer = await ehr.send('POST', '/Patient', body);
    expect([answer.status, outcome(answer)[0]?.expression]).toEqual([422, [where]]);
  }
  expect((await server.database.owner.query('select 1 from resource')).rowCount).toBe(0);
});

test('a claim that is not held is stored as sent, with a warning that names it where the client prefers an outcome', async () => {
  const profile = 'https://example.org/StructureDefinition/ours';
  const sent = { ...example('patient'), meta: { profile: [profile] } };
  const answer = await ehr.send('POST', '/Patient', sent, { prefer: 'return=OperationOutcome' });
  expect(answer.status).toBe(201);
  expect(outcome(answer)[0]).toMatchObject({ severity: 'warning', expression: ['Patient.meta.profile[0]'] });
  expect(outcome(answer)[0]?.details.text).toContain(profile);
  const stored = (await ehr.send('POST', '/Patient', sent)).json as unknown as Patient;
  expect(stored.meta?.profile).toEqual([profile]);
});

test('metadata lists the profiles that are held, with versions', async () => {
  const metadata = (await ehr.send('GET', '/metadata')).json as unknown as CapabilityStatement;
  const profilesOf = (type: string) => metadata.rest?.[0]?.resource?.find((one) => one.type === type)?.supportedProfile;
  expect(profilesOf('Patient')).toEqual([
    'http://hl7.org/fhir/us/core/StructureDefinition/us-core-patient|6.1.0',
    'http://hl7.org/fhir/us/core/StructureDefinition/us-core-patient|7.0.0',
  ]);
  expect(profilesOf('Observation')).toContain(
    'https://footbridge.example/fhir/StructureDefinition/caseload-status|0.1.0',
  );
});
