import type { ContactRow, Expectation, History } from '../format.ts';
import { type Add, at, billing, contact, day, night, numbers, rule, text, trainedCoach, utc } from './build.ts';

/** A member of Tufts' commercial product, whose own minima gate. */
export const tufts = {
  ruleset: 'tufts',
  coverage: [{ product: 'tufts-commercial', payer: 'tufts', start: '2023-01-01' }],
  coaches: [trainedCoach()],
} satisfies Partial<History>;

const prorated = 'the last period asks for max(1, ⌊5 · days / 30⌋) dates';
const anchored = 'consecutive periods of 30 dates from the start of the episode; distinct dates are counted';

/** In-person contacts with a purpose on these dates, c1 and on. */
function connectionsOn(dates: readonly string[], more: Partial<ContactRow> = {}): ContactRow[] {
  return dates.map((date, index) => contact(date, { externalId: `c${index + 1}`, purpose: 'mentoring', ...more }));
}

function periods(add: Add): void {
  for (const start of ['2025-01-01', '2024-02-10', '2025-10-05', '2026-02-28'])
    for (const count of [4, 5, 6]) {
      const dates = [0, 7, 14, 21, 28, 29].slice(0, count).map((n) => day(start, n));
      const last = day(start, 29);
      const figures = { count, needed: 5, period: 1, periodStart: start, periodEnd: last, mode: 'gate' };
      const result = count < 5 ? 'not-met' : 'met';
      const reasons = count < 5 ? ['connections: 4 of 5'] : [];
      const closed = { knownAt: at(day(start, 30), '00:00') };
      add('five-in-thirty', 'fiveInThirty', {
        ...tufts,
        title: `${count} dates in the thirty from ${start}`,
        rule: 'T-2',
        reading: anchored,
        episode: { start },
        contacts: connectionsOn(dates),
        expect: [
          rule('T-2', 'indeterminate', last, { reasons: ['period-not-ended'] }),
          rule('T-2', result, last, { reasons, figures }, closed),
          rule('T-2', result, start, { reasons }, closed),
          rule('T-2', result, day(start, 13), { reasons }, closed),
          rule('T-2', 'indeterminate', day(start, 30), {
            reasons: ['period-not-ended'],
            figures: { count: 0, period: 2, periodStart: day(start, 30), periodEnd: day(start, 59) },
          }),
        ],
      });
    }
}

function edges(add: Add): void {
  const start = '2025-03-03';
  const four = [0, 6, 12, 18].map((n) => day(start, n));
  const last = day(start, 29);
  const closed = { knownAt: at(day(start, 40)) };
  const lateEvening = at(last, '23:30');
  const cases: [string, ContactRow[], Expectation[]][] = [
    [
      'the fifth lies on the day after the period',
      connectionsOn([...four, day(start, 30)]),
      [
        rule('T-2', 'not-met', last, { figures: { count: 4 } }, closed),
        rule('T-2', 'indeterminate', day(start, 30), { figures: { count: 1 } }, closed),
      ],
    ],
    [
      'the fifth is written in UTC late on the last evening',
      [
        ...connectionsOn(four),
        contact(last, {
          externalId: 'c5',
          purpose: 'mentoring',
          startTime: utc(lateEvening),
          documentedAt: utc(lateEvening),
          recordedAt: utc(lateEvening),
        }),
      ],
      [rule('T-2', 'met', last, { figures: { count: 5 } }, closed)],
    ],
    [
      'three contacts on one date are one',
      connectionsOn([...four, day(start, 18), day(start, 18)]),
      [rule('T-2', 'not-met', start, { reasons: ['connections: 4 of 5'], figures: { count: 4 } }, closed)],
    ],
    [
      'one contact lies before the episode',
      connectionsOn([day(start, -1), ...four]),
      [rule('T-2', 'not-met', start, { figures: { count: 4 } }, closed)],
    ],
  ];
  for (const [title, contacts, expect] of cases)
    add('five-in-thirty', 'fiveInThirty', {
      ...tufts,
      title: `Of five: ${title}`,
      rule: 'T-2',
      reading: anchored,
      episode: { start },
      contacts,
      expect,
    });
}

