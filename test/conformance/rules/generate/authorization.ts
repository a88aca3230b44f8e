import type { Authorization, Expectation } from '../format.ts';
import { type Add, at, contact, day, night, numbers, rule, utc } from './build.ts';

const dueReading =
  'the window closes 14 days after the first date of service, at the end of that day in the member’s zone';
const countReading =
  'the first 90 days are 90 dates from the start, the start among them; they are calendar dates, not billed ones';

/** Sent on the last day in time, on DST days, a leap day and over the year's end. */
function notifications(add: Add): void {
  for (const start of ['2026-02-22', '2024-02-15', '2025-12-20', '2026-10-18']) {
    const due = day(start, 14);
    const sent: [string, string, 'timely' | 'late'][] = [
      ['on the first date', at(start), 'timely'],
      ['at 23:59:59 on the last day', night(due), 'timely'],
      ['in UTC on the last evening', utc(at(due, '23:30')), 'timely'],
      ['at the midnight that ends the last day', at(day(due, 1), '00:00'), 'late'],
    ];
    for (const [title, sentAt, status] of sent)
      add('notification', 'notification', {
        title: `Service began on ${start}; the notification was sent ${title}`,
        rule: 'A-1',
        reading: dueReading,
        episode: { start },
        contacts: [contact(start)],
        notifications: [{ id: 'n1', payer: 'mce', sentAt, acknowledgedAt: at(day(due, 5)) }],
        expect: [
          rule('A-1', status === 'timely' ? 'met' : 'not-met', day(due, 6), {
            reasons: status === 'timely' ? [] : ['notification-late'],
            figures: { dueDate: due, status, acknowledged: true },
          }),
          ...(title === 'on the first date' ? [] : beforeSending(start, sentAt)),
        ],
      });
  }
}

/** What was not sent yet was not: due before, and nobody knows better. */
function beforeSending(start: string, sentAt: string): Expectation[] {
  const due = day(start, 14);
  const known = { knownAt: at(due, '12:00') };
  return Date.parse(sentAt) > Date.parse(known.knownAt)
    ? [
        rule(
          'A-1',
          'indeterminate',
          due,
          { reasons: ['notification-due'], figures: { dueDate: due, status: 'due' } },
          known,
        ),
      ]
    : [];
}

function unsent(add: Add): void {
  const start = '2026-01-12';
  const due = day(start, 14);
  const open = [
    rule('A-1', 'indeterminate', due, { reasons: ['notification-due'], figures: { dueDate: due, status: 'due' } }),
    rule('A-1', 'not-met', day(due, 1), { reasons: ['notification-overdue'], figures: { status: 'overdue' } }),
  ];
  const common = { rule: 'A-1', reading: dueReading, episode: { start }, contacts: [contact(start)] };
  add('notification', 'notification', { ...common, title: 'Never sent', expect: open });
  add('notification', 'notification', {
    ...common,
    title: 'Sent to another payer',
    notifications: [{ id: 'n1', payer: 'other', sentAt: at(start) }],
    expect: open,
  });
  for (const [product, ruleset] of [
    ['masshealth-one-care', 'masshealth-one-care-sco'],
    ['masshealth-sco', 'masshealth-one-care-sco'],
    ['tufts-unify', 'masshealth-one-care-sco'],
    ['tufts-together', 'masshealth-mce'],
  ] as const)
    add('notification', 'notification', {
      ...common,
      title: `${product} must allow the window too`,
      ruleset,
      coverage: [{ product, payer: 'mce', start: '2023-01-01' }],
      expect: open,
    });
  add('notification', 'notPace', {
    ...common,
    title: 'The section does not apply to PACE',
    ruleset: 'masshealth-pace',
    coverage: [{ product: 'masshealth-pace', payer: 'pace', start: '2023-01-01' }],
    expect: [rule('A-1', 'not-applicable', day(due, 1)), rule('A-2', 'not-applicable', day(start, 90))],
  });
}

type Setting = 'none' | 'concurrent-review' | 'prior-auth' | undefined;
const afterwards: readonly (readonly [Setting, 'met' | 'not-met' | 'indeterminate', readonly string[]])[] = [
  ['none', 'met', []],
  ['concurrent-review', 'indeterminate', ['missing: concurrent review']],
  ['prior-auth', 'not-met', ['no-authorization']],
  [undefined, 'indeterminate', ['plan-config']],
];

