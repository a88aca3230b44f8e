import type { Authorization, ContactRow, Expectation, History } from '../format.ts';
import { type Add, after, at, day, detroit } from './build.ts';
import { authorized, billed, call, client, collateral, eligible, served, service } from './michigan.ts';
import type { QuoteKey } from './quotes.ts';

const open = (...reasons: string[]): Expectation => billed('indeterminate', { reasons });
const refused = (...reasons: string[]): Expectation => billed('not-met', { reasons });

const engagementCases: [string, QuoteKey, ContactRow, Expectation][] = [
  ['A call in which the client takes part', 'phoneContact', call(), billed('met', { code: 'H0038', reasons: [] })],
  ['A voicemail', 'phoneContact', call({ memberEngaged: false }), refused('member-not-engaged')],
  [
    'A call of which nobody says whether the client was on the line',
    'phoneContact',
    call({ memberEngaged: undefined }),
    open('missing: memberEngaged'),
  ],
  ['A visit that found nobody', 'faceToFace', service({ memberEngaged: false }), refused('member-not-engaged')],
  ['A visit of which nobody says it', 'faceToFace', service({ memberEngaged: undefined }), billed('met')],
];

function engagement(add: Add): void {
  for (const [title, quote, row, expected] of engagementCases)
    add('with-the-client', quote, {
      ...client,
      title,
      rule: 'M-4',
      reading: 'contact with the client is contact in which the client takes part; in person both are there',
      contacts: [row],
      expect: [expected],
    });
}

const asks = (more: Partial<Authorization>): Authorization[] => [{ ...authorized, ...more }];
const reviewed = (individual: 'approved' | 'denied' | 'open', away: 'approved' | 'denied' | 'open'): Authorization[] =>
  asks({
    services: [
      { code: 'T1012', units: 80, review: individual },
      { code: 'H0038', units: 40, review: away },
    ],
  });
const authorizationCases: [string, ContactRow, Authorization[], Expectation][] = [
  ['of another payer', service(), asks({ payer: 'optum' }), refused('authorization-of-another-payer')],
  ['to another provider', service(), asks({ provider: 'harbor' }), refused('authorization-of-another-provider')],
  [
    'of another payer beside the CMHSP’s own',
    service(),
    [{ ...authorized, id: 'a2', payer: 'optum' }, authorized],
    billed('met', { reasons: [] }),
  ],
  [
    'whose every service is refused, with a number',
    service(),
    reviewed('denied', 'denied'),
    refused('authorization-denied'),
  ],
  ['whose services are pended, with a number', service(), reviewed('open', 'open'), open('authorization-pending')],
  ['that refuses the service given', service(), reviewed('denied', 'approved'), refused('authorization-denied')],
  ['that refuses another service', service(), reviewed('approved', 'denied'), billed('met', { reasons: [] })],
  ['that refuses a call', call(), reviewed('approved', 'denied'), refused('authorization-denied')],
];

function preauthorization(add: Add): void {
  for (const [title, row, authorizations, expected] of authorizationCases)
    add('authorization-of', 'preauthorized', {
      ...client,
      title: `An authorization ${title}`,
      rule: 'M-11',
      authorizations,
      contacts: [row],
      expect: [expected],
    });
}

const oneAtATime = 'who gives one service gives no other meanwhile; which of the two was so a person must say';
const tooLong = 'no contact lasts longer than 24 hours: one that is said to has a wrong date';

