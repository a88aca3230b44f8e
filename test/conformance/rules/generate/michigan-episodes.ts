import type { Coach, ContactRow, Expectation, History } from '../format.ts';
import { type Add, at, day, detroit, month, numbers } from './build.ts';
import { asked, call, client, peer, served, service } from './michigan.ts';
import type { QuoteKey } from './quotes.ts';

const anchored =
  'months run from the end of acute care, clamped to the end of the month; each is judged once it has passed, and before the first has it is met by a meeting alone';

/** A meeting in each of these anchored months, on their days. */
function meetings(dates: readonly string[], more: Partial<ContactRow> = {}): ContactRow[] {
  return dates.map((date, index) => service({ externalId: `s${index + 1}`, ...more }, { date }));
}

function standAlone(add: Add): void {
  for (const end of ['2025-01-15', '2025-08-31', '2024-08-29', '2026-02-08']) {
    const last = day(month(end, 6), -1);
    const episode = { start: '2024-01-01', mode: 'stand-alone', acuteCareEnd: end };
    const firsts = numbers(0, 5).map((n) => month(end, n));
    const lasts = numbers(1, 6).map((n) => day(month(end, n), -1));
    for (const [title, dates, atFirst] of [
      ['on the first day of each month', firsts, 'met'],
      ['on the last day of each month', lasts, 'indeterminate'],
    ] as const)
      add('stand-alone', 'sixMonths', {
        ...client,
        title: `Acute care ended on ${end}; face-to-face ${title}`,
        rule: 'M-9',
        reading: anchored,
        episode,
        contacts: meetings(dates),
        expect: [
          asked('M-9', atFirst, end, {
            reasons: atFirst === 'met' ? [] : ['no-month-has-ended'],
            figures: { lastDay: last, monthsPassed: 0 },
          }),
          asked('M-9', 'met', last, { reasons: [], figures: { lastDay: last, monthsPassed: 5, monthsWithout: 0 } }),
          asked('M-9', 'not-met', day(last, 1), {
            reasons: ['six-months-passed'],
            figures: { monthsPassed: 6, monthsWithout: 0 },
          }),
        ],
      });
    const third = month(end, 2);
    const gap = firsts.filter((date) => date !== third);
    add('stand-alone', 'perMonth', {
      ...client,
      title: `Acute care ended on ${end}; nobody met in the third month`,
      rule: 'M-9',
      reading: anchored,
      episode,
      contacts: meetings(gap),
      expect: [
        asked('M-9', 'met', day(month(end, 3), -1), { figures: { monthsWithout: 0 } }),
        asked('M-9', 'not-met', month(end, 3), {
          reasons: [`no-face-to-face-from ${third}`],
          figures: { monthsWithout: 1 },
        }),
      ],
    });
  }
}

const acuteUntil = '2025-09-10';
const secondMonth = month(acuteUntil, 1);
const stand = { start: '2024-01-01', mode: 'stand-alone', acuteCareEnd: acuteUntil };
const met = (date: string, more: Partial<ContactRow> = {}): ContactRow[] => meetings([date], more);
const missing = [`no-face-to-face-from ${acuteUntil}`];
const monthCases: [string, QuoteKey, ContactRow[], History['episode'], Expectation][] = [
  [
    'by phone alone',
    'perMonth',
    met(acuteUntil, { modality: 'phone' }),
    stand,
    asked('M-9', 'not-met', secondMonth, { reasons: missing }),
  ],
  ['in hospital', 'perMonth', met(acuteUntil, { place: 'hospital' }), stand, asked('M-9', 'met', secondMonth)],
  ['in jail', 'perMonth', met(acuteUntil, { place: 'jail' }), stand, asked('M-9', 'met', secondMonth)],
  [
    'the day before acute care ended',
    'perMonth',
    met(day(acuteUntil, -1)),
    stand,
    asked('M-9', 'not-met', secondMonth, { reasons: missing }),
  ],
  [
    'not documented yet',
    'perMonth',
    met(acuteUntil, { documentedAt: undefined, signedBy: undefined }),
    stand,
    asked('M-9', 'indeterminate', secondMonth, { reasons: missing }),
  ],
  [
    'never, as a supplement',
    'sixMonths',
    [],
    { ...stand, mode: 'supplement' },
    asked('M-9', 'met', secondMonth, { reasons: [] }),
  ],
  [
    'never, and the episode ends within the month',
    'perMonth',
    [],
    { ...stand, end: day(secondMonth, -2) },
    asked('M-9', 'met', secondMonth),
  ],
  ['never, before acute care ends', 'perMonth', [], stand, asked('M-9', 'not-applicable', day(acuteUntil, -1))],
  [
    'never, in a residential setting',
    'perMonth',
    [],
    { ...stand, mode: 'residential' },
    asked('M-9', 'not-applicable', secondMonth),
  ],
  [
    'and nobody says when acute care ended',
    'perMonth',
    met(acuteUntil),
    { start: '2024-01-01', mode: 'stand-alone' },
    asked('M-9', 'indeterminate', secondMonth, { reasons: ['missing: acuteCareEnd'] }),
  ],
];

