import type { Authorization, Charge, Expectation, History } from '../format.ts';
import { type Add, at, attested, billing, coach, contact, day, night, trainings, waiver } from './build.ts';

const start = '2026-01-12';
const c = '2026-03-02';
const charge = 'H2016-HM';
const episode = { start };

function yes(asOf: string, asked: Partial<Expectation> = {}): Expectation {
  return billing('B-2', 'met', asOf, { reasons: [], charge }, asked);
}
function no(asOf: string, reasons: readonly string[], asked: Partial<Expectation> = {}): Expectation {
  return billing('B-2', 'not-met', asOf, { reasons }, asked);
}
function open(asOf: string, reasons: readonly string[], asked: Partial<Expectation> = {}): Expectation {
  return billing('B-2', 'indeterminate', asOf, { reasons }, asked);
}

function everyDay(add: Add): void {
  for (const date of [c, '2026-03-08', '2026-11-01', '2024-02-29']) {
    const first = day(date, -30);
    add('billable', 'chargeCode', {
      title: `One contact on ${date} makes its date and the 21 after it billable`,
      rule: 'B-2',
      reading: 'days without a contact bill as the day of the contact does',
      episode: { start: first },
      contacts: [contact(date)],
      expect: [
        no(day(date, -1), ['caseload-off']),
        yes(date),
        yes(day(date, 1)),
        yes(day(date, 20)),
        yes(day(date, 21)),
        no(day(date, 22), ['caseload-off']),
      ],
    });
    add('billable', 'dailyRate', {
      title: `${date} may be billed once it has closed, not a second before`,
      rule: 'B-2',
      reading: 'a later contact can still put the member on, so a day is judged once it has passed',
      episode: { start: first },
      contacts: [contact(date)],
      expect: [
        open(date, ['day-not-closed'], { knownAt: night(date) }),
        yes(date, { knownAt: at(day(date, 1), '00:00') }),
      ],
    });
  }
  add('billable', 'billDaily', {
    title: 'Recorded three days later: the days before count back',
    rule: 'B-2',
    episode,
    contacts: [contact(c, { recordedAt: at(day(c, 3)), documentedAt: at(day(c, 3)) })],
    expect: [no(c, ['caseload-off'], { knownAt: at(day(c, 2)) }), yes(c, { knownAt: at(day(c, 4)) })],
  });
  add('billable', 'billDaily', {
    title: 'Not documented: open, and never billable meanwhile',
    rule: 'B-2',
    episode,
    contacts: [contact(c, { documentedAt: undefined, signedBy: undefined })],
    expect: [open(c, ['no-documentation']), open(day(c, 21), ['no-documentation']), no(day(c, 22), ['caseload-off'])],
  });
}

function charged(add: Add): void {
  const asOf = day(c, 4);
  const states: [Charge['status'], Expectation][] = [
    ['billable', no(asOf, ['already-charged'])],
    ['billed', no(asOf, ['already-charged'])],
    ['planned', yes(asOf)],
    ['not-billable', yes(asOf)],
    ['aborted', yes(asOf)],
    ['unknown', open(asOf, ['missing: status or organization of a ChargeItem'])],
  ];
  for (const [status, expected] of states)
    add('charged', 'dailyRate', {
      title: `A unit of the day is ${status}`,
      rule: 'B-2',
      reading: 'one unit for an organisation, a member and a day; a planned or refused one is none',
      episode,
      contacts: [contact(c)],
      charges: [{ id: 'u1', date: asOf, organization: 'employer', status }],
      expect: [expected, yes(day(asOf, 1))],
    });
  add('charged', 'dailyRate', {
    title: 'Another organisation billed the day: each is judged, with a warning',
    rule: 'B-2',
    episode,
    contacts: [contact(c)],
    charges: [{ id: 'u1', date: asOf, organization: 'another', status: 'billed' }],
    expect: [billing('B-2', 'met', asOf, { charge, warning: 'charged-by-another-organisation' }), yes(day(asOf, 1))],
  });
}

