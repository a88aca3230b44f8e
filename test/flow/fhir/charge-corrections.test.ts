import type { Bundle, ChargeItem, Encounter, Task } from '@medplum/fhirtypes';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ok } from '../../../src/base/result.ts';
import { organization } from '../../../src/cli/sandbox/people.ts';
import { codeSystem } from '../../../src/fhir/canonical.ts';
import { chargeCorrections } from '../../../src/service/charge-corrections.ts';
import { storeComputed, writesOf } from '../../../src/service/computed.ts';
import { lockMembers } from '../../../src/store/outbox.ts';
import { ago, contactOn, post, provider, setUpMember } from '../../support/caseload.ts';
import { type Caller, startTestServer, type TestServer } from '../../support/server.ts';

let server: TestServer;
let ehr: Caller;
beforeAll(async () => {
  // Without the jobs, which would do by themselves what is tried here step by step.
  server = await startTestServer({ ROLES: 'http' });
  ehr = await server.caller('ehr', provider);
  await post(await server.caller('admin'), organization(provider, 'Riverside', 'prov'));
});
afterAll(async () => server.stop());

/** As a recomputation does it, in its transaction. */
async function correct(patient: string): Promise<number> {
  const { services } = server.running;
  const now = new Date();
  const done = await services.db.transaction(server.tenant, async (tx) => {
    await lockMembers(tx, server.tenant, [patient]);
    const changes = await chargeCorrections(services, tx, { tenant: server.tenant, patients: [patient], now });
    const writes = writesOf(services, now, changes);
    await storeComputed(tx, server.tenant, writes);
    return ok(writes.length);
  });
  if (!done.ok) throw new Error(JSON.stringify(done.error));
  return done.value;
}

async function charge(member: string, from: number, to: number): Promise<(ChargeItem & { id: string })[]> {
  const answer = await ehr.send('POST', `/EpisodeOfCare/episode-${member}/$charge`, {
    resourceType: 'Parameters',
    parameter: [
      { name: 'start', valueDate: ago(from) },
      { name: 'end', valueDate: ago(to) },
    ],
  });
  expect(answer.status, answer.text).toBe(200);
  return ((answer.json as unknown as Bundle).entry ?? []).map(({ resource }) => resource as never);
}

async function tasks(member: string): Promise<(Task & { id: string })[]> {
  const code = encodeURIComponent(`${codeSystem('task-code')}|charge-correction`);
  const { json, status, text } = await ehr.send(
    'GET',
    `/Task?patient=Patient/${member}&code=${code}&_sort=_lastUpdated`,
  );
  expect(status, text).toBe(200);
  return ((json as unknown as Bundle).entry ?? []).map(({ resource }) => resource as never);
}

async function edit<R extends { resourceType: string; id?: string }>(resource: R, more: Partial<R>): Promise<void> {
  const answer = await ehr.send('PUT', `/${resource.resourceType}/${resource.id}`, { ...resource, ...more });
  expect(answer.status, answer.text).toBe(200);
}

/** A member with one contact, whose day is charged. */
async function charged(member: string): Promise<{ item: ChargeItem & { id: string }; contact: Encounter }> {
  await setUpMember(ehr, member, { since: ago(60) });
  const contact = contactOn(member, ago(3));
  await post(ehr, contact);
  const [item] = (await charge(member, 3, 3)) as [ChargeItem & { id: string }];
  expect(await correct(member)).toBe(0);
  return { item, contact };
}

describe('corrections of what was charged', () => {
  test('a contact taken back opens one Task that says what changed; the charge stays as it is', async () => {
    const { contact, item } = await charged('back');
    await edit(contact, { status: 'entered-in-error' });
    expect([await correct('back'), await correct('back')]).toEqual([1, 0]);
    const [task, ...more] = await tasks('back');
    expect(more).toEqual([]);
    expect(task).toMatchObject({
      status: 'requested',
      intent: 'order',
      focus: { reference: `ChargeItem/${item.id}` },
      for: { reference: 'Patient/back' },
      owner: { reference: `Organization/${provider}` },
    });
    expect(task?.description).toContain(`The day ${ago(3)} was charged as H2016-HM, quantity 1`);
    expect(task?.description).toContain('no contact within 21 days');
    expect((await ehr.send('GET', `/ChargeItem/${item.id}`)).json).toEqual(item);
  });

  test('what returns to what was charged cancels it, what fails again opens the same one', async () => {
    const { contact } = await charged('returns');
    await edit(contact, { status: 'entered-in-error' });
    await correct('returns');
    await edit(contact, { status: 'finished' });
    expect(await correct('returns')).toBe(1);
    const [cancelled] = await tasks('returns');
    expect([cancelled?.status, cancelled?.statusReason?.text]).toEqual([
      'cancelled',
      'The answer is again what was charged.',
    ]);
    await edit(contact, { status: 'entered-in-error' });
    expect(await correct('returns')).toBe(1);
    expect((await tasks('returns')).map(({ id, status }) => [id, status])).toEqual([[cancelled?.id, 'requested']]);
  });

  test('a Task that somebody has edited is theirs: neither cancelled nor opened anew', async () => {
    const { contact } = await charged('edited');
    await edit(contact, { status: 'entered-in-error' });
    await correct('edited');
    const [task] = (await tasks('edited')) as [Task & { id: string }];
    await edit(task, { note: [{ text: 'Asked the coach' }] });
    await edit(contact, { status: 'finished' });
    expect(await correct('edited')).toBe(0);
    await edit(contact, { status: 'entered-in-error' });
    expect(await correct('edited')).toBe(0);
    expect((await tasks('edited')).map(({ status }) => status)).toEqual(['requested']);
  });

  test('one that somebody has deleted does not come back', async () => {
    const { contact } = await charged('deleted');
    await edit(contact, { status: 'entered-in-error' });
    await correct('deleted');
    const [task] = await tasks('deleted');
    expect((await ehr.send('DELETE', `/Task/${task?.id}`)).status).toBe(204);
    expect(await correct('deleted')).toBe(0);
  });

  test('another cause is another Task, and the first is cancelled; a withdrawn charge needs none', async () => {
    const { contact, item } = await charged('causes');
    await edit(contact, { status: 'entered-in-error' });
    await correct('causes');
    const { json } = await ehr.send('GET', '/Coverage/coverage-causes');
    await edit(json as never, { period: { start: ago(60), end: ago(10) } } as never);
    expect(await correct('causes')).toBe(2);
    const both = await tasks('causes');
    expect(both.map(({ status }) => status).sort()).toEqual(['cancelled', 'requested']);
    expect(both.find(({ status }) => status === 'cancelled')?.statusReason?.text).toContain('another Task');
    await edit(item, { status: 'entered-in-error' });
    expect(await correct('causes')).toBe(1);
    const after = await tasks('causes');
    expect(after.map(({ status }) => status)).toEqual(['cancelled', 'cancelled']);
    expect(after.map(({ statusReason }) => statusReason?.text)).toContain(
      'The charge was withdrawn: it is entered-in-error.',
    );
  });

  test('a billed charge is urgent, and an earlier contact that carries the day needs no correction', async () => {
    const { contact, item } = await charged('carried');
    await edit(item, { status: 'billed' });
    await post(ehr, contactOn('carried', ago(12)));
    await edit(contact, { status: 'entered-in-error' });
    expect(await correct('carried')).toBe(0);
    await edit(contactOn('carried', ago(12)), { status: 'entered-in-error' });
    await correct('carried');
    expect((await tasks('carried')).map(({ priority }) => priority)).toEqual(['urgent']);
  });
});
