import type { ChargeItem, OperationOutcome } from '@medplum/fhirtypes';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addDays, localDate } from '../../../src/base/time.ts';
import { coverage, organization } from '../../../src/cli/sandbox/people.ts';
import type { Ruleset } from '../../../src/domain/ruleset.ts';
import { runClosings } from '../../../src/jobs/nightly.ts';
import { closeMembers, planClosings } from '../../../src/service/close-billing.ts';
import { doMembersWork } from '../../../src/service/recompute-work.ts';
import { advanceRun, claimRun, Fenced, type Run } from '../../../src/store/schedule.ts';
import { type Books, closingFrom, openBooks } from '../../support/billing-close.ts';
import { contactOn, post, provider, setUpMember, zone } from '../../support/caseload.ts';
import { michiganMember, michiganVisit } from '../../support/michigan-member.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';

let server: TestServer;
beforeAll(async () => {
  // Without the jobs, which would do by themselves what is tried here step by step.
  server = await startTestServer({ ROLES: 'http' });
});
afterAll(async () => server.stop());

let opened = 0;
const books = (date: string): Promise<Books> => openBooks(server, `books-${++opened}`, date);

/** What a jobs process does each second, once; a process of its own, that has seen nothing yet. */
const round = (): Promise<boolean> => runClosings({ ...server.running.services }, () => false);

/** Less than the exemption's ninety days before the last day that is charged here. */
const since = localDate('2026-01-02');

/** A member whom the coach met on some days. */
async function member({ ehr }: Books, id: string, ...dates: readonly string[]): Promise<void> {
  await setUpMember(ehr, id, { since });
  await post(ehr, ...dates.map((date) => contactOn(id, localDate(date))));
}

const daysOf = (items: readonly ChargeItem[]): (string | undefined)[] =>
  items.map(({ occurrenceDateTime }) => occurrenceDateTime);
const days = (first: string, count: number): string[] =>
  Array.from({ length: count }, (_, index) => addDays(localDate(first), index));

async function closed({ tenant }: Books): Promise<string[]> {
  const { rows } = await server.database.owner.query<{ line: string }>(
    `select organization || ' ' || split_part(ruleset, '/ruleset/', 2) || ' ' || starts || ' ' || ends || case when closed_at is null then ' open' else '' end as line
      from billing_close where tenant = $1 order by 1`,
    [tenant],
  );
  return rows.map(({ line }) => line);
}

/** Every version of every charge of the tenant. */
async function versions({ tenant }: Books): Promise<string[]> {
  const { rows } = await server.database.owner.query<{ line: string }>(
    `select id || ' ' || version || ' ' || content as line from resource where tenant = $1 and type = 'ChargeItem' order by 1`,
    [tenant],
  );
  return rows.map(({ line }) => line);
}

async function recompute({ tenant }: Books, ...patients: string[]): Promise<void> {
  const done = await doMembersWork(server.running.services, tenant, patients);
  expect(done.ok).toBe(true);
}

