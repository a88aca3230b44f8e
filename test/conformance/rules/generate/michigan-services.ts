import type { ContactRow, Expectation, History } from '../format.ts';
import { type Add, after, at, detroit, utc } from './build.ts';
import {
  asked,
  authorized,
  billed,
  call,
  client,
  collateral,
  eligible,
  group,
  peer,
  served,
  service,
} from './michigan.ts';
import type { QuoteKey } from './quotes.ts';

const whole = 'whole units of 15 minutes that elapsed from begin to end; 14 minutes are none';
const onTheLine = 'a client on the line is not present: a telephone is not face-to-face';

/** Units of a service that takes so many minutes; under one unit nothing is billed. */
function minutes(add: Add): void {
  const cases: [string, QuoteKey, (minutes: number) => ContactRow, string][] = [
    ['in person', 'unit', (length) => service({}, { minutes: length }), 'T1012'],
    ['by phone', 'phoneMinutes', (length) => call({}, { minutes: length }), 'H0038'],
    ['with family, without the client', 'familyMinutes', (length) => collateral({}, { minutes: length }), 'H0038'],
    [
      'with a professional, without the client',
      'professionalMinutes',
      (length) => collateral({ partyType: 'professional' }, { minutes: length }),
      'H0038',
    ],
    ['in a group', 'unit', (length) => group({}, { minutes: length }), 'T1012'],
  ];
  for (const [title, quote, row, code] of cases)
    for (const length of [14, 15, 16, 29, 30, ...(code === 'T1012' ? [44, 45] : [])]) {
      const units = Math.floor(length / 15);
      add('minutes', quote, {
        ...client,
        title: `${length} minutes ${title}`,
        rule: 'M-5',
        reading: whole,
        contacts: [row(length)],
        expect: [
          units === 0
            ? billed('not-met', { code, units: 0, reasons: ['under-one-unit'] })
            : billed('met', { code, units, reasons: [] }),
        ],
      });
    }
}

/** What the clock on the wall shows is not what elapsed, and the day of service is the one on which it began. */
function clocks(add: Add): void {
  const cases: [string, string, string, number, number][] = [
    ['The clock goes forward meanwhile', '2026-03-08', '01:50', 20, 1],
    ['The clock goes forward meanwhile, under a unit', '2026-03-08', '01:55', 10, 0],
    ['The clock goes back meanwhile', '2026-11-01', '01:50', 20, 1],
    ['The clock goes back meanwhile, over an hour', '2026-11-01', '00:45', 90, 6],
    ['Across midnight', served, '23:50', 30, 2],
    ['Across the midnight before the clock goes forward', '2026-03-07', '23:50', 30, 2],
    ['Across the midnight that ends 29 February', '2024-02-29', '23:45', 30, 2],
  ];
  for (const [title, date, time, length, units] of cases)
    add('clock', 'unit', {
      ...client,
      title: `${title}: ${length} minutes from ${time} on ${date}`,
      rule: 'M-5',
      reading: whole,
      eligibility: [{ ...eligible, authored: '2024-01-10' }],
      // Authorized for the day on which the service began, and for no other.
      authorizations: [{ ...authorized, authorized: { start: date, end: date } }],
      contacts: [service({}, { date, time, minutes: length })],
      expect: [
        units === 0
          ? billed('not-met', { units: 0, reasons: ['under-one-unit'] }, date)
          : billed('met', { code: 'T1012', units, reasons: [] }, date),
      ],
    });
  const startTime = at(served, '22:30', detroit);
  const endTime = after(startTime, 45, detroit);
  const late = { startTime: utc(startTime), endTime: utc(endTime), documentedAt: endTime, recordedAt: endTime };
  add('clock', 'notesDate', {
    ...client,
    title: 'Late in the evening, written in UTC: the day of service is the client’s',
    rule: 'M-11',
    authorizations: [{ ...authorized, authorized: { start: served, end: served } }],
    contacts: [service(late)],
    expect: [billed('met', { units: 3, reasons: [] })],
  });
  for (const [begin, length, units] of [
    ['10:00:40', 880, 0],
    ['10:00:59', 841, 0],
    ['10:00:00', 899, 0],
    ['10:00:20', 900, 1],
  ] as const) {
    const from = at(served, begin, detroit);
    add('clock', 'phoneMinutes', {
      ...client,
      title: `${length} seconds from ${begin} are ${units === 0 ? 'less than' : ''} fifteen minutes`,
      rule: 'M-5',
      reading: whole,
      contacts: [call({ startTime: from, endTime: after(from, length / 60, detroit) })],
      expect: [
        units === 0 ? billed('not-met', { units, reasons: ['under-one-unit'] }) : billed('met', { units, reasons: [] }),
      ],
    });
  }
}

