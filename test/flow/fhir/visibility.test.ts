import type { Observation } from '@medplum/fhirtypes';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { consent, coverage, organization, patient } from '../../support/people.ts';
import { type Caller, startTestServer, type TestServer } from '../../support/server.ts';

// Architecture, section 4, rule 1; domain model 2f; threats T21-T23, T26.
let server: TestServer;
let admin: Caller;
let ehr: Caller;
let plan: Caller;
let otherPlan: Caller;
let payer: string;
let otherPayer: string;
beforeAll(async () => {
  server = await startTestServer();
  admin = await server.caller('admin');
  payer = (await admin.create(organization('Harborlight Health Plan'))).id;
  otherPayer = (await admin.create(organization('Elsewhere Plan'))).id;
  ehr = await server.caller('ehr', 'org-a');
  plan = await server.caller('plan', payer, 'system/*.rs');
  otherPlan = await server.caller('plan', otherPayer, 'system/*.rs');
});
afterAll(async () => server.stop());

const carePlan = (patientId: string) =>
  ({
    resourceType: 'CarePlan',
    status: 'active',
    intent: 'plan',
    subject: { reference: `Patient/${patientId}` },
    title: 'Wellness plan',
  }) as const;

/** What a plan can see of a member, over every way in. */
async function seenBy(caller: Caller, patientId: string, carePlanId: string): Promise<string[]> {
  const ways: [string, string][] = [
    ['read', `/CarePlan/${carePlanId}`],
    ['vread', `/CarePlan/${carePlanId}/_history/1`],
    ['history', `/CarePlan/${carePlanId}/_history`],
    ['search', `/CarePlan?patient=${patientId}`],
    ['by id', `/CarePlan?_id=${carePlanId}`],
    ['included', `/CarePlan?_id=${carePlanId}&_include=CarePlan:patient`],
    ['reverse', `/Patient?_id=${patientId}&_revinclude=CarePlan:patient`],
    ['patient', `/Patient/${patientId}`],
  ];
  const seen: string[] = [];
  for (const [way, path] of ways) {
    const answer = await caller.send('GET', path);
    if (answer.status === 200 && answer.text.includes('Wellness plan')) seen.push(way);
    if (way === 'patient' && answer.status === 200) seen.push(way);
  }
  return seen;
}

describe('a plan', () => {
  test('sees nothing by default, and a CarePlan exactly while Coverage and Consent are both in force', async () => {
    const member = await ehr.create(patient('Member'));
    const wellness = await ehr.create(carePlan(member.id));
    expect(await seenBy(plan, member.id, wellness.id)).toEqual([]);
    const covered = await ehr.create(coverage(member.id, payer));
    expect(await seenBy(plan, member.id, wellness.id)).toEqual([]);
    const consented = await ehr.create(consent(member.id, payer));
    expect(await seenBy(plan, member.id, wellness.id)).toEqual([
      'read',
      'vread',
      'history',
      'search',
      'by id',
      'included',
    ]);
    expect(await seenBy(otherPlan, member.id, wellness.id)).toEqual([]);
    await ehr.send('PUT', `/Consent/${consented.id}`, { ...consented, status: 'inactive' });
    expect(await seenBy(plan, member.id, wellness.id)).toEqual([]);
    await ehr.send('PUT', `/Consent/${consented.id}`, consented);
    await ehr.send('PUT', `/Coverage/${covered.id}`, {
      ...covered,
      period: { start: '2020-01-01', end: '2020-12-31' },
    });
    expect(await seenBy(plan, member.id, wellness.id)).toEqual([]);
    await ehr.send('PUT', `/Coverage/${covered.id}`, covered);
    expect((await seenBy(plan, member.id, wellness.id)).length).toBeGreaterThan(0);
    await ehr.send('DELETE', `/Consent/${consented.id}`);
    expect(await seenBy(plan, member.id, wellness.id)).toEqual([]);
  });

  test('is not let in by a Consent that expired, denies, names another recipient, holds an exception, or narrows to another type', async () => {
    const member = await ehr.create(patient('Narrow'));
    const wellness = await ehr.create(carePlan(member.id));
    await ehr.create(coverage(member.id, payer));
    const whole = consent(member.id, payer);
    const provision = whole.provision ?? {};
    for (const wrong of [
      { ...whole, provision: { ...provision, period: { start: '2020-01-01', end: '2020-12-31' } } },
      { ...whole, provision: { ...provision, type: 'deny' as const } },
      { ...whole, provision: { ...provision, provision: [{ type: 'deny' as const }] } },
      {
        ...whole,
        provision: { ...provision, class: [{ system: 'http://hl7.org/fhir/resource-types', code: 'Observation' }] },
      },
      {
        ...whole,
        provision: {
          ...provision,
          purpose: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActReason', code: 'HMARKT' }],
        },
      },
      { ...whole, status: 'draft' as const },
      consent(member.id, otherPayer),
    ]) {
      const stored = await ehr.create(wrong);
      expect(await seenBy(plan, member.id, wellness.id), JSON.stringify(wrong.provision)).toEqual([]);
      await ehr.send('DELETE', `/Consent/${stored.id}`);
    }
  });

  test('a Consent that names one CarePlan opens that one only', async () => {
    const member = await ehr.create(patient('Named'));
    const named = await ehr.create(carePlan(member.id));
    const unnamed = await ehr.create(carePlan(member.id));
    await ehr.create(coverage(member.id, payer));
    const whole = consent(member.id, payer);
    await ehr.create({
      ...whole,
      provision: {
        ...whole.provision,
        data: [{ meaning: 'instance', reference: { reference: `CarePlan/${named.id}` } }],
      },
    });
    expect((await plan.send('GET', `/CarePlan/${named.id}`)).status).toBe(200);
    expect((await plan.send('GET', `/CarePlan/${unnamed.id}`)).status).toBe(404);
  });

  test('Consent and Coverage of another organisation open nothing', async () => {
    const member = await ehr.create(patient('Foreign'));
    const wellness = await ehr.create(carePlan(member.id));
    await ehr.create(coverage(member.id, payer));
    const stranger = await server.caller('ehr', 'org-b');
    expect((await stranger.send('POST', '/Consent', consent(member.id, payer))).status).toBe(422);
    expect(await seenBy(plan, member.id, wellness.id)).toEqual([]);
  });

  test('never writes, whatever its scopes say', async () => {
    const writer = await server.caller('plan', payer, 'system/*.cruds');
    const member = await ehr.create(patient('Written'));
    expect(
      (await writer.send('PUT', `/Patient/${member.id}`, { ...member, active: false })).status,
    ).toBeGreaterThanOrEqual(400);
    expect((await ehr.send('GET', `/Patient/${member.id}`)).headers.get('etag')).toBe('W/"1"');
  });
});

