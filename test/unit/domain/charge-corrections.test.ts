import type { ChargeItem } from '@medplum/fhirtypes';
import { describe, expect, test } from 'vitest';
import { type LocalDate, localDate } from '../../../src/base/time.ts';
import { accountsOf } from '../../../src/domain/accounts.ts';
import { seriesOf } from '../../../src/domain/caseload.ts';
import { correctionsOf } from '../../../src/domain/charge-corrections.ts';
import { type ChargeSources, chargeables } from '../../../src/domain/charges.ts';
import { charges } from '../../../src/domain/facts/authorizations.ts';
import { type CutCharge, cutCharges } from '../../../src/domain/facts/cut-charges.ts';
import type { MemberFacts, Recorded } from '../../../src/domain/facts/facts.ts';
import { factsFrom } from '../../../src/domain/facts/from-fhir.ts';
import { organizationFacts } from '../../../src/domain/facts/organizations.ts';
import { michiganFacts } from '../../../src/domain/michigan-facts.ts';
import { structure } from '../../../src/fhir/canonical.ts';
import { coach, contact, employer, episode, memberFacts, payer, rulesets } from '../../support/facts.ts';
import { michiganMember, michiganVisit } from '../../support/michigan-member.ts';
import { recorded } from '../../support/recorded.ts';

const knownAt = '2025-04-01T12:00:00Z';
const period = { start: localDate('2025-03-01'), end: localDate('2025-03-31') };

/** A member of a MassHealth MCO since January, with a contact on 10 March. */
function sources(more: Partial<MemberFacts> = {}, items: readonly Recorded<ChargeItem>[] = []): ChargeSources {
  const facts = memberFacts({
    episodes: [{ reference: episode, organization: employer, careManager: [], start: '2025-01-15', end: undefined }],
    contacts: [contact('2025-03-10')],
    ...more,
  });
  return {
    facts,
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
    series: seriesOf(facts, rulesets, knownAt),
    accounts: accountsOf(facts, rulesets, knownAt),
    knownAt,
  };
}

/** What Footbridge would have cut for a day. */
function item(date: string, more: Partial<ChargeItem> = {}): Recorded<ChargeItem> {
  return recorded({
    resourceType: 'ChargeItem',
    id: `charge-${date}`,
    status: 'billable',
    definitionUri: ['https://footbridge.example/fhir/ruleset/masshealth-mce|1.0.0'],
    code: { coding: [{ code: 'H2016' }] },
    subject: { reference: 'Patient/1' },
    context: { reference: episode },
    occurrenceDateTime: date,
    performingOrganization: { reference: employer },
    quantity: { value: 1 },
    extension: [
      { url: structure('modifier'), valueCodeableConcept: { coding: [{ code: 'HM' }] } },
      { url: structure('charge-basis'), extension: [{ url: 'payer', valueReference: { reference: payer } }] },
    ],
    ...more,
  });
}

const dates = (given: ChargeSources): LocalDate[] => chargeables(given, period).map(({ date }) => date);

describe('what may be charged', () => {
  test('every billable day of the period and no other, each once', () => {
    const days = dates(sources());
    expect([days[0], days.at(-1), days.length]).toEqual(['2025-03-10', '2025-03-31', 22]);
    expect(chargeables(sources(), period)[0]).toMatchObject({
      code: 'H2016',
      modifiers: ['HM'],
      quantity: 1,
      unit: 'day',
      performers: [coach],
      service: undefined,
    });
  });

  test('a day that was charged is not charged again; one whose charge was refused or in error is free to the rule', () => {
    expect(dates(sources({}, [item('2025-03-10')]))).not.toContain('2025-03-10');
    expect(dates(sources({}, [item('2025-03-10', { status: 'entered-in-error' })]))).toContain('2025-03-10');
  });

  test('a payer’s own file whose billing rule is a measure for the plan type charges nothing beside the bulletin’s', () => {
    const [tufts] = rulesets.filter(({ name }) => name === 'tufts');
    if (!tufts) throw new Error('no ruleset tufts');
    const charge = { value: { code: 'X0001', modifiers: [], unit: 'day' as const }, basis: 'decision', reason: 'test' };
    const priced = { ...tufts, parameters: { ...tufts.parameters, charge } } as typeof tufts;
    const own = rulesets.map((one) => (one === tufts ? priced : one));
    const given = sources({
      coverages: [{ ...memberFacts().coverages[0], product: 'tufts-together' } as MemberFacts['coverages'][number]],
    });
    const series = seriesOf(given.facts, own, knownAt);
    expect(series.map(({ ruleset }) => ruleset.name).sort()).toEqual(['masshealth-mce', 'tufts']);
    const codes = chargeables({ ...given, series }, period).map(({ code }) => code);
    expect(new Set(codes)).toEqual(new Set(['H2016']));
  });
});

