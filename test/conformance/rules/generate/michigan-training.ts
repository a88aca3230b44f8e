import type { Coach, ContactRow, Expectation, History, Qualification } from '../format.ts';
import { type Add, day } from './build.ts';
import { attestedRecovery, billed, call, ccar, client, peer, served, service } from './michigan.ts';

const before = day(served, -1);
const after = day(served, 1);
const part = (start: string, hours?: number): Qualification => ({
  code: 'ccar-training',
  start,
  ...(hours === undefined ? {} : { hours }),
});
const short: Expectation = billed('not-met', { reasons: ['training-hours-short'] });
const untold: Expectation = billed('indeterminate', { reasons: ['missing: hours of ccar-training'] });
const hourCases: [string, Qualification[], Expectation][] = [
  ['40 hours in one course', [part(before, 40)], billed('met')],
  ['39 hours', [part(before, 39)], short],
  ['39.5 hours', [part(before, 39.5)], short],
  ['41 hours', [part(before, 41)], billed('met')],
  ['20 hours twice, the second completed on the day', [part('2025-01-10', 20), part(served, 20)], billed('met')],
  ['20 hours twice, the second completed the day after', [part('2025-01-10', 20), part(after, 20)], short],
  ['one course of 20 hours that is entered twice', [part('2025-01-10', 20), part('2025-01-10', 20)], short],
  ['hours that nobody told', [part(before)], untold],
  ['39 hours and a part of which nobody told the hours', [part('2025-01-10', 39), part(before)], untold],
  ['40 hours and a part of which nobody told the hours', [part('2025-01-10', 40), part(before)], billed('met')],
];

function hours(add: Add): void {
  for (const [title, trainings, expected] of hourCases)
    add('training-hours', 'fortyHours', {
      ...client,
      title: `A coach’s training: ${title}`,
      rule: 'M-14',
      reading: 'parts of a course that were completed by the day add up; a course that is entered twice is one',
      coaches: [peer('coach', { qualifications: [attestedRecovery, ...trainings] })],
      contacts: [service()],
      expect: [expected],
    });
  add('training-hours', 'fortyHours', {
    ...client,
    title: 'An associate’s training has no number of hours',
    rule: 'M-14',
    coaches: [peer('associate')],
    contacts: [service({ coachId: 'associate-a', signedBy: 'associate-a', supportCategories: ['affiliational'] })],
    expect: [billed('met')],
  });
}

const attested = (attestedAsOf: string, months?: number): Qualification => ({
  code: 'recovery-attestation',
  attestedAsOf,
  ...(months === undefined ? {} : { months }),
});
const reading =
  'what is billed is provided by a coach or associate, and who that is, is said by the length of recovery too; the employer attests at least so many months as of a day, and four years are no upper limit';
const toRenew: Expectation = billed('indeterminate', { reasons: ['recovery-attestation-to-renew'] });
const tooShort: Expectation = billed('not-met', { reasons: ['recovery-too-short'] });
const coachCases: [string, Qualification[], Expectation][] = [
  ['two years are attested as of the day', [attested(served)], billed('met')],
  [
    'two years are attested as of the day after',
    [attested(after)],
    billed('not-met', { reasons: ['recovery-not-attested'] }),
  ],
  ['nobody attests anything', [], billed('indeterminate', { reasons: ['missing: recovery-attestation'] })],
  ['five years are attested', [attested(before, 60)], billed('met')],
  ['23 months are attested as of a month before', [attested('2026-02-04', 23)], toRenew],
  ['23 months are attested as of a day less than a month before', [attested('2026-02-05', 23)], tooShort],
];

