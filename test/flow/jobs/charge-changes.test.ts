import type { Bundle, ChargeItem, QuestionnaireResponse, Resource, Task } from '@medplum/fhirtypes';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ok } from '../../../src/base/result.ts';
import { organization } from '../../../src/cli/sandbox/people.ts';
import { codeSystem } from '../../../src/fhir/canonical.ts';
import { lockCharging } from '../../../src/store/charges.ts';
import { lockMembers } from '../../../src/store/outbox.ts';
import { ago, contactOn, post, provider, settled, setUpMember, until } from '../../support/caseload.ts';
import { michiganMember, michiganVisit } from '../../support/michigan-member.ts';
import { type Caller, startTestServer, type TestServer } from '../../support/server.ts';

/** A day of a member that the provider's own system has charged. */
function ownCharge(id: string, member: string, daysAgo: number): ChargeItem & { id: string } {
  return {
    resourceType: 'ChargeItem',
    id,
    status: 'billable',
    code: { text: 'Coaching' },
    subject: { reference: `Patient/${member}` },
    occurrenceDateTime: ago(daysAgo),
    performingOrganization: { reference: `Organization/${provider}` },
  };
}

async function charge(caller: Caller, episode: string, start: string, end: string): Promise<ChargeItem[]> {
  const answer = await caller.send('POST', `/EpisodeOfCare/${episode}/$charge`, {
    resourceType: 'Parameters',
    parameter: [
      { name: 'start', valueDate: start },
      { name: 'end', valueDate: end },
    ],
  });
  expect(answer.status, answer.text).toBe(200);
  return ((answer.json as unknown as Bundle).entry ?? []).map(({ resource }) => resource as ChargeItem);
}

async function put(caller: Caller, resource: Resource): Promise<void> {
  const answer = await caller.send('PUT', `/${resource.resourceType}/${resource.id}`, resource);
  expect([200, 201], answer.text).toContain(answer.status);
}

describe('what only billing reads corrects charges at once, with nothing else that would bring the member up', () => {
  let server: TestServer;
  let ehr: Caller;
  let admin: Caller;
  beforeAll(async () => {
    server = await startTestServer();
    ehr = await server.caller('ehr', provider);
    admin = await server.caller('admin');
    await post(admin, organization(provider, 'Riverside', 'prov'));
  });
  afterAll(async () => server.stop());

  const tasks = (caller: Caller, member: string, status: string, fits: (tasks: Task[]) => boolean): Promise<Task[]> =>
    until(async () => {
      const code = encodeURIComponent(`${codeSystem('task-code')}|charge-correction`);
      const { json } = await caller.send('GET', `/Task?patient=Patient/${member}&code=${code}&status=${status}`);
      return ((json as unknown as Bundle).entry ?? []).map(({ resource }) => resource as Task);
    }, fits);
  const one = (found: Task[]): boolean => found.length === 1;

  test('a ChargeItem: a charge of the provider’s own beside ours opens the Task, taking ours back ends it', async () => {
    await setUpMember(ehr, 'twice', { since: ago(60) });
    await post(ehr, contactOn('twice', ago(3)));
    const [item] = await charge(ehr, 'episode-twice', ago(3), ago(3));
    await settled(server);
    await put(ehr, ownCharge('own-twice', 'twice', 3));
    const [task] = await tasks(ehr, 'twice', 'requested', one);
    expect(task?.description).toContain('already-charged');
    expect(task?.focus?.reference).toBe(`ChargeItem/${item?.id}`);
    expect((await ehr.send('GET', `/ChargeItem/${item?.id}`)).json).toEqual(item);
    await settled(server);
    await put(ehr, { ...item, status: 'entered-in-error' } as ChargeItem);
    const [ended] = await tasks(ehr, 'twice', 'cancelled', one);
    expect(ended?.statusReason?.text).toContain('withdrawn');
  });

  test('a Claim, its ClaimResponse and a QuestionnaireResponse: Michigan’s eligibility and authorization', async () => {
    const lakeshore = await server.caller('ehr', 'detroit-recovery');
    await post(admin, ...michiganMember.filter(({ resourceType }) => resourceType === 'Organization'));
    await post(lakeshore, ...michiganMember.filter(({ resourceType }) => resourceType !== 'Organization'));
    await post(lakeshore, michiganVisit());
    expect(await charge(lakeshore, 'michigan', '2025-03-01', '2025-03-31')).toHaveLength(1);
    for (const type of ['QuestionnaireResponse', 'Claim', 'ClaimResponse']) {
      await settled(server);
      const stands = michiganMember.find(({ resourceType }) => resourceType === type) as QuestionnaireResponse;
      expect((await lakeshore.send('DELETE', `/${type}/${stands.id}`)).status).toBe(204);
      const [opened] = await tasks(lakeshore, 'client', 'requested', one);
      expect(opened?.description, type).toMatch(/not (billable|certain) any more/);
      await settled(server);
      await put(lakeshore, stands);
      await tasks(lakeshore, 'client', 'requested', ({ length }) => length === 0);
    }
  });

  test('an Organization: where it is gone, nobody knows any more who bills; charges elsewhere are not looked at', async () => {
    await post(admin, organization('org-gone', 'Gone', 'prov'));
    const other = await server.caller('ehr', 'org-gone');
    await setUpMember(ehr, 'stays', { since: ago(60) });
    await post(ehr, contactOn('stays', ago(3)));
    await charge(ehr, 'episode-stays', ago(3), ago(3));
    await setUpMemberAt(other, 'org-gone', 'leaves');
    const [item] = await charge(other, 'episode-leaves', ago(3), ago(3));
    expect(item?.performingOrganization?.reference).toBe('Organization/org-gone');
    await settled(server);
    expect((await admin.send('DELETE', '/Organization/org-gone')).status).toBe(204);
    const [task] = await tasks(other, 'leaves', 'requested', one);
    expect(task?.description).toContain('missing: Organization');
    await settled(server);
    await tasks(ehr, 'stays', 'requested', ({ length }) => length === 0);
  });

  /** As setUpMember and a contact three days ago, at another organisation. */
  async function setUpMemberAt(caller: Caller, at: string, member: string): Promise<void> {
    const bundle = await ehr.send('GET', '/Practitioner/coach-stays');
    const role = await ehr.send('GET', '/PractitionerRole/coach-stays-role');
    const found = await Promise.all(
      ['Patient/stays', 'Coverage/coverage-stays', 'EpisodeOfCare/episode-stays'].map(
        async (path) => (await ehr.send('GET', `/${path}`)).text,
      ),
    );
    const renamed = [bundle.text, role.text, ...found, JSON.stringify(contactOn('stays', ago(3)))].map(
      (text) =>
        JSON.parse(
          text.replaceAll('stays', member).replaceAll(`Organization/${provider}`, `Organization/${at}`),
        ) as Resource,
    );
    await post(caller, ...renamed);
  }
});