function ends(add: Add): void {
  const last = day(c, 5);
  const after = day(last, 1);
  const cases: [string, Partial<History>, readonly string[]][] = [
    [
      'Coverage ends',
      { coverage: [{ product: 'masshealth-mco', payer: 'mce', start: '2023-01-01', end: last }] },
      ['coverage-not-active'],
    ],
    ['The episode ends', { episode: { start, end: last } }, ['episode-ended']],
    ['The member dies', { deceased: last }, ['deceased']],
    ['The only coach leaves', { coaches: [coach({ end: last })] }, ['coach-not-employed', 'employs-no-coach']],
  ];
  for (const [title, more, reasons] of cases)
    add('billing-ends', 'billDaily', {
      title: `${title} five days after the contact: that day bills, the next does not`,
      rule: 'B-2',
      episode,
      contacts: [contact(c)],
      ...more,
      expect: [yes(last), no(after, reasons)],
    });
  const lastWaived = coach({
    qualifications: [
      ...attested,
      ...trainings,
      { code: 'carc-training-waiver', waivers: [waiver('mce', '2022-01-01', last)] },
    ],
  });
  add('billing-ends', 'waiver', {
    title: 'The payer’s waiver ends five days after the contact, long after two years',
    rule: 'B-2',
    episode,
    contacts: [contact(c)],
    coaches: [lastWaived],
    expect: [yes(last), no(after, ['CR-4 two-years-passed', 'CR-5 not-waived'])],
  });
  add('billing-ends', 'billDaily', {
    title: 'Two reasons on one day are both told',
    rule: 'B-2',
    episode,
    contacts: [contact(c)],
    coverage: [{ product: 'masshealth-mco', payer: 'mce', start: '2023-01-01', end: last }],
    charges: [{ id: 'u1', date: after, organization: 'employer', status: 'billed' }],
    expect: [yes(last), no(after, ['coverage-not-active', 'already-charged'])],
  });
}

function solo(add: Add): void {
  const own = { organization: 'coach-a', role: 'coach', start: '2020-06-01' } as const;
  add('solo', 'solo', {
    title: 'A coach who bills for himself',
    rule: 'OR-1',
    episode,
    organization: { id: 'coach-a', kind: 'practitioner' },
    coaches: [coach({ roles: [own] })],
    contacts: [contact(c)],
    expect: [no(c, ['solo-practitioner'])],
  });
  for (const n of [-1, 0])
    add('solo', 'solo', {
      title: `The organisation’s coaches ${n < 0 ? 'left the day before' : 'are there for the last day'}`,
      rule: 'OR-1',
      episode,
      coaches: [coach({ end: day(c, n) })],
      contacts: [contact(day(c, -3))],
      expect: [n < 0 ? no(c, ['coach-not-employed', 'employs-no-coach']) : yes(c)],
    });
}

function approval(add: Add): void {
  const from = day(start, 90);
  const asked = (more: Partial<Authorization>): Authorization => ({
    id: 'a1',
    payer: 'mce',
    decision: 'approved',
    number: 'PA-1',
    requested: { start: from, end: day(from, 29) },
    authorized: { start: from, end: day(from, 29) },
    ...more,
  });
  const cases: [string, Partial<History>, Expectation[]][] = [
    ['the plan asks for nothing', { settings: { postExemption: 'none' } }, [yes(from), yes(day(from, 10))]],
    ['nobody knows what the plan asks for', {}, [open(from, ['plan-config'])]],
    [
      'a review is to come',
      { settings: { postExemption: 'concurrent-review' } },
      [open(from, ['missing: concurrent review'])],
    ],
    ['no approval is there', { settings: { postExemption: 'prior-auth' } }, [no(from, ['no-authorization'])]],
    [
      'the authorization ends early',
      {
        settings: { postExemption: 'prior-auth' },
        authorizations: [asked({ authorized: { start: from, end: day(from, 9) } })],
      },
      [yes(from), yes(day(from, 9)), no(day(from, 10), ['no-authorization'])],
    ],
    [
      'the plan has not answered',
      { settings: { postExemption: 'prior-auth' }, authorizations: [asked({ decision: 'pending' })] },
      [open(from, ['authorization-pending'])],
    ],
    [
      'the plan denied it',
      { settings: { postExemption: 'prior-auth' }, authorizations: [asked({ decision: 'denied', authorized: {} })] },
      [no(from, ['authorization-denied'])],
    ],
  ];
  for (const [title, more, expect] of cases)
    add('billing-approval', 'firstNinety', {
      title: `After the first 90 days ${title}`,
      rule: 'B-2',
      reading:
        'the bulletin lets a plan ask for documents after day 90 and obliges nobody to: what it asks for is its setting',
      episode,
      contacts: [contact(day(start, 82)), contact(day(start, 95), { externalId: 'c2' })],
      ...more,
      expect: [yes(day(from, -1)), ...expect],
    });
}

