import { describe, expect, test } from 'vitest';
import type { AuthorizationFact, NotificationFact } from '../../../../src/domain/facts/authorizations.ts';
import { notifications } from '../../../../src/domain/facts/authorizations.ts';
import { datesAfter, dueAt, itemAt, type Known } from '../../../support/due.ts';
import { employer, episode, memberFacts, payer, ruleset } from '../../../support/facts.ts';
import { parameter } from '../../../support/questions.ts';

const begun = (start: string, end?: string): Known => ({
  facts: { episodes: [{ reference: episode, organization: employer, careManager: [], start, end }] },
});

const sent = (sentAt: string, more: Partial<NotificationFact> = {}): NotificationFact => ({
  reference: 'Task/sent',
  kind: 'notification-of-admission',
  episode,
  payers: [payer],
  sentAt,
  acknowledgedAt: undefined,
  ...more,
});

describe('A-1: the notification of admission', () => {
  const at = (date: string, ...told: NotificationFact[]) =>
    itemAt('notification-of-admission', date, { ...begun('2025-03-01'), more: { notifications: told } });

  test('opens on the first day of the episode, not before', () => {
    expect(at('2025-02-28')).toBeUndefined();
    expect(at('2025-03-01')).toMatchObject({
      rule: 'A-1',
      level: 'routine',
      opensOn: '2025-03-01',
      dueDate: '2025-03-15',
      payer,
      focus: episode,
      closed: undefined,
    });
  });

  test('is due at 23:59:59 local, also where the clocks change in between', () => {
    // Winter time until 9 March 2025: due in summer time, at 03:59:59 UTC and not 04:59:59.
    expect(at('2025-03-01')?.dueAt).toBe('2025-03-16T03:59:59.000Z');
    const autumn = itemAt('notification-of-admission', '2025-10-20', begun('2025-10-19'));
    expect(autumn).toMatchObject({ dueDate: '2025-11-02', dueAt: '2025-11-03T04:59:59.000Z' });
  });

  test('is urgent on the last two days before the due date, on it and after it', () => {
    expect(['2025-03-12', '2025-03-13', '2025-03-15', '2025-03-16'].map((date) => at(date)?.level)).toEqual([
      'routine',
      'urgent',
      'urgent',
      'urgent',
    ]);
  });

  test('stays open after the due date, and its sentence says that it will be late', () => {
    expect(at('2025-03-15')?.sentence).toMatch(/by the end of 2025-03-15/);
    expect(at('2025-03-16')).toMatchObject({ closed: undefined });
    expect(at('2025-03-16')?.sentence).toMatch(/was due on 2025-03-15, so it will be late/);
  });

  test('is closed by its sending; one second after the due date it was late, and that is said', () => {
    expect(at('2025-03-20', sent('2025-03-16T03:59:59Z'))?.closed).toBe('Sent on 2025-03-15.');
    expect(at('2025-03-20', sent('2025-03-16T04:00:00Z'))?.closed).toBe(
      'Sent on 2025-03-16, late: it was due on 2025-03-15.',
    );
  });

  test('is not closed by one to another plan, about another episode, or that names no plan', () => {
    expect(at('2025-03-05', sent('2025-03-02', { payers: ['Organization/other'] }))?.closed).toBeUndefined();
    expect(at('2025-03-05', sent('2025-03-02', { episode: 'EpisodeOfCare/2' }))?.closed).toBeUndefined();
    const nameless = at('2025-03-05', sent('2025-03-02', { payers: [] }));
    expect(nameless?.closed).toBeUndefined();
    expect(nameless?.sentence).toMatch(/names no plan/);
  });

  test('an episode that ended within the window still owes it until the due date', () => {
    const ended = (date: string) =>
      itemAt('notification-of-admission', date, begun('2025-03-01', '2025-03-05'))?.closed;
    expect(ended('2025-03-15')).toBeUndefined();
    expect(ended('2025-03-16')).toBe('The episode ended on 2025-03-05.');
  });

  test('is asked of an episode without a coach, and not by a plan that came after the window or by another ruleset', () => {
    const under = (start: string, product = 'masshealth-mco') => {
      const [coverage] = memberFacts().coverages;
      if (!coverage) throw new Error('no coverage');
      return itemAt('notification-of-admission', '2025-04-01', {
        facts: { ...begun('2025-03-01').facts, coverages: [{ ...coverage, start, product }] },
      });
    };
    expect(under('2025-03-15')).toBeDefined();
    expect(under('2025-03-16')).toBeUndefined();
    expect(under('2024-01-01', 'michigan-cmhsp')).toBeUndefined();
  });

  const completed = {
    resourceType: 'Task',
    id: 'done',
    status: 'completed',
    intent: 'order',
    code: {
      coding: [{ system: 'https://footbridge.example/fhir/CodeSystem/task-code', code: 'notification-of-admission' }],
    },
    focus: { reference: episode },
    restriction: { recipient: [{ reference: payer }] },
  } as const;
  const read = (more: object, recordedAt = '2025-03-10T12:00:00Z') =>
    notifications([{ resource: { ...completed, ...more } as never, owner: 'riverside', recordedAt }])[0]?.sentAt;

  test('a Task that is completed and says no time was sent by the time that it says so', () => {
    expect(read({})).toBe('2025-03-10T12:00:00Z');
    expect(read({ status: 'in-progress' })).toBeUndefined();
    expect(read({ lastModified: '2025-03-09T12:00:00Z' })).toBe('2025-03-09T12:00:00Z');
  });

  test('one whose execution took days was sent when it ended; one that is under way or failed was not sent', () => {
    const task = { ...completed, executionPeriod: { start: '2025-03-10', end: '2025-03-18' } };
    const since = { executionPeriod: { start: '2025-03-10' } };
    expect(read(task)).toBe('2025-03-18');
    expect(read({ ...task, ...since })).toBe('2025-03-10');
    expect(read({ ...task, ...since, status: 'in-progress' })).toBeUndefined();
    expect(read({ ...task, status: 'failed' })).toBeUndefined();
    const type = { coding: [{ system: 'https://footbridge.example/fhir/CodeSystem/task-parameter', code: 'sent' }] };
    const output = [{ type, valueDateTime: '2025-03-12' }];
    expect(read({ ...task, status: 'in-progress', output })).toBe('2025-03-12');
  });

  test('its dates: the first day, when it becomes urgent, and the day after it was due', () => {
    expect(datesAfter('2025-02-20', begun('2025-03-01'))).toEqual(
      expect.arrayContaining(['2025-03-01', '2025-03-13', '2025-03-16']),
    );
  });
});