describe('work is asked for where it can change something', () => {
  let server: TestServer;
  let ehr: Caller;
  beforeAll(async () => {
    // Without the jobs what is asked for stays to be counted.
    server = await startTestServer({ ROLES: 'http' });
    ehr = await server.caller('ehr', provider);
    await post(await server.caller('admin'), organization(provider, 'Riverside', 'prov'));
    for (const member of ['charged', 'free']) {
      await setUpMember(ehr, member, { since: ago(60) });
      await post(ehr, contactOn(member, ago(3)));
    }
    expect(await charge(ehr, 'episode-charged', ago(3), ago(3))).toHaveLength(1);
  });
  afterAll(async () => server.stop());

  /** What asks for work since the last time, as `type patient`. */
  async function asked(): Promise<string[]> {
    const { rows } = await server.database.owner.query<{ asked: string }>(
      `with gone as (delete from outbox returning seq, type || ' ' || coalesce(patient, 'directory') as asked)
        select asked from gone order by seq`,
    );
    return rows.map((row) => row.asked);
  }

  const questionnaire = (member: string, id?: string): QuestionnaireResponse => ({
    resourceType: 'QuestionnaireResponse',
    ...(id !== undefined && { id }),
    status: 'completed',
    subject: { reference: `Patient/${member}` },
  });

  test('a change to what only billing reads costs nothing for a member without charges, and cutting asks for nothing', async () => {
    await charge(ehr, 'episode-charged', ago(2), ago(2));
    await asked();
    await charge(ehr, 'episode-charged', ago(1), ago(1));
    expect(await asked()).toEqual([]);
    for (const member of ['free', 'charged']) await ehr.create(questionnaire(member));
    for (const member of ['free', 'charged']) await put(ehr, questionnaire(member, `q-${member}`));
    for (const member of ['free', 'charged']) await put(ehr, ownCharge(`own-${member}`, member, 5));
    expect(await asked()).toEqual([
      'QuestionnaireResponse charged',
      'QuestionnaireResponse charged',
      'ChargeItem charged',
    ]);
  });

  test('one that is moved from a charged member to another asks for the one it left; a deletion asks too', async () => {
    await put(ehr, questionnaire('charged', 'moves'));
    await asked();
    await put(ehr, questionnaire('free', 'moves'));
    expect(await asked()).toEqual(['QuestionnaireResponse charged']);
    await put(ehr, questionnaire('charged', 'goes'));
    await asked();
    await ehr.send('DELETE', '/QuestionnaireResponse/goes');
    expect(await asked()).toEqual(['QuestionnaireResponse charged']);
  });

  test('an Organization asks where Footbridge has charged for it, another one does not', async () => {
    const admin = await server.caller('admin');
    await asked();
    await put(admin, { ...organization('org-quiet', 'Quiet', 'prov') });
    expect(await asked()).toEqual([]);
    await put(admin, { ...organization(provider, 'Riverside Recovery', 'prov') });
    expect(await asked()).toEqual(['Organization directory']);
  });

  test('a change that meets a cutting under way asks for work, whatever it can see; one that came first is waited for', async () => {
    const { db } = server.running.services;
    await asked();
    let written = false;
    const cutting = await db.transaction(server.tenant, async (tx) => {
      await lockMembers(tx, server.tenant, ['free']);
      await lockCharging(tx, server.tenant, ['free']);
      await ehr.create(questionnaire('free'));
      written = true;
      return ok(undefined);
    });
    expect([cutting.ok, written, await asked()]).toEqual([true, true, ['QuestionnaireResponse free']]);
    // The other way round: a change that has been asked about and is not committed yet holds the cutting up.
    const order: string[] = [];
    let second: Promise<unknown> = Promise.resolve();
    await db.transaction(server.tenant, async (tx) => {
      const [row] = await tx.query<{ may: boolean }>('select may_be_charged($1, $2) as may', [server.tenant, 'free']);
      expect(row?.may).toBe(false);
      second = db.transaction(server.tenant, async (later) => {
        await lockCharging(later, server.tenant, ['free']);
        order.push('cut');
        return ok(undefined);
      });
      await new Promise((resolve) => setTimeout(resolve, 200));
      order.push('changed');
      return ok(undefined);
    });
    await second;
    expect(order).toEqual(['changed', 'cut']);
  });
});