describe('closing a billing period', () => {
  test('off unless the organisation asks for it: nothing is charged and no period is closed', async () => {
    const it = await books('2026-04-20');
    await post(it.admin, organization(provider, 'Riverside', 'prov'));
    await member(it, 'off', '2026-03-07');
    await round();
    expect([await it.charges('off'), await closed(it)]).toEqual([[], []]);
  });

  test('what a stranger writes about the organisation turns nothing on, and a close without its first day is refused', async () => {
    const it = await books('2026-04-20');
    const stranger = await it.caller('ehr', 'org-stranger');
    await post(stranger, closingFrom('2026-03-01', { id: 'org-target' }));
    await round();
    expect(await closed(it)).toEqual([]);
    const refused = await it.admin.send(
      'PUT',
      `/Organization/${provider}`,
      closingFrom(undefined, { end: '2026-04-01' }),
    );
    const words = (refused.json as unknown as OperationOutcome).issue?.map(({ details }) => details?.text).join(' ');
    expect([refused.status, words]).toEqual([422, expect.stringContaining('fb-close-1: value.start.exists()')]);
  });

  test('March is closed at the first instant of 10 April in New York, over the change of clocks: its own days and no others', async () => {
    const it = await books('2026-04-01');
    await post(it.admin, closingFrom('2026-03-01'));
    await member(it, 'march', '2026-03-07');
    // Half an hour before the month ends in New York is April in UTC; half an hour after it began is still February in Chicago.
    await post(
      it.ehr,
      contactOn('march', localDate('2026-03-31'), {
        start: '2026-03-31T23:30:00-04:00',
        end: '2026-03-31T23:50:00-04:00',
        signedAt: '2026-04-01T00:10:00-04:00',
      }),
    );
    await it.moveTo('2026-04-09', '23:59:59');
    await round();
    expect(await it.charges('march')).toEqual([]);
    await it.moveTo('2026-04-10');
    await round();
    const items = await it.charges('march');
    expect(daysOf(items)).toEqual([...days('2026-03-07', 22), '2026-03-31']);
    expect(items.map(({ status }) => status)).toEqual(items.map(() => 'billable'));
    expect(await closed(it)).toContain(`${provider} masshealth-mce 2026-03-01 2026-03-31`);
    const { rows } = await server.database.owner.query(
      `select client_id, interaction, count(*)::int as n from audit where tenant = $1 and client_id = 'footbridge' group by 1, 2 order by 2`,
      [it.tenant],
    );
    expect(rows).toEqual([
      { client_id: 'footbridge', interaction: '$charge', n: 1 },
      { client_id: 'footbridge', interaction: 'create', n: 23 },
    ]);
  });

  test('it cuts the very charges that $charge would, and none that somebody had cut before', async () => {
    const [mine, theirs] = [await books('2026-04-10'), await books('2026-04-10')];
    for (const it of [mine, theirs]) await member(it, 'same', '2026-03-20');
    await post(theirs.admin, organization(provider, 'Riverside', 'prov'));
    await post(mine.admin, closingFrom('2026-03-01'));
    const ask = (it: Books, start: string, end: string) =>
      it.ehr.send('POST', '/EpisodeOfCare/episode-same/$charge', {
        resourceType: 'Parameters',
        parameter: [
          { name: 'start', valueDate: start },
          { name: 'end', valueDate: end },
        ],
      });
    expect((await ask(mine, '2026-03-20', '2026-03-22')).status).toBe(200);
    const before = await mine.charges('same');
    await round();
    expect((await ask(theirs, '2026-03-01', '2026-03-31')).status).toBe(200);
    const bare = (items: ChargeItem[]) => items.map(({ id: _, meta: _meta, ...rest }) => rest);
    const after = await mine.charges('same');
    expect(daysOf(after)).toEqual(days('2026-03-20', 12));
    expect(after.slice(0, 3)).toEqual(before);
    expect(bare(after)).toEqual(bare(await theirs.charges('same')));
    const again = await ask(mine, '2026-03-01', '2026-03-31');
    expect(again.text).not.toContain('"201"');
  });

  test('another round, the next day, another process: nothing is made and nothing changes', async () => {
    const it = await books('2026-04-10');
    await post(it.admin, closingFrom('2026-03-01'));
    await member(it, 'once', '2026-03-07');
    await round();
    const [charges, periods] = [await versions(it), await closed(it)];
    expect(charges).toHaveLength(22);
    await round();
    await it.moveTo('2026-04-11');
    await Promise.all([round(), round(), round()]);
    expect([await versions(it), await closed(it)]).toEqual([charges, periods]);
  });

  test('five processes at once charge each day once', async () => {
    const it = await books('2026-04-10');
    await post(it.admin, closingFrom('2026-03-01'));
    for (const id of ['p1', 'p2', 'p3']) await member(it, id, '2026-03-07');
    await Promise.all([round(), round(), round(), round(), round()]);
    await round();
    for (const id of ['p1', 'p2', 'p3']) expect(daysOf(await it.charges(id))).toEqual(days('2026-03-07', 22));
  });

  test('periods that ended while nothing ran are closed afterwards, each once', async () => {
    const it = await books('2026-02-05');
    await post(it.admin, closingFrom('2026-01-01'));
    await member(it, 'down', '2026-01-30', '2026-03-01');
    await round();
    expect(await closed(it)).toEqual([]);
    await it.moveTo('2026-04-25');
    await round();
    expect(daysOf(await it.charges('down'))).toEqual([...days('2026-01-30', 22), ...days('2026-03-01', 22)]);
    const mce = (await closed(it)).filter((line) => line.includes('masshealth-mce'));
    expect(mce.map((line) => line.split(' ').slice(2).join(' '))).toEqual([
      '2026-01-01 2026-01-31',
      '2026-02-01 2026-02-28',
      '2026-03-01 2026-03-31',
    ]);
  });

  test('a late entry after the close opens a Task and leaves the charge as it is; a day that it adds waits for $charge', async () => {
    const it = await books('2026-04-10');
    await post(it.admin, closingFrom('2026-03-01'));
    await member(it, 'late', '2026-03-20');
    await round();
    await recompute(it, 'late');
    const before = await versions(it);
    expect(before).toHaveLength(12);
    const contact = contactOn('late', localDate('2026-03-20'));
    const taken = await it.ehr.send('PUT', `/Encounter/${contact.id}`, { ...contact, status: 'entered-in-error' });
    expect(taken.status).toBe(200);
    await post(it.ehr, contactOn('late', localDate('2026-03-25')));
    await recompute(it, 'late');
    const tasks = await it.tasks('late', 'charge-correction');
    expect(new Set(tasks.map(({ description }) => description?.slice(0, 18)))).toEqual(
      new Set(days('2026-03-20', 5).map((day) => `The day ${day}`)),
    );
    expect(tasks).toHaveLength(5);
    await it.moveTo('2026-04-11');
    await round();
    expect(await versions(it)).toEqual(before);
  });

  test('who ended before the period is not read; who is discharged in it is charged to the end', async () => {
    const it = await books('2026-04-10');
    await post(it.admin, closingFrom('2026-03-01'));
    for (const [id, end] of [
      ['gone', '2026-01-31'],
      ['leaves', '2026-03-10'],
    ] as const) {
      await member(it, id, '2026-01-20', '2026-03-07');
      const episode = (await it.ehr.send('GET', `/EpisodeOfCare/episode-${id}`)).json;
      const ended = await it.ehr.send('PUT', `/EpisodeOfCare/episode-${id}`, {
        ...episode,
        status: 'finished',
        period: { ...(episode['period'] as object), end },
      });
      expect(ended.status, ended.text).toBe(200);
    }
    await round();
    expect(daysOf(await it.charges('leaves'))).toEqual(days('2026-03-07', 4));
    expect(await it.charges('gone')).toEqual([]);
    const { rows } = await server.database.owner.query(
      `select members from schedule_run where tenant = $1 and job = 'charges' and zone = $2`,
      [it.tenant, zone],
    );
    expect(rows).toEqual([{ members: 1 }]);
  });

  test('Michigan’s contacts are closed in Michigan’s own zone, by its own ruleset', async () => {
    const it = await books('2025-04-10');
    const lakeshore = await it.caller('ehr', 'detroit-recovery');
    const organizations = michiganMember.filter(({ resourceType }) => resourceType === 'Organization');
    await post(it.admin, ...organizations, closingFrom('2025-03-01', { id: 'quiet' }));
    const detroit = { ...organizations[0], extension: closingFrom('2025-03-01').extension } as never;
    await post(it.admin, detroit);
    await post(lakeshore, ...michiganMember.filter(({ resourceType }) => resourceType !== 'Organization'));
    await post(lakeshore, michiganVisit());
    await round();
    const { json } = await lakeshore.send('GET', '/ChargeItem?patient=Patient/client');
    expect(json['entry']).toMatchObject([
      { resource: { code: { coding: [{ code: 'T1012' }] }, quantity: { value: 4 }, occurrenceDateTime: '2025-03-05' } },
    ]);
  });
});

