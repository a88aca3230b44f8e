import type { Coach, ContactRow, Eligibility, Expectation, History } from '../format.ts';
import { type Add, at, day, detroit } from './build.ts';
import { asked, attestedRecovery, billed, call, ccar, client, eligible, peer, served, service } from './michigan.ts';
import type { QuoteKey } from './quotes.ts';

const note = 'whoever says no place has not said that it was the office';
const noteCases: [string, QuoteKey, Partial<ContactRow>, Expectation][] = [
  [
    'an end time is missing',
    'notes',
    { endTime: undefined },
    billed('indeterminate', { reasons: ['missing: end time'] }),
  ],
  [
    'the nature of the service is missing',
    'notesPlace',
    { purpose: undefined },
    billed('indeterminate', { reasons: ['missing: nature of service'] }),
  ],
  [
    'the place is missing',
    'notesPlace',
    { place: undefined },
    billed('indeterminate', { reasons: ['missing: place of service'] }),
  ],
  ['the place is the office', 'notesPlace', { place: 'office' }, billed('met')],
  [
    'nobody signed',
    'notesSigned',
    { documentedAt: undefined, signedBy: undefined },
    billed('indeterminate', { reasons: ['no-documentation'] }),
  ],
  [
    'somebody else signed',
    'notesSigned',
    { signedBy: 'another' },
    billed('indeterminate', { reasons: ['not-signed-by-a-performer'] }),
  ],
  [
    'the note is preliminary',
    'notesSigned',
    { status: 'preliminary' },
    billed('indeterminate', { reasons: ['note-not-final'] }),
  ],
  [
    'the signature follows three days later',
    'notesSigned',
    { documentedAt: at(day(served, 3), '12:00', detroit) },
    billed('indeterminate', { reasons: ['not-signed-by-then'] }),
  ],
  [
    'the visit was cancelled',
    'notesDate',
    { encounterStatus: 'cancelled' },
    billed('not-met', { reasons: ['cancelled'] }),
  ],
];

function notes(add: Add): void {
  for (const [title, quote, more, expected] of noteCases)
    add('note', quote, {
      ...client,
      title: `Of an hour at home ${title}`,
      rule: 'M-8',
      ...(title.startsWith('the place is') ? { reading: note } : {}),
      contacts: [service(more)],
      expect: [
        expected,
        ...(title.includes('three days later')
          ? [{ ...billed('met', {}), knownAt: at(day(served, 3), '18:00', detroit) }]
          : []),
      ],
    });
  add('note', 'notesPlace', {
    ...client,
    title: 'A call has no place',
    rule: 'M-8',
    contacts: [call()],
    expect: [billed('met', { code: 'H0038', reasons: [] })],
  });
}

function supports(add: Add): void {
  for (const type of ['emotional', 'informational', 'instrumental', 'affiliational'])
    for (const role of ['coach', 'associate'] as const) {
      const { id } = peer(role);
      add('support-type', 'supports', {
        ...client,
        title: `${type} support by ${role === 'coach' ? 'a coach' : 'an associate'}`,
        rule: 'M-7',
        coaches: [peer(role)],
        contacts: [service({ coachId: id, signedBy: id, supportCategories: [type] })],
        expect: [
          billed('met', {
            reasons: [],
            warning: role === 'associate' && type === 'informational' ? 'informational-support-by-associate' : '',
          }),
        ],
      });
    }
  const cases: [string, readonly string[], Expectation][] = [
    ['Of two types', ['emotional', 'instrumental'], billed('met')],
    ['Of none of the four types', ['transport'], billed('not-met', { reasons: ['no-type-of-support'] })],
    ['Of no type that was said', [], billed('indeterminate', { reasons: ['missing: supportCategory'] })],
  ];
  for (const [title, supportCategories, expected] of cases)
    add('support-type', 'supports', {
      ...client,
      title,
      rule: 'M-7',
      contacts: [service({ supportCategories })],
      expect: [expected],
    });
  add('support-type', 'notClinical', {
    ...client,
    title: 'A clinical service is not charged',
    rule: 'M-24',
    contacts: [service({ tags: ['clinical'] })],
    expect: [billed('not-met', { reasons: ['clinical-service'] })],
  });
  add('support-type', 'notClinical', {
    ...client,
    title: 'What puts the coach’s own recovery at risk is flagged, and charged',
    rule: 'M-24',
    contacts: [service({ tags: ['recovery-jeopardy'] })],
    expect: [billed('met', { reasons: [] })],
  });
}

