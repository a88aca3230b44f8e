import { describe, expect, test } from 'vitest';
import { localDate } from '../../../src/base/time.ts';
import { charges } from '../../../src/domain/facts/authorizations.ts';
import { cutCharges } from '../../../src/domain/facts/cut-charges.ts';
import type { MemberFacts } from '../../../src/domain/facts/facts.ts';
import { factsFrom } from '../../../src/domain/facts/from-fhir.ts';
import { organizationFacts } from '../../../src/domain/facts/organizations.ts';
import { michiganFacts } from '../../../src/domain/michigan-facts.ts';
import { type BillingChange, type BillingRecords, billingPreviewOf } from '../../../src/domain/preview-billing.ts';
import { canonicalOf, type Ruleset } from '../../../src/domain/ruleset.ts';
import { structure } from '../../../src/fhir/canonical.ts';
import { contact, employer, episode, memberFacts, payer, ruleset, rulesets } from '../../support/facts.ts';
import { michiganMember, michiganVisit } from '../../support/michigan-member.ts';
import { recorded } from '../../support/recorded.ts';

const knownAt = '2025-04-20T12:00:00Z';
const period = { start: localDate('2025-03-01'), end: localDate('2025-04-20') };
const mce = ruleset('masshealth-mce');

/** A member of a MassHealth MCO, with a contact on 10 March: on the caseload, and so billable, through the 31st. */
function records(more: Partial<MemberFacts> = {}, charged: readonly string[] = []): BillingRecords {
  const items = charged.map((date) =>
    recorded({
      resourceType: 'ChargeItem' as const,
      id: `charge-${date}`,
      status: 'billable' as const,
      definitionUri: [canonicalOf(mce)],
      code: { coding: [{ code: 'H2016' }] },
      subject: { reference: 'Patient/1' },
      context: { reference: episode },
      occurrenceDateTime: date,
      performingOrganization: { reference: employer },
      quantity: { value: 1 },
      extension: [
        { url: structure('charge-basis'), extension: [{ url: 'payer', valueReference: { reference: payer } }] },
      ],
    }),
  );
  return {
    facts: memberFacts({
      episodes: [{ reference: episode, organization: employer, careManager: [], start: '2025-01-15', end: undefined }],
      contacts: [contact('2025-03-10')],
      ...more,
    }),
    billing: {
      organizations: organizationFacts([
        recorded({ resourceType: 'Organization', id: 'riverside', name: 'Riverside' }),
      ]),
      authorizations: [],
      charges: charges(items),
      plans: [],
      goals: [],
    },
    michigan: michiganFacts([]),
    cut: cutCharges(items),
  };
}

/** The rulesets with one of them as it might be changed, under the same url and version. */
function changed(of: Ruleset, more: Partial<Ruleset['parameters']>, rest: Partial<Ruleset> = {}): Ruleset[] {
  const other = { ...of, ...rest, parameters: { ...of.parameters, ...more } };
  return rulesets.map((one) => (one === of ? other : one));
}

const decided = <T>(value: T) => ({ value, basis: 'decision' as const, reason: 'as it might be changed' });
const preview = (given: BillingRecords, proposed: readonly Ruleset[]) =>
  billingPreviewOf(given, rulesets, proposed, knownAt, period);
const told = ({ after, before, end, service, start }: BillingChange) => [
  service ?? `${start}/${end}`,
  ...[before, after].map(({ charge, outcome, units }) =>
    charge === undefined
      ? [outcome.result, ...('reasons' in outcome ? outcome.reasons : [])].join(': ')
      : `${charge} x ${units}`,
  ),
];

