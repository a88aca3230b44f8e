import type { ChargeItem, Encounter, Resource, Task } from '@medplum/fhirtypes';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addDays, localDate } from '../../../src/base/time.ts';
import { organization } from '../../../src/cli/sandbox/people.ts';
import { runClosings } from '../../../src/jobs/nightly.ts';
import { doMembersWork } from '../../../src/service/recompute-work.ts';
import { type Books, closingFrom, openBooks } from '../../support/billing-close.ts';
import { contactOn, post, provider, setUpMember } from '../../support/caseload.ts';
import { michiganMember, michiganVisit } from '../../support/michigan-member.ts';
import { type Caller, startTestServer, type TestServer } from '../../support/server.ts';

let server: TestServer;
beforeAll(async () => {
  // Without the jobs, which would do by themselves what is tried here step by step.
  server = await startTestServer({ ROLES: 'http' });
});
afterAll(async () => server.stop());

let opened = 0;
/** A provider whose March is closed, on 20 April; its members had these contacts by the close. */
async function closedMarch(members: Readonly<Record<string, readonly string[]>>): Promise<Books> {
  const it = await openBooks(server, `missing-${++opened}`, '2026-04-10');
  await post(it.admin, closingFrom('2026-03-01'));
  for (const [id, dates] of Object.entries(members)) {
    await setUpMember(it.ehr, id, { since: localDate('2026-01-02') });
    await post(it.ehr, ...dates.map((date) => contactOn(id, localDate(date))));
  }
  await runClosings({ ...server.running.services }, () => false);
  await it.moveTo('2026-04-20');
  return it;
}

const days = (first: string, count: number): string[] =>
  Array.from({ length: count }, (_, index) => addDays(localDate(first), index));
const named = (task: Task | undefined): string[] => (task?.input ?? []).flatMap(({ valueDate }) => valueDate ?? []);
const missing = (it: Books, member: string): Promise<Task[]> => it.tasks(member, 'charge-missing');

async function recompute({ tenant }: Books, ...patients: string[]): Promise<void> {
  const done = await doMembersWork(server.running.services, tenant, patients);
  expect(done.ok).toBe(true);
}

async function put(caller: Caller, resource: Resource): Promise<void> {
  const answer = await caller.send('PUT', `/${resource.resourceType}/${resource.id}`, resource);
  expect([200, 201], answer.text).toContain(answer.status);
}

const charge = (it: Books, id: string, start = '2026-03-01', end = '2026-03-31') =>
  it.ehr.send('POST', `/EpisodeOfCare/episode-${id}/$charge`, {
    resourceType: 'Parameters',
    parameter: [
      { name: 'start', valueDate: start },
      { name: 'end', valueDate: end },
    ],
  });

async function late(it: Books, id: string, date: string): Promise<Encounter> {
  const contact = contactOn(id, localDate(date));
  await post(it.ehr, contact);
  await recompute(it, id);
  return contact;
}

