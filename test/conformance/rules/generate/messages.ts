import type { ContactRow, Expectation } from '../format.ts';
import { type Add, at, coach, day, is, on, text, utc } from './build.ts';

const c = '2026-03-02';

function pairs(add: Add): void {
  for (const modality of ['text', 'email']) {
    for (let gap = -9; gap <= 9; gap++) {
      const coachDate = day(c, gap);
      const asked = gap > 0 ? coachDate : c;
      add('pair', 'engaged', {
        title: `${modality}: the coach writes ${gap} dates after the member`,
        rule: 'CT-2',
        reading: 'two messages reciprocate within seven dates of each other; the member’s dates the contact',
        contacts: [text('m', c, 'member', { modality }), text('k', coachDate, 'coach', { modality })],
        expect:
          Math.abs(gap) <= 7
            ? [on(asked, day(c, 21), { contactDate: c, decidingContact: 'm' }), is('off', day(c, 22))]
            : [is('off', asked)],
      });
    }
    const cases: [string, ContactRow[]][] = [
      ['coach only', [text('k', c, 'coach', { modality })]],
      ['member only', [text('m', c, 'member', { modality })]],
      ['automatic reply', [text('k', c, 'coach', { modality }), text('m', c, 'member', { modality, automatic: true })]],
      ['automatic coach', [text('k', c, 'coach', { modality, automatic: true }), text('m', c, 'member', { modality })]],
      [
        'the other medium',
        [
          text('k', c, 'coach', { modality }),
          text('m', c, 'member', { modality: modality === 'text' ? 'email' : 'text' }),
        ],
      ],
    ];
    for (const [title, contacts] of cases)
      add('pair', 'engaged', {
        title: `${modality}: ${title}`,
        rule: 'CT-2',
        contacts,
        expect: [is('off', day(c, 1))],
      });
    add('pair', 'engaged', {
      title: `${modality}: one coach message answered on five dates supports the first`,
      rule: 'CT-2',
      reading: 'one message of the coach reciprocates on one date',
      contacts: [
        text('k', c, 'coach', { modality }),
        ...[0, 1, 2, 3, 4].map((n) => text(`m${n}`, day(c, n), 'member', { modality })),
      ],
      expect: [on(day(c, 5), day(c, 21), { contactDate: c, decidingContact: 'm0' }), is('off', day(c, 22))],
    });
  }
}

const late = utc(at(c, '23:30'));
const nobody = [is('off', day(c, 1), { reason: 'no contact within 21 days' })];
const threadCases: [string, string, ContactRow[], Expectation[]][] = [
  [
    'A member’s text late in the evening, written in UTC, has the member’s date',
    'the contact has the date of the member’s message',
    [text('k', c, 'coach'), text('m', c, 'member', { startTime: late, recordedAt: late })],
    [on(day(c, 1), day(c, 21), { contactDate: c, decidingContact: 'm' }), is('off', day(c, 22))],
  ],
  [
    'Each member’s text takes the nearest coach’s text that is free',
    'member’s messages in their order each take the nearest unused message of the coach',
    [
      text('k0', c, 'coach'),
      text('m4', day(c, 4), 'member'),
      text('k5', day(c, 5), 'coach'),
      text('m6', day(c, 6), 'member'),
    ],
    [
      on(day(c, 5), day(c, 25), { contactDate: day(c, 4), decidingContact: 'm4' }),
      on(day(c, 6), day(c, 27), { contactDate: day(c, 6), decidingContact: 'm6' }),
    ],
  ],
  [
    'A nearer coach’s text is taken, and leaves the next member’s text without one within seven dates',
    'member’s messages in their order each take the nearest unused message of the coach',
    [
      text('k0', c, 'coach'),
      text('m5', day(c, 5), 'member'),
      text('k6', day(c, 6), 'coach'),
      text('m8', day(c, 8), 'member'),
    ],
    [
      on(day(c, 8), day(c, 26), { contactDate: day(c, 5), decidingContact: 'm5' }),
      is('off', day(c, 27), { reason: 'no contact within 21 days' }),
    ],
  ],
  [
    'A coach’s later answer completes the pair and does not move its date',
    'the member’s message dates the contact',
    [text('m', c, 'member'), text('k', day(c, 6), 'coach')],
    [
      is('off', day(c, 5)),
      on(day(c, 6), day(c, 21), { contactDate: c }),
      is('off', day(c, 22), { reason: 'no contact within 21 days' }),
    ],
  ],
  [
    'A text to one coach that another coach answers',
    'the coach on whose caseload the member is has had the contact',
    [text('m', c, 'member'), text('k', c, 'coach', { coachId: 'coach-b' })],
    [...nobody, ...nobody.map((one) => ({ ...one, coach: 'coach-b' }))],
  ],
  [
    'The coach’s text was entered in error',
    'what was entered in error never was',
    [text('m', c, 'member'), text('k', c, 'coach', { status: 'entered-in-error' })],
    nobody,
  ],
  [
    'The coach’s text becomes known three days later',
    'a pair is documented when the later of its messages is recorded',
    [text('m', c, 'member'), text('k', c, 'coach', { recordedAt: at(day(c, 3)) })],
    [is('off', day(c, 2)), on(day(c, 3), day(c, 21), { contactDate: c })],
  ],
];

/** Who answers whom, and on which date. */
function threads(add: Add): void {
  for (const [title, reading, contacts, expect] of threadCases)
    add('thread', 'engaged', {
      title,
      rule: 'CT-2',
      reading,
      coaches: [coach(), coach({ id: 'coach-b' })],
      contacts,
      expect,
    });
}

export function messages(add: Add): void {
  pairs(add);
  threads(add);
}
