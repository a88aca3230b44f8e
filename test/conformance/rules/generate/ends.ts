import type { Coach, Expectation } from '../format.ts';
import {
  type Add,
  at,
  attested,
  carc,
  coach,
  contact,
  day,
  is,
  least,
  on,
  type Status,
  trainings,
  waiver,
  window,
} from './build.ts';
import type { QuoteKey } from './quotes.ts';

const c = '2026-03-02';

/** On from the contact to what ends `n` days after it. What ends on the 21st day itself binds as the contact does: neither is asked for. */
function boundedBy(n: number, after: Status, bound: string, reason?: string): Expectation[] {
  const last = least(day(c, n), day(c, 21));
  const binds = n === 21 ? {} : { reason: n < 21 ? bound : '21 days after the contact' };
  return [on(c, last, binds), on(last, last, binds), is(after, day(last, 1), n < 21 && reason ? { reason } : {})];
}

const distances = [0, 1, 10, 20, 21, 22];

function lastDays(add: Add): void {
  for (const n of distances) {
    const end = day(c, n);
    const expect = (after: Status, bound: string, reason?: string): Expectation[] => boundedBy(n, after, bound, reason);
    const contacts = [contact(c)];
    const after = n <= 21 ? 'not-applicable' : 'off';
    add('leave', 'caseload', {
      title: `The coach leaves ${n} days after the contact`,
      rule: 'B-5',
      contacts,
      coaches: [coach({ end })],
      expect: expect('off', 'coach qualified until then', 'coach-not-employed'),
    });
    add('death', 'caseload', {
      title: `The member dies ${n} days after the contact`,
      rule: 'CL-1',
      contacts,
      deceased: end,
      expect: expect('off', 'date of death', 'deceased'),
    });
    add('episode', 'caseload', {
      title: `The episode ends ${n} days after the contact`,
      rule: 'CL-1',
      contacts,
      episode: { start: '2023-01-01', end },
      expect: expect('off', 'episode ends', 'episode-ended'),
    });
    add('coverage', 'caseload', {
      title: `Coverage ends ${n} days after the contact`,
      rule: 'CL-1',
      contacts,
      coverage: [{ product: 'masshealth-mco', payer: 'mce', start: '2023-01-01', end }],
      expect: expect(after, 'coverage ends'),
    });
    const expired = coach({ qualifications: [...attested, { ...carc, end }] });
    add('carc', 'carc', {
      title: `CARC expires ${n} days after the contact, hired over two years ago`,
      rule: 'CR-2',
      contacts,
      coaches: [expired],
      expect: expect('off', 'coach qualified until then', 'CR-4 two-years-passed'),
    });
  }
}

function waivers(add: Add): void {
  for (const n of distances) {
    const end = day(c, n);
    const contacts = [contact(c)];
    const waived = (payer: string): Coach =>
      coach({
        qualifications: [
          ...attested,
          ...trainings,
          { code: 'carc-training-waiver', waivers: [waiver(payer, '2022-01-01', end)] },
        ],
      });
    add('waiver', 'waiver', {
      title: `The payer's waiver ends ${n} days after the contact`,
      rule: 'CR-5',
      contacts,
      coaches: [waived('mce')],
      expect: boundedBy(n, 'off', 'coach qualified until then', 'CR-5 not-waived'),
    });
    add('waiver', 'waiver', {
      title: `Another payer's waiver, ending ${n} days after the contact, cures nothing`,
      rule: 'CR-5',
      contacts,
      coaches: [waived('other')],
      expect: [is('off', c, { reason: 'CR-5 not-waived' })],
    });
  }
}

function anniversaries(add: Add): void {
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
      reading: 'within two years: up to the anniversary of the hire, of 29 February up to 28 February',
      contacts: [contact(day(limit, -3))],
      coaches: [coach({ hire, qualifications: [...attested, ...trainings] })],
      expect: [on(limit, limit), is('off', day(limit, 1), { reason: 'CR-4 two-years-passed' })],
    });
}

