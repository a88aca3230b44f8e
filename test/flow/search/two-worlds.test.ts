import type { CarePlan, Observation, Task } from '@medplum/fhirtypes';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ClientKind } from '../../../src/store/access.ts';
import { consent, coverage, encounter, organization, patient } from '../../support/people.ts';
import { type Caller, startTestServer, type TestServer } from '../../support/server.ts';

// T21, T26, T49: what a caller may not see behaves in every respect like what does not exist. The same questions before and after a
// world of hidden resources came to be have the same answers, byte for byte: entries, totals, pages, order, includes.
let server: TestServer;
const callers: Partial<Record<ClientKind, Caller>> = {};
let payer: string;

const identifier = [{ system: 'urn:mrn', value: '4711' }];
const carePlan = (patientId: string): CarePlan => ({
  resourceType: 'CarePlan',
  status: 'active',
  intent: 'plan',
  subject: { reference: `Patient/${patientId}` },
  period: { start: '2026-03-01' },
  title: 'Wellness plan',
});
const observation = (patientId: string): Observation => ({
  resourceType: 'Observation',
  status: 'final',
  code: { coding: [{ system: 'urn:s', code: 'mood' }] },
  subject: { reference: `Patient/${patientId}` },
  effectiveDateTime: '2026-03-01',
});
const referralTask = (requestId: string, personId: string, from: string, to: string): Task => ({
  resourceType: 'Task',
  status: 'requested',
  intent: 'order',
  code: { coding: [{ system: 'http://hl7.org/fhir/CodeSystem/task-code', code: 'fulfill' }] },
  focus: { reference: `ServiceRequest/${requestId}` },
  for: { reference: `Patient/${personId}` },
  authoredOn: '2026-03-01T10:00:00-05:00',
  requester: { reference: `Organization/${from}` },
  owner: { reference: `Organization/${to}` },
});

/** A member with contacts, papers and a plan; `consented` decides whether the payer's plan may see any of it. */
async function member(by: Caller, family: string, consented: boolean): Promise<void> {
  const person = await by.create(patient(family, { identifier }));
  for (const start of ['2026-03-01T10:00:00Z', '2026-03-02T10:00:00Z', '2026-03-03T10:00:00Z'])
    await by.create(encounter(person.id, { period: { start, end: start } }));
  await by.create(observation(person.id));
  await by.create(carePlan(person.id));
  await by.create(carePlan(person.id));
  await by.create(coverage(person.id, payer));
  if (consented) await by.create(consent(person.id, payer));
}

async function referral(by: Caller, from: string, to: string): Promise<void> {
  const person = await by.create(patient('Referred', { identifier }));
  const request = await by.create({
    resourceType: 'ServiceRequest',
    status: 'active',
    intent: 'order',
    subject: { reference: `Patient/${person.id}` },
  });
  await by.create(referralTask(request.id, person.id, from, to));
}

const types = [
  'Patient',
  'Encounter',
  'CarePlan',
  'Observation',
  'Coverage',
  'Consent',
  'Task',
  'ServiceRequest',
  'Provenance',
];
const everywhere = types.flatMap((type) => [
  `/${type}`,
  `/${type}?_total=accurate&_count=2`,
  `/${type}?_count=0`,
  `/${type}?_summary=count`,
  `/${type}?_sort=_lastUpdated&_count=3`,
  `/${type}?_sort=-_id&_count=1`,
  `/${type}?_lastUpdated=ge2020-01-01&_total=accurate`,
]);
const questions = [
  ...everywhere,
  '/Patient?identifier=urn:mrn|4711&_total=accurate',
  '/Patient?identifier=4711&_revinclude=Encounter:patient&_revinclude=Coverage:beneficiary&_revinclude=Task:patient',
  '/Patient?family=member&_total=accurate&_sort=family,-_id&_count=1',
  '/Patient?family:contains=ember&_total=accurate',
  '/Patient?gender:not=male&_total=accurate',
  '/Patient?address:missing=true&_total=accurate',
  '/Encounter?patient.identifier=urn:mrn|4711&_total=accurate&_sort=-date&_count=2',
  '/Encounter?subject:Patient.family=Member&_include=Encounter:patient&_count=2',
  '/Encounter?date=ge2026-03-02&status=finished&_total=accurate',
  '/Encounter?status=finished&_count=1',
  '/Encounter?status:not=cancelled&_total=accurate&_sort=date&_count=2',
  '/CarePlan?patient.identifier=urn:mrn|4711&_total=accurate',
  '/CarePlan?status=active&_include=CarePlan:patient&_total=accurate&_count=1',
  '/CarePlan?date=2026-03-01&_sort=-date&_total=accurate',
  '/Observation?code=urn:s|mood&_total=accurate',
  '/Observation?patient.identifier=4711&_include=Observation:patient',
  '/Coverage?payor=Organization/payer&_include=Coverage:payor&_total=accurate',
  '/Task?status=requested&_include=Task:focus&_include=Task:patient&_total=accurate',
  '/ServiceRequest?_revinclude=Task:focus&_total=accurate',
];