const kindStart = '2025-03-03';
const four = connectionsOn([0, 6, 12, 18].map((n) => day(kindStart, n)));
const fifth = day(kindStart, 24);
const purpose = 'mentoring';
const fifthRow = (more: Partial<ContactRow>): ContactRow => contact(fifth, { externalId: 'c5', purpose, ...more });
const messages = (modality: string): ContactRow[] => [
  text('k', fifth, 'coach', { modality, purpose }),
  text('m', fifth, 'member', { modality }),
];
const kindCases: [
  string,
  'tuftsKinds' | 'tuftsGoals' | 'notReplace' | 'fiveInThirty',
  ContactRow[],
  'met' | 'not-met' | 'indeterminate',
  number,
][] = [
  ['by phone, engaged', 'tuftsKinds', [fifthRow({ modality: 'phone' })], 'met', 0],
  ['a voicemail', 'tuftsKinds', [fifthRow({ modality: 'phone', memberEngaged: false })], 'not-met', 0],
  [
    'by phone, engagement not said',
    'tuftsKinds',
    [fifthRow({ modality: 'phone', memberEngaged: undefined })],
    'indeterminate',
    0,
  ],
  ['a text that is answered', 'tuftsKinds', messages('text'), 'met', 0],
  ['a text without an answer', 'tuftsKinds', messages('text').slice(0, 1), 'not-met', 0],
  ['an e-mail that is answered, which the list does not name', 'tuftsKinds', messages('email'), 'met', 1],
  ['by video, which the list does not name', 'tuftsKinds', [fifthRow({ modality: 'video' })], 'met', 1],
  ['names neither goal nor purpose', 'tuftsGoals', [fifthRow({ purpose: undefined })], 'indeterminate', 0],
  ['names a goal instead of a purpose', 'tuftsGoals', [fifthRow({ purpose: undefined, goalIds: ['g1'] })], 'met', 0],
  [
    'support work without the member',
    'notReplace',
    [fifthRow({ kind: 'support-work', modality: 'phone' })],
    'not-met',
    0,
  ],
  [
    'a collateral call',
    'notReplace',
    [fifthRow({ kind: 'collateral', modality: 'phone', partyType: 'professional' })],
    'not-met',
    0,
  ],
  ['a letter', 'notReplace', [fifthRow({ kind: 'outreach', modality: 'letter' })], 'not-met', 0],
  [
    'a group with individual interaction',
    'tuftsKinds',
    [fifthRow({ kind: 'group', groupSize: 6, individualInteraction: true })],
    'met',
    0,
  ],
  [
    'a group without individual interaction',
    'tuftsKinds',
    [fifthRow({ kind: 'group', groupSize: 6, individualInteraction: false })],
    'not-met',
    0,
  ],
  [
    'not documented yet',
    'fiveInThirty',
    [fifthRow({ documentedAt: undefined, signedBy: undefined })],
    'indeterminate',
    0,
  ],
];

/** Four connections, and a fifth of which the document must say whether it is one. */
function kinds(add: Add): void {
  for (const [title, quote, rows, result, notListed] of kindCases)
    add('connection', quote, {
      ...tufts,
      title: `The fifth connection: ${title}`,
      rule: quote === 'tuftsGoals' ? 'CT-7' : quote === 'notReplace' ? 'CT-6' : quote === 'tuftsKinds' ? 'CT-5' : 'T-2',
      ...(notListed > 0 ? { reading: 'a modality that the list does not name is kept, with a warning' } : {}),
      episode: { start: kindStart },
      contacts: [...four, ...rows],
      expect: [
        rule(
          'T-2',
          result,
          day(kindStart, 29),
          { figures: { count: result === 'met' ? 5 : 4, notListed, pending: result === 'indeterminate' ? 1 : 0 } },
          { knownAt: at(day(kindStart, 40)) },
        ),
      ],
    });
}

function lastPeriods(add: Add): void {
  const start = '2025-01-06';
  const second = day(start, 30);
  const first = [0, 6, 12, 18, 24].map((n) => day(start, n));
  for (const days of [1, 5, 6, 11, 12, 17, 18, 23, 24, 29, 30]) {
    const end = day(second, days - 1);
    const needed = Math.max(1, Math.floor((5 * days) / 30));
    for (const count of [needed, needed - 1]) {
      const result = count < needed ? 'not-met' : 'met';
      add('last-period', 'fiveInThirty', {
        ...tufts,
        title: `The last period has ${days} dates and ${count} connections`,
        rule: 'T-2',
        reading: prorated,
        episode: { start, end },
        contacts: connectionsOn([...first, ...numbers(0, count - 1).map((n) => day(second, n))]),
        expect: [
          rule(
            'T-2',
            result,
            end,
            { figures: { count, needed, period: 2, periodEnd: end } },
            { knownAt: at(day(end, 1), '00:00') },
          ),
          rule('T-2', 'met', start, { figures: { count: 5, needed: 5 } }, { knownAt: at(day(end, 1), '00:00') }),
          rule('T-2', 'not-met', day(end, 1), { reasons: ['after-the-episode'] }),
        ],
      });
    }
  }
  const death = day(second, 11);
  add('last-period', 'fiveInThirty', {
    ...tufts,
    title: 'The date of death shortens the last period to twelve dates',
    rule: 'T-2',
    reading: prorated,
    episode: { start },
    deceased: death,
    contacts: connectionsOn([...first, second, day(second, 4)]),
    expect: [
      rule('T-2', 'met', death, { figures: { count: 2, needed: 2, periodEnd: death } }, { knownAt: at(day(death, 3)) }),
    ],
  });
}

