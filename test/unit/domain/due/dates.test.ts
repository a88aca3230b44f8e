import { expect, test } from 'vitest';
import { addDays, localDate } from '../../../../src/base/time.ts';
import { coachDueDates, coachDueOf } from '../../../../src/domain/due/credentials.ts';
import type { MemberFacts } from '../../../../src/domain/facts/facts.ts';
import { datesAfter, dueAt, type Known } from '../../../support/due.ts';
import {
  approvedWaiver,
  attestations,
  carc,
  coach,
  coachFacts,
  contact,
  employer,
  episode,
  memberFacts,
  payer,
  qualification,
  ruleset,
  rulesets,
} from '../../../support/facts.ts';
import { parameter } from '../../../support/questions.ts';

const first = '2025-03-01T15:00:00Z';
const mce = ruleset('masshealth-mce');
const [plain] = memberFacts().coverages;
if (!plain) throw new Error('no coverage');
const coverage = plain;

const lasting = (start: string, end?: string): Partial<MemberFacts> => ({
  episodes: [{ reference: episode, organization: employer, careManager: [], start, end }],
});
const begun = lasting('2025-02-25');
const contacts = [contact(first)];

const michigan: Known['facts'] = {
  ...begun,
  coverages: [{ ...coverage, product: undefined, planType: 'cmhsp' }],
  coaches: new Map([
    [
      coach,
      coachFacts({
        qualifications: [...attestations, qualification('ccar-training', { start: '2020-01-01', hours: 40 })],
      }),
    ],
  ]),
};

/** Histories whose lists change by themselves after 1 March 2025, and at least how often. */
const histories: readonly [name: string, changes: number, known: Known][] = [
  ['a contact', 3, { facts: { contacts } }],
  [
    'a row of contacts, some of them ahead',
    6,
    {
      facts: {
        ...begun,
        contacts: ['2025-02-20', '2025-03-20', '2025-11-01'].map((date) => contact(`${date}T15:00:00Z`)),
      },
    },
  ],
  [
    'a note that is signed later',
    3,
    {
      facts: {
        ...begun,
        contacts: [
          contact(first, {
            documentation: [{ status: 'final', signedAt: '2025-03-14T15:00:00Z', signedBy: [coach], evidence: [] }],
          }),
        ],
      },
    },
  ],
  ['an episode with an end', 4, { facts: { ...lasting('2025-02-25', '2025-04-30'), contacts } }],
  ['an episode that ends within the window', 4, { facts: { ...lasting('2025-02-25', '2025-03-05'), contacts } }],
  ['an episode with an end, and no contact', 5, { facts: lasting('2025-02-25', '2025-06-30') }],
  ['an episode that has not begun', 5, { facts: lasting('2025-04-01') }],
  ['a death', 3, { facts: { ...begun, contacts, deceased: '2025-03-18T12:00:00Z' } }],
  ['a coverage that ends', 4, { facts: { ...begun, contacts, coverages: [{ ...coverage, end: '2025-03-12' }] } }],
  ['a coverage that begins', 3, { facts: { ...begun, coverages: [{ ...coverage, start: '2025-03-05' }] } }],
  [
    'a certificate that ends',
    3,
    {
      facts: {
        ...begun,
        contacts,
        coaches: new Map([
          [coach, coachFacts({ qualifications: [...attestations, carc('2021-01-01', '2025-03-12')] })],
        ]),
      },
    },
  ],
  [
    'approvals one after another',
    6,
    {
      facts: begun,
      more: {
        authorizations: [
          ['2025-05-26', '2025-07-31'],
          ['2025-09-15', undefined],
        ].map(([start = '', end]) => ({
          reference: `ClaimResponse/${start}`,
          request: undefined,
          payer,
          organization: employer,
          decision: 'approved' as const,
          created: '2025-03-01',
          units: undefined,
          start,
          end,
        })),
      },
    },
  ],
  [
    'an approval that comes later',
    4,
    {
      facts: begun,
      more: {
        authorizations: [
          {
            reference: 'ClaimResponse/1',
            request: undefined,
            payer,
            organization: employer,
            decision: 'approved',
            created: '2025-05-02T12:00:00Z',
            units: undefined,
            start: '2025-05-26',
            end: undefined,
          },
        ],
      },
    },
  ],
  [
    'a notification that is sent ahead',
    2,
    {
      facts: begun,
      more: {
        notifications: [
          {
            reference: 'Task/1',
            kind: 'notification-of-admission',
            episode,
            payers: [payer],
            sentAt: '2025-03-08T12:00:00Z',
            acknowledgedAt: undefined,
          },
        ],
      },
    },
  ],
  [
    'a registration',
    2,
    {
      facts: begun,
      rulesets: [{ ...mce, parameters: { ...mce.parameters, registration: parameter('registration') } }],
    },
  ],
  [
    'a ruleset that is published later',
    2,
    { facts: begun, rulesets: [{ ...mce, publishedAt: '2025-03-20T15:00:00Z' }] },
  ],
  ['Michigan: lost', 1, { facts: { ...michigan, contacts } }],
  [
    'Michigan: a consent for the emergency contact that ends, and an attempt ahead',
    3,
    {
      facts: {
        ...michigan,
        contacts,
        support: [
          {
            reference: 'Procedure/1',
            coaches: [],
            organization: employer,
            start: '2025-04-01T15:00:00Z',
            end: undefined,
            status: 'completed',
            category: 'outreach',
            partyType: undefined,
            clientPresent: undefined,
            purposes: [],
            outcome: [],
          },
        ],
      },
      more: {
        consents: [{ reference: 'Consent/1', parties: ['emergency-contact'], start: '2025-03-10', end: '2025-05-01' }],
      },
    },
  ],
  [
    'Michigan: found again by a contact that is signed later',
    2,
    {
      facts: {
        ...michigan,
        contacts: [
          contact('2025-02-01T15:00:00Z', { documentation: [] }),
          contact(first, {
            documentation: [{ status: 'final', signedAt: '2025-04-14T15:00:00Z', signedBy: [coach], evidence: [] }],
          }),
        ],
      },
    },
  ],
  [
    'Michigan: a relapse and a review ahead',
    3,
    {
      facts: { ...michigan, contacts },
      more: {
        stages: [{ reference: 'Observation/1', encounter: undefined, at: '2025-03-10T12:00:00Z', stage: '134409004' }],
        tasks: [{ reference: 'Task/1', code: 'intensity-review', date: '2025-03-18', status: 'accepted' }],
      },
    },
  ],
  [
    'Tufts: a pregnancy and a plan',
    3,
    {
      facts: { ...begun, coverages: [{ ...coverage, product: 'tufts-commercial' }] },
      more: {
        states: [
          { reference: 'Observation/1', what: 'pregnancy', present: true, on: '2025-03-10' },
          { reference: 'Observation/2', what: 'pregnancy', present: false, on: '2025-10-10T12:00:00Z' },
        ],
        plans: [
          {
            reference: 'CarePlan/1',
            status: 'active',
            dcfStatus: undefined,
            infantPlan: undefined,
            domains: [],
            activities: [],
            start: '2025-04-01',
            end: '2025-06-01',
          },
        ],
      },
    },
  ],
  [
    'Optum: an event ahead',
    1,
    {
      facts: { ...begun, coverages: [{ ...coverage, product: 'optum-commercial' }] },
      more: { events: [{ reference: 'AdverseEvent/1', on: '2025-05-10T12:00:00Z', reports: [] }] },
    },
  ],
];

