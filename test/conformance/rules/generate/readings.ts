import type { CarePlan, Coach, ContactRow, Expectation, History } from '../format.ts';
import {
  type Add,
  at,
  attested,
  billing,
  coach,
  contact,
  day,
  is,
  night,
  on,
  rule,
  text,
  trainedCoach,
  trainings,
} from './build.ts';
import { asked, billed, call, client, group, peer, served, service } from './michigan.ts';
import { optum } from './onset.ts';
import type { QuoteKey } from './quotes.ts';
import { tufts } from './tufts.ts';

const c = '2026-03-02';

/** The bulletin’s caseload, read otherwise than we read it. */
function caseloads(add: Add): void {
  add('other-reading', 'caseload', {
    title: 'The contact’s own day is the first of the 21',
    rule: 'CL-1',
    reading: 'the day of the contact is day 1 of the past 21 days',
    settings: { windowDays: 20 },
    contacts: [contact(c)],
    expect: [on(day(c, 20), day(c, 20)), is('off', day(c, 21))],
  });
  const handover: [Coach, Coach] = [coach({ end: day(c, 5) }), coach({ id: 'coach-b', hire: day(c, 6) })];
  const inherits = { coach: 'coach-b' };
  for (const unit of ['organization', 'coach'])
    add('other-reading', 'caseload', {
      title: `A new coach ${unit === 'coach' ? 'has nothing of' : 'inherits'} the old one’s contact`,
      rule: 'CL-1',
      reading:
        unit === 'coach'
          ? 'each coach has an own caseload'
          : 'the caseload is the organisation’s: any coach’s contact keeps the member on',
      settings: { caseloadUnit: unit },
      coaches: handover,
      contacts: [contact(c)],
      expect:
        unit === 'coach'
          ? [is('off', day(c, 6), inherits)]
          : [
              is('off', day(c, 5), inherits),
              on(day(c, 6), day(c, 21), inherits),
              on(day(c, 21), day(c, 21), inherits),
              is('off', day(c, 22), inherits),
            ],
    });
  for (const [value, said, status] of [
    ['always', false, 'on'],
    ['never', true, 'off'],
  ] as const)
    add('other-reading', 'interaction', {
      title: `Group sessions are ${value} contacts`,
      rule: 'CT-3',
      reading:
        value === 'always'
          ? 'a group session is an in-person meeting'
          : 'a group session is no meeting with the member',
      settings: { groupContacts: value },
      contacts: [contact(c, { kind: 'group', individualInteraction: said })],
      expect: [is(status, c)],
    });
  for (const [days, status] of [
    [3, 'off'],
    [4, 'on'],
  ] as const)
    add('other-reading', 'engaged', {
      title: `An answer four days later, where messages answer each other within ${days} days`,
      rule: 'CT-2',
      reading: `messages answer each other within ${days} days`,
      settings: { reciprocityDays: days },
      contacts: [text('k', c, 'coach'), text('m', day(c, 4), 'member')],
      expect: [is(status, day(c, 5))],
    });
}

