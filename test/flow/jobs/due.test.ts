import type { Flag, Task } from '@medplum/fhirtypes';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { addDays } from '../../../src/base/time.ts';
import { coachRole, practitioner } from '../../../src/cli/sandbox/people.ts';
import { ago, contactOn, post, provider, settled, setUpMember, today, until } from '../../support/caseload.ts';
import { type Caller, startTestServer, type TestServer } from '../../support/server.ts';

/** What falls due, from the contact that comes in to the Task that somebody completes (docs/due.md). */
let server: TestServer;
let ehr: Caller;
beforeAll(async () => {
  server = await startTestServer();
  ehr = await server.caller('ehr', provider);
});
afterAll(async () => server.stop());

async function search<R>(path: string): Promise<R[]> {
  const { json } = await ehr.send('GET', path);
  return ((json['entry'] as { resource: R }[] | undefined) ?? []).map(({ resource }) => resource);
}

const tasksOf = async (member: string, code: string): Promise<(Task & { id: string })[]> =>
  (await search<Task & { id: string }>(`/Task?patient=Patient/${member}&_count=100`)).filter((task) =>
    task.code?.coding?.some((coding) => coding.code === code),
  );

test('a member at risk has a Flag and a Task for the coach; a new contact closes both', async () => {
  await setUpMember(ehr, 'risk');
  await post(ehr, contactOn('risk', ago(17)));
  await settled(server);
  const [task, ...others] = await tasksOf('risk', 'contact-at-risk');
  expect(others).toEqual([]);
  expect(task).toMatchObject({ status: 'requested', owner: { reference: 'Practitioner/coach-risk' } });
  expect(task?.restriction?.period?.end).toBe(addDays(today(), 4));
  const [flag] = await search<Flag>('/Flag?patient=Patient/risk');
  expect(flag?.status).toBe('active');
  await post(ehr, contactOn('risk', ago(1)));
  await settled(server);
  expect((await tasksOf('risk', 'contact-at-risk')).map(({ status }) => status)).toEqual(['cancelled']);
  expect((await search<Flag>('/Flag?patient=Patient/risk')).map(({ status }) => status)).toEqual(['inactive']);
});

test('the notification of admission is opened with the episode; once completed it is the provider’s own and stays', async () => {
  await setUpMember(ehr, 'admitted', { since: ago(3) });
  await settled(server);
  const [task] = await tasksOf('admitted', 'notification-of-admission');
  expect(task).toMatchObject({ status: 'requested' });
  const done = await ehr.send('PUT', `/Task/${task?.id}`, { ...task, status: 'completed' });
  expect(done.status).toBe(200);
  await post(ehr, contactOn('admitted', ago(1)));
  await settled(server);
  expect((await tasksOf('admitted', 'notification-of-admission')).map(({ status }) => status)).toEqual(['completed']);
});

test('facts that contradict each other ask a person', async () => {
  await setUpMember(ehr, 'twice', { since: ago(40) });
  await post(ehr, contactOn('twice', ago(60)));
  await settled(server);
  const [task] = await tasksOf('twice', 'fact-contradiction');
  expect(task?.status).toBe('requested');
  expect(task?.description).toContain('episode');
});

test('a coach whose two years come to an end has one alert, closed by the certification', async () => {
  const coach = { id: 'coach-late', given: 'Avery', family: 'Birch' };
  const hired = ago(2 * 365 - 60);
  const role = coachRole('coach-late-role', 'coach-late', provider, hired);
  const alerts = async (): Promise<Task[]> => search<Task>('/Task?subject=Practitioner/coach-late');
  await post(ehr, practitioner(coach, provider, { hired, certified: 'working' }), role);
  const [alert] = await until(alerts, (found) => found.length > 0);
  expect(alert).toMatchObject({ status: 'requested', focus: { reference: 'Practitioner/coach-late' } });
  await post(ehr, practitioner(coach, provider, { hired, certified: { until: '2099-01-01' } }), role);
  const closed = await until(alerts, ([found]) => found?.status === 'cancelled');
  expect(closed).toHaveLength(1);
});

test('what is due later wakes its member: the first date on which it changes is kept', async () => {
  await setUpMember(ehr, 'later', { since: ago(2) });
  await post(ehr, contactOn('later', today()));
  await settled(server);
  const { rows } = await server.database.owner.query<{ next_date: string }>(
    `select next_date::text from due_wake where tenant = $1 and subject = 'Patient/later' and zone = 'America/New_York'`,
    [server.tenant],
  );
  expect(rows).toHaveLength(1);
  expect((rows[0]?.next_date ?? '') > today()).toBe(true);
  expect(await tasksOf('later', 'contact-at-risk')).toEqual([]);
});
