import type { Flag, Resource, Task } from '@medplum/fhirtypes';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ok } from '../../../src/base/result.ts';
import { coachRole, practitioner } from '../../../src/cli/sandbox/people.ts';
import { dueContext } from '../../../src/domain/due/accounts.ts';
import { coachDueOf } from '../../../src/domain/due/credentials.ts';
import { dueFacts } from '../../../src/domain/due/facts.ts';
import type { DueItem } from '../../../src/domain/due/item.ts';
import { dueOf, inputTypes } from '../../../src/domain/due.ts';
import { factsFrom } from '../../../src/domain/facts/from-fhir.ts';
import { dueTagSystem } from '../../../src/fhir/canonical.ts';
import { loadValidatorSync } from '../../../src/profiles/validator.ts';
import { type Change, storeComputed, writesOf } from '../../../src/service/computed.ts';
import type { Services } from '../../../src/service/context.ts';
import { dueChanges, dueIds } from '../../../src/service/due-resources.ts';
import { rowsOfOwner } from '../../../src/service/owned-facts.ts';
import { recomputeMembers } from '../../../src/service/recompute.ts';
import { compartmentsOf, ownAnswers } from '../../../src/store/compartment.ts';
import type { Transaction } from '../../../src/store/database.ts';
import { dueResources, dueResourcesOfCoaches } from '../../../src/store/due.ts';
import { memberRows } from '../../../src/store/facts.ts';
import { ago, contactOn, payer, post, provider, setUpMember, today, zone } from '../../support/caseload.ts';
import { rulesets } from '../../support/facts.ts';
import { type Caller, startTestServer, type TestServer } from '../../support/server.ts';

/** Flags and Tasks in the real store, between what Footbridge writes and what the owning organisation's clients do to them. */
let server: TestServer;
let ehr: Caller;
let app: Caller;
const validator = loadValidatorSync();
beforeAll(async () => {
  // Without the jobs, which would do by themselves what is tried here step by step.
  server = await startTestServer({ ROLES: 'http' });
  ehr = await server.caller('ehr', provider);
  app = await server.caller('coach-app', provider);
});
afterAll(async () => server.stop());

/** Stores what differs, as the recomputation does; tells how many versions that were. */
async function save(tx: Transaction, changes: readonly Change[]): Promise<number> {
  const writes = writesOf({ validator } as Services, new Date(), changes);
  await storeComputed(tx, server.tenant, writes);
  return writes.length;
}

/** One pass over a member: what is due now becomes what stands. */
async function pass(member: string, of: (items: readonly DueItem[]) => readonly DueItem[] = (items) => items) {
  const done = await server.database.db.transaction(server.tenant, async (tx) => {
    const rows = rowsOfOwner(await memberRows(tx, server.tenant, member, inputTypes), provider);
    const context = dueContext({
      organization: `Organization/${provider}`,
      facts: factsFrom(member, rows, zone),
      more: dueFacts(rows),
      rulesets,
      contradictions: [],
      knownAt: new Date().toISOString(),
    });
    const items = of(dueOf(context));
    const own = ownAnswers((await compartmentsOf(tx, server.tenant, [member], inputTypes)).get(member) ?? []).work;
    const named = await dueResources(tx, server.tenant, dueIds(server.tenant, provider, items));
    const standing = [...own, ...named.filter(({ id }) => own.every((row) => row.id !== id))];
    return ok({ items, written: await save(tx, dueChanges(server.tenant, provider, items, standing)) });
  });
  if (!done.ok) throw new Error('the pass was refused');
  return done.value;
}

async function tasksOf(member: string, code: string): Promise<Task[]> {
  const found = await app.send('GET', `/Task?patient=Patient/${member}&code=${code}&_count=50`);
  return ((found.json['entry'] as { resource: Task }[] | undefined) ?? []).map(({ resource }) => resource);
}

test('a member at risk has one Task and one Flag; a second pass writes nothing; a contact takes both back', async () => {
  await setUpMember(ehr, 'risky');
  await post(ehr, contactOn('risky', ago(16)));
  expect((await pass('risky')).written).toBeGreaterThan(1);
  const [task] = await tasksOf('risky', 'contact-at-risk');
  expect(task).toMatchObject({
    status: 'requested',
    priority: 'routine',
    owner: { reference: 'Practitioner/coach-risky' },
    restriction: { period: { end: ago(-5) } },
  });
  const flags = await ehr.send('GET', '/Flag?patient=Patient/risky');
  const flag = (flags.json['entry'] as { resource: Flag }[])[0]?.resource;
  expect(flag).toMatchObject({ status: 'active', code: { coding: [{ code: 'due-soon' }] } });
  expect((await pass('risky')).written).toBe(0);
  // Not of today: in its first minutes that would lie ahead.
  await post(ehr, contactOn('risky', ago(1)));
  await pass('risky');
  expect((await tasksOf('risky', 'contact-at-risk')).map(({ status }) => status)).toEqual(['cancelled']);
  expect((await ehr.send('GET', `/Flag/${flag?.id}`)).json['status']).toBe('inactive');
});

