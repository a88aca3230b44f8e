import type { Coach, Expectation, History, Qualification, Role, Waiver } from '../format.ts';
import { type Add, attested, carc, coach, contact, day, is, on, rule, trainings, waiver } from './build.ts';
import type { QuoteKey } from './quotes.ts';

const c = '2026-03-02';
const uncertified = [...attested, ...trainings];
const sameEmployer = 'a rehire by the same employer keeps the first date of hire; another employer counts its own';

function job(start: string, end?: string, organization = 'employer'): Role {
  return { organization, role: 'coach', start, ...(end === undefined ? {} : { end }) };
}

/** Two years from the hire by the employer whose episode it is. */
function rehires(add: Add): void {
  const cases: [string, Role[], string][] = [
    ['once', [job('2024-03-10')], '2026-03-10'],
    ['on a leap day and again a year later', [job('2024-02-29', '2024-12-31'), job('2025-06-01')], '2026-02-28'],
    ['again by the same employer', [job('2024-01-15', '2024-06-30'), job('2025-09-01')], '2026-01-15'],
    ['again on the day after leaving', [job('2024-01-15', '2025-01-14'), job('2025-01-15')], '2026-01-15'],
    [
      'after eight years with another employer',
      [job('2016-01-01', '2024-05-31', 'another'), job('2024-06-01')],
      '2026-06-01',
    ],
    [
      'by another employer at the same time',
      [job('2022-01-01', undefined, 'another'), job('2024-06-01')],
      '2026-06-01',
    ],
  ];
  for (const [title, roles, limit] of cases)
    add('rehire', 'twoYears', {
      title: `Hired ${title}, without CARC: ${limit} is the last day`,
      rule: 'CR-4',
      reading: sameEmployer,
      coaches: [coach({ hire: undefined, roles, qualifications: uncertified })],
      contacts: [contact(day(limit, -3))],
      expect: [
        rule('CR-4', 'met', limit, { reasons: [], figures: { limit, daysLeft: 0, certified: false } }),
        rule('CR-4', 'not-met', day(limit, 1), {
          reasons: ['CR-4 two-years-passed', 'CR-5 not-waived'],
          figures: { limit },
        }),
        on(limit, limit, { reason: 'coach qualified until then' }),
        is('off', day(limit, 1), { reason: 'CR-4 two-years-passed' }),
      ],
    });
  const returned = day('2026-01-15', 20);
  add('rehire', 'twoYears', {
    title: 'Rehired by the same employer after the two years: never qualified without CARC',
    rule: 'CR-4',
    reading: sameEmployer,
    coaches: [
      coach({ hire: undefined, roles: [job('2024-01-15', '2024-06-30'), job(returned)], qualifications: uncertified }),
    ],
    contacts: [contact(returned)],
    expect: [is('off', returned, { reason: 'CR-4 two-years-passed' })],
  });
}

/** Somebody is told before the limit. */
function alerts(add: Add): void {
  for (const n of [181, 180, 91, 90, 31, 30, 0]) {
    const limit = '2026-06-01';
    const alert = n > 180 ? undefined : n > 90 ? 180 : n > 30 ? 90 : 30;
    add('rehire', 'twoYears', {
      title: `${n} days before the two years are over`,
      rule: 'CR-4',
      reading: 'somebody is told 180, 90 and 30 days before',
      coaches: [coach({ hire: '2024-06-01', qualifications: uncertified })],
      contacts: [contact(day(limit, -n))],
      expect: [
        rule('CR-4', 'met', day(limit, -n), {
          figures: { limit, daysLeft: n, ...(alert === undefined ? {} : { alert }) },
        }),
      ],
    });
  }
}

