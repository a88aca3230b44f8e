import { type Add, contact, day, is, on, window } from './build.ts';

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

export function coverage(add: Add): void {
  planTypes(add);
  products(add);
  changes(add);
}