/** Payers’ minima. */
function minima(add: Add): void {
  const one = contact(c, { purpose: 'mentoring' });
  const counted = (asOf: string, result: string, count: number): Expectation => ({
    asOf,
    knownAt: night(asOf),
    measure: { rule: 'O-1', result, count },
  });
  add('other-reading', 'connection', {
    ...optum,
    title: 'Optum counts as the bulletin does',
    rule: 'O-1',
    reading: 'over a 21-day period means the past 21 days, so that the 21st day after a connection still counts',
    measures: { 'O-1': { periodDays: 22 } },
    contacts: [one],
    expect: [counted(day(c, 21), 'met', 1), counted(day(c, 22), 'not-met', 0)],
  });
  for (const connectionPeriodDays of [21, 22]) {
    const when = at(day(c, 21));
    add('other-reading', 'optumWork', {
      ...optum,
      title: `Work on the 22nd date, in periods of ${connectionPeriodDays}`,
      rule: 'T-4',
      reading: `a period has ${connectionPeriodDays} dates`,
      settings: { connectionPeriodDays },
      episode: { start: c },
      contacts: [
        {
          ...one,
          kind: 'support-work',
          modality: 'phone',
          startTime: when,
          endTime: at(day(c, 21), '12:30'),
          recordedAt: when,
        },
      ],
      expect: [rule('T-4', connectionPeriodDays === 22 ? 'met' : 'not-met', c, {}, { knownAt: night(day(c, 25)) })],
    });
  }
  const dates = [0, 6, 12, 18, 24];
  for (const [count, mode] of [
    [4, 'gate'],
    [5, 'gate'],
    [4, 'measure'],
  ] as const)
    add('other-reading', 'fiveInThirty', {
      title: `Together: ${count} dates in thirty, where five in thirty is a ${mode}`,
      rule: 'T-2',
      reading:
        mode === 'gate'
          ? 'five in thirty is a condition of the case rate that the bulletin bills, too'
          : 'the bulletin decides what is billable',
      ruleset: 'tufts',
      modes: { 'T-2': mode },
      coverage: [{ product: 'tufts-together', payer: 'tufts', start: '2023-01-01' }],
      coaches: [trainedCoach()],
      episode: { start: c },
      contacts: dates.slice(0, count).map((n) => contact(day(c, n), { externalId: `c${n}`, purpose: 'mentoring' })),
      expect: [
        billing(
          'B-2',
          count === 4 && mode === 'gate' ? 'not-met' : 'met',
          day(c, 20),
          { reasons: count === 4 && mode === 'gate' ? ['T-2'] : [] },
          { knownAt: at(day(c, 40)), ruleset: 'masshealth-mce' },
        ),
      ],
    });
  const plan: CarePlan = { id: 'p1', kind: 'wellness', contact: 'c1', contributors: ['member', 'coach-a'] };
  const late = { reasons: ['before-the-onset-meeting'] };
  const meetings: [number, number, Expectation[]][] = [
    [
      0,
      10,
      [
        rule('T-1', 'not-met', day(c, 9), late, { knownAt: night(day(c, 40)) }),
        rule('T-1', 'met', day(c, 10), {}, { knownAt: night(day(c, 40)) }),
      ],
    ],
    [29, 10, [rule('T-1', 'met', day(c, 9), {}, { knownAt: night(day(c, 40)) })]],
    [365, 60, [rule('T-1', 'met', c, {}, { knownAt: night(day(c, 60)) })]],
    [29, 60, [rule('T-1', 'not-met', c, late, { knownAt: night(day(c, 60)) })]],
  ];
  for (const [onsetReleaseDays, n, expect] of meetings)
    add('other-reading', 'onset', {
      ...tufts,
      title: `The meeting ${n} days after the start, where one within ${onsetReleaseDays} releases all days`,
      rule: 'T-1',
      reading: `a meeting within ${onsetReleaseDays} days of the start is at the onset`,
      settings: { onsetReleaseDays },
      episode: { start: c },
      carePlans: [plan],
      contacts: [contact(day(c, n), { purpose: 'mentoring' })],
      expect,
    });
}