function coaches(add: Add): void {
  const b = coach({ id: 'coach-b' });
  add('billing-coaches', 'billDaily', {
    title: 'Two coaches, one unit: the day bills for as long as one of them has the member',
    rule: 'B-2',
    episode,
    coaches: [coach(), b],
    contacts: [contact(c), contact(day(c, 10), { externalId: 'c2', coachId: 'coach-b', signedBy: 'coach-b' })],
    expect: [yes(c), yes(day(c, 21)), yes(day(c, 22)), yes(day(c, 31)), no(day(c, 32), ['caseload-off'])],
  });
  const last = day(c, 5);
  for (const n of [6, 9])
    add('billing-coaches', 'billDaily', {
      title: `The coach leaves on day 5, and the next coach’s first contact is on day ${n}`,
      rule: 'B-2',
      reading: 'the new coach needs an own contact for an own caseload',
      episode,
      coaches: [coach({ end: last }), b],
      contacts: [contact(c), contact(day(c, n), { externalId: 'c2', coachId: 'coach-b', signedBy: 'coach-b' })],
      expect: [
        yes(last),
        ...(n === 6 ? [] : [no(day(c, 6), ['coach-not-employed', 'no contact within 21 days'])]),
        yes(day(c, n)),
        yes(day(c, n + 21)),
      ],
    });
}

/** Coverage changes while the episode goes on: each day has that day's rules. */
function change(add: Add): void {
  const last = day(c, 6);
  const oneCare = { ruleset: 'masshealth-one-care-sco' };
  const coverage = [
    { product: 'masshealth-mco', payer: 'mce', start: '2023-01-01', end: last },
    { product: 'masshealth-one-care', payer: 'onecare', start: day(last, 1) },
  ];
  add('billing-change', 'notApplicable', {
    title: 'From an MCO to One Care: H2016-HM up to the last day, the contract’s rate afterwards',
    rule: 'B-4',
    episode,
    coverage,
    contacts: [contact(c)],
    expect: [
      yes(last),
      no(day(last, 1), ['coverage-not-active']),
      billing('B-4', 'not-met', last, { reasons: ['coverage-not-active'] }, { ...oneCare, knownAt: at(day(last, 2)) }),
      billing(
        'B-4',
        'indeterminate',
        day(last, 1),
        { reasons: ['no-rate-config'] },
        { ...oneCare, knownAt: at(day(last, 2)) },
      ),
    ],
  });
  add('billing-change', 'billDaily', {
    title: 'From one MCO to another: the contact carries over, each plan bills its own days',
    rule: 'B-2',
    episode,
    coverage: [coverage[0], { product: 'masshealth-acpp', payer: 'mce', start: day(last, 1) }] as History['coverage'],
    contacts: [contact(c)],
    expect: [yes(last), yes(day(last, 1)), yes(day(c, 21)), no(day(c, 22), ['caseload-off'])],
  });
}

export function billingDays(add: Add): void {
  everyDay(add);
  charged(add);
  ends(add);
  solo(add);
  approval(add);
  coaches(add);
  change(add);
}