function lateConnection(add: Add): void {
  const start = '2025-03-03';
  const dates = [0, 6, 12, 18].map((n) => day(start, n));
  const last = day(start, 29);
  const signed = day(start, 45);
  add('five-in-thirty', 'fiveInThirty', {
    ...tufts,
    title: 'The fifth is signed after the period: open until then, counted back afterwards',
    rule: 'T-2',
    episode: { start },
    contacts: [
      ...connectionsOn(dates),
      contact(day(start, 24), { externalId: 'c5', purpose: 'mentoring', documentedAt: at(signed) }),
    ],
    expect: [
      rule('T-2', 'indeterminate', last, { reasons: ['1 pending'] }, { knownAt: night(day(signed, -1)) }),
      rule('T-2', 'met', last, { figures: { count: 5 } }, { knownAt: night(signed) }),
    ],
  });
  add('five-in-thirty', 'fiveInThirty', {
    ...tufts,
    title: 'The fifth is recorded after the period: not met until then, counted back afterwards',
    rule: 'T-2',
    episode: { start },
    contacts: [
      ...connectionsOn(dates),
      contact(day(start, 24), {
        externalId: 'c5',
        purpose: 'mentoring',
        recordedAt: at(signed),
        documentedAt: at(signed),
      }),
    ],
    expect: [
      rule('T-2', 'not-met', last, { figures: { count: 4 } }, { knownAt: night(day(signed, -1)) }),
      rule('T-2', 'met', last, { figures: { count: 5 } }, { knownAt: night(signed) }),
    ],
  });
}

/** Where the bulletin's billing binds, five in thirty informs and decides nobody's bill. */
function together(add: Add): void {
  const start = '2025-03-03';
  const asked = { knownAt: at(day(start, 40)) };
  for (const count of [4, 5])
    add('together', 'billDaily', {
      title: `Together: ${count} dates in thirty are a measure, and the bulletin bills`,
      rule: 'T-2',
      reading:
        'where the bulletin’s billing binds it decides what is billable, and the minima of the specification are measures',
      ruleset: 'tufts',
      coverage: [{ product: 'tufts-together', payer: 'tufts', start: '2023-01-01' }],
      coaches: [trainedCoach()],
      episode: { start },
      settings: { charge: { code: 'H2016', modifiers: ['HM'], unit: 'day' } },
      contacts: connectionsOn([0, 6, 12, 18, 24].slice(0, count).map((n) => day(start, n))),
      expect: [
        rule('T-2', count < 5 ? 'not-met' : 'met', start, { figures: { count, mode: 'measure' } }, asked),
        billing('B-2', 'met', day(start, 20), { charge: 'H2016-HM' }, { ...asked, ruleset: 'masshealth-mce' }),
        billing('B-4', 'not-applicable', day(start, 20), {}, asked),
      ],
    });
}

function weeks(add: Add): void {
  const start = '2025-03-03';
  for (const kept of [4, 3, 0]) {
    const dates = [0, 8, 20, 27].slice(0, kept).map((n) => day(start, n));
    add('weekly', 'weekly', {
      ...tufts,
      title: `A connection in ${kept} of the first four weeks`,
      rule: 'T-3',
      reading: 'the share of weeks of seven dates from the start that are over and have a connection; it gates nothing',
      episode: { start },
      contacts: connectionsOn(dates),
      expect: [
        rule(
          'T-3',
          kept === 4 ? 'met' : 'not-met',
          day(start, 27),
          { figures: { weeks: 4, weeksWithConnection: kept, percent: 25 * kept, mode: 'measure' } },
          { knownAt: at(day(start, 28)) },
        ),
        // On its own last day the fourth week is not over.
        rule('T-3', kept === 0 ? 'not-met' : 'met', day(start, 27), { figures: { weeks: 3 } }),
        rule('T-3', 'indeterminate', day(start, 5), { reasons: ['no-week-has-ended'] }),
      ],
    });
  }
}

export function fiveInThirty(add: Add): void {
  periods(add);
  edges(add);
  kinds(add);
  lastPeriods(add);
  lateConnection(add);
  together(add);
  weeks(add);
}