const withCoach = (more: Partial<Coach>): Partial<History> => ({ coaches: [peer('coach', more)] });
const role = (start: string, end?: string) => [
  { organization: 'employer', role: 'coach' as const, start, ...(end === undefined ? {} : { end }) },
];
const before = day(served, -1);
const performerCases: [string, QuoteKey, Partial<History>, Expectation][] = [
  [
    'The coach’s last day is the day of service',
    'byPeer',
    withCoach({ roles: role('2020-06-01', served) }),
    billed('met'),
  ],
  [
    'The coach left the day before',
    'byPeer',
    withCoach({ roles: role('2020-06-01', before) }),
    billed('not-met', { reasons: ['performer-not-in-role-on-the-day', 'missing: role of the performer'] }),
  ],
  [
    'The coach begins the day after',
    'byPeer',
    withCoach({ roles: role(day(served, 1)) }),
    billed('not-met', { reasons: ['performer-not-in-role-on-the-day', 'missing: role of the performer'] }),
  ],
  [
    'The training was completed on the day',
    'fortyHours',
    withCoach({ qualifications: [attestedRecovery, { ...ccar, start: served }] }),
    billed('met'),
  ],
  [
    'The training is completed the day after',
    'fortyHours',
    withCoach({ qualifications: [attestedRecovery, { ...ccar, start: day(served, 1) }] }),
    billed('not-met', { reasons: ['training-not-completed'] }),
  ],
  [
    'No training is known',
    'fortyHours',
    withCoach({ qualifications: [attestedRecovery] }),
    billed('indeterminate', { reasons: ['missing: ccar-training'] }),
  ],
  [
    'A coach with an associate’s training',
    'fortyHours',
    withCoach({ qualifications: [attestedRecovery, { code: 'associate-training', start: '2020-01-01' }] }),
    billed('indeterminate', { reasons: ['missing: ccar-training'] }),
  ],
];

function performers(add: Add): void {
  for (const [title, quote, more, expected] of performerCases)
    add('performer', quote, {
      ...client,
      ...more,
      title,
      rule: quote === 'byPeer' ? 'M-0' : 'M-14',
      contacts: [service()],
      expect: [expected],
    });
}

function attestations(add: Add): void {
  for (const n of [-1, 0, 1]) {
    const asOf = day(served, n);
    const qualifications = [{ code: 'recovery-attestation', attestedAsOf: asOf }, ccar];
    add('performer', 'twoToFour', {
      ...client,
      title: `Two years of recovery are attested as of ${asOf}`,
      rule: 'M-13',
      reading: 'the employer attests two years; four are no upper limit',
      coaches: [peer('coach', { qualifications })],
      contacts: [service()],
      expect: [asked('B-5', n <= 0 ? 'met' : 'not-met', served, { reasons: n <= 0 ? [] : ['recovery-not-attested'] })],
    });
  }
}

const yes = (evidence: string) => ({ said: true, evidence: [evidence] });
const with1 = (more: Eligibility['criteria']): Eligibility[] => [
  { ...eligible, criteria: { c1: { said: true }, ...more } },
];
const eligibilityCases: [string, Eligibility[], 'met' | 'not-met' | 'indeterminate', readonly string[]][] = [
  ['the first and the second', with1({ c2: yes('housing') }), 'met', []],
  ['the first and the third', with1({ c3: yes('two relapses in a year') }), 'met', []],
  ['the first and the fourth', with1({ c4: yes('opioids') }), 'met', []],
  ['the first and the fifth', with1({ c5: yes('twelve years of use') }), 'met', []],
  [
    'the second without the first',
    [{ ...eligible, criteria: { c1: { said: false }, c2: yes('housing') } }],
    'not-met',
    ['c1-not-present'],
  ],
  [
    'the second, and nothing is said of the first',
    [{ ...eligible, criteria: { c2: yes('housing') } }],
    'indeterminate',
    ['missing: c1'],
  ],
  [
    'the first alone',
    with1({ c2: { said: false }, c3: { said: false }, c4: { said: false }, c5: { said: false } }),
    'not-met',
    ['c2-not-present', 'c3-not-present', 'c4-not-present', 'c5-not-present'],
  ],
  ['the first and the second, without agreement', [{ ...eligible, agreement: false }], 'not-met', ['no-agreement']],
  [
    'a response of the day after',
    [{ ...eligible, authored: day(served, 1) }],
    'indeterminate',
    ['missing: eligibility response'],
  ],
  ['a response of the day', [{ ...eligible, authored: served }], 'met', []],
  ['no response', [], 'indeterminate', ['missing: eligibility response']],
  [
    'a later response takes the need back',
    [eligible, { ...eligible, authored: '2026-02-20', criteria: { c1: { said: false }, c2: yes('housing') } }],
    'not-met',
    ['c1-not-present'],
  ],
];

function eligibility(add: Add): void {
  for (const [title, responses, result, reasons] of eligibilityCases)
    add('eligibility', 'firstAndOne', {
      ...client,
      title: `Eligible by ${title}`,
      rule: 'M-1',
      eligibility: responses,
      contacts: [service()],
      expect: [asked('M-1', result, served, { reasons }), billed(result, { reasons })],
    });
  add('eligibility', 'needDomain', {
    ...client,
    title: 'A need is said, and in no domain documented',
    rule: 'M-2',
    eligibility: with1({ c2: { said: true }, c3: { said: false }, c4: { said: false }, c5: { said: false } }),
    contacts: [service()],
    expect: [asked('M-2', 'indeterminate', served, { reasons: ['missing: evidence of c2'] })],
  });
}

export function michiganNotes(add: Add): void {
  notes(add);
  supports(add);
  performers(add);
  attestations(add);
  eligibility(add);
}