const expiry = day(c, 5);
const other: Qualification = {
  code: 'eohhs-alternative',
  number: 'L-7',
  issuer: 'dph',
  start: '2021-01-01',
  end: expiry,
};
const certificateCases: [string, QuoteKey, readonly Qualification[], Expectation[]][] = [
  [
    'another licence that EOHHS determined, up to its end',
    'carc',
    [other],
    [
      on(c, expiry, { reason: 'coach qualified until then' }),
      is('off', day(expiry, 1), { reason: 'CR-4 two-years-passed' }),
    ],
  ],
  [
    'CARC that ends, and a second that follows it',
    'carc',
    [
      { ...carc, end: expiry },
      { ...carc, number: 'C-2', start: day(expiry, 1) },
    ],
    [on(c, day(c, 21)), on(day(expiry, 1), day(c, 21))],
  ],
  [
    'CARC that ends, and a second two days later',
    'carc',
    [
      { ...carc, end: expiry },
      { ...carc, number: 'C-2', start: day(expiry, 3) },
    ],
    [on(c, expiry), is('off', day(expiry, 1)), is('off', day(expiry, 2)), on(day(expiry, 3), day(c, 21))],
  ],
  [
    'CARC of somebody whom nobody determined',
    'carc',
    [{ ...carc, issuer: 'Bobs Diner' }],
    [is('indeterminate', c, { reason: 'certification-issuer-not-listed' })],
  ],
  [
    'CARC of which nobody says from when',
    'carc',
    [{ code: 'carc', number: 'C-1', issuer: 'board' }],
    [is('indeterminate', c, { reason: 'missing: certification period' })],
  ],
];
const obtained = day(c, 4);

function certificates(add: Add): void {
  add('certificate', 'twoYears', {
    title: 'CARC comes after the two years are over: service stops, and begins again with it',
    rule: 'CR-4',
    coaches: [coach({ hire: '2024-02-28', qualifications: [...uncertified, { ...carc, start: obtained }] })],
    contacts: [contact('2026-02-27'), contact(c, { externalId: 'c2' }), contact(obtained, { externalId: 'c3' })],
    expect: [
      on('2026-02-28', '2026-02-28', { decidingContact: 'c1' }),
      is('off', '2026-03-01', { reason: 'CR-4 two-years-passed' }),
      is('off', day(obtained, -1), { reason: 'CR-4 two-years-passed' }),
      on(obtained, day(obtained, 21), { decidingContact: 'c3' }),
    ],
  });
  for (const [title, quote, held, expect] of certificateCases)
    add('certificate', quote, {
      title: `Long after two years: ${title}`,
      rule: 'CR-2',
      coaches: [coach({ qualifications: [...attested, ...held] })],
      contacts: [contact(c)],
      expect,
    });
  for (const code of ['academy', 'ethics', 'supervision', 'further-training'])
    for (const n of [0, 1])
      add('certificate', 'working', {
        title: `Newly hired; ${code} since ${n === 0 ? 'the day of the contact' : 'the day after the contact'}`,
        rule: 'CR-3',
        reading: 'the academy and the ethics training are complete, supervision and the further trainings are begun',
        coaches: [
          coach({
            hire: '2025-06-01',
            qualifications: [
              ...attested,
              ...trainings.map((one) => (one.code === code ? { ...one, start: day(c, n) } : one)),
            ],
          }),
        ],
        contacts: [contact(c)],
        expect:
          n === 0 ? [on(c, day(c, 21))] : [is('off', c, { reason: 'CR-3' }), is('off', day(c, 1), { reason: 'CR-3' })],
      });
}

type Granted = Partial<Waiver> & { readonly start: string };
const waived = (...granted: readonly Granted[]): Coach =>
  coach({
    qualifications: [
      ...uncertified,
      {
        code: 'carc-training-waiver',
        waivers: granted.map(({ end, payer, start, ...more }) => waiver(payer ?? 'mce', start, end, more)),
      },
    ],
  });
