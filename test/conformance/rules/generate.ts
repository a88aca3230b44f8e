import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { DateTime } from 'luxon';
import type { Coach, ContactRow, Expectation, History } from './run.ts';

// Writes histories/*.json. Expectations are stated by calendar arithmetic on the payers' sentences; nothing of src/domain is read.

const zone = 'America/New_York';
const folder = new URL('histories/', import.meta.url);
const bulletin = '002_87ced7b2bc22d786.txt';
const optumFile = '001_def3f483afb1e478.txt';
const quotes = {
  caseload:
    'A member is considered to be on the Peer Recovery Coach’s caseload if the Peer Recovery Coach has had documented contact with the member within the past 21 days.',
  engaged:
    'during which the member demonstrates engagement through reciprocating texts, emails, or engaging in phone or audio-visual communications',
  inPerson: 'An in-person meeting',
  accompany: 'The Peer Recovery Coach accompanying the member to an appointment',
  twoYears: 'within two years of being hired do not continue providing Peer Recovery Coach Services.',
  waiver: 'The CARC training requirement may be waived in cases of extenuating circumstances',
  carc: 'must have obtained or must demonstrate that they are working to obtain credentialing as a Certified Addiction Recovery Coach (CARC)',
  recovery: 'A qualified Peer Recovery Coach must have at least two years of sustained recovery',
  notApplicable: 'The requirements in this section are not applicable to One Care plans, SCOs, and PACE Organizations.',
  connection: 'at least one connection with the Enrollee over a 21-day period.',
} as const;

type Status = NonNullable<Expectation['status']>;
type Draft = Pick<History, 'title' | 'rule' | 'contacts' | 'expect'> & Partial<History>;
const histories: History[] = [];
const numbers = new Map<string, number>();

function add(family: string, quote: keyof typeof quotes, draft: Draft): void {
  const number = (numbers.get(family) ?? 0) + 1;
  numbers.set(family, number);
  histories.push({
    id: `${family}-${String(number).padStart(3, '0')}`,
    quote: quotes[quote],
    source: quote === 'connection' ? optumFile : bulletin,
    zone,
    ruleset: 'masshealth-mce',
    coverage: [{ product: 'masshealth-mco', payer: 'mce', start: '2023-01-01' }],
    coaches: [coach()],
    episode: { start: '2023-01-01' },
    ...draft,
  });
}

function day(date: string, days: number): string {
  return DateTime.fromISO(date, { zone: 'utc' }).plus({ days }).toISODate() ?? '';
}
function at(date: string, time = '12:00'): string {
  return DateTime.fromISO(`${date}T${time}`, { zone }).toISO({ suppressMilliseconds: true }) ?? '';
}
function night(date: string): string {
  return at(date, '23:59:59');
}
function least(a: string, b: string): string {
  return a < b ? a : b;
}

const attested = [
  { code: 'recovery-attestation', attestedAsOf: '2020-01-01' },
  { code: 'board-requirements', attestedAsOf: '2020-01-01' },
];
const carc = { code: 'carc', number: 'C-1', issuer: 'board', start: '2021-01-01' };
const trainings = ['academy', 'ethics', 'supervision', 'further-training'].map((code) => ({
  code,
  start: '2020-01-01',
}));
function coach(more: Partial<Coach> = {}): Coach {
  return { id: 'coach-a', hire: '2020-06-01', qualifications: [...attested, carc], ...more };
}
function contact(date: string, more: Partial<ContactRow> = {}, time = '12:00'): ContactRow {
  const instant = at(date, time);
  return {
    externalId: 'c1',
    coachId: 'coach-a',
    startTime: instant,
    kind: 'session',
    modality: 'in-person',
    memberEngaged: true,
    documentedAt: instant,
    signedBy: 'coach-a',
    status: 'final',
    recordedAt: instant,
    ...more,
  };
}
function text(id: string, date: string, from: 'member' | 'coach', more: Partial<ContactRow> = {}): ContactRow {
  const startTime = at(date, from === 'member' ? '15:00' : '14:00');
  const direction = from === 'member' ? 'from-member' : 'to-member';
  return {
    externalId: id,
    coachId: 'coach-a',
    startTime,
    kind: 'message',
    modality: 'text',
    direction,
    recordedAt: startTime,
    ...more,
  };
}
function on(asOf: string, lastDay: string, more: Partial<Expectation> = {}): Expectation {
  const daysLeft = Math.round((Date.parse(lastDay) - Date.parse(asOf)) / 86_400_000);
  return { asOf, knownAt: night(asOf), status: 'on', lastDay, daysLeft, ...more };
}
function is(status: Status, asOf: string, more: Partial<Expectation> = {}): Expectation {
  return { asOf, knownAt: night(asOf), status, ...more };
}
/** Past 21 days: the 21st day after the contact's date is the last. */
function window(date: string, id = 'c1'): Expectation[] {
  const last = day(date, 21);
  return [0, 20, 21]
    .map((n) => on(day(date, n), last, { contactDate: date, decidingContact: id }))
    .concat([is('off', day(date, 22))]);
}