function ninetyDays(add: Add): void {
  for (const start of ['2025-01-01', '2023-12-02', '2025-12-10', '2026-08-08'])
    for (const [postExemption, result, reasons] of afterwards)
      add('ninety-days', postExemption === undefined ? 'mayRequire' : 'firstNinety', {
        title: `Days 89 to 91 from ${start}; the plan asks for ${postExemption ?? 'nobody knows what'} afterwards`,
        rule: 'A-2',
        reading: countReading,
        episode: { start },
        ...(postExemption === undefined ? {} : { settings: { postExemption } }),
        contacts: [contact(day(start, 80))],
        expect: [
          rule('A-2', 'met', start, { figures: { serviceDay: 1 } }),
          ...[89, 90].map((number) =>
            rule('A-2', 'met', day(start, number - 1), {
              reasons: [],
              figures: { serviceDay: number, lastExemptDate: day(start, 89), approvalFrom: day(start, 90) },
            }),
          ),
          rule('A-2', result, day(start, 90), { reasons, figures: { serviceDay: 91 } }),
        ],
      });
}

const start = '2026-01-12';
const from = day(start, 90);

function approved(more: Partial<Authorization> = {}): Authorization {
  return {
    id: 'a1',
    payer: 'mce',
    decision: 'approved',
    number: 'PA-1',
    requested: { start: from, end: day(from, 29) },
    authorized: { start: from, end: day(from, 29) },
    ...more,
  };
}

const approval = (n: number, result: 'met' | 'not-met' | 'indeterminate', ...reasons: string[]): Expectation =>
  rule('A-2', result, day(from, n), { reasons });
const ended = day(from, 9);
const none = 'no-authorization';
const later = { knownAt: at(day(from, 12)) };
const approvalCases: [string, Authorization[], Expectation[]][] = [
  ['covers thirty days', [approved()], [approval(0, 'met'), approval(29, 'met'), approval(30, 'not-met', none)]],
  [
    'was ended early by the plan',
    [approved({ authorized: { start: from, end: ended } })],
    [approval(0, 'met'), approval(9, 'met'), approval(10, 'not-met', none), approval(29, 'not-met', none)],
  ],
  [
    'begins three days late',
    [approved({ authorized: { start: day(from, 3), end: day(from, 29) } })],
    [approval(2, 'not-met', none), approval(3, 'met')],
  ],
  [
    'is followed by a second after a gap of two days',
    [
      approved({ authorized: { start: from, end: ended } }),
      approved({ id: 'a2', number: 'PA-2', authorized: { start: day(ended, 3), end: day(ended, 30) } }),
    ],
    [approval(9, 'met'), approval(10, 'not-met', none), approval(11, 'not-met', none), approval(12, 'met')],
  ],
  [
    'is decided on the twelfth day for the days before too',
    [approved({ recordedAt: at(day(from, 12)) })],
    [
      rule('A-2', 'indeterminate', from, { reasons: ['authorization-pending'] }, { knownAt: night(day(from, 11)) }),
      rule('A-2', 'met', from, {}, later),
    ],
  ],
  ['is denied', [approved({ decision: 'denied', authorized: {} })], [approval(0, 'not-met', 'authorization-denied')]],
  ['is still open', [approved({ decision: 'pending' })], [approval(0, 'indeterminate', 'authorization-pending')]],
  ['is another payer’s', [approved({ payer: 'other' })], [approval(0, 'not-met', none)]],
];

function approvals(add: Add): void {
  for (const [title, authorizations, expect] of approvalCases)
    add('approval', 'firstNinety', {
      title: `After day 90 the approval ${title}`,
      rule: 'A-2',
      reading: countReading,
      episode: { start },
      settings: { postExemption: 'prior-auth' },
      authorizations,
      contacts: [contact(day(start, 80)), contact(day(start, 100), { externalId: 'c2' })],
      expect: [rule('A-2', 'met', day(start, 89)), ...expect],
    });
  for (const n of numbers(58, 60))
    add('approval', 'firstNinety', {
      title: `The end of the exemption is told from day 60: day ${n}`,
      rule: 'A-2',
      reading: 'somebody is told from the sixtieth day of service on',
      episode: { start },
      settings: { postExemption: 'prior-auth' },
      contacts: [contact(start)],
      expect: [
        rule('A-2', 'met', day(start, n - 1), {
          figures: { serviceDay: n, alertFrom: day(start, 59), ...(n === 60 ? { alert: 'exemption-ends' } : {}) },
        }),
      ],
    });
}

export function authorization(add: Add): void {
  notifications(add);
  unsent(add);
  ninetyDays(add);
  approvals(add);
}