describe('days that only a person can place', () => {
  // Two payers under one document are a contradiction that a person corrects (B-2 two-payers-at-once); two documents are a choice.
  beforeAll(() => {
    const rulesets = server.running.services.rulesets as Ruleset[];
    const bulletin = rulesets.find(({ name }) => name === 'masshealth-mce');
    if (!bulletin) throw new Error('no ruleset');
    rulesets.push({
      ...bulletin,
      name: 'second-document',
      url: `${bulletin.url}-second`,
      planTypes: ['second'],
      products: [{ value: 'second-plan', planType: 'second', from: undefined, to: undefined }],
      seed: { ...bulletin.seed, file: 'second-document.txt' },
    });
  });

  /** Covered by two payers under two documents from 15 March on. */
  async function twice(it: Books, id: string): Promise<void> {
    await post(it.admin, closingFrom('2026-03-01'), organization('org-second', 'Second', 'pay'));
    await member(it, id, '2026-03-10');
    await post(it.ehr, coverage(`second-${id}`, id, 'org-second', 'second-plan', { start: '2026-03-15' }));
  }
  const choose = (it: Books, id: string, end = '2026-03-31') =>
    it.ehr.send('POST', `/EpisodeOfCare/episode-${id}/$charge`, {
      resourceType: 'Parameters',
      parameter: [
        { name: 'start', valueDate: '2026-03-01' },
        { name: 'end', valueDate: end },
        { name: 'payer', valueReference: { reference: 'Organization/org-second' } },
      ],
    });

  test('are left out and become one Task for the biller; all others are charged', async () => {
    const it = await books('2026-04-10');
    await twice(it, 'both');
    await round();
    expect(daysOf(await it.charges('both'))).toEqual(days('2026-03-10', 5));
    const tasks = await it.tasks('both', 'charge-conflict');
    expect(tasks).toMatchObject([
      {
        status: 'requested',
        focus: { reference: 'EpisodeOfCare/episode-both' },
        owner: { reference: `Organization/${provider}` },
        restriction: { period: { start: '2026-03-01', end: '2026-03-31' } },
      },
    ]);
    expect(tasks[0]?.description).toMatch(/without 17 days or contacts, 2026-03-15 to 2026-03-31,/);
    expect(tasks[0]?.description).toContain('second-document for Organization/org-second');
    expect(tasks[0]?.input?.flatMap(({ valueDate }) => valueDate ?? [])).toEqual(days('2026-03-15', 17));
    await it.moveTo('2026-04-11');
    await round();
    expect(await it.tasks('both', 'charge-conflict')).toEqual(tasks);
  });

  test('once somebody has chosen for all of them the Task ends by itself, and not before', async () => {
    const it = await books('2026-04-10');
    await twice(it, 'choose');
    await round();
    const waiting = async (): Promise<number> =>
      (
        await server.database.owner.query(
          'select from outbox where tenant = $1 and patient is not null and parked is null',
          [it.tenant],
        )
      ).rowCount ?? 0;
    await recompute(it, 'choose');
    expect(await waiting()).toBe(0);
    expect((await choose(it, 'choose', '2026-03-20')).status).toBe(200);
    expect(await waiting()).toBe(1);
    await recompute(it, 'choose');
    expect((await it.tasks('choose', 'charge-conflict')).map(({ status }) => status)).toEqual(['requested']);
    expect((await choose(it, 'choose')).status).toBe(200);
    await recompute(it, 'choose');
    expect(
      (await it.tasks('choose', 'charge-conflict')).map(({ status, statusReason }) => [status, statusReason?.text]),
    ).toEqual([['cancelled', expect.stringContaining('is charged')]]);
    expect(daysOf(await it.charges('choose'))).toEqual(days('2026-03-10', 22));
    expect((await choose(it, 'choose')).status).toBe(200);
    expect(await waiting()).toBe(0);
  });

  test('a Task that somebody has taken on is theirs', async () => {
    const it = await books('2026-04-10');
    await twice(it, 'taken');
    await round();
    const [task] = await it.tasks('taken', 'charge-conflict');
    const edited = await it.ehr.send('PUT', `/Task/${task?.id}`, { ...task, note: [{ text: 'Asked both plans' }] });
    expect(edited.status, edited.text).toBe(200);
    expect((await choose(it, 'taken')).status).toBe(200);
    await recompute(it, 'taken');
    expect((await it.tasks('taken', 'charge-conflict')).map(({ status }) => status)).toEqual(['requested']);
  });
});

