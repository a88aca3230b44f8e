import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Parameters, Resource } from '@medplum/fhirtypes';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { caseloads, post } from '../../support/caseload.ts';
import {
  familyCall,
  familyConsent,
  michiganCoverage,
  michiganMember,
  michiganVisit,
} from '../../support/michigan-member.ts';
import { local } from '../../support/recorded.ts';
import { type Caller, startTestServer, type TestServer } from '../../support/server.ts';

const sister: Resource = {
  resourceType: 'RelatedPerson',
  id: 'sister',
  active: true,
  patient: { reference: 'Patient/client' },
  relationship: [{ coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-RoleCode', code: 'SIS' }] }],
  name: [{ family: 'Example', given: ['Sidra'] }],
};

let server: TestServer;
let ehr: Caller;
let plan: Caller;
beforeAll(async () => {
  server = await startTestServer();
  const admin = await server.caller('admin');
  ehr = await server.caller('ehr', 'detroit-recovery');
  plan = await server.caller('plan', 'cmhsp', 'system/*.rs');
  const isDirectory = ({ resourceType }: Resource): boolean => resourceType === 'Organization';
  await post(admin, ...michiganMember.filter(isDirectory));
  await post(ehr, ...michiganMember.filter((one) => !isDirectory(one)));
  await post(ehr, sister, familyConsent(), michiganVisit(), familyCall());
});
afterAll(async () => server.stop());

async function services(query = 'start=2025-03-01&end=2025-03-31', caller = ehr): Promise<Record<string, unknown>[]> {
  const { json, status, text } = await caller.send('GET', `/EpisodeOfCare/michigan/$ledger?${query}`);
  expect(status, text).toBe(200);
  const parts = ((json as unknown as Parameters).parameter ?? []).filter(({ name }) => name === 'service');
  return caseloads({ json: { parameter: parts } });
}

describe('$ledger of a ruleset that charges by the contact', () => {
  test('each contact with its code, its units and the payer’s sentence; collateral for Medicaid says why not', async () => {
    const [visit, call, ...more] = await services();
    expect(more).toEqual([]);
    expect(visit).toMatchObject({
      date: '2025-03-05',
      contact: { reference: 'Encounter/visit' },
      payer: { reference: 'Organization/cmhsp' },
      rule: 'M-0',
      result: 'met',
      charge: 'T1012',
      units: 4,
    });
    expect(visit?.['ruleset']).toMatch(/michigan-cmhsp\|/);
    expect(String(visit?.['source'])).toContain('decision');
    expect(call).toMatchObject({
      contact: { reference: 'Procedure/collateral' },
      result: 'not-met',
      reason: 'M-6 client-not-present: block grant or PA2 only',
      charge: 'H0038',
      units: 2,
    });
  });

  test('a block grant beside Medicaid pays for the collateral', async () => {
    const { class: _, ...blockGrant } = michiganCoverage({ id: 'grant', type: local('block-grant', 'funding-source') });
    await post(ehr, blockGrant);
    const [, call] = await services();
    expect(call).toMatchObject({ result: 'met', charge: 'H0038', units: 2 });
  });

  test('only the days that are asked for, and the rulesets', async () => {
    expect((await services('start=2025-03-06&end=2025-03-06')).map(({ date }) => date)).toEqual(['2025-03-06']);
    expect(await services('start=2025-03-01&end=2025-03-31&ruleset=masshealth-mce')).toEqual([]);
  });

  test('who may not read contacts hears of none; a plan hears nothing of charges', async () => {
    const blind = await server.caller('ehr', 'detroit-recovery', 'system/Observation.rs');
    const [visit] = await services(undefined, blind);
    expect(visit).toMatchObject({ result: 'met', units: 4 });
    expect(visit).not.toHaveProperty('contact');
    expect(visit).not.toHaveProperty('evidence');
    const { json, status } = await plan.send('GET', '/EpisodeOfCare/michigan/$ledger?start=2025-03-01&end=2025-03-31');
    expect([status, JSON.stringify(json)]).toEqual([404, expect.not.stringContaining('T1012')]);
  });
});

test('docs/examples/michigan.json, sent as it stands, makes its visit billable', async () => {
  const admin = await server.caller('admin');
  const own = await server.caller('ehr', 'lakeshore-prss');
  const directory = ['lakeshore-prss', 'great-lakes-cmhsp'].map(
    (id) => ({ resourceType: 'Organization', id, name: id, active: true }) as const,
  );
  await post(admin, ...directory);
  const example = JSON.parse(
    readFileSync(resolve(import.meta.dirname, '../../../docs/examples/michigan.json'), 'utf8'),
  ) as object;
  const sent = await own.send('POST', '', example);
  expect(sent.status, sent.text).toBe(200);
  const answer = await own.send('GET', '/EpisodeOfCare/mika-episode/$ledger?start=2025-03-01&end=2025-03-31');
  const [visit] = ((answer.json as unknown as Parameters).parameter ?? []).filter(({ name }) => name === 'service');
  expect(caseloads({ json: { parameter: visit ? [visit] : [] } })[0]).toMatchObject({
    date: '2025-03-05',
    result: 'met',
    charge: 'T1012',
    units: 4,
  });
});

test('a visit that is too short quotes the quarter hour, a call the minutes of a call', async () => {
  await post(
    ehr,
    michiganVisit('short', { period: { start: '2025-04-05T10:00:00-04:00', end: '2025-04-05T10:10:00-04:00' } }),
    {
      ...familyCall(),
      id: 'short-call',
      performedPeriod: { start: '2025-04-06T10:00:00-04:00', end: '2025-04-06T10:10:00-04:00' },
    },
  );
  const quotes = (await services('start=2025-04-01&end=2025-04-30')).map(({ quote }) => quote);
  expect(quotes).toEqual([
    'Individual-based Recovery Support Services, 15 minutes',
    'Peer collateral family contact of a minimum of 15 minute duration',
  ]);
});