const therapistWins = 'with the therapist present TT wins over the codes of a MAT group, with a warning';
const associate = { coachId: 'associate-a', signedBy: 'associate-a' };
const both = { coaches: [peer('associate'), peer('coach')] };
const codeCases: [string, QuoteKey, ContactRow, Expectation, Partial<History>][] = [
  ['One to one', 'oneOnOne', service(), billed('met', { code: 'T1012', modifiers: [], units: 4 }), {}],
  [
    'One to one by an associate',
    'oneOnOne',
    service(associate),
    billed('met', { code: 'T1012', modifiers: [] }),
    { coaches: [peer('associate')] },
  ],
  [
    'At an appointment',
    'oneOnOne',
    service({ kind: 'accompaniment', place: 'court' }),
    billed('met', { code: 'T1012', modifiers: [] }),
    {},
  ],
  ['A group of peers', 'peerGroup', group(), billed('met', { code: 'T1012', modifiers: ['HQ'] }), {}],
  [
    'A group with the therapist',
    'withTherapist',
    group({ therapistPresent: true }),
    billed('met', { code: 'T1012', modifiers: ['TT'], warning: '' }),
    {},
  ],
  [
    'A MAT group by a coach',
    'matCoach',
    group({ mat: true }),
    billed('met', { code: 'T1012', modifiers: ['TG', 'HG'] }),
    {},
  ],
  [
    'A MAT group by an associate',
    'matAssociate',
    group({ mat: true, ...associate }),
    billed('met', { code: 'T1012', modifiers: ['HG'] }),
    { coaches: [peer('associate')] },
  ],
  [
    'A MAT group of an associate that a coach leads',
    'matCoach',
    group({ mat: true, ...associate, groupLead: 'coach-a' }),
    billed('met', { code: 'T1012', modifiers: ['TG', 'HG'] }),
    { ...both, reading: 'who leads the group facilitates it' },
  ],
  [
    'A MAT group of a coach that an associate leads',
    'matAssociate',
    group({ mat: true, groupLead: 'associate-a' }),
    billed('met', { code: 'T1012', modifiers: ['HG'] }),
    { coaches: [peer('coach'), peer('associate')], reading: 'who leads the group facilitates it' },
  ],
  [
    'A MAT group with the therapist',
    'withTherapist',
    group({ mat: true, therapistPresent: true }),
    billed('met', { code: 'T1012', modifiers: ['TT'], warning: 'therapist-in-mat-group' }),
    { reading: therapistWins },
  ],
  [
    'A group with one attendee',
    'oneOnOne',
    group({ groupSize: 1 }),
    billed('met', { code: 'T1012', modifiers: [] }),
    { reading: 'a group of one is one to one' },
  ],
  [
    'A group of unknown size',
    'peerGroup',
    group({ groupSize: undefined }),
    billed('indeterminate', { reasons: ['missing: group size'] }),
    {},
  ],
  [
    'Whether the therapist was there is not said',
    'withTherapist',
    group({ therapistPresent: undefined }),
    billed('indeterminate', { reasons: ['missing: therapistPresent'] }),
    {},
  ],
  [
    'Whether the group is for MAT is not said',
    'matCoach',
    group({ mat: undefined }),
    billed('indeterminate', { reasons: ['missing: mat'] }),
    {},
  ],
  [
    'By video',
    'oneOnOne',
    call({ modality: 'video' }),
    billed('indeterminate', { reasons: ['av-mode'] }),
    { reading: 'no row speaks of audio-visual contact, so nobody can say its code' },
  ],
  [
    'A letter to prison',
    'mail',
    call({ kind: 'outreach', modality: 'letter', clientPresent: false }),
    billed('not-met', { reasons: ['not-listed'] }),
    { reading: 'section XII lists what is billable, and no letter is in it' },
  ],
  [
    'A visit in the county jail',
    'mail',
    service({ place: 'jail' }),
    billed('met', { code: 'T1012', modifiers: [] }),
    {},
  ],
];