describe('A-2: the authorization', () => {
  const approved = (
    start: string,
    end: string | undefined,
    more: Partial<AuthorizationFact> = {},
  ): AuthorizationFact => ({
    reference: `ClaimResponse/${start}`,
    request: undefined,
    payer,
    organization: employer,
    decision: 'approved',
    created: start,
    units: undefined,
    start,
    end,
    ...more,
  });
  // Day 1 is 1 January: exempt through 31 March, the alert on day 60, 1 March.
  const known = (authorizations: AuthorizationFact[] = [], end?: string): Known => ({
    ...begun('2025-01-01', end),
    more: { authorizations },
  });
  const mce = ruleset('masshealth-mce');
  const setTo = (value: 'none' | 'concurrent-review' | 'prior-auth'): Known => ({
    ...known(),
    rulesets: [{ ...mce, parameters: { ...mce.parameters, postExemption: parameter(value) } }],
  });

  test('is announced from the ruleset’s alert day, urgent from two days before the last exempt day', () => {
    expect(itemAt('authorization-due', '2025-02-28', known())).toBeUndefined();
    expect(itemAt('authorization-due', '2025-03-01', known())).toMatchObject({
      level: 'routine',
      opensOn: '2025-03-01',
      dueDate: '2025-03-31',
      closed: undefined,
    });
    expect(itemAt('authorization-due', '2025-03-28', known())?.level).toBe('routine');
    expect(itemAt('authorization-due', '2025-03-29', known())?.level).toBe('urgent');
    expect(itemAt('authorization-due', '2025-06-01', known())?.level).toBe('urgent');
  });

  test('says whether the plan’s setting is known; a plan that asks for nothing is owed nothing', () => {
    expect(itemAt('authorization-due', '2025-03-01', known())?.sentence).toMatch(
      /^What Organization\/mce \(.*is not known.*postExemption/,
    );
    expect(itemAt('authorization-due', '2025-03-01', setTo('prior-auth'))?.sentence).toMatch(/prior authorization/);
    expect(itemAt('authorization-due', '2025-03-01', setTo('concurrent-review'))?.sentence).toMatch(
      /concurrent review/,
    );
    expect(itemAt('authorization-due', '2025-03-01', setTo('none'))).toBeUndefined();
  });

  test('is closed by an approval of the first day that needs one, not by one that begins a day later', () => {
    const at = (...list: AuthorizationFact[]) => itemAt('authorization-due', '2025-03-05', known(list));
    // Created after K: not known yet.
    expect(at(approved('2025-04-01', undefined))?.closed).toBeUndefined();
    const made = { created: '2025-03-02' };
    expect(at(approved('2025-04-01', undefined, made))?.closed).toBe('Covered by ClaimResponse/2025-04-01.');
    expect(at(approved('2025-04-02', undefined, made))?.closed).toBeUndefined();
    expect(at(approved('2025-04-01', undefined, { ...made, payer: 'Organization/other' }))?.closed).toBeUndefined();
  });

  test('tells of a request that is pending or denied, and stays open', () => {
    const at = (decision: 'pending' | 'denied') =>
      itemAt('authorization-due', '2025-03-05', known([approved('2025-03-02', undefined, { decision })]));
    expect(at('pending')?.sentence).toMatch(/ClaimResponse\/2025-03-02 is pending/);
    expect(at('denied')?.sentence).toMatch(/ClaimResponse\/2025-03-02 was denied/);
    expect([at('pending')?.closed, at('denied')?.closed]).toEqual([undefined, undefined]);
  });

  test('comes again before an approved period ends, as another thing to do', () => {
    const list = [approved('2025-04-01', '2025-06-30', { created: '2025-03-02' })];
    expect(itemAt('authorization-due', '2025-05-30', known(list))?.closed).toMatch(/Covered/);
    const renewed = (date: string) => dueOpen(date, known(list));
    expect(renewed('2025-05-30')).toEqual([]);
    expect(renewed('2025-05-31')).toEqual(['2025-06-30']);
    const twice = [...list, approved('2025-07-01', undefined, { created: '2025-05-31' })];
    expect(dueOpen('2025-06-01', known(twice))).toEqual([]);
  });

  test('ends with the episode, and is not opened for one that ends before it would be needed', () => {
    expect(itemAt('authorization-due', '2025-05-01', known([], '2025-04-30'))?.closed).toMatch(/ended on 2025-04-30/);
    expect(itemAt('authorization-due', '2025-03-15', known([], '2025-03-31'))).toBeUndefined();
    expect(itemAt('authorization-due', '2025-03-15', known([], '2025-04-01'))?.closed).toBeUndefined();
  });
});

function dueOpen(date: string, known: Known): (string | undefined)[] {
  return dueAt(date, known)
    .filter(({ closed, kind }) => kind === 'authorization-due' && closed === undefined)
    .map(({ dueDate }) => dueDate);
}

test('A-2: under the reading once, days of an earlier episode use up the exemption; under billed-days the day is the earliest', () => {
  const mce = ruleset('masshealth-mce');
  const reading = (more: object): Known => ({
    facts: {
      episodes: [
        {
          reference: 'EpisodeOfCare/0',
          organization: employer,
          careManager: [],
          start: '2024-06-01',
          end: '2024-12-31',
        },
        { reference: episode, organization: employer, careManager: [], start: '2025-01-01', end: undefined },
      ],
    },
    rulesets: [{ ...mce, parameters: { ...mce.parameters, ...more } }],
  });
  expect(dueOpen('2025-01-05', reading({}))).toEqual([]);
  expect(dueOpen('2025-01-05', reading({ exemptRestart: parameter('once') }))).toEqual(['2024-12-31']);
  const billed = dueAt('2025-03-05', reading({ exemptDayCount: parameter('billed-days') }));
  expect(billed.find(({ kind, closed }) => kind === 'authorization-due' && !closed)?.sentence).toMatch(
    /2025-04-01 on \(at the earliest/,
  );
});

test('an episode that ends before it begins has no days to owe anything for', () => {
  expect(dueAt('2025-03-05', begun('2025-03-01', '2025-02-01'))).toEqual([]);
});

describe('A-6: the registration', () => {
  const mce = ruleset('masshealth-mce');
  const under = (value: 'none' | 'notification' | 'registration', more: Known['more'] = {}): Known => ({
    ...begun('2025-01-01'),
    rulesets: [{ ...mce, parameters: { ...mce.parameters, registration: parameter(value) } }],
    more,
  });
  test('is asked only where the plan’s setting says so, from the first day through the exemption', () => {
    expect(itemAt('registration', '2025-01-01', under('none'))).toBeUndefined();
    expect(itemAt('registration', '2025-01-01', under('notification'))).toBeUndefined();
    expect(itemAt('registration', '2024-12-31', under('registration'))).toBeUndefined();
    expect(itemAt('registration', '2025-01-01', under('registration'))).toMatchObject({
      level: 'routine',
      dueDate: '2025-03-31',
      closed: undefined,
    });
    expect(itemAt('registration', '2025-03-31', under('registration'))?.closed).toBeUndefined();
    expect(itemAt('registration', '2025-04-01', under('registration'))?.closed).toMatch(/ended on 2025-03-31/);
  });
  test('is closed when one was sent', () => {
    const done = [sent('2025-01-10', { kind: 'registration' })];
    expect(itemAt('registration', '2025-01-10', under('registration', { notifications: done }))?.closed).toBe(
      'The registration was sent.',
    );
  });
});