describe('a close that does not go smoothly', () => {
  const claim = async (it: Books, date: string): Promise<Run> => {
    const schedule = { tenant: it.tenant, job: 'charges', zone } as const;
    const claimed = await claimRun(server.running.services.db, schedule, localDate(date));
    if (!claimed.ok || !claimed.value) throw new Error('no run');
    return claimed.value;
  };
  const expire = (it: Books) =>
    server.database.owner.query(
      `update schedule_run set lease_until = clock_timestamp() - interval '1 second' where tenant = $1 and status = 'running'`,
      [it.tenant],
    );

  test('a run that was taken over writes nothing more; its heir charges each day once', async () => {
    const { services } = server.running;
    const it = await books('2026-04-10');
    await post(it.admin, closingFrom('2026-03-01'));
    await member(it, 'zombie', '2026-03-07');
    const zombie = await claim(it, '2026-04-10');
    const planned = await planClosings(services, zombie);
    if (!planned.ok) throw new Error('not planned');
    await expire(it);
    const heir = await claim(it, '2026-04-10');
    await expect(closeMembers(services, zombie, planned.value.closings, ['zombie'])).rejects.toThrow(Fenced);
    await expect(planClosings(services, zombie)).rejects.toThrow(Fenced);
    expect(await it.charges('zombie')).toEqual([]);
    expect((await planClosings(services, heir)).ok).toBe(true);
    expect((await closeMembers(services, heir, planned.value.closings, ['zombie'])).ok).toBe(true);
    expect(await it.charges('zombie')).toHaveLength(22);
    expect((await closed(it)).every((line) => line.endsWith('open'))).toBe(true);
    await expire(it);
    await round();
    expect(await it.charges('zombie')).toHaveLength(22);
    expect((await closed(it)).some((line) => line.endsWith('open'))).toBe(false);
  });

  test('it goes on where it stood with what it had begun; who asks meanwhile is closed whole by the next run', async () => {
    const { services } = server.running;
    const it = await books('2026-04-10');
    await post(it.admin, closingFrom('2026-03-01'));
    for (const id of ['a', 'b']) await member(it, id, '2026-03-07');
    const run = await claim(it, '2026-04-10');
    const planned = await planClosings(services, run);
    if (!planned.ok) throw new Error('not planned');
    await closeMembers(services, run, planned.value.closings, ['a']);
    expect((await advanceRun(services.db, run, 'a')).ok).toBe(true);
    // A process has died here. Meanwhile another organisation asks, whose member comes before where the run stands.
    const other = await it.caller('ehr', 'org-late');
    await post(it.admin, closingFrom('2026-03-01', { id: 'org-late' }));
    await setUpMember(other, 'a-late', { since });
    const meeting = contactOn('a-late', localDate('2026-03-07'), { provider: 'org-late' });
    await post(other, meeting);
    await expire(it);
    await round();
    expect([await it.charges('a'), await it.charges('b')].map(({ length }) => length)).toEqual([22, 22]);
    const { rows: runs } = await server.database.owner.query(
      `select members from schedule_run where tenant = $1 and job = 'charges' and zone = $2`,
      [it.tenant, zone],
    );
    expect(runs).toEqual([{ members: 2 }]);
    const late = 'org-late masshealth-mce 2026-03-01 2026-03-31';
    expect(await closed(it)).not.toContain(late);
    await it.moveTo('2026-04-11');
    await round();
    expect(await closed(it)).toContain(late);
  });

  test('a member that breaks us is parked with the reason, and the others are charged', async () => {
    const it = await books('2026-04-10');
    await post(it.admin, closingFrom('2026-03-01'));
    for (const id of ['h1', 'broken', 'h2']) await member(it, id, '2026-03-07');
    const { owner } = server.database;
    await owner.query(
      `update resource set content = '{' where tenant = $1 and type = 'Coverage' and patient = 'broken'`,
      [it.tenant],
    );
    await round();
    expect([await it.charges('h1'), await it.charges('h2')].map(({ length }) => length)).toEqual([22, 22]);
    const { rows } = await owner.query<{ patient: string; parked: string }>(
      'select patient, parked from outbox where tenant = $1 and parked is not null',
      [it.tenant],
    );
    // By the runs of both zones: under which zone's rules a member is, is told by the very facts that cannot be read.
    expect(rows.map(({ patient }) => patient)).toEqual(['broken', 'broken']);
    expect(rows[0]?.parked).toMatch(/^the billing close of 2026-04-10 failed: .*JSON/);
    expect(await closed(it)).toContain(`${provider} masshealth-mce 2026-03-01 2026-03-31`);
  });

  test('turned off between two periods it closes no further one; turned on again from a later day it leaves the gap out', async () => {
    const it = await books('2026-02-10');
    await post(it.admin, closingFrom('2026-01-01', { end: '2026-01-31' }));
    await member(it, 'pause', '2026-01-30', '2026-03-30');
    await round();
    await it.moveTo('2026-03-12');
    await round();
    expect(daysOf(await it.charges('pause'))).toEqual(days('2026-01-30', 2));
    await post(it.admin, closingFrom('2026-03-01'));
    await it.moveTo('2026-04-12');
    await round();
    expect(daysOf(await it.charges('pause'))).toEqual([...days('2026-01-30', 2), ...days('2026-03-30', 2)]);
  });
});