function recovery(add: Add): void {
  for (const [title, attestations, expected] of coachCases)
    add('recovery', 'twoToFour', {
      ...client,
      title: `A coach’s recovery: ${title}`,
      rule: 'M-13',
      reading,
      coaches: [peer('coach', { qualifications: [...attestations, ccar] })],
      contacts: [service()],
      expect: [expected],
    });
  const associates: [string, Qualification, Expectation][] = [
    ['six months are attested as of the day', attested(served, 6), billed('met')],
    ['five months are attested as of a month before', attested('2026-02-04', 5), toRenew],
    ['five months are attested as of a day less than a month before', attested('2026-02-05', 5), tooShort],
  ];
  for (const [title, attestation, expected] of associates)
    add('recovery', 'sixMonthsRecovery', {
      ...client,
      title: `An associate’s recovery: ${title}`,
      rule: 'M-13',
      reading,
      coaches: [
        peer('associate', { qualifications: [attestation, { code: 'associate-training', start: '2020-03-01' }] }),
      ],
      contacts: [service({ coachId: 'associate-a', signedBy: 'associate-a', supportCategories: ['affiliational'] })],
      expect: [expected],
    });
  const two = (second: Partial<Coach>): Pick<History, 'coaches' | 'contacts'> => ({
    coaches: [
      peer('coach', { qualifications: [attestedRecovery, part(before, 39)] }),
      peer('coach', { id: 'coach-b', ...second }),
    ],
    contacts: [service(), service({ coachId: 'coach-b', signedBy: 'coach-b' })],
  });
  add('recovery', 'byPeer', {
    ...client,
    title:
      'Of two coaches one is in recovery long enough and not trained, the other trained and not long enough in recovery',
    rule: 'M-0',
    reading: 'one of several performers is enough, and it is one who is both',
    ...two({ qualifications: [attested(after), ccar] }),
    expect: [short],
  });
  add('recovery', 'byPeer', {
    ...client,
    title: 'Of two coaches one is both',
    rule: 'M-0',
    ...two({}),
    expect: [billed('met')],
  });
  add('recovery', 'twoToFour', {
    ...client,
    title: 'Where time in recovery informs, a service before two years are attested is billed',
    rule: 'M-13',
    reading: 'section X makes the training a condition of services reimbursable, and says nothing there of recovery',
    modes: { 'M-13': 'measure' },
    coaches: [peer('coach', { qualifications: [attested(after), ccar] })],
    contacts: [service()],
    expect: [billed('met')],
  });
}

const broken =
  'a service in person that is broken off and goes on the same day with the same performers is one, and its minutes are summed before they are floored; other parts never are';
const first = (minutes: number, more: Partial<ContactRow> = {}): ContactRow => service(more, { minutes });
const second = (minutes: number, more: Partial<ContactRow> = {}, date = served): ContactRow =>
  service({ externalId: 's2', partOf: 's1', ...more }, { minutes, time: '11:00', date });
const none: Expectation = billed('not-met', { units: 0, reasons: ['under-one-unit'] });
const partCases: [string, ContactRow[], Expectation][] = [
  ['8 and 8 minutes', [first(8), second(8)], billed('met', { code: 'T1012', units: 1, reasons: [] })],
  ['7 and 7 minutes', [first(7), second(7)], none],
  ['7 and 8 minutes', [first(7), second(8)], billed('met', { code: 'T1012', units: 1, reasons: [] })],
  ['20 and 25 minutes', [first(20), second(25)], billed('met', { code: 'T1012', units: 3, reasons: [] })],
  ['8 and 8 minutes of two services', [first(8), second(8, { partOf: undefined })], none],
  ['8 minutes in person and 8 on the telephone', [first(8), second(8, { modality: 'phone', place: undefined })], none],
  ['8 minutes, and 8 on the next day', [first(8), second(8, {}, after)], none],
  [
    '8 and 8 minutes, and nobody signed the second',
    [first(8), second(8, { documentedAt: undefined, signedBy: undefined })],
    billed('indeterminate', { reasons: ['no-documentation'] }),
  ],
  ['8 and 8 minutes, the second cancelled', [first(8), second(8, { encounterStatus: 'cancelled' })], none],
];

function interrupted(add: Add): void {
  for (const [title, contacts, expected] of partCases)
    add('interrupted', 'unit', {
      ...client,
      title: `An interrupted service: ${title}`,
      rule: 'M-5',
      reading: broken,
      contacts,
      expect: [expected],
    });
  add('interrupted', 'unit', {
    ...client,
    title: 'An interrupted service: 8 minutes by each of two coaches',
    rule: 'M-5',
    reading: broken,
    coaches: [peer('coach'), peer('coach', { id: 'coach-b' })],
    contacts: [first(8), second(8, { coachId: 'coach-b', signedBy: 'coach-b' })],
    expect: [none],
  });
}

/** Nobody was met. */
function noContact(add: Add): void {
  const cases: [string, ContactRow, Expectation][] = [
    [
      'A quarter of an hour on the voicemail',
      call({ memberEngaged: false }, { minutes: 15 }),
      billed('not-met', { reasons: ['member-not-engaged'] }),
    ],
    [
      'An hour of waiting for a client who does not come',
      service({ memberEngaged: false }),
      billed('not-met', { reasons: ['member-not-engaged'] }),
    ],
    [
      'A call that does not say who was on the line',
      call({ memberEngaged: undefined }),
      billed('indeterminate', { reasons: ['missing: memberEngaged'] }),
    ],
  ];
  for (const [title, row, expected] of cases)
    add('no-contact', row.modality === 'phone' ? 'telephone' : 'faceToFace', {
      ...client,
      title,
      rule: row.modality === 'phone' ? 'M-4' : 'M-3',
      reading: 'what is billed is contact with the client',
      contacts: [row],
      expect: [expected],
    });
}

export function michiganTraining(add: Add): void {
  noContact(add);
  hours(add);
  recovery(add);
  interrupted(add);
}
