import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Bundle, Resource } from '@medplum/fhirtypes';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Answer, type Caller, startTestServer, type TestServer } from '../../support/server.ts';

const inputs = resolve(import.meta.dirname, '../../../../shared/inputs/fhir');
const there = existsSync(inputs);

let server: TestServer;
let ehr: Caller;
beforeAll(async () => {
  server = await startTestServer({ ROLES: 'http' });
  ehr = await server.caller('ehr', 'org-a');
});
afterAll(async () => server.stop());

const read = (path: string): Resource => JSON.parse(readFileSync(join(inputs, path), 'utf8')) as Resource;
const textOf = ({ json }: Answer): string =>
  (json as { issue?: { details: { text: string } }[] }).issue?.[0]?.details.text ?? '';

describe(`public sample data goes in by the same door${there ? '' : ' (skipped: ../shared/inputs is not there)'}`, () => {
  test('Synthea: hospitals, practitioners, and the overdose and opioid patients with all their records', async (context) => {
    context.skip(!there, '../shared/inputs is not there');
    const files = readdirSync(join(inputs, 'synthea'));
    for (const start of ['hospital', 'practitioner', 'Rene_Hills', 'Seth_Lakin']) {
      const bundle = read(`synthea/${files.find((name) => name.startsWith(start))}`) as Bundle;
      const answer = await ehr.send('POST', '', bundle);
      expect([start, answer.status, textOf(answer)]).toEqual([start, 200, '']);
      const statuses = (answer.json as unknown as Bundle).entry?.map(({ response }) => response?.status?.slice(0, 3));
      expect(new Set(statuses)).toEqual(new Set(['201']));
      expect(statuses).toHaveLength(bundle.entry?.length ?? 0);
    }
    for (const family of ['Hills', 'Lakin']) {
      const found = await ehr.send('GET', `/Patient?family=${family}&_revinclude=Encounter:patient&_count=5`);
      const types = (found.json as unknown as Bundle).entry?.map(({ resource }) => resource?.resourceType);
      expect([types?.[0], types?.includes('Encounter')]).toEqual(['Patient', true]);
    }
  }, 60_000);

  test('IHE consents and SDOH referrals: what is refused is refused for a reason that is right', async (context) => {
    context.skip(!there, '../shared/inputs is not there');
    const resources = ['pcf-consent', 'sdoh-clinicalcare'].flatMap((folder) =>
      readdirSync(join(inputs, folder)).map((name) => read(`${folder}/${name}`)),
    );
    // A Patient must be known before its records are.
    resources.sort((a, b) => Number(b.resourceType === 'Patient') - Number(a.resourceType === 'Patient'));
    const refused = new Map<string, string>();
    let stored = 0;
    for (const resource of resources) {
      const answer = await ehr.send('PUT', `/${resource.resourceType}/${resource.id}`, resource);
      if (answer.status === 201 || answer.status === 200) stored += 1;
      else refused.set(`${resource.resourceType}/${resource.id}`, `${answer.status} ${textOf(answer)}`);
      expect(answer.status).toBeLessThan(500);
    }
    expect(stored).toBeGreaterThan(60);
    // Rosters are ours to compute, and nobody may say for another organisation that it accepted or completed a referral.
    const reasons = new Set(
      [...refused.values()].map((text) => text.replace(/(accepted|completed)\..*/, '…').slice(0, 90)),
    );
    expect([...reasons].sort((a, b) => a.localeCompare(b, 'en'))).toEqual([
      '405 Group cannot be written. Rosters are assembled by Footbridge from its caseload results',
      '422 A new referral to another organisation begins as draft or requested, not as …',
    ]);
  }, 60_000);
});
