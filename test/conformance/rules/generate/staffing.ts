import type { Coach, Qualification } from '../format.ts';
import { type Add, carc, coach, contact, day, diploma, rule, trainings } from './build.ts';
import type { QuoteKey } from './quotes.ts';
import { tufts } from './tufts.ts';

const c = '2026-03-02';

/** Diploma and trainings, which Tufts asks for and the bulletin does not. */
function diplomas(add: Add): void {
  const rest = [carc, ...trainings];
  const cases: [string, readonly Qualification[], 'met' | 'not-met' | 'indeterminate', readonly string[]][] = [
    ['a diploma', [diploma], 'met', []],
    ['a diploma without a date', [{ code: 'diploma' }], 'met', []],
    ['neither diploma nor exception', [], 'indeterminate', ['missing: diploma']],
    ['a documented exception', [{ code: 'diploma-exception', start: '2024-01-01' }], 'met', []],
    ['an exception that ends on the day', [{ code: 'diploma-exception', start: '2024-01-01', end: c }], 'met', []],
    [
      'an exception that ended the day before',
      [{ code: 'diploma-exception', start: '2024-01-01', end: day(c, -1) }],
      'not-met',
      ['no-diploma-or-exception-in-force'],
    ],
    [
      'a diploma of the day after',
      [{ code: 'diploma', start: day(c, 1) }],
      'not-met',
      ['no-diploma-or-exception-in-force'],
    ],
  ];
  for (const [title, held, result, reasons] of cases)
    add('diploma', 'diploma', {
      ...tufts,
      title: `A coach with ${title}`,
      rule: 'CR-7',
      coaches: [coach({ qualifications: [...rest, ...held] })],
      contacts: [contact(c)],
      expect: [rule('CR-7', result, c, { reasons }), rule('B-5', result, c, { reasons })],
    });
  add('diploma', 'recovery', {
    title: 'The bulletin asks for no diploma',
    rule: 'B-5',
    contacts: [contact(c)],
    expect: [rule('B-5', 'met', c), rule('CR-7', 'not-applicable', c)],
  });
  add('diploma', 'workingTufts', {
    ...tufts,
    title: 'The specification asks for no attestation of two years',
    rule: 'B-5',
    reading: '“currently in recovery” names no time, and a recovery’s start is never stored',
    coaches: [coach({ qualifications: [...rest, diploma] })],
    contacts: [contact(c)],
    expect: [rule('B-5', 'met', c)],
  });
}

const supervisor = (more: Partial<Coach> = {}): Coach => ({
  id: 'supervisor',
  roles: [{ organization: 'employer', role: 'supervisor', start: '2020-01-01' }],
  qualifications: [{ code: 'supervisor-training', start: '2020-01-01' }],
  ...more,
});
const trained = (start: string | undefined): Coach =>
  coach({ qualifications: [carc, diploma, ...(start === undefined ? [] : [{ code: 'academy', start }])] });
const leaves = (end: string): Coach =>
  supervisor({ roles: [{ organization: 'employer', role: 'supervisor', start: '2020-01-01', end }] });
const trainingCases: [
  string,
  QuoteKey,
  Coach,
  Coach | undefined,
  'met' | 'not-met' | 'indeterminate',
  readonly string[],
][] = [
  ['the coach’s was completed on the day', 'training', trained(c), supervisor(), 'met', []],
  [
    'the coach’s is completed the day after',
    'training',
    trained(day(c, 1)),
    supervisor(),
    'not-met',
    ['coach-training-not-completed'],
  ],
  [
    'the coach’s is not known',
    'training',
    trained(undefined),
    supervisor(),
    'indeterminate',
    ['missing: approved coach-training'],
  ],
  [
    'the supervisor’s was completed on the day',
    'supervisorTraining',
    trained('2020-01-01'),
    supervisor({ qualifications: [{ code: 'supervisor-training', start: c }] }),
    'met',
    [],
  ],
  [
    'the supervisor’s is completed the day after',
    'supervisorTraining',
    trained('2020-01-01'),
    supervisor({ qualifications: [{ code: 'supervisor-training', start: day(c, 1) }] }),
    'not-met',
    ['supervisor-training-not-completed'],
  ],
  [
    'the supervisor’s is not known',
    'supervisorTraining',
    trained('2020-01-01'),
    supervisor({ qualifications: [] }),
    'indeterminate',
    ['missing: approved supervisor-training'],
  ],
  ['the supervisor leaves on the day', 'supervisorTraining', trained('2020-01-01'), leaves(c), 'met', []],
  [
    'the supervisor left the day before',
    'supervisorTraining',
    trained('2020-01-01'),
    leaves(day(c, -1)),
    'not-met',
    ['no-active-supervisor'],
  ],
  [
    'no supervisor is known',
    'supervisorTraining',
    trained('2020-01-01'),
    undefined,
    'indeterminate',
    ['missing: supervisor'],
  ],
];

function approvedTrainings(add: Add): void {
  for (const [title, quote, one, other, result, reasons] of trainingCases)
    add('approved-training', quote, {
      ...tufts,
      title: `Of the approved trainings ${title}`,
      rule: 'CR-8',
      reading: 'academy and supervisor-training stand for the courses that EOHHS approves',
      coaches: [one, ...(other ? [other] : [])],
      contacts: [contact(c)],
      expect: [rule('CR-8', result, c, { reasons })],
    });
}

export function staffing(add: Add): void {
  diplomas(add);
  approvedTrainings(add);
}