describe('days', () => {
  test('rulesets that say the same change nothing, the very same or read anew', () => {
    expect(preview(records(), rulesets)).toEqual([]);
    expect(preview(records(), structuredClone([...rulesets]))).toEqual([]);
  });

  test('a shorter window takes days away, a longer one adds some: as spans, with the reason on either side', () => {
    expect(preview(records(), changed(mce, { windowDays: decided(19) })).map(told)).toEqual([
      ['2025-03-30/2025-03-31', 'H2016-HM x 1', 'not-met: caseload-off: no contact within 19 days'],
    ]);
    expect(preview(records(), changed(mce, { windowDays: decided(24) })).map(told)).toEqual([
      ['2025-04-01/2025-04-03', 'not-met: caseload-off: no contact within 21 days', 'H2016-HM x 1'],
    ]);
  });

  test('another code is a change of every billable day; another reason for a day that stays unbilled is none', () => {
    const coded = changed(mce, { charge: decided({ code: 'H0038', modifiers: [], unit: 'day' as const }) });
    const [first, ...others] = preview(records(), coded);
    expect(others).toEqual([]);
    expect(first).toMatchObject({ episode, payer, before: { ruleset: canonicalOf(mce) }, charged: 0 });
    expect(first && told(first)).toEqual(['2025-03-10/2025-03-31', 'H2016-HM x 1', 'H0038 x 1']);
    const longOff = records({ contacts: [contact('2025-01-20')] });
    expect(preview(longOff, changed(mce, { windowDays: decided(20) }))).toEqual([]);
  });

  test('a day that becomes open, since a fact is asked for that nobody told, is a change', () => {
    const missing = records({ contacts: [contact('2025-03-10', { documentation: [] })] });
    expect(preview(missing, changed(mce, { windowDays: decided(20) })).map(told)).toEqual([
      [
        '2025-03-31/2025-03-31',
        expect.stringMatching(/^indeterminate: .*no-documentation/),
        'not-met: caseload-off: no contact within 20 days',
      ],
    ]);
  });

  test('a ruleset that no longer bills the product leaves its days without a rule', () => {
    const [product] = mce.products;
    const elsewhere = changed(mce, {}, { products: product ? [{ ...product, value: 'another' }] : [], planTypes: [] });
    expect(
      preview(records(), elsewhere)
        .map(told)
        .filter(([, before]) => before === 'H2016-HM x 1'),
    ).toEqual([['2025-03-10/2025-03-31', 'H2016-HM x 1', 'not-applicable: no-billing-rule']]);
    const { 'B-2': _, ...rules } = mce.rules;
    expect(preview(records(), changed(mce, {}, { rules })).map(told)).toContainEqual([
      '2025-03-10/2025-03-31',
      'H2016-HM x 1',
      expect.stringMatching(/^not-applicable/),
    ]);
  });

  test('a new version in the middle of the period judges its own days only', () => {
    const [until, from] = [localDate('2025-03-24'), localDate('2025-03-25')];
    const later = {
      ...mce,
      version: '9.0.0',
      effectiveFrom: from,
      parameters: { ...mce.parameters, windowDays: decided(14) },
    };
    const proposed = [...rulesets.map((one) => (one === mce ? { ...mce, effectiveTo: until } : one)), later];
    const changes = preview(records(), proposed);
    expect(changes.map(told)).toEqual([
      ['2025-03-25/2025-03-31', 'H2016-HM x 1', 'not-met: caseload-off: no contact within 14 days'],
    ]);
    expect(changes[0]).toMatchObject({ before: { ruleset: canonicalOf(mce) }, after: { ruleset: canonicalOf(later) } });
  });

  test('days that Footbridge has charged are compared as if it had not, and counted', () => {
    const charged = records({}, ['2025-03-29', '2025-03-30', '2025-03-31']);
    const [change] = preview(charged, changed(mce, { windowDays: decided(19) }));
    expect(change).toMatchObject({ start: '2025-03-30', end: '2025-03-31', charged: 2 });
  });
});

describe('contacts', () => {
  const rows = [...michiganMember, michiganVisit()].map((one) => recorded(one, 'detroit-recovery'));
  const client: BillingRecords = {
    ...records(),
    facts: factsFrom('client', rows, 'America/Detroit'),
    michigan: michiganFacts(rows),
    cut: [
      {
        reference: 'ChargeItem/1',
        status: 'billed',
        episode: 'EpisodeOfCare/michigan',
        payer: 'Organization/cmhsp',
        ruleset: 'https://footbridge.example/fhir/ruleset/michigan-cmhsp|1.0.0',
        date: localDate('2025-03-05'),
        service: 'Encounter/visit',
        code: 'T1012',
        modifiers: [],
        quantity: 4,
      },
    ],
  };
  const cmhsp = ruleset('michigan-cmhsp');

  test('hours of training that the new file asks for and nobody has take a contact away, and its charge is counted', () => {
    const hours = changed(cmhsp, { trainingHours: decided(60) });
    const [change, ...others] = preview(client, hours);
    expect(others).toEqual([]);
    expect(change).toMatchObject({ episode: 'EpisodeOfCare/michigan', service: 'Encounter/visit', charged: 1 });
    expect(change && told(change)).toEqual(['Encounter/visit', 'T1012 x 4', expect.stringMatching(/M-14/)]);
  });

  test('longer units are fewer', () => {
    const minutes = changed(cmhsp, { unitMinutes: decided(30) });
    expect(preview(client, minutes).map(told)).toEqual([['Encounter/visit', 'T1012 x 4', 'T1012 x 2']]);
  });

  test('a contact outside of the period is not compared', () => {
    const minutes = changed(cmhsp, { unitMinutes: decided(30) });
    const april = { start: localDate('2025-04-01'), end: localDate('2025-04-20') };
    expect(billingPreviewOf(client, rulesets, minutes, knownAt, april)).toEqual([]);
  });
});
