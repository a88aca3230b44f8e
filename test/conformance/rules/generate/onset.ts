import type { CarePlan, ContactRow, Expectation, History } from '../format.ts';
import { type Add, at, billing, contact, day, night, rule, trainedCoach } from './build.ts';
import { tufts } from './tufts.ts';

const start = '2026-01-12';
const releaseBy = day(start, 29);
const reading =
  'days are held until the meeting; one by the thirtieth date of service releases all of them, a later one only the days from it on';
const plan: CarePlan = { id: 'p1', kind: 'wellness', contact: 'c1', contributors: ['member', 'coach-a'] };

export const optum = {
  ruleset: 'optum',
  coverage: [{ product: 'optum-commercial', payer: 'optum', start: '2023-01-01' }],
  coaches: [trainedCoach()],
} satisfies Partial<History>;

/** The two documents ask for one meeting; Tufts for the plan that was made at it, Optum for goals. */
const payers = [
  ['T-1', 'onset', tufts, { carePlans: [plan] }],
  ['O-2', 'initialGoals', optum, { goals: [{ id: 'g1', contact: 'c1' }] }],
] as const;

function meeting(date: string, more: Partial<ContactRow> = {}): ContactRow {
  return contact(date, { purpose: 'mentoring', ...more });
}

function days(id: 'T-1' | 'O-2', after: number): Expectation[] {
  const met = day(start, after);
  const figures = { releaseBy, mode: 'gate' };
  if (after <= 29)
    return [
      ...(after === 0
        ? []
        : [
            rule(id, 'indeterminate', start, { reasons: ['held-for-onset-meeting'] }, { knownAt: night(day(met, -1)) }),
          ]),
      rule(id, 'met', start, { figures }, { knownAt: night(met) }),
      rule(id, 'met', day(start, 45), { figures }, { knownAt: night(day(start, 45)) }),
    ];
  const before = { reasons: ['before-the-onset-meeting'], figures };
  return [
    rule(id, 'indeterminate', start, { reasons: ['held-for-onset-meeting'] }, { knownAt: night(releaseBy) }),
    ...(after > 30
      ? [rule(id, 'not-met', start, { reasons: ['no-onset-meeting'] }, { knownAt: night(day(releaseBy, 1)) })]
      : []),
    rule(id, 'not-met', start, before, { knownAt: night(met) }),
    rule(id, 'not-met', day(met, -1), before, { knownAt: night(met) }),
    rule(id, 'met', met, { figures }),
  ];
}

function meetings(add: Add): void {
  for (const [id, quote, payer, made] of payers)
    for (const after of [0, 1, 28, 29, 30, 31, 45])
      add('onset', quote, {
        ...payer,
        ...made,
        title: `The meeting is ${after} days after the start`,
        rule: id,
        reading,
        episode: { start },
        contacts: [meeting(day(start, after))],
        expect: days(id, after),
      });
}

function otherContacts(add: Add): void {
  const known = { knownAt: night(day(start, 40)) };
  for (const [id, quote, payer, made] of payers) {
    for (const modality of ['phone', 'video'])
      add('onset', quote, {
        ...payer,
        ...made,
        title: `A first meeting by ${modality} is not in person`,
        rule: id,
        reading,
        episode: { start },
        contacts: [meeting(start, { modality })],
        expect: [
          rule(id, 'indeterminate', start, { reasons: ['held-for-onset-meeting'] }),
          rule(id, 'not-met', start, { reasons: ['no-onset-meeting'] }, known),
        ],
      });
    add('onset', quote, {
      ...payer,
      title: 'An in-person contact at which nothing was made',
      rule: id,
      reading,
      episode: { start },
      contacts: [meeting(start)],
      expect: [
        rule(id, 'indeterminate', start, { reasons: [id === 'T-1' ? 'missing: CarePlan' : 'missing: Goal'] }, known),
      ],
    });
    add('onset', quote, {
      ...payer,
      ...made,
      title: 'The meeting is signed on the fortieth day: open until then, and everything is released',
      rule: id,
      reading,
      episode: { start },
      contacts: [meeting(day(start, 5), { documentedAt: at(day(start, 40)) })],
      expect: [
        rule(id, 'indeterminate', start, { reasons: ['not-signed-by-then'] }, { knownAt: night(day(start, 39)) }),
        rule(id, 'met', start, {}, known),
      ],
    });
  }
}