test('the owning organisation completes a notification: it was sent, Footbridge never writes it again, and the rule is content', async () => {
  await setUpMember(ehr, 'notified', { since: ago(5) });
  await pass('notified');
  const [task] = await tasksOf('notified', 'notification-of-admission');
  if (!task) throw new Error('no Task');
  expect(task).toMatchObject({
    status: 'requested',
    restriction: { recipient: [{ reference: `Organization/${payer}` }] },
  });
  const sentAt = new Date().toISOString();
  const type = { coding: [{ system: 'https://footbridge.example/fhir/CodeSystem/task-output', code: 'sent' }] };
  const sent = await ehr.send('PUT', `/Task/${task.id}`, {
    ...task,
    status: 'completed',
    output: [{ type, valueInstant: sentAt }],
  });
  expect(sent.status).toBe(200);
  const { items } = await pass('notified');
  expect(items.find(({ kind }) => kind === 'notification-of-admission')?.closed).toBe(`Sent on ${today()}.`);
  expect((await pass('notified', () => [])).written).toBeGreaterThanOrEqual(0);
  const after = await ehr.send('GET', `/Task/${task.id}`);
  expect(after.json).toMatchObject({
    status: 'completed',
    meta: { versionId: '2' },
    output: [{ valueInstant: sentAt }],
  });
});

test('a coach app takes a Task on without the tag, and the EHR deletes another: neither is written or made again', async () => {
  await setUpMember(ehr, 'touched');
  await post(ehr, contactOn('touched', ago(16)));
  await pass('touched');
  const [risk] = await tasksOf('touched', 'contact-at-risk');
  const [authorization] = await tasksOf('touched', 'authorization-due');
  if (!risk || !authorization) throw new Error('no Tasks');
  const { meta: _meta, ...said } = risk;
  expect((await app.send('PUT', `/Task/${risk.id}`, { ...said, status: 'in-progress' })).status).toBe(200);
  expect((await ehr.send('DELETE', `/Task/${authorization.id}`)).status).toBe(204);
  expect((await pass('touched')).written).toBe(0);
  await pass('touched', () => []);
  expect((await app.send('GET', `/Task/${risk.id}`)).json).toMatchObject({
    status: 'in-progress',
    meta: { versionId: '2' },
  });
  expect((await ehr.send('GET', `/Task/${authorization.id}`)).status).toBe(410);
  const rest = await tasksOf('touched', 'notification-of-admission');
  expect(rest.map(({ status }) => status)).toEqual(['cancelled']);
  await pass('touched');
  expect((await tasksOf('touched', 'notification-of-admission')).map(({ id, status }) => [id, status])).toEqual([
    [rest[0]?.id, 'requested'],
  ]);
});

test('a Task that somebody moved to another member, or that another organisation put under its id, stops no pass', async () => {
  await setUpMember(ehr, 'moved');
  await setUpMember(ehr, 'elsewhere');
  await post(ehr, contactOn('moved', ago(16)));
  await pass('moved');
  const [risk] = await tasksOf('moved', 'contact-at-risk');
  if (!risk) throw new Error('no Task');
  const moved = await ehr.send('PUT', `/Task/${risk.id}`, { ...risk, for: { reference: 'Patient/elsewhere' } });
  expect(moved.status).toBe(200);
  expect((await pass('moved')).written).toBe(0);
  expect((await pass('elsewhere', () => [])).written).toBe(0);

  await setUpMember(ehr, 'taken');
  let expected: readonly DueItem[] = [];
  await pass('taken', (items) => {
    expected = items.filter(({ kind }) => kind === 'authorization-due');
    return [];
  });
  const [id = ''] = dueIds(server.tenant, provider, expected);
  const intruder = await server.caller('ehr', 'org-c');
  const theirs = { resourceType: 'Task', id, status: 'draft', intent: 'plan' };
  expect((await intruder.send('PUT', `/Task/${id}`, theirs)).status).toBe(201);
  expect((await pass('taken', () => expected)).written).toBe(0);
  expect((await intruder.send('GET', `/Task/${id}`)).json).toMatchObject({ status: 'draft' });
});

test('a plan under consent, and another organisation, see neither Flag nor Task', async () => {
  const plan = await server.caller('plan', payer, 'system/*.rs');
  const other = await server.caller('ehr', 'org-b');
  await setUpMember(ehr, 'hidden');
  await post(ehr, contactOn('hidden', ago(16)));
  await pass('hidden');
  const [task] = await tasksOf('hidden', 'contact-at-risk');
  const flags = await ehr.send('GET', '/Flag?patient=Patient/hidden');
  const flag = (flags.json['entry'] as { resource: Flag }[])[0]?.resource;
  for (const caller of [plan, other])
    for (const path of [
      `/Task/${task?.id}`,
      `/Flag/${flag?.id}`,
      '/Task?patient=Patient/hidden',
      '/Flag?patient=Patient/hidden',
    ]) {
      const answer = await caller.send('GET', path);
      expect([200, 403, 404], path).toContain(answer.status);
      expect(answer.text, path).not.toMatch(/risk|due-soon/);
    }
});