test.each(histories)('%s: what is due never changes by itself before the first of the dates', (_name, most, known) => {
  // At the first hour of each day, as the night's run sees it; the clocks change on 9 March and 2 November.
  const at = (date: string): string => JSON.stringify(dueAt(`${date}T05:30:00Z`, known));
  let changes = 0;
  let before = at('2025-03-01');
  for (let date = localDate('2025-03-02'); date < '2025-12-31'; date = addDays(date, 1)) {
    const now = at(date);
    if (now !== before) {
      changes += 1;
      expect(datesAfter(addDays(date, -1), known)[0], `it changes on ${date}`).toBe(date);
    }
    before = now;
  }
  expect(changes).toBeGreaterThanOrEqual(most);
});

test('a coach’s credential: the same', () => {
  const coaches = [
    coachFacts({
      roles: [{ reference: 'PractitionerRole/1', organization: employer, start: '2023-06-01', end: undefined }],
      qualifications: attestations,
    }),
    coachFacts({
      roles: [{ reference: 'PractitionerRole/1', organization: employer, start: '2023-06-01', end: '2025-04-01' }],
      qualifications: attestations,
    }),
    coachFacts({
      roles: [{ reference: 'PractitionerRole/1', organization: employer, start: '2023-06-01', end: undefined }],
      qualifications: [
        ...attestations,
        carc('2025-05-01', '2025-09-01'),
        qualification('academy', { waivers: [approvedWaiver(payer, '2025-09-15', '2025-11-15')] }),
      ],
    }),
  ];
  for (const who of coaches) {
    const input = (date: string) => ({
      coach: who,
      organization: employer,
      payers: [payer],
      rulesets,
      knownAt: `${date}T05:30:00Z`,
    });
    let changes = 0;
    for (let date = localDate('2024-11-01'); date < '2025-12-31'; date = addDays(date, 1)) {
      const [before, now] = [addDays(date, -1), date].map((day) => JSON.stringify(coachDueOf(input(day))));
      if (before === now) continue;
      changes += 1;
      expect(coachDueDates(input(addDays(date, -1)))[0]?.date).toBe(date);
    }
    expect(changes).toBeGreaterThan(2);
  }
});