describe('days that become billable after their period was closed', () => {
  test('of a member without a single charge are told to the biller once the late contact comes, and nothing is charged by itself', async () => {
    const it = await closedMarch({ silent: [] });
    await late(it, 'silent', '2026-03-07');
    expect(await it.charges('silent')).toEqual([]);
    const tasks = await missing(it, 'silent');
    expect(tasks).toMatchObject([
      {
        status: 'requested',
        focus: { reference: 'EpisodeOfCare/episode-silent' },
        owner: { reference: `Organization/${provider}` },
        restriction: { period: { start: '2026-03-01', end: '2026-03-31' } },
      },
    ]);
    expect(named(tasks[0])).toEqual(days('2026-03-07', 22));
    expect(tasks[0]?.description).toContain('22 days or contacts, 2026-03-07 to 2026-03-28');
  });

  test('beside charges that stand are the days without one, and those alone', async () => {
    const it = await closedMarch({ partly: ['2026-03-01'] });
    expect(await it.charges('partly')).toHaveLength(22);
    await recompute(it, 'partly');
    expect(await missing(it, 'partly')).toEqual([]);
    await late(it, 'partly', '2026-03-07');
    expect(named((await missing(it, 'partly'))[0])).toEqual(days('2026-03-23', 6));
    expect(await it.tasks('partly', 'charge-correction')).toEqual([]);
  });

  test('the Task ends when they are charged, which asks for the member’s work, and comes back with the next late day', async () => {
    const it = await closedMarch({ charged: [] });
    await late(it, 'charged', '2026-03-01');
    expect((await charge(it, 'charged', '2026-03-01', '2026-03-10')).status).toBe(200);
    await recompute(it, 'charged');
    expect((await missing(it, 'charged')).map((task) => [task.status, named(task)])).toEqual([
      ['requested', days('2026-03-11', 12)],
    ]);
    expect((await charge(it, 'charged')).status).toBe(200);
    await recompute(it, 'charged');
    const [ended, ...others] = await missing(it, 'charged');
    expect([ended?.status, ended?.statusReason?.text, others]).toEqual([
      'cancelled',
      'What it names is charged, or is not billable any more.',
      [],
    ]);
    await late(it, 'charged', '2026-03-03');
    expect((await missing(it, 'charged')).map((task) => [task.id, task.status, named(task)])).toEqual([
      [ended?.id, 'requested', days('2026-03-23', 2)],
    ]);
  });

  test('a late contact that is taken back takes the Task with it', async () => {
    const it = await closedMarch({ back: [] });
    const contact = await late(it, 'back', '2026-03-07');
    expect((await missing(it, 'back')).map(({ status }) => status)).toEqual(['requested']);
    await put(it.ehr, { ...contact, status: 'entered-in-error' });
    await recompute(it, 'back');
    expect((await missing(it, 'back')).map(({ status }) => status)).toEqual(['cancelled']);
  });

  test('what a person has taken on is theirs; days that it does not name make a Task of their own', async () => {
    const it = await closedMarch({ theirs: [] });
    await late(it, 'theirs', '2026-03-01');
    const [task] = await missing(it, 'theirs');
    await put(it.ehr, { ...task, status: 'completed', note: [{ text: 'The plan refuses late claims.' }] } as Task);
    await recompute(it, 'theirs');
    expect((await missing(it, 'theirs')).map(({ status }) => status)).toEqual(['completed']);
    await late(it, 'theirs', '2026-03-07');
    const all = (await missing(it, 'theirs')).toSorted((one, other) =>
      (one.status ?? '') < (other.status ?? '') ? -1 : 1,
    );
    expect(all.map((one) => [one.status, named(one)])).toEqual([
      ['completed', days('2026-03-01', 22)],
      ['requested', days('2026-03-23', 6)],
    ]);
  });

  test('a Task that somebody deleted is not opened again', async () => {
    const it = await closedMarch({ deleted: [] });
    await late(it, 'deleted', '2026-03-01');
    const [task] = await missing(it, 'deleted');
    expect((await it.ehr.send('DELETE', `/Task/${task?.id}`)).status).toBe(204);
    await late(it, 'deleted', '2026-03-07');
    expect(await missing(it, 'deleted')).toEqual([]);
  });

  test('a day that a person set to not-billable stays so, and one that the provider charged itself is charged', async () => {
    const it = await closedMarch({ set: ['2026-03-01'] });
    const [first] = await it.charges('set');
    await put(it.ehr, { ...first, status: 'not-billable' } as ChargeItem);
    await post(it.ehr, {
      resourceType: 'ChargeItem',
      id: 'own-set',
      status: 'billable',
      code: { text: 'Coaching' },
      subject: { reference: 'Patient/set' },
      occurrenceDateTime: '2026-03-23',
      performingOrganization: { reference: `Organization/${provider}` },
    });
    await late(it, 'set', '2026-03-05');
    expect(named((await missing(it, 'set'))[0])).toEqual(days('2026-03-24', 3));
  });

  test('a charge that was entered in error leaves its day missing, while the facts say that it may be billed', async () => {
    const it = await closedMarch({ error: ['2026-03-07'] });
    const [first] = await it.charges('error');
    await put(it.ehr, { ...first, status: 'entered-in-error' } as ChargeItem);
    await recompute(it, 'error');
    expect(named((await missing(it, 'error'))[0])).toEqual(['2026-03-07']);
  });

  test('where nobody has the books closed by Footbridge there is no such Task', async () => {
    const it = await openBooks(server, `missing-${++opened}`, '2026-04-20');
    await post(it.admin, organization(provider, 'Riverside', 'prov'));
    await setUpMember(it.ehr, 'own-books', { since: localDate('2026-01-02') });
    await late(it, 'own-books', '2026-03-07');
    expect(await missing(it, 'own-books')).toEqual([]);
  });

  test('a change that only billing reads asks for the work of a member without a charge where books are closed, and nowhere else', async () => {
    const goal = (id: string): Resource => ({
      resourceType: 'Goal',
      id: `goal-${id}`,
      lifecycleStatus: 'active',
      description: { text: 'Walk' },
      subject: { reference: `Patient/${id}` },
    });
    const asked = async (it: Books): Promise<number> =>
      (await server.database.owner.query(`select from outbox where tenant = $1 and type = 'Goal'`, [it.tenant]))
        .rowCount ?? 0;
    const it = await closedMarch({ goals: [] });
    await post(it.ehr, goal('goals'));
    expect(await asked(it)).toBe(1);
    const other = await openBooks(server, `missing-${++opened}`, '2026-04-20');
    await post(other.admin, organization(provider, 'Riverside', 'prov'));
    await setUpMember(other.ehr, 'goals', { since: localDate('2026-01-02') });
    await post(other.ehr, goal('goals'));
    expect(await asked(other)).toBe(0);
  });

  test('Michigan’s are named by the contact', async () => {
    const it = await openBooks(server, `missing-${++opened}`, '2025-04-10');
    const lakeshore = await it.caller('ehr', 'detroit-recovery');
    const [detroit, ...more] = michiganMember.filter(({ resourceType }) => resourceType === 'Organization');
    await post(it.admin, ...more, { ...detroit, extension: closingFrom('2025-03-01').extension } as never);
    await post(lakeshore, ...michiganMember.filter(({ resourceType }) => resourceType !== 'Organization'));
    await runClosings({ ...server.running.services }, () => false);
    await it.moveTo('2025-04-20');
    const visit = michiganVisit();
    await post(lakeshore, visit);
    await recompute(it, 'client');
    const { json } = await lakeshore.send('GET', '/Task?patient=Patient/client&status=requested');
    const tasks = ((json['entry'] ?? []) as { resource: Task }[]).map(({ resource }) => resource);
    const [task] = tasks.filter(({ code }) => code?.coding?.[0]?.code === 'charge-missing');
    expect(task?.input?.map(({ valueReference }) => valueReference?.reference)).toContain(`Encounter/${visit.id}`);
  });
});
