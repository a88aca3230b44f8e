import type { Authorization, Expectation } from '../format.ts';
import { type Add, at, day, detroit, night } from './build.ts';
import { asked, authorized, billed, client, served, service } from './michigan.ts';
import type { QuoteKey } from './quotes.ts';

const holding = (start: string, end: string): Authorization => ({ ...authorized, authorized: { start, end } });
const next = day(served, 1);
const gone = 'authorization-not-in-force';
const authorizationCases: [string, QuoteKey, Authorization[], Expectation][] = [
  ['ends on the day of service', 'preauthorized', [holding('2026-01-01', served)], billed('met', { reasons: [] })],
  [
    'was ended early, the day before',
    'preauthorized',
    [holding('2026-01-01', day(served, -1))],
    billed('not-met', { reasons: [gone] }),
  ],
  ['begins on the day', 'preauthorized', [holding(served, '2026-12-31')], billed('met')],
  ['begins the day after', 'preauthorized', [holding(next, '2026-12-31')], billed('not-met', { reasons: [gone] })],
  [
    'is denied',
    'preauthorized',
    [{ ...authorized, number: undefined, decision: 'denied', authorized: {} }],
    billed('not-met', { reasons: ['authorization-denied'] }),
  ],
  [
    'is not decided',
    'preauthorized',
    [{ ...authorized, decision: 'pending' }],
    billed('indeterminate', { reasons: ['authorization-pending'] }),
  ],
  ['is not there', 'preauthorized', [], billed('indeterminate', { reasons: ['missing: authorization'] })],
  [
    'is for other services',
    'preauthorized',
    [{ ...authorized, services: [{ code: 'H0004', units: 20 }] }],
    billed('not-met', { reasons: ['authorization-of-other-services'] }),
  ],
  [
    'says no reasons',
    'reasons',
    [{ ...authorized, justification: undefined }],
    billed('indeterminate', { reasons: ['missing: justification'] }),
  ],
  [
    'continues one and tells no progress',
    'progress',
    [{ ...authorized, prior: 'a0' }],
    billed('indeterminate', { reasons: ['missing: goal progress'] }),
  ],
  [
    'continues one and tells the progress',
    'progress',
    [{ ...authorized, prior: 'a0', progress: 'Found a flat' }],
    billed('met'),
  ],
  [
    'ended, and a second one holds the day',
    'preauthorized',
    [holding('2026-01-01', '2026-02-28'), { ...holding('2026-03-01', '2026-06-30'), id: 'a2', number: 'PA-2' }],
    billed('met'),
  ],
];

function preauthorized(add: Add): void {
  for (const [title, quote, authorizations, expected] of authorizationCases)
    add('preauthorized', quote, {
      ...client,
      title: `The authorization ${title}`,
      rule: 'M-11',
      authorizations,
      contacts: [service()],
      expect: [expected],
    });
  add('preauthorized', 'preauthorized', {
    ...client,
    title: 'The decision of the tenth holds from the first',
    rule: 'M-11',
    reading: 'a retroactive period is the payer’s word and counts',
    authorizations: [{ ...authorized, recordedAt: at(day(served, 6), '09:00', detroit) }],
    contacts: [service()],
    expect: [
      billed('indeterminate', { reasons: ['authorization-pending'] }),
      { ...billed('met'), knownAt: night(day(served, 6), detroit) },
    ],
  });
}

const parent: Authorization = {
  ...authorized,
  id: 'a0',
  requested: { start: '2026-01-01', end: '2026-06-30' },
  authorized: { start: '2026-01-01', end: '2026-06-30' },
};
const shortened: Authorization = { ...parent, authorized: { start: '2026-01-01', end: '2026-05-31' } };
const own = (start: string | undefined, end: string | undefined): Authorization => ({
  id: 'a1',
  payer: 'cmhsp',
  parent: 'a0',
  requested: { start, end },
  services: [{ code: 'T1012', units: 8 }],
});
const reading = 'both dates equal those of the existing authorization, as the payer answered them';
const requestCases: [string, Authorization, Authorization, 'met' | 'not-met' | 'indeterminate', readonly string[]][] = [
  ['on both dates', parent, own('2026-01-01', '2026-06-30'), 'met', []],
  ['a day later', parent, own('2026-01-02', '2026-06-30'), 'not-met', ['begin-differs']],
  ['and ends a day earlier', parent, own('2026-01-01', '2026-06-29'), 'not-met', ['end-differs']],
  ['and ends a day later', parent, own('2026-01-01', '2026-07-01'), 'not-met', ['end-differs']],
  ['on neither date', parent, own('2026-03-01', '2026-08-31'), 'not-met', ['begin-differs', 'end-differs']],
  ['and does not say its end', parent, own('2026-01-01', undefined), 'indeterminate', ['missing: end of the request']],
  ['as the shortened answer says', shortened, own('2026-01-01', '2026-05-31'), 'met', []],
  [
    'as was requested, and the answer shortened it',
    shortened,
    own('2026-01-01', '2026-06-30'),
    'not-met',
    ['end-differs'],
  ],
  [
    'of which nothing is known',
    { ...parent, id: 'a9' },
    own('2026-01-01', '2026-06-30'),
    'indeterminate',
    ['missing: parent authorization'],
  ],
];

function requests(add: Add): void {
  for (const [title, existing, request, result, reasons] of requestCases)
    add('separate-request', 'sameDates', {
      ...client,
      title: `A separate request begins with the existing authorization ${title}`,
      rule: 'M-10',
      reading,
      authorizations: [existing, request],
      contacts: [],
      expect: [asked('M-10', result, served, { of: 'a1', reasons })],
    });
}

/** Units of all services together against what the payer allows. */
function allowances(add: Add): void {
  const units: [string, number, string | undefined, number | undefined, Expectation][] = [
    [
      'at the allowance',
      30,
      undefined,
      40,
      asked('M-20', 'met', served, { of: 'a1', reasons: [], figures: { units: 40, allowance: 40, remaining: 0 } }),
    ],
    [
      'one over it, without a reason',
      31,
      undefined,
      40,
      asked('M-20', 'not-met', served, {
        of: 'a1',
        reasons: ['over-allowance-without-justification'],
        figures: { over: 1 },
      }),
    ],
    [
      'one over it, with a reason',
      31,
      'Three relapses since May',
      40,
      asked('M-20', 'met', served, { of: 'a1', reasons: [], figures: { over: 1 } }),
    ],
    [
      'and no allowance is known',
      30,
      undefined,
      undefined,
      asked('M-20', 'indeterminate', served, { of: 'a1', reasons: ['missing: allowance'] }),
    ],
  ];
  for (const [title, own20, justification, allowance, expected] of units)
    add('separate-request', title.includes('with a reason') ? 'justified' : 'allowance', {
      ...client,
      title: `Units of all services together are ${title}`,
      rule: 'M-20',
      authorizations: [
        {
          id: 'a1',
          payer: 'cmhsp',
          services: [
            { code: 'T1012', units: own20 },
            { code: 'H0004', units: 10 },
          ],
          ...(justification === undefined ? {} : { justification }),
          ...(allowance === undefined ? {} : { allowance }),
        },
      ],
      contacts: [],
      expect: [expected],
    });
}

export function michiganRequests(add: Add): void {
  preauthorized(add);
  requests(add);
  allowances(add);
}