beforeAll(async () => {
  server = await startTestServer();
  const admin = await server.caller('admin');
  callers.admin = admin;
  payer = (await admin.create(organization('Harborlight Health Plan'))).id;
  const ehr = await server.caller('ehr', 'org-a');
  callers.ehr = ehr;
  callers['coach-app'] = await server.caller('coach-app', 'org-a');
  callers.referrer = await server.caller('referrer', 'org-ref');
  callers.plan = await server.caller('plan', payer, 'system/*.rs');
  callers.auditor = await server.caller('auditor', undefined, 'system/*.rs');
  await member(ehr, 'Member', true);
  await member(ehr, 'Memberson', true);
  await referral(callers.referrer, 'org-ref', 'org-a');
}, 30_000);
afterAll(async () => server.stop());

/** Every page of every question; cursors differ from one second to the next and are left out. */
async function answers(caller: Caller): Promise<Map<string, string[]>> {
  const all = new Map<string, string[]>();
  for (const question of questions) {
    const pages: string[] = [];
    let path: string | undefined = question.replace('Organization/payer', `Organization/${payer}`);
    while (path !== undefined && pages.length < 12) {
      const answer = await caller.send('GET', path);
      pages.push(
        `${answer.status} ${answer.text.replaceAll(/_cursor=[\w.-]+/g, '_cursor=…').replaceAll(/[0-9a-f-]{36}(?=","severity)/g, '')}`,
      );
      const links = (answer.json['link'] ?? []) as { relation: string; url: string }[];
      path = links.find(({ relation }) => relation === 'next')?.url.split('/fhir/R4')[1];
    }
    all.set(question, pages);
  }
  return all;
}

/** What only others may see: of another organisation, and for the plan also of members who did not consent. */
async function hiddenWorld(forPlan: boolean): Promise<void> {
  const stranger = await server.caller('ehr', 'org-b');
  for (const family of ['Member', 'Memberin', 'Alder']) await member(stranger, family, false);
  const otherReferrer = await server.caller('referrer', 'org-ref-2');
  await referral(otherReferrer, 'org-ref-2', 'org-b');
  if (!forPlan) return;
  const ehr = callers.ehr as Caller;
  for (const family of ['Member', 'Secret']) await member(ehr, family, false);
}

test.each(['ehr', 'coach-app', 'referrer', 'admin', 'auditor'] as const)(
  'to a client of kind %s the answers are the same whether or not hidden resources exist',
  async (kind) => {
    const caller = callers[kind] as Caller;
    const before = await answers(caller);
    await hiddenWorld(false);
    const after = await answers(caller);
    for (const [question, pages] of before) expect(after.get(question), question).toEqual(pages);
  },
  60_000,
);

test('to a plan, neither others nor members without consent change any answer', async () => {
  const plan = callers.plan as Caller;
  const before = await answers(plan);
  const carePlans = before.get('/CarePlan?patient.identifier=urn:mrn|4711&_total=accurate')?.[0] ?? '';
  expect(carePlans).toContain('"total":4');
  await hiddenWorld(true);
  const after = await answers(plan);
  for (const [question, pages] of before) expect(after.get(question), question).toEqual(pages);
}, 60_000);

test('the questions are worth asking: each kind sees something of its own, and the owner sees it all', async () => {
  const total = async (kind: ClientKind, type: string): Promise<unknown> =>
    (await (callers[kind] as Caller).send('GET', `/${type}?_count=0`)).json['total'];
  expect(await total('ehr', 'Encounter')).toBeGreaterThanOrEqual(6);
  expect(await total('referrer', 'Task')).toBe(1);
  expect(await total('ehr', 'Task')).toBe(1);
  expect(await total('plan', 'CarePlan')).toBe(4);
  // Types that no plan may see are refused by kind, whether or not there are any.
  expect((await (callers.plan as Caller).send('GET', '/Patient?_count=0')).status).toBe(403);
});