/** The first 90 days, and what is asked in them. */
function exemptions(add: Add): void {
  const start = '2026-01-01';
  const every20: ContactRow[] = [0, 20, 40, 60, 80, 100].map((n) =>
    contact(day(start, 10 + n), { externalId: `c${n}` }),
  );
  const none = ['no-authorization'];
  const yes = (n: number): Expectation => billing('B-2', 'met', day(start, n), { reasons: [] });
  const no = (n: number): Expectation => billing('B-2', 'not-met', day(start, n), { reasons: none });
  const cases: [string, string, Partial<History>, Expectation[]][] = [
    ['90 days are dates', 'the start is the first of 90 dates', {}, [yes(89), no(90)]],
    ['90 days have elapsed on the 91st date', 'elapsed days', { settings: { exemptDays: 91 } }, [yes(90), no(91)]],
    [
      'billed days alone are days of service',
      'days of service are those that are billed; the first ten were not',
      { settings: { exemptDayCount: 'billed-days' } },
      [yes(99), no(100)],
    ],
    [
      'an earlier episode is no part of them',
      'each episode has its own first 90 days',
      { earlierEpisodes: [{ start: '2025-09-01', end: '2025-09-30' }] },
      [yes(89)],
    ],
    [
      'they run from the first episode',
      'the first 90 days are the member’s, once; they ended on 29 November 2025',
      { settings: { exemptRestart: 'once' }, earlierEpisodes: [{ start: '2025-09-01', end: '2025-09-30' }] },
      [no(10), no(89)],
    ],
    [
      'they run from an episode that began 30 days before',
      'the first 90 days are the member’s, once',
      { settings: { exemptRestart: 'once' }, earlierEpisodes: [{ start: '2025-12-02', end: '2025-12-10' }] },
      [yes(59), no(60)],
    ],
  ];
  for (const [title, reading, more, expect] of cases)
    add('other-reading', 'firstNinety', {
      title: `The first 90 days: ${title}`,
      rule: 'A-2',
      reading,
      episode: { start },
      contacts: every20,
      ...more,
      settings: { postExemption: 'prior-auth', ...more.settings },
      expect,
    });
  const sent = { notifications: [{ id: 'n1', payer: 'mce', sentAt: '2026-01-05' }] };
  const registrations: [string, Partial<History>, Expectation][] = [
    ['none', {}, rule('A-6', 'not-applicable', '2026-01-10', { reasons: ['plan-asks-for-nothing'] })],
    ['registration', sent, rule('A-6', 'indeterminate', '2026-01-10', { reasons: ['registration-due'] })],
    ['notification', sent, rule('A-6', 'met', '2026-01-10')],
    ['notification', {}, rule('A-6', 'indeterminate', '2026-01-10', { reasons: ['notification-due'] })],
  ];
  for (const [registration, more, expected] of registrations)
    add('other-reading', 'registers', {
      title: `A plan that asks for ${registration} in the first 90 days`,
      rule: 'A-6',
      reading: 'what a plan asks for in the first 90 days is its setting, and lateness blocks nothing',
      settings: { registration },
      episode: { start },
      contacts: [contact(day(start, 5))],
      ...more,
      expect: [expected],
    });
}