/** The rows of section XII by who is there. */
function codes(add: Add): void {
  for (const [title, quote, row, expected, more] of codeCases)
    add('service-code', quote, { ...client, title, rule: 'M-3', contacts: [row], ...more, expect: [expected] });
  for (const length of [8, 30])
    add('service-code', 'notFaceToFace', {
      ...client,
      title: `A call of ${length} minutes with the client`,
      rule: 'M-4',
      reading: onTheLine,
      contacts: [call({}, { minutes: length })],
      expect: [
        length < 15
          ? billed('not-met', { code: 'H0038', reasons: ['under-one-unit'] })
          : billed('met', { code: 'H0038', modifiers: [], units: 2 }),
      ],
    });
}

const sources = ['medicaid', 'hmp', 'block-grant', 'pa2'] as const;

const from = (...list: readonly (typeof sources)[number][]): Partial<History> => ({
  fundingSource: list.map((source) => ({ source, start: '2023-01-01' })),
});

function funding(add: Add): void {
  for (const source of sources) {
    const publicly = source === 'block-grant' || source === 'pa2';
    const refused = billed('not-met', { code: 'H0038', reasons: ['client-not-present'] });
    add('funding', 'presentOnly', {
      ...client,
      ...from(source),
      title: `In person under ${source}`,
      rule: 'M-6',
      contacts: [service()],
      expect: [billed('met', { code: 'T1012', sources: [source] })],
    });
    const away: [string, QuoteKey, ContactRow][] = [
      ['A call with the client', 'blockGrantOnly', call()],
      ['Family without the client', 'presentOnly', collateral()],
      ['A professional without the client', 'blockGrantOnly', collateral({ partyType: 'professional' })],
    ];
    for (const [title, quote, row] of away)
      add('funding', quote, {
        ...client,
        ...from(source),
        title: `${title} under ${source}`,
        rule: 'M-6',
        reading: onTheLine,
        contacts: [row],
        expect: [publicly ? billed('met', { code: 'H0038', units: 4, sources: [source], reasons: [] }) : refused],
      });
    add('funding', 'presentOnly', {
      ...client,
      ...from(source),
      title: `Family with the client in the room under ${source}`,
      rule: 'M-6',
      contacts: [collateral({ modality: 'in-person', place: 'home', clientPresent: true })],
      expect: [billed('met', { code: 'T1012', sources: [source], reasons: [] })],
    });
  }
}

function severalSources(add: Add): void {
  add('funding', 'blockGrantMay', {
    ...client,
    ...from('medicaid', 'block-grant'),
    title: 'A call with a Medicaid client who has block grant too',
    rule: 'M-6',
    contacts: [call()],
    expect: [billed('met', { code: 'H0038', sources: ['block-grant'] })],
  });
  add('funding', 'presentOnly', {
    ...client,
    ...from('medicaid', 'pa2'),
    title: 'In person with Medicaid and PA2: either may be billed',
    rule: 'M-6',
    contacts: [service()],
    expect: [billed('met', { sources: ['medicaid', 'pa2'] })],
  });
  const dates: [string, Partial<History>, Expectation][] = [
    [
      'ends on the day of service',
      { fundingSource: [{ source: 'pa2', start: '2023-01-01', end: served }] },
      billed('met', { sources: ['pa2'] }),
    ],
    [
      'ended the day before',
      { fundingSource: [{ source: 'pa2', start: '2023-01-01', end: '2026-03-03' }] },
      billed('not-met', { reasons: ['no-funding-in-force'] }),
    ],
    ['is not known', { fundingSource: [] }, billed('indeterminate', { reasons: ['missing: funding source'] })],
  ];
  for (const [title, more, expected] of dates)
    add('funding', 'blockGrantMay', {
      ...client,
      ...more,
      title: `The source ${title}`,
      rule: 'M-6',
      contacts: [call()],
      expect: [expected],
    });
  add('funding', 'presentOnly', {
    ...client,
    ...from('medicaid'),
    title: 'Family, and nobody says whether the client was there',
    rule: 'M-6',
    contacts: [collateral({ clientPresent: undefined })],
    expect: [
      billed('indeterminate', { reasons: ['missing: clientPresent'] }),
      asked('M-6', 'indeterminate', served, { of: 's1', reasons: ['missing: clientPresent'] }),
    ],
  });
}

export function michiganServices(add: Add): void {
  minutes(add);
  clocks(add);
  codes(add);
  funding(add);
  severalSources(add);
}