function times(add: Add): void {
  const overlapping: [string, string, number, Expectation][] = [
    ['at the same hour', '10:00', 60, open('another-service-at-the-same-time')],
    ['in the last minute of the first', '10:59', 60, open('another-service-at-the-same-time')],
    ['as the first ends', '11:00', 60, billed('met', { units: 4, reasons: [] })],
    ['within the first, under a unit', '10:10', 10, billed('met', { units: 4, reasons: [] })],
  ];
  for (const [title, time, minutes, expected] of overlapping)
    add('one-at-a-time', 'unit', {
      ...client,
      title: `An hour from 10:00, and a second visit ${title}`,
      rule: 'M-5',
      reading: oneAtATime,
      contacts: [service(), service({ externalId: 's2' }, { time, minutes })],
      expect: [expected],
    });
  for (const [title, minutes, expected] of [
    ['24 hours', 24 * 60, billed('met', { units: 96, reasons: [] })],
    ['24 hours and a minute', 24 * 60 + 1, open('longer-than-a-day')],
    ['a week and a day', 8 * 24 * 60, open('longer-than-a-day')],
  ] as const)
    add('one-at-a-time', 'unit', {
      ...client,
      title: `A visit of ${title}`,
      rule: 'M-5',
      reading: tooLong,
      contacts: [service({}, { minutes })],
      expect: [{ ...expected, knownAt: at(day(served, 9), '12:00', detroit) }],
    });
  const startTime = at('2025-03-01', '15:00');
  const long = (minutes: number): ContactRow => {
    const endTime = after(startTime, minutes);
    return { ...service({ startTime, endTime, documentedAt: endTime, recordedAt: endTime }) };
  };
  for (const [minutes, status, reason] of [
    [24 * 60, 'on', '21 days after the contact'],
    [24 * 60 + 1, 'indeterminate', 'longer-than-a-day'],
  ] as const)
    add('one-at-a-time', 'caseload', {
      title: `A documented contact of ${minutes} minutes`,
      rule: 'CT-1',
      reading: tooLong,
      contacts: [long(minutes)],
      expect: [{ asOf: '2025-03-10', knownAt: at('2025-03-10', '23:00'), status, reason }],
    });
}

const consentCases: [string, Partial<ContactRow>, Partial<History>, Expectation][] = [
  ['with the client’s written consent to that person', {}, {}, billed('met', { code: 'H0038', reasons: [] })],
  [
    'with consent to another person',
    {},
    { familyConsents: [{ id: 'f1', parties: ['brother'], start: '2024-01-01' }] },
    open('missing: consent'),
  ],
  ['without any consent', {}, { familyConsents: [] }, open('missing: consent')],
  [
    'on the last day of the consent',
    {},
    { familyConsents: [{ id: 'f1', parties: ['sister'], start: '2024-01-01', end: served }] },
    billed('met', { reasons: [] }),
  ],
  [
    'on the day after the consent',
    {},
    { familyConsents: [{ id: 'f1', parties: ['sister'], start: '2024-01-01', end: day(served, -1) }] },
    refused('consent-not-in-force'),
  ],
  ['whom nobody names', { parties: [] }, {}, open('missing: family member')],
  ['of whom one has consent and one has none', { parties: ['sister', 'brother'] }, {}, open('missing: consent')],
];

function family(add: Add): void {
  for (const [title, row, more, expected] of consentCases)
    add('family-consent', 'familyConsent', {
      ...client,
      title: `A call with family ${title}`,
      rule: 'M-18',
      reading: 'the consent names the person; without it the contact is not billable',
      contacts: [collateral(row)],
      ...more,
      expect: [expected],
    });
}

function needs(add: Add): void {
  const cases: [string, History['eligibility'], Expectation][] = [
    [
      'a coded domain',
      [{ ...eligible, criteria: { c1: { said: true }, c2: { codes: ['education'] } } }],
      billed('met'),
    ],
    [
      'the code none',
      [{ ...eligible, criteria: { c1: { said: true }, c2: { codes: ['none'] } } }],
      open('missing: c2', 'missing: c3', 'missing: c4', 'missing: c5'),
    ],
    [
      'words alone, which may say that there is none',
      [{ ...eligible, criteria: { c1: { said: true }, c2: { evidence: ['no need at all'] } } }],
      open('missing: c2', 'missing: c3', 'missing: c4', 'missing: c5'),
    ],
    [
      'a yes and the code none',
      [{ ...eligible, criteria: { c1: { said: true }, c2: { said: true, codes: ['none'] } } }],
      open('missing: evidence of c2', 'missing: c3', 'missing: c4', 'missing: c5'),
    ],
  ];
  for (const [title, eligibility, expected] of cases)
    add('need', 'needDomain', {
      ...client,
      title: `The need is documented by ${title}`,
      rule: 'M-2',
      eligibility: eligibility ?? [],
      contacts: [service()],
      expect: [expected],
    });
}

export function michiganRefusals(add: Add): void {
  engagement(add);
  preauthorization(add);
  times(add);
  family(add);
  needs(add);
}