describe('corrections', () => {
  const corrected = (more: Partial<MemberFacts>, ...items: Recorded<ChargeItem>[]) =>
    correctionsOf(sources(more, items), cutCharges(items)).map(({ cause, charge: { date } }) => [date, cause]);

  test('as long as the facts bear a charge out there is none, though the day is charged already', () => {
    expect(corrected({}, item('2025-03-10'), item('2025-03-31'))).toEqual([]);
  });

  test('a contact that was taken back: each of its days that no other contact supports', () => {
    const gone = { contacts: [contact('2025-03-10', { status: 'entered-in-error' }), contact('2025-03-20')] };
    expect(corrected(gone, item('2025-03-19'), item('2025-03-20'))).toEqual([
      ['2025-03-19', 'not billable any more: caseload-off: no contact within 21 days'],
    ]);
  });

  test('a coverage that ended, a death, and a note that is open again', () => {
    const [coverage] = memberFacts().coverages as [MemberFacts['coverages'][number]];
    expect(
      corrected({ coverages: [{ ...coverage, end: '2025-03-20' }] }, item('2025-03-20'), item('2025-03-21')),
    ).toEqual([['2025-03-21', 'not billable any more: coverage-not-active']]);
    expect(corrected({ deceased: '2025-03-20' }, item('2025-03-20'), item('2025-03-21'))).toEqual([
      ['2025-03-21', expect.stringContaining('deceased')],
    ]);
    expect(corrected({ contacts: [contact('2025-03-10', { documentation: [] })] }, item('2025-03-10'))).toEqual([
      ['2025-03-10', expect.stringMatching(/^not certain any more: .*no-documentation/)],
    ]);
  });

  test('a coverage or a coach of which nothing is left', () => {
    expect(corrected({ coverages: [] }, item('2025-03-10'))).toEqual([
      ['2025-03-10', 'not billable any more: no coverage under the ruleset'],
    ]);
    expect(corrected({ contacts: [] }, item('2025-03-10'))).toEqual([
      ['2025-03-10', 'not billable any more: caseload-off: no coach'],
    ]);
  });

  test('a day that would be charged otherwise, and one that another charge has taken too', () => {
    expect(corrected({}, item('2025-03-10', { quantity: { value: 2 } }))).toEqual([
      ['2025-03-10', 'charged otherwise: H2016-HM, quantity 1'],
    ]);
    const { extension: _, ...bare } = item('2025-03-10').resource;
    const own = recorded<ChargeItem>({ ...bare, id: 'own', status: 'billed' });
    expect(corrected({}, item('2025-03-10'), own)).toEqual([['2025-03-10', 'not billable any more: already-charged']]);
  });

  test.each(['not-billable', 'aborted', 'entered-in-error'] as const)('a charge that is %s needs none', (status) => {
    expect(corrected({ contacts: [] }, item('2025-03-10', { status }))).toEqual([]);
  });

  test('the sentence says what was charged, what has changed and why', () => {
    const items = [item('2025-03-10')];
    const [correction] = correctionsOf(sources({ contacts: [] }, items), cutCharges(items));
    expect(correction?.sentence).toBe(
      'The day 2025-03-10 was charged as H2016-HM, quantity 1 and is not billable any more: caseload-off: no coach.',
    );
  });
});

describe('corrections of what was charged by the contact', () => {
  const cut: CutCharge = {
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
  };
  const corrected = (...visits: ReturnType<typeof michiganVisit>[]) => {
    const rows = [...michiganMember, ...visits].map((one) => recorded(one, 'detroit-recovery'));
    const facts = factsFrom('client', rows, 'America/Detroit');
    const given: ChargeSources = {
      ...sources(),
      facts,
      michigan: michiganFacts(rows),
      series: seriesOf(facts, rulesets, knownAt),
      accounts: accountsOf(facts, rulesets, knownAt),
    };
    return correctionsOf(given, [cut]).map(({ cause }) => cause);
  };

  test('none while it is as it was; one for a shorter time, one for a contact that is gone', () => {
    expect(corrected(michiganVisit())).toEqual([]);
    const shorter = { start: '2025-03-05T10:00:00-05:00', end: '2025-03-05T10:40:00-05:00' };
    expect(corrected(michiganVisit('visit', { period: shorter }))).toEqual(['charged otherwise: T1012, quantity 2']);
    expect(corrected(michiganVisit('visit', { status: 'entered-in-error' }))).toEqual([
      'not billable any more: Encounter/visit is no service of the episode any more',
    ]);
  });

  test('a part that was linked afterwards is charged by the same charge', () => {
    const rest = michiganVisit('rest', {
      partOf: { reference: 'Encounter/visit' },
      period: { start: '2025-03-05T11:15:00-05:00', end: '2025-03-05T11:30:00-05:00' },
    });
    expect(corrected(michiganVisit(), rest)).toEqual(['charged otherwise: T1012, quantity 5']);
  });
});