/** People and organisations. */
function people(add: Add): void {
  const moved = coach({
    roles: [
      { organization: 'other', role: 'coach', start: '2023-01-01', end: '2023-12-31' },
      { organization: 'employer', role: 'coach', start: '2024-06-01' },
    ],
    qualifications: [...attested, ...trainings],
  });
  const passed = { reasons: ['CR-4 two-years-passed', 'CR-5 not-waived'] };
  for (const [hireDate, expect] of [
    ['first-as-coach', [rule('B-5', 'met', '2025-01-01'), rule('B-5', 'not-met', '2025-01-02', passed)]],
    ['current-employer', [rule('B-5', 'met', '2026-06-01'), rule('B-5', 'not-met', '2026-06-02', passed)]],
  ] as const)
    add('other-reading', 'twoYears', {
      title: `Two years from the hire: ${hireDate}`,
      rule: 'CR-4',
      reading:
        hireDate === 'first-as-coach' ? 'the first hire as a coach anywhere' : 'the hire by the present employer',
      settings: { hireDate },
      coaches: [moved],
      contacts: [contact('2024-12-20')],
      expect,
    });
  const approved = { coach: ['ccar-training'], supervisor: ['supervisor-training'] };
  const supervisor: Coach = {
    id: 'supervisor',
    roles: [{ organization: 'employer', role: 'supervisor', start: '2020-01-01' }],
    qualifications: [{ code: 'supervisor-training', start: '2020-01-01' }],
  };
  for (const [code, result, reasons] of [
    ['academy', 'indeterminate', ['missing: approved coach-training']],
    ['ccar-training', 'met', []],
  ] as const)
    add('other-reading', 'training', {
      ...tufts,
      title: `A coach with ${code}, where EOHHS approves another course than the academy`,
      rule: 'CR-8',
      reading: 'the list of approved courses is a deployment’s',
      settings: { approvedTrainings: approved },
      coaches: [coach({ qualifications: [...attested, { code, start: '2020-01-01' }] }), supervisor],
      contacts: [contact(c, { purpose: 'mentoring' })],
      expect: [rule('CR-8', result, c, { of: 'coach-a', reasons })],
    });
  for (const [supervisionDays, n, result] of [
    [14, 14, 'met'],
    [14, 15, 'not-met'],
    [30, 30, 'met'],
    [30, 31, 'not-met'],
  ] as const)
    add('other-reading', 'direct', {
      ...tufts,
      title: `Supervised ${n} days ago, where it is due every ${supervisionDays} days`,
      rule: 'CR-9',
      reading: 'the document names no interval',
      settings: { supervisionDays },
      coaches: [trainedCoach(), supervisor],
      contacts: [contact(c, { purpose: 'mentoring' })],
      supervisions: [{ id: 'v1', coach: 'coach-a', supervisor: 'supervisor', start: at(c) }],
      expect: [
        rule('CR-9', result, day(c, n), { of: 'coach-a', reasons: result === 'met' ? [] : ['supervision-overdue'] }),
      ],
    });
  for (const [mode, result] of [
    ['gate', 'not-met'],
    ['advisory', 'met'],
  ] as const)
    add('other-reading', 'licensed', {
      ...optum,
      title: `The licence ended the day before, where it is a${mode === 'gate' ? ' gate' : 'n advice'}`,
      rule: 'OR-2',
      reading: mode === 'gate' ? 'a day without a licensed employer is not billable' : 'a missing licence warns',
      modes: { 'OR-2': mode, 'T-4': 'advisory' },
      settings: { charge: { code: 'T1016', modifiers: [], unit: 'day' } },
      organization: { id: 'employer', kind: 'organization', licences: [{ start: '2024-01-01', end: day(c, 4) }] },
      episode: { start: c },
      goals: [{ id: 'g1', contact: 'c1' }],
      contacts: [contact(c, { purpose: 'mentoring' })],
      expect: [
        billing('B-4', 'met', day(c, 4), { reasons: [] }),
        billing('B-4', result, day(c, 5), { reasons: result === 'met' ? [] : ['licence-not-in-force'] }),
      ],
    });
}