function monthlyContacts(add: Add): void {
  for (const [title, quote, contacts, episode, expected] of monthCases)
    add('stand-alone', quote, {
      ...client,
      title: `Face-to-face ${title}`,
      rule: 'M-9',
      reading: anchored,
      episode,
      contacts,
      expect: [expected],
    });
}

// 2 March 2026 is a Monday: the contact lies in the week to 8 March.
const sunday = '2026-03-08';
const supervisor = (start: string, end?: string): Coach => ({
  id: 'supervisor',
  roles: [{ organization: 'employer', role: 'supervisor', start: '2020-01-01' }],
  qualifications: [{ code: 'mcbap', start, ...(end === undefined ? {} : { end }) }],
});
const held = (date: string) => [
  { id: 'v1', coach: 'coach-a', supervisor: 'supervisor', start: at(date, '09:00', detroit) },
];
const supervisionCases: [string, QuoteKey, Coach, string | undefined, Expectation][] = [
  [
    'on the Monday',
    'weeklySupervision',
    supervisor('2020-01-01'),
    '2026-03-02',
    asked('M-12', 'met', day(sunday, 1), { of: 'coach-a', figures: { weeks: 1, gaps: 0 } }),
  ],
  [
    'on the Sunday',
    'weeklySupervision',
    supervisor('2020-01-01'),
    sunday,
    asked('M-12', 'met', day(sunday, 1), { of: 'coach-a' }),
  ],
  [
    'on the next Monday',
    'weeklySupervision',
    supervisor('2020-01-01'),
    day(sunday, 1),
    asked('M-12', 'not-met', day(sunday, 1), {
      of: 'coach-a',
      reasons: ['week-without-supervision'],
      figures: { gaps: 1, firstGap: '2026-03-02' },
    }),
  ],
  [
    'never',
    'weeklySupervision',
    supervisor('2020-01-01'),
    undefined,
    asked('M-12', 'not-met', day(sunday, 1), { of: 'coach-a', reasons: ['week-without-supervision'] }),
  ],
  [
    'never, and the week goes on',
    'weeklySupervision',
    supervisor('2020-01-01'),
    undefined,
    asked('M-12', 'met', sunday, { of: 'coach-a', figures: { weeks: 0 } }),
  ],
  [
    'by somebody whose certificate ended the day before',
    'mcbap',
    supervisor('2020-01-01', '2026-03-03'),
    served,
    asked('M-12', 'not-met', day(sunday, 1), { of: 'coach-a', reasons: ['supervisor-not-certified'] }),
  ],
  [
    'by somebody whose certificate ends that day',
    'mcbap',
    supervisor('2020-01-01', served),
    served,
    asked('M-12', 'met', day(sunday, 1), { of: 'coach-a' }),
  ],
];

function supervision(add: Add): void {
  for (const [title, quote, one, date, expected] of supervisionCases)
    add('supervision', quote, {
      ...client,
      title: `Supervised ${title}`,
      rule: 'M-12',
      reading: 'each week from Monday to Sunday with a contact has a session; it is judged once it has passed',
      coaches: [peer('coach'), one],
      contacts: [service()],
      ...(date === undefined ? {} : { supervisions: held(date) }),
      expect: [expected],
    });
}

function lost(add: Add): void {
  const reading = 'lost is who had no contact for more than 21 days; an outreach since then is an effort';
  const outreach = call({ externalId: 'o1', kind: 'outreach', memberEngaged: undefined }, { date: day(served, 15) });
  add('lost', 'lost', {
    ...client,
    title: 'No contact for three weeks, and nobody looks',
    rule: 'M-16',
    reading,
    contacts: [service()],
    expect: [
      asked('M-16', 'met', day(served, 21), { figures: { days: 21, lost: false } }),
      asked('M-16', 'not-met', day(served, 22), {
        reasons: ['lost-without-outreach'],
        figures: { days: 22, lost: true, attempts: 0 },
      }),
    ],
  });
  add('lost', 'lost', {
    ...client,
    title: 'No contact for three weeks, and one attempt in the third',
    rule: 'M-16',
    reading,
    contacts: [service(), outreach],
    expect: [asked('M-16', 'met', day(served, 22), { figures: { lost: true, attempts: 1 } })],
  });
}

export function michiganEpisodes(add: Add): void {
  standAlone(add);
  monthlyContacts(add);
  supervision(add);
  lost(add);
}