describe('a referral', () => {
  test('opens the Task, the request and the person to the organisation that it is addressed to, and to nobody else', async () => {
    const referrer = await server.caller('referrer', 'org-ref');
    const person = await referrer.create(patient('Referred'));
    const unrelated = await referrer.create(patient('Unrelated'));
    const request = await referrer.create({
      resourceType: 'ServiceRequest',
      status: 'active',
      intent: 'order',
      subject: { reference: `Patient/${person.id}` },
    });
    const task = await referrer.create({
      resourceType: 'Task',
      status: 'requested',
      intent: 'order',
      code: { coding: [{ system: 'http://hl7.org/fhir/CodeSystem/task-code', code: 'fulfill' }] },
      focus: { reference: `ServiceRequest/${request.id}` },
      for: { reference: `Patient/${person.id}` },
      authoredOn: '2026-03-01T10:00:00-05:00',
      requester: { reference: 'Organization/org-ref' },
      owner: { reference: 'Organization/org-a' },
    });
    const paths = [
      `/Task/${task.id}`,
      `/ServiceRequest/${request.id}`,
      `/Patient/${person.id}`,
      `/Patient/${unrelated.id}`,
    ];
    const seen = async (caller: Caller): Promise<number[]> =>
      Promise.all(paths.map(async (path) => (await caller.send('GET', path)).status));
    expect(await seen(ehr)).toEqual([200, 200, 200, 404]);
    expect(await seen(await server.caller('ehr', 'org-b'))).toEqual([404, 404, 404, 404]);
    const skipped = await ehr.send('PUT', `/Task/${task.id}`, { ...task, status: 'completed' });
    expect(skipped.status, skipped.text).toBe(422);
    const accepted = await ehr.send('PUT', `/Task/${task.id}`, { ...task, status: 'accepted' });
    expect(accepted.status, accepted.text).toBe(200);
    expect((await referrer.send('GET', `/Task/${task.id}`)).json['status']).toBe('accepted');
    expect((await ehr.send('PUT', `/Patient/${person.id}`, { ...person, active: false })).status).toBe(403);
  });
});

test('granular scopes narrow what is read, searched and counted', async () => {
  const member = await ehr.create(patient('Granular'));
  const observation = (category: string): Observation => ({
    resourceType: 'Observation',
    status: 'final',
    category: [{ coding: [{ system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: category }] }],
    code: { text: category },
    subject: { reference: `Patient/${member.id}` },
  });
  const laboratory = await ehr.create(observation('laboratory'));
  const survey = await ehr.create(observation('survey'));
  const narrow = await server.caller('ehr', 'org-a', 'system/Observation.rs?category=laboratory');
  expect((await narrow.send('GET', `/Observation/${laboratory.id}`)).status).toBe(200);
  expect((await narrow.send('GET', `/Observation/${survey.id}`)).status).toBe(404);
  const found = await narrow.send('GET', `/Observation?patient=${member.id}&_total=accurate`);
  expect(found.json['total']).toBe(1);
});