test('an organisation may create such a Task itself, under an id of its own and without the referral’s states', async () => {
  await setUpMember(ehr, 'own');
  const created = await app.create<Task>({
    resourceType: 'Task',
    status: 'requested',
    intent: 'order',
    code: { coding: [{ system: 'https://footbridge.example/fhir/CodeSystem/task-code', code: 'outreach' }] },
    for: { reference: 'Patient/own' },
    focus: { reference: 'EpisodeOfCare/episode-own' },
    owner: { reference: `Organization/${provider}` },
  });
  await pass('own');
  // From requested to completed at once: a referral would have to be accepted first.
  const done = await ehr.send('PUT', `/Task/${created.id}`, { ...created, status: 'completed' });
  expect(done.status).toBe(200);
  await pass('own');
  expect((await ehr.send('GET', `/Task/${created.id}`)).json).toMatchObject({
    status: 'completed',
    meta: { versionId: '2' },
  });
});

test('who edits a Task while it is being computed anew wins: the computation runs again and leaves it', async () => {
  await setUpMember(ehr, 'crossed');
  await post(ehr, contactOn('crossed', ago(16)));
  await pass('crossed');
  const [task] = await tasksOf('crossed', 'contact-at-risk');
  if (!task) throw new Error('no Task');
  // A contact would close the Task; between the reading and the writing somebody takes it on.
  await post(ehr, contactOn('crossed', ago(1)));
  const services = { validator, rulesets } as Services;
  let runs = 0;
  const done = await server.database.db.transaction(server.tenant, async (tx) => {
    runs += 1;
    const edited: Transaction = {
      async query<R>(text: string, values?: readonly unknown[]): Promise<R[]> {
        const rows = await tx.query<R>(text, values);
        if (runs === 1 && text.includes('true as ours')) {
          const taken = { ...task, status: 'accepted', note: [{ text: 'I call her today.' }] };
          expect((await app.send('PUT', `/Task/${task.id}`, taken)).status).toBe(200);
        }
        return rows;
      },
    };
    const what = { tenant: server.tenant, patients: ['crossed'], now: new Date() };
    return ok(await recomputeMembers(services, edited, what));
  });
  expect(done.ok).toBe(true);
  expect(runs).toBe(2);
  const stands = (await app.send('GET', `/Task/${task.id}`)).json;
  expect(stands).toMatchObject({ status: 'accepted', note: [{ text: 'I call her today.' }], meta: { versionId: '2' } });
});

test('a coach’s credential Task is found again by the coach, and by its id once it is deleted', async () => {
  const coach = { id: 'coach-new', given: 'Avery', family: 'Birch' };
  const hired = ago(700);
  await post(
    ehr,
    practitioner(coach, provider, { hired, certified: 'working' }),
    coachRole('coach-new-role', 'coach-new', provider, hired),
  );
  const rows = ['Practitioner/coach-new', 'PractitionerRole/coach-new-role'].map(async (path) => ({
    resource: (await ehr.send('GET', `/${path}`)).json as unknown as Resource,
    owner: provider,
    recordedAt: new Date().toISOString(),
  }));
  const facts = factsFrom('none', await Promise.all(rows), zone).coaches.get('Practitioner/coach-new');
  if (!facts) throw new Error('no coach');
  const items = coachDueOf({
    coach: facts,
    organization: `Organization/${provider}`,
    payers: [],
    rulesets,
    knownAt: new Date().toISOString(),
  });
  const [id = ''] = dueIds(server.tenant, provider, items);
  const passCoach = () =>
    server.database.db.transaction(server.tenant, async (tx) => {
      const standing = await dueResourcesOfCoaches(tx, server.tenant, ['coach-new'], [id]);
      return ok([standing.length, await save(tx, dueChanges(server.tenant, provider, items, standing))]);
    });
  expect(await passCoach()).toEqual(ok([0, 1]));
  expect(await passCoach()).toEqual(ok([1, 0]));
  const task = await ehr.send('GET', `/Task/${id}`);
  expect(task.json).toMatchObject({ priority: 'urgent', for: { reference: 'Practitioner/coach-new' } });
  expect((task.json['meta'] as Task['meta'])?.tag?.map(({ system }) => system)).toEqual([dueTagSystem]);
  expect((await ehr.send('DELETE', `/Task/${id}`)).status).toBe(204);
  expect(await passCoach()).toEqual(ok([1, 0]));
});
