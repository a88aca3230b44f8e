import { type Add, billing, contact, day, is, on, window } from './build.ts';

const c = '2026-03-02';

function products(add: Add): void {
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
}

function changes(add: Add): void {
  for (const n of [1, 5, 15]) {
    const end = day(c, n);
    const mco = { product: 'masshealth-mco', payer: 'mce', start: '2023-01-01', end };
    const gap = [mco, { product: 'masshealth-mco', payer: 'mce', start: day(end, 4) }];
    add('gap', 'caseload', {
      title: `A coverage gap of three days from day ${n + 1}: the contact carries over`,
      rule: 'CL-1',
      reading: 'a contact carries over a gap or change of coverage; each day uses that day’s rules',
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
}

/** What the contract says of the plan's type goes before what its product usually is. */
function planTypes(add: Add): void {
  for (const [product, planType, applies] of [
    ['masshealth-mco', 'sco', false],
    ['masshealth-mco', 'pace', false],
    ['masshealth-one-care', 'mco', true],
    ['optum-commercial', 'mco', true],
    ['optum-commercial', 'acpp', true],
    ['optum-commercial', 'bhv', true],
    ['optum-commercial', 'one-care', false],
    ['optum-commercial', 'commercial', false],
  ] as const)
    add('plan-type', applies ? 'caseload' : 'notApplicable', {
      title: `Product ${product} of plan type ${planType}: the billing section ${applies ? 'binds' : 'does not bind'}`,
      rule: 'CL-1',
      contacts: [contact(c)],
      coverage: [{ product, planType, payer: 'mce', start: '2023-01-01' }],
      expect: applies ? window(c) : [is('not-applicable', c), is('not-applicable', day(c, 22))],
    });
}

function incomplete(add: Add): void {
  const reason = 'missing: Coverage.period.start';
  add('open-coverage', 'caseload', {
    title: 'Nobody says from when the coverage holds: no day is known to be covered',
    rule: 'CL-1',
    contacts: [contact(c)],
    coverage: [{ product: 'masshealth-mco', payer: 'mce' }],
    expect: [is('indeterminate', c, { reason }), is('indeterminate', day(c, 21), { reason }), is('off', day(c, 22))],
  });
  add('open-coverage', 'caseload', {
    title: 'A coverage without a start beside one with a period, which decides on its own days',
    rule: 'CL-1',
    contacts: [contact(c)],
    coverage: [
      { product: 'masshealth-mco', payer: 'mce' },
      { product: 'masshealth-mco', payer: 'mce', start: '2023-01-01', end: day(c, 5) },
    ],
    expect: [on(c, day(c, 5), { reason: 'coverage ends' }), is('indeterminate', day(c, 6), { reason })],
  });
}

function twoPayers(add: Add): void {
  const first = { product: 'masshealth-mco', payer: 'mce', start: '2023-01-01', end: day(c, 3) };
  const second = { product: 'masshealth-acpp', payer: 'other', start: day(c, 3) };
  const reading = 'a member is enrolled with one plan at a time, so of two on one day a person must say which holds';
  const billed = (result: 'met' | 'indeterminate', asOf: string) =>
    billing('B-2', result, asOf, { reasons: result === 'met' ? [] : ['two-payers-at-once'] });
  add('two-payers', 'billDaily', {
    title: 'Two plans share one day',
    rule: 'B-2',
    reading,
    episode: { start: day(c, -10) },
    contacts: [contact(c)],
    coverage: [first, second],
    expect: [billed('met', day(c, 2)), billed('indeterminate', day(c, 3))],
  });
  add('two-payers', 'billDaily', {
    title: 'One plan follows the other',
    rule: 'B-2',
    reading,
    episode: { start: day(c, -10) },
    contacts: [contact(c)],
    coverage: [first, { ...second, start: day(c, 4) }],
    expect: [billed('met', day(c, 3))],
  });
}

export function coverage(add: Add): void {
  incomplete(add);
  twoPayers(add);
  planTypes(add);
  products(add);
  changes(add);
}