/** Michigan’s codes, requests and conditions. */
function michigan(add: Add): void {
  const medicaid = { fundingSource: [{ source: 'medicaid' as const, start: '2023-01-01' }] };
  const with1 = (
    title: string,
    quote: QuoteKey,
    id: string,
    reading: string,
    more: Partial<History>,
    contacts: ContactRow[],
    expected: Expectation,
  ): void =>
    add('other-reading', quote, { ...client, title, rule: id, reading, contacts, ...more, expect: [expected] });
  with1(
    'A client’s telephone call is one-on-one',
    'oneOnOne',
    'M-4',
    'a call with the client is a one-on-one service with the client',
    { ...medicaid, settings: { clientPhone: 'individual' } },
    [call()],
    billed('met', { code: 'T1012', modifiers: [], units: 4, sources: ['medicaid'] }),
  );
  const mat = { mat: true, therapistPresent: true };
  for (const role of ['coach', 'associate'] as const) {
    const id = `${role}-a`;
    with1(
      `A MAT group with the therapist, led by ${role === 'coach' ? 'a coach' : 'an associate'}`,
      role === 'coach' ? 'matCoach' : 'matAssociate',
      'M-3',
      'the code of the MAT group wins over the therapist’s',
      { settings: { groupPrecedence: 'medication-assisted' }, coaches: [peer(role)] },
      [group({ ...mat, coachId: id, signedBy: id, groupLead: id })],
      billed('met', {
        code: 'T1012',
        modifiers: role === 'coach' ? ['TG', 'HG'] : ['HG'],
        units: 4,
        warning: 'therapist-in-mat-group',
      }),
    );
  }
  const [request] = client.authorizations;
  const later = request && {
    ...request,
    id: 'a2',
    parent: 'a1',
    requested: { start: '2026-02-01', end: '2026-12-31' },
  };
  for (const [reads, result, reasons] of [
    ['end', 'met', []],
    ['begin-and-end', 'not-met', ['begin-differs']],
  ] as const)
    with1(
      `A separate request that begins later, where ${reads} must agree`,
      'sameDates',
      'M-10',
      reads === 'end' ? 'a later request cannot begin in the past: the ends agree' : 'both dates agree',
      { settings: { separateRequestDates: reads }, ...(request && later && { authorizations: [request, later] }) },
      [service()],
      asked('M-10', result, served, { of: 'a2', reasons }),
    );
  const alone = { episode: { start: '2024-01-01', mode: 'stand-alone', acuteCareEnd: '2026-02-10' } };
  for (const [mode, result] of [
    ['gate', 'not-met'],
    ['measure', 'met'],
  ] as const)
    with1(
      `A call in a stand-alone month without a visit, where the visit is a ${mode}`,
      'perMonth',
      'M-9',
      mode === 'gate'
        ? 'a month without a face-to-face encounter is not billed, once it is over'
        : 'the monthly visit informs',
      { ...alone, modes: { 'M-9': mode } },
      [call()],
      {
        ...billed(result, { reasons: mode === 'gate' ? ['no-face-to-face-from 2026-02-10'] : [] }),
        knownAt: at('2026-03-10', '12:00', 'America/Detroit'),
      },
    );
  const licence = (services: string[], end: string) => ({
    organization: { id: 'employer', kind: 'organization' as const, licences: [{ services, start: '2024-01-01', end }] },
  });
  const peers = ['peer-recovery-support'];
  const licences: [string, Partial<History>, 'met' | 'not-met' | 'indeterminate' | 'not-applicable', string[]][] = [
    ['for peer support, on its last day', licence(peers, served), 'met', []],
    [
      'for peer support that ended the day before',
      licence(peers, day(served, -1)),
      'not-met',
      ['licence-not-in-force'],
    ],
    ['for treatment alone', licence(['substance-use-treatment'], served), 'not-met', ['licence-for-other-services']],
    ['that does not say for what', licence([], served), 'indeterminate', ['missing: what the licence is for']],
    [
      'that a supplement needs not',
      { episode: { start: '2024-01-01', mode: 'supplement' } },
      'not-applicable',
      ['supplement'],
    ],
  ];
  for (const [title, more, result, reasons] of licences)
    with1(
      `Stand-alone, with a licence ${title}`,
      'licensedPeers',
      'M-22',
      'the licence is one for peer support',
      { ...alone, ...more },
      [service()],
      asked('M-22', result, served, { reasons }),
    );
  with1(
    'Stand-alone, with a licence for treatment alone, where the licence is a gate',
    'licensedPeers',
    'M-22',
    'a stand-alone service without a licence for peer support is not billed',
    { ...alone, ...licence(['substance-use-treatment'], served), modes: { 'M-22': 'gate' } },
    [service()],
    billed('not-met', { reasons: ['licence-for-other-services'] }),
  );
}

/** A contact that names no goal and no purpose is no connection yet (18b). */
function purposes(add: Add): void {
  const bare = contact(c);
  const counted = (asOf: string, result: string, count: number): Expectation => ({
    asOf,
    knownAt: night(asOf),
    measure: { rule: 'O-1', result, count },
  });
  const cases: [string, ContactRow[], Expectation[]][] = [
    ['alone', [bare], [counted(c, 'indeterminate', 0), counted(day(c, 21), 'not-met', 0)]],
    [
      'after one that names a goal',
      [contact(day(c, -10), { externalId: 'c0', goalIds: ['g1'] }), bare],
      [
        counted(c, 'met', 1),
        counted(day(c, 10), 'met', 1),
        counted(day(c, 11), 'indeterminate', 0),
        counted(day(c, 21), 'not-met', 0),
      ],
    ],
  ];
  for (const [title, contacts, expect] of cases)
    add('purpose', 'supportsGoals', {
      ...optum,
      title: `A contact that names neither goal nor purpose, ${title}`,
      rule: 'O-1',
      reading: 'a connection is one that names a goal or a purpose; one that names neither is pending',
      contacts,
      expect,
    });
}

export function otherReadings(add: Add): void {
  caseloads(add);
  minima(add);
  exemptions(add);
  people(add);
  michigan(add);
  purposes(add);
}