const boundaryDates =
  '2024-02-08 2024-02-09 2024-02-29 2025-02-07 2025-02-28 2025-03-09 2025-10-12 2025-11-02 2025-12-31 2026-02-15 2026-03-08 2026-10-11 2026-11-01 2027-03-14 2027-11-07'.split(
    ' ',
  );
for (const date of boundaryDates) {
  for (const time of ['00:00', '12:00', '23:59'])
    add('window', 'caseload', {
      title: `A contact at ${time} on ${date} covers 21 days after its date`,
      rule: 'CL-1',
      contacts: [contact(date, {}, time)],
      expect: [is('off', day(date, -1)), ...window(date)],
    });
  const utc = DateTime.fromISO(at(date, '23:30')).toUTC().toISO({ suppressMilliseconds: true }) ?? '';
  add('utc', 'caseload', {
    title: `A contact written in UTC late on ${date} is dated in the member's zone`,
    rule: 'CL-1',
    contacts: [contact(date, { startTime: utc, documentedAt: utc, recordedAt: utc })],
    expect: window(date),
  });
  const endTime = at(day(date, 1), '00:40');
  add('midnight', 'caseload', {
    title: `A contact across the midnight after ${date} counts on the date it began`,
    rule: 'CL-1',
    contacts: [contact(date, { endTime, documentedAt: endTime, recordedAt: endTime }, '23:20')],
    expect: window(date).slice(1),
  });
}

const c = '2026-03-02';
for (const modality of ['phone', 'video'])
  for (const [word, memberEngaged] of [
    ['an engaged member', true],
    ['voicemail', false],
    ['engagement not said', undefined],
  ] as const)
    for (const kind of ['session', 'accompaniment'])
      add('engagement', 'engaged', {
        title: `${kind} by ${modality}: ${word}`,
        rule: 'CT-2',
        contacts: [contact(c, { kind, modality, memberEngaged })],
        expect:
          memberEngaged === true
            ? window(c)
            : [is(memberEngaged === false ? 'off' : 'indeterminate', day(c, 1)), is('off', day(c, 22))],
      });
for (const kind of ['session', 'accompaniment'])
  add('in-person', kind === 'session' ? 'inPerson' : 'accompany', {
    title: `${kind} in person`,
    rule: kind === 'session' ? 'CT-3' : 'CT-4',
    contacts: [contact(c, { kind, memberEngaged: undefined })],
    expect: window(c),
  });
for (const individualInteraction of [true, false, undefined])
  add('group', 'inPerson', {
    title: `Group with individual interaction ${individualInteraction ?? 'not said'}`,
    rule: 'CT-3',
    contacts: [contact(c, { kind: 'group', groupSize: 6, individualInteraction })],
    expect: individualInteraction
      ? window(c)
      : [is(individualInteraction === false ? 'off' : 'indeterminate', day(c, 1))],
  });