const waivedUntil = day(c, 5);
const bounded = { reason: 'coach qualified until then' };
const waiverCases: [string, Coach, Expectation[]][] = [
  [
    'ends five days after',
    waived({ start: '2022-01-01', end: waivedUntil }),
    [
      on(c, waivedUntil, bounded),
      on(waivedUntil, waivedUntil, bounded),
      is('off', day(waivedUntil, 1), { reason: 'CR-5 not-waived' }),
    ],
  ],
  ['begins on the day', waived({ start: c, end: '2026-12-31' }), [on(c, day(c, 21))]],
  ['begins the day after', waived({ start: day(c, 1), end: '2026-12-31' }), [is('off', c), is('off', day(c, 1))]],
  [
    'is renewed without a gap',
    waived({ start: '2022-01-01', end: waivedUntil }, { start: day(waivedUntil, 1), end: '2026-12-31' }),
    [on(c, day(c, 21)), on(day(waivedUntil, 1), day(c, 21))],
  ],
  [
    'is renewed after two days',
    waived({ start: '2022-01-01', end: waivedUntil }, { start: day(waivedUntil, 3), end: '2026-12-31' }),
    [
      on(c, waivedUntil),
      is('off', day(waivedUntil, 1)),
      is('off', day(waivedUntil, 2)),
      on(day(waivedUntil, 3), day(c, 21)),
    ],
  ],
  [
    'is renewed by another payer only',
    waived(
      { start: '2022-01-01', end: waivedUntil },
      { payer: 'other', start: day(waivedUntil, 1), end: '2026-12-31' },
    ),
    [on(waivedUntil, waivedUntil), is('off', day(waivedUntil, 1))],
  ],
  [
    'was never approved',
    waived({ start: '2022-01-01', end: '2026-12-31', approved: undefined as never }),
    [is('indeterminate', c, { reason: 'missing: approval of the waiver' })],
  ],
  [
    'rests on no document',
    waived({ start: '2022-01-01', end: '2026-12-31', document: undefined as never }),
    [is('indeterminate', c, { reason: 'missing: document of the waiver' })],
  ],
  [
    'is approved five days later, for days that are past, too',
    waived({ start: '2022-01-01', end: '2026-12-31', approved: waivedUntil }),
    [
      is('indeterminate', c, { reason: 'waiver-approved-later' }),
      is('indeterminate', day(waivedUntil, -1), { reason: 'waiver-approved-later' }),
    ],
  ],
];

function waivers(add: Add): void {
  for (const [title, one, expect] of waiverCases)
    add('payer-waiver', 'waiverApproved', {
      title: `Long after two years, the payer’s waiver ${title}`,
      rule: 'CR-5',
      reading:
        'a waiver cures the two-year limit for the payer that approved it and for its period; days before the approval are open',
      coaches: [one],
      contacts: [contact(c)],
      expect,
    });
  const two = (ruleset: string, payer: string, result: 'met' | 'not-met'): Partial<History> => ({
    ruleset,
    coverage: [
      {
        product: ruleset === 'masshealth-pace' ? 'masshealth-pace' : 'masshealth-one-care',
        payer,
        start: '2023-01-01',
      },
    ],
    expect: [rule('B-5', result, c, { reasons: result === 'met' ? [] : ['CR-4 two-years-passed', 'CR-5 not-waived'] })],
  });
  for (const [ruleset, payer, result] of [
    ['masshealth-pace', 'mce', 'met'],
    ['masshealth-pace', 'other', 'not-met'],
    ['masshealth-one-care-sco', 'mce', 'met'],
    ['masshealth-one-care-sco', 'other', 'not-met'],
  ] as const)
    add('payer-waiver', 'waiverApproved', {
      title: `Under ${ruleset} of ${payer}: the waiver is of mce`,
      rule: 'CR-5',
      coaches: [waived({ start: '2022-01-01', end: '2026-12-31' })],
      contacts: [contact(c)],
      expect: [],
      ...two(ruleset, payer, result),
    });
}

/** The employer takes an attestation back by ending it. */
function attestationEnds(add: Add): void {
  for (const [index, quote, rule1] of [
    [0, 'recovery', 'CR-1 recovery-not-attested'],
    [1, 'boards', 'CR-10 board-requirements-not-attested'],
  ] as const)
    add('attestation-ends', quote, {
      title: `An attestation ends five days after the contact: ${rule1}`,
      rule: index === 0 ? 'CR-1' : 'CR-10',
      reading: 'an attestation holds through its last day; afterwards nobody attests',
      coaches: [
        coach({
          qualifications: [...attested.map((one, at1) => (at1 === index ? { ...one, end: day(c, 5) } : one)), carc],
        }),
      ],
      contacts: [contact(c)],
      expect: [
        on(day(c, 5), day(c, 5), { reason: 'coach qualified until then' }),
        is('off', day(c, 6), { reason: rule1 }),
        rule('B-5', 'met', day(c, 5)),
        rule('B-5', 'not-met', day(c, 6), { reasons: [rule1] }),
      ],
    });
}

export function credentials(add: Add): void {
  attestationEnds(add);
  rehires(add);
  alerts(add);
  certificates(add);
  waivers(add);
}