function attestations(add: Add): void {
  for (const n of [-1, 0, 1, 5]) {
    const start = day(c, n);
    const contacts = [contact(c)];
    const expect = (reason: string): Expectation[] =>
      n <= 0 ? window(c) : [is('off', c, { reason }), is('off', day(c, 10), { reason })];
    const [recovery, board] = attested.map((one) => ({ ...one, attestedAsOf: start }));
    if (!recovery || !board) throw new Error('two attestations');
    add('attested', 'recovery', {
      title: `Two years of recovery attested ${n} days from the contact`,
      rule: 'CR-1',
      contacts,
      coaches: [coach({ qualifications: [...attested.slice(1), recovery, carc] })],
      expect: expect('CR-1 recovery-not-attested'),
    });
    add('attested', 'boards', {
      title: `Board requirements attested ${n} days from the contact`,
      rule: 'CR-10',
      contacts,
      coaches: [coach({ qualifications: [...attested.slice(0, 1), board, carc] })],
      expect: expect('CR-10 board-requirements-not-attested'),
    });
    add('carc', 'carc', {
      title: `CARC begins ${n} days from the contact, hired over two years ago`,
      rule: 'CR-2',
      contacts,
      coaches: [coach({ qualifications: [...attested, { ...carc, start }] })],
      expect: expect('CR-4 two-years-passed'),
    });
  }
}

function gaps(add: Add): void {
  const missing: [string, QuoteKey, string, Coach][] = [
    [
      'recovery attestation',
      'recovery',
      'missing: recovery-attestation',
      coach({ qualifications: [...attested.slice(1), carc] }),
    ],
    [
      'board attestation',
      'boards',
      'missing: board-requirements',
      coach({ qualifications: [...attested.slice(0, 1), carc] }),
    ],
    [
      'hire date, working toward CARC',
      'twoYears',
      'missing: hire date',
      coach({ hire: undefined, qualifications: [...attested, ...trainings] }),
    ],
    ['hire date, with CARC', 'twoYears', 'missing: hire date', coach({ hire: undefined })],
    [
      'ethics training, newly hired',
      'carc',
      'missing: ethics',
      coach({
        hire: '2025-06-01',
        qualifications: [...attested, ...trainings.filter(({ code }) => code !== 'ethics')],
      }),
    ],
  ];
  for (const [word, quote, reason, one] of missing)
    add('missing', quote, {
      title: `Missing: ${word}`,
      rule: 'B-5',
      contacts: [contact(c)],
      coaches: [one],
      expect: [is('indeterminate', c, { reason })],
    });
}

function coaches(add: Add): void {
  const b = coach({ id: 'coach-b' });
  add('coaches', 'caseload', {
    title: 'A new coach needs an own contact; the former coach keeps the window',
    rule: 'CL-1',
    reading: 'the caseload is the coach’s own, and so is the contact',
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
    expect: [is('off', c), is('off', day(c, 2), { reason: 'no contact within 21 days' }), on(day(c, 3), day(c, 24))],
  });
}

/** Of a death in a year or a month the days from its first on are open, but for those up to a later contact. */
function vagueDeaths(add: Add): void {
  const reason = 'missing: date of death';
  add('vague-death', 'caseload', {
    title: 'The member died in March: the day of the contact is known, the next is not',
    rule: 'CL-1',
    reading: 'who was met on a day lived on it; of any other day in the month of death nobody knows',
    contacts: [contact(c)],
    deceased: '2026-03',
    expect: [on(c, c), is('indeterminate', day(c, 1), { reason }), is('off', day(c, 22))],
  });
  add('vague-death', 'caseload', {
    title: 'The member died in 2026: the last day of 2025 is known, the first of the year is not',
    rule: 'CL-1',
    reading: 'who died in a year lived until it began',
    contacts: [contact('2025-12-20')],
    deceased: '2026',
    expect: [on('2025-12-31', '2025-12-31'), is('indeterminate', '2026-01-01', { reason })],
  });
  add('vague-death', 'caseload', {
    title: 'The member died in February: in March nobody is on a caseload',
    rule: 'CL-1',
    contacts: [contact('2026-02-20')],
    deceased: '2026-02',
    expect: [is('indeterminate', '2026-02-28', { reason }), is('off', '2026-03-01', { reason: 'deceased' })],
  });
}

export function ends(add: Add): void {
  vagueDeaths(add);
  lastDays(add);
  waivers(add);
  anniversaries(add);
  attestations(add);
  gaps(add);
  coaches(add);
}