for (const modality of ['text', 'email']) {
  for (let gap = -9; gap <= 9; gap++) {
    const coachDate = day(c, gap);
    const asked = gap > 0 ? coachDate : c;
    add('pair', 'engaged', {
      title: `${modality}: the coach writes ${gap} dates after the member`,
      rule: 'CT-2',
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
    contacts: [
      text('k', c, 'coach', { modality }),
      ...[0, 1, 2, 3, 4].map((n) => text(`m${n}`, day(c, n), 'member', { modality })),
    ],
    expect: [on(day(c, 5), day(c, 21), { contactDate: c, decidingContact: 'm0' }), is('off', day(c, 22))],
  });
}

for (const delay of [1, 2, 7, 14, 20, 21, 22, 30, 60]) {
  const signed = day(c, delay);
  const inside = Math.min(delay, 21);
  add('late', 'caseload', {
    title: `Signed ${delay} days later: pending before, counted back to its date after`,
    rule: 'CT-1',
    contacts: [contact(c, { documentedAt: at(signed) })],
    expect: [
      is('indeterminate', day(c, inside), { knownAt: at(day(signed, -1)), contactDate: c }),
      on(day(c, inside), day(c, 21), { knownAt: night(signed), contactDate: c }),
      is('off', day(c, 22), { knownAt: night(day(c, 90)) }),
    ],
  });
  add('late', 'caseload', {
    title: `Recorded ${delay} days later: unknown before, counted back to its date after`,
    rule: 'CT-1',
    contacts: [contact(c, { documentedAt: at(signed), recordedAt: at(signed) })],
    expect: [
      is('off', day(c, inside), { knownAt: at(day(signed, -1)) }),
      on(day(c, inside), day(c, 21), { knownAt: night(signed), contactDate: c }),
    ],
  });
}

const refused: [string, 'off' | 'indeterminate', Partial<ContactRow>][] = [
  ['cancelled', 'off', { encounterStatus: 'cancelled' }],
  ['entered in error', 'off', { status: 'entered-in-error' }],
  ['voicemail', 'off', { modality: 'phone', memberEngaged: false }],
  ['group without interaction', 'off', { kind: 'group', individualInteraction: false }],
  ['planned', 'indeterminate', { encounterStatus: 'planned' }],
  ['preliminary', 'indeterminate', { status: 'preliminary' }],
  ['signed by another', 'indeterminate', { signedBy: 'coach-b' }],
  ['unsigned', 'indeterminate', { documentedAt: undefined, signedBy: undefined }],
];
for (const [word, status, more] of refused) {
  add('refused', 'caseload', {
    title: `Only a contact that is ${word}`,
    rule: 'CT-1',
    contacts: [contact(c, more)],
    expect: [is(status, c), is(status, day(c, 21)), is('off', day(c, 22))],
  });
  for (const before of [1, 10, 20, 21, 22]) {
    const older = day(c, -before);
    add('older', 'caseload', {
      title: `The newest is ${word}; one ${before} days older decides while it is within 21 days`,
      rule: 'CL-1',
      contacts: [contact(c, { externalId: 'new', ...more }), contact(older, { externalId: 'old' })],
      expect:
        before <= 21
          ? [on(c, day(older, 21), { contactDate: older, decidingContact: 'old' }), is(status, day(older, 22))]
          : [is(status, c)],
    });
  }
}

for (const n of [0, 1, 10, 20, 21, 22]) {
  const end = day(c, n);
  const last = least(end, day(c, 21));
  const expect = (after: Status): Expectation[] => [on(c, last), on(last, last), is(after, day(last, 1))];
  const contacts = [contact(c)];
  const after = n <= 21 ? 'not-applicable' : 'off';
  add('leave', 'caseload', {
    title: `The coach leaves ${n} days after the contact`,
    rule: 'B-5',
    contacts,
    coaches: [coach({ end })],
    expect: expect('off'),
  });
  add('death', 'caseload', {
    title: `The member dies ${n} days after the contact`,
    rule: 'CL-1',
    contacts,
    deceased: end,
    expect: expect('off'),
  });
  add('episode', 'caseload', {
    title: `The episode ends ${n} days after the contact`,
    rule: 'CL-1',
    contacts,
    episode: { start: '2023-01-01', end },
    expect: expect('off'),
  });
  add('coverage', 'caseload', {
    title: `Coverage ends ${n} days after the contact`,
    rule: 'CL-1',
    contacts,
    coverage: [{ product: 'masshealth-mco', payer: 'mce', start: '2023-01-01', end }],
    expect: expect(after),
  });
  const expired = coach({ qualifications: [...attested, { ...carc, end }] });
  add('carc', 'carc', {
    title: `CARC expires ${n} days after the contact, hired over two years ago`,
    rule: 'CR-2',
    contacts,
    coaches: [expired],
    expect: expect('off'),
  });
  const waived = (payer: string): Coach =>
    coach({
      qualifications: [
        ...attested,
        ...trainings,
        { code: 'carc-training-waiver', waivers: [{ payer, start: '2022-01-01', end }] },
      ],
    });
  add('waiver', 'waiver', {
    title: `The payer's waiver ends ${n} days after the contact`,
    rule: 'CR-5',
    contacts,
    coaches: [waived('mce')],
    expect: expect('off'),
  });
  add('waiver', 'waiver', {
    title: `Another payer's waiver, ending ${n} days after the contact, cures nothing`,
    rule: 'CR-5',
    contacts,
    coaches: [waived('other')],
    expect: [is('off', c)],
  });
}
for (const [hire, limit] of [
  ['2024-02-29', '2026-02-28'],
  ['2024-02-28', '2026-02-28'],
  ['2024-03-01', '2026-03-01'],
  ['2022-02-28', '2024-02-28'],
  ['2024-03-10', '2026-03-10'],
  ['2023-12-31', '2025-12-31'],
] as const)
  add('anniversary', 'twoYears', {
    title: `Hired ${hire} without CARC: ${limit} is the last day`,
    rule: 'CR-4',
    contacts: [contact(day(limit, -3))],
    coaches: [coach({ hire, qualifications: [...attested, ...trainings] })],
    expect: [on(limit, limit), is('off', day(limit, 1))],
  });
for (const n of [-1, 0, 1, 5]) {
  const start = day(c, n);
  const contacts = [contact(c)];
  const expect = n <= 0 ? window(c) : [is('off', c), is('off', day(c, 10))];
  const [recovery, board] = attested.map((one) => ({ ...one, attestedAsOf: start }));
  if (!recovery || !board) throw new Error('two attestations');
  add('attested', 'recovery', {
    title: `Two years of recovery attested ${n} days from the contact`,
    rule: 'CR-1',
    contacts,
    coaches: [coach({ qualifications: [...attested.slice(1), recovery, carc] })],
    expect,
  });
  add('attested', 'recovery', {
    title: `Board requirements attested ${n} days from the contact`,
    rule: 'CR-10',
    contacts,
    coaches: [coach({ qualifications: [...attested.slice(0, 1), board, carc] })],
    expect,
  });
  add('carc', 'carc', {
    title: `CARC begins ${n} days from the contact, hired over two years ago`,
    rule: 'CR-2',
    contacts,
    coaches: [coach({ qualifications: [...attested, { ...carc, start }] })],
    expect,
  });
}
const missing: [string, Coach][] = [
  ['recovery attestation', coach({ qualifications: [...attested.slice(1), carc] })],
  ['board attestation', coach({ qualifications: [...attested.slice(0, 1), carc] })],
  ['hire date, working toward CARC', coach({ hire: undefined, qualifications: [...attested, ...trainings] })],
  [
    'ethics training, newly hired',
    coach({ hire: '2025-06-01', qualifications: [...attested, ...trainings.filter(({ code }) => code !== 'ethics')] }),
  ],
];
for (const [word, one] of missing)
  add('missing', 'carc', {
    title: `Missing: ${word}`,
    rule: 'B-5',
    contacts: [contact(c)],
    coaches: [one],
    expect: [is('indeterminate', c)],
  });

const b = coach({ id: 'coach-b' });
add('coaches', 'caseload', {
  title: 'A new coach needs an own contact; the former coach keeps the window',
  rule: 'CL-1',
  coaches: [coach(), b],
  contacts: [contact(c), contact(day(c, 10), { externalId: 'c2', coachId: 'coach-b', signedBy: 'coach-b' })],
  expect: [
    on(day(c, 9), day(c, 21), { coach: 'coach-a' }),
    is('off', day(c, 9), { coach: 'coach-b' }),
    on(day(c, 10), day(c, 31), { coach: 'coach-b' }),
    is('off', day(c, 22), { coach: 'coach-a' }),
    on(day(c, 31), day(c, 31), { coach: 'coach-b' }),
  ],
});
add('future', 'caseload', {
  title: 'A contact that lies ahead has not happened',
  rule: 'CL-1',
  contacts: [contact(day(c, 3), { recordedAt: at(c) })],
  expect: [is('off', c), is('off', day(c, 2)), on(day(c, 3), day(c, 24))],
});

for (const [product, applies] of [
  ['masshealth-mco', true],
  ['masshealth-acpp', true],
  ['masshealth-bh-vendor', true],
  ['tufts-together', true],
  ['masshealth-one-care', false],
  ['masshealth-sco', false],
  ['masshealth-pace', false],
  ['tufts-unify', false],
  ['tufts-sco', false],
  ['tufts-commercial', false],
  ['tufts-ritogether', false],
  ['optum-commercial', false],
  ['michigan-cmhsp', false],
] as const)
  add('product', applies ? 'caseload' : 'notApplicable', {
    title: `Product ${product}: the bulletin's billing section ${applies ? 'binds' : 'does not bind'}`,
    rule: 'CL-1',
    contacts: [contact(c)],
    coverage: [{ product, payer: 'mce', start: '2023-01-01' }],
    expect: applies ? window(c) : [is('not-applicable', c), is('not-applicable', day(c, 22))],
  });

for (const date of ['2024-02-09', '2025-03-09', '2026-03-08', '2026-11-01', '2027-03-14'])
  for (const n of [0, 19, 20, 21])
    add('optum', 'connection', {
      title: `O-1: ${n} days after a connection on ${date}`,
      rule: 'O-1',
      ruleset: 'optum',
      // Optum asks for a diploma and an approved training beside the certificate (Staffing 2 and 3).
      coaches: [coach({ qualifications: [...attested, carc, ...trainings, { code: 'diploma', start: '2020-01-01' }] })],
      coverage: [{ product: 'optum-commercial', payer: 'optum', start: '2023-01-01' }],
      contacts: [contact(date)],
      expect: [
        {
          asOf: day(date, n),
          knownAt: night(day(date, n)),
          measure: { rule: 'O-1', result: n <= 20 ? 'met' : 'not-met', count: n <= 20 ? 1 : 0, dueDate: day(date, 21) },
        },
      ],
    });

for (const n of [1, 5, 15]) {
  const end = day(c, n);
  const mco = { product: 'masshealth-mco', payer: 'mce', start: '2023-01-01', end };
  const gap = [mco, { product: 'masshealth-mco', payer: 'mce', start: day(end, 4) }];
  add('gap', 'caseload', {
    title: `A coverage gap of three days from day ${n + 1}: the contact carries over`,
    rule: 'CL-1',
    contacts: [contact(c)],
    coverage: gap,
    expect: [
      on(end, end),
      is('not-applicable', day(end, 1)),
      is('not-applicable', day(end, 3)),
      on(day(end, 4), day(c, 21)),
      is('off', day(c, 22)),
    ],
  });
  const change = [mco, { product: 'masshealth-one-care', payer: 'onecare', start: day(end, 1) }];
  add('gap', 'notApplicable', {
    title: `Coverage changes to One Care after day ${n}`,
    rule: 'CL-1',
    contacts: [contact(c)],
    coverage: change,
    expect: [on(end, end), is('not-applicable', day(end, 1))],
  });
}

mkdirSync(folder, { recursive: true });
for (const name of readdirSync(folder)) rmSync(new URL(name, folder));
for (const history of histories) writeFileSync(new URL(`${history.id}.json`, folder), `${JSON.stringify(history)}\n`);
console.log(`${histories.length} histories`);