function plansAndGoals(add: Add): void {
  const known = { knownAt: night(day(start, 40)) };
  for (const contributors of [['coach-a'], ['member']])
    add('onset', 'onset', {
      ...tufts,
      title: `The plan names ${contributors.join()} alone: nobody says that it was made in conjunction`,
      rule: 'T-1',
      episode: { start },
      carePlans: [{ ...plan, contributors }],
      contacts: [meeting(start)],
      expect: [rule('T-1', 'indeterminate', start, { reasons: ['missing: member and coach as contributors'] }, known)],
    });
  add('onset', 'initialGoals', {
    ...optum,
    title: 'Goals that stand in the plan of the meeting are enough',
    rule: 'O-2',
    episode: { start },
    carePlans: [{ ...plan, goals: ['g1'] }],
    goals: [{ id: 'g1' }],
    contacts: [meeting(start)],
    expect: [rule('O-2', 'met', start, {}, known)],
  });
  add('onset', 'initialGoals', {
    ...optum,
    title: 'A contract whose coverage is an MCO: the meeting is a measure',
    rule: 'O-2',
    coverage: [{ product: 'optum-commercial', planType: 'mco', payer: 'optum', start: '2023-01-01' }],
    episode: { start },
    goals: [{ id: 'g1', contact: 'c1' }],
    contacts: [meeting(start)],
    expect: [rule('O-2', 'met', start, { figures: { mode: 'measure' } }, known)],
  });
}

/** Optum alone makes support work a condition of the case rate. */
function supportWork(add: Add): void {
  const work = (more: Partial<ContactRow> = {}): ContactRow =>
    contact(day(start, 4), {
      externalId: 'w1',
      kind: 'support-work',
      modality: 'phone',
      purpose: 'system-navigation',
      endTime: at(day(start, 4), '12:25'),
      ...more,
    });
  const last = day(start, 20);
  const closed = { knownAt: at(day(last, 1), '00:00') };
  const cases: [string, ContactRow[], Expectation[]][] = [
    [
      'none in the period',
      [],
      [
        rule('T-4', 'indeterminate', last, { reasons: ['period-not-ended'] }),
        rule('T-4', 'not-met', last, { reasons: ['no-support-work-in-period'] }, closed),
      ],
    ],
    [
      '25 minutes with a purpose',
      [work()],
      [rule('T-4', 'met', start, { figures: { minutes: 25, mode: 'gate' } }, closed)],
    ],
    [
      'without an end',
      [work({ endTime: undefined })],
      [rule('T-4', 'indeterminate', start, { reasons: ['missing: purpose or duration'] }, closed)],
    ],
    [
      'without a purpose',
      [work({ purpose: undefined })],
      [rule('T-4', 'indeterminate', start, { reasons: ['missing: purpose or duration'] }, closed)],
    ],
    [
      'on the day after the period',
      [work({ startTime: at(day(start, 21)), endTime: at(day(start, 21), '12:25'), recordedAt: at(day(start, 21)) })],
      [
        rule('T-4', 'not-met', last, {}, { knownAt: night(day(start, 25)) }),
        rule('T-4', 'met', day(start, 21), {}, { knownAt: night(day(start, 25)) }),
      ],
    ],
    ['outreach is another thing', [work({ kind: 'outreach' })], [rule('T-4', 'not-met', last, {}, closed)]],
  ];
  for (const [title, contacts, expect] of cases)
    add('support-work', 'optumWork', {
      ...optum,
      title: `Work without the member: ${title}`,
      rule: 'T-4',
      reading:
        'at least one activity with purpose and duration in each period of 21 dates from the start; no amount is stated',
      episode: { start },
      contacts,
      expect,
    });
}

/** The case rate of a plan whose own minima gate: the contract says the code. */
function caseRates(add: Add): void {
  const settings = { charge: { code: 'T1016', modifiers: [], unit: 'day' } };
  const asOf = day(start, 10);
  const asked = { knownAt: at(day(start, 40)) };
  const dates = [0, 6, 12, 18, 24].map((n) => day(start, n));
  const rows = (count: number): ContactRow[] =>
    dates.slice(0, count).map((date, index) => meeting(date, { externalId: `c${index + 1}` }));
  const common = { ...tufts, rule: 'B-4', episode: { start } };
  const add4 = (title: string, more: Partial<History>, count: number, expected: Expectation): void =>
    add('case-rate', 'caseRate', {
      ...common,
      title,
      contacts: rows(count),
      settings,
      carePlans: [plan],
      ...more,
      expect: [expected],
    });
  add4('Meeting, plan and five dates', {}, 5, billing('B-4', 'met', asOf, { reasons: [], charge: 'T1016' }, asked));
  add4('Four dates', {}, 4, billing('B-4', 'not-met', asOf, { reasons: ['T-2'] }, asked));
  add4(
    'No plan of the meeting',
    { carePlans: [] },
    5,
    billing('B-4', 'indeterminate', asOf, { reasons: ['T-1'] }, asked),
  );
  add4('Nothing at all', { carePlans: [] }, 0, billing('B-4', 'not-met', asOf, { reasons: ['T-1', 'T-2'] }, asked));
  add4(
    'The contract names no code',
    { settings: {} },
    5,
    billing('B-4', 'indeterminate', asOf, { reasons: ['no-rate-config'] }, asked),
  );
  add4(
    'The day is charged already',
    { charges: [{ id: 'u1', date: asOf, organization: 'employer', status: 'billed' }] },
    5,
    billing('B-4', 'not-met', asOf, { reasons: ['already-charged'] }, asked),
  );
}

export function onset(add: Add): void {
  meetings(add);
  otherContacts(add);
  plansAndGoals(add);
  supportWork(add);
  caseRates(add);
}
