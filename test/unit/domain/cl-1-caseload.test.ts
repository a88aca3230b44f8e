import { describe, expect, test } from 'vitest';
import { addDays, localDate } from '../../../src/base/time.ts';
import { seriesOf, spellsOf } from '../../../src/domain/caseload.ts';
import { caseloadOn, prepareCaseload, type Series } from '../../../src/domain/cl-1-caseload.ts';
import { atRisk } from '../../../src/domain/cl-2-at-risk.ts';
import { type MemberFacts } from '../../../src/domain/facts/facts.ts';
import {
  attestations,
  carc,
  coach,
  coachFacts,
  contact,
  employer,
  memberFacts,
  ruleset,
  rulesets,
  working,
} from '../../support/facts.ts';

const later = '2030-01-01T00:00:00Z';
const mce = ruleset('masshealth-mce');

function firstSeries(facts: MemberFacts): Series {
  const [series] = seriesOf(facts, rulesets, later);
  if (!series) throw new Error('no series');
  return series;
}
function on(facts: MemberFacts, date: string, knownAt = later) {
  return caseloadOn(prepareCaseload(facts, firstSeries(facts), knownAt), localDate(date));
}
const met1March = memberFacts({ contacts: [contact('2025-03-01T15:00:00-05:00')] });

describe('CL-1 "within the past 21 days"', () => {
  test.each([
    ['2025-02-28', 'off', undefined],
    ['2025-03-01', 'on', '2025-03-22'],
    ['2025-03-21', 'on', '2025-03-22'],
    ['2025-03-22', 'on', '2025-03-22'],
    ['2025-03-23', 'off', undefined],
  ])('contact 1 March: on %s the member is %s', (date, status, lastDay) => {
    expect(on(met1March, date)).toMatchObject({ status, lastDay });
  });

  test('the contact is dated in the zone of the ruleset: 23:30 in Boston is that day, though UTC says the next', () => {
    const facts = memberFacts({ contacts: [contact('2025-03-02T04:30:00Z')] });
    expect(on(facts, '2025-03-01')?.contact?.date).toBe('2025-03-01');
    expect(on(facts, '2025-03-23')?.status).toBe('off');
  });

  test('a contact that crosses midnight counts for the date on which it began', () => {
    const facts = memberFacts({ contacts: [contact('2025-03-01T23:50:00-05:00')] });
    expect(on(facts, '2025-03-01')?.lastDay).toBe('2025-03-22');
  });

  test('21 calendar days over the change to daylight saving time and over a leap day', () => {
    expect(on(memberFacts({ contacts: [contact('2025-03-08T23:30:00-05:00')] }), '2025-03-29')?.status).toBe('on');
    const leap = memberFacts({ contacts: [contact('2024-02-10T10:00:00-05:00')] });
    expect([on(leap, '2024-03-02')?.status, on(leap, '2024-03-03')?.status]).toEqual(['on', 'off']);
  });

  test('the last day is the earliest of day 21, coverage end, episode end, death and the coach\u2019s last qualified day', () => {
    const start = [contact('2025-03-01T15:00:00-05:00')];
    const base = memberFacts({ contacts: start });
    const [coverage] = base.coverages;
    const [one] = base.episodes;
    if (!coverage || !one) throw new Error('fixture');
    const cases: [Partial<MemberFacts>, string, string][] = [
      [{ coverages: [{ ...coverage, end: '2025-03-10' }] }, '2025-03-10', 'coverage ends'],
      [{ episodes: [{ ...one, end: '2025-03-11' }] }, '2025-03-11', 'episode ends'],
      [{ deceased: '2025-03-12' }, '2025-03-12', 'date of death'],
      [
        {
          coaches: new Map([
            [coach, coachFacts({ qualifications: [...attestations, carc('2021-01-01', '2025-03-13')] })],
          ]),
        },
        '2025-03-13',
        'coach qualified until then',
      ],
    ];
    for (const [change, lastDay, reason] of cases) {
      const facts = memberFacts({ contacts: start, ...change });
      expect(on(facts, '2025-03-05')).toMatchObject({ status: 'on', lastDay, reason });
      expect(on(facts, addDays(localDate(lastDay), 1))?.status ?? 'not-applicable').toBe(
        reason === 'coverage ends' ? 'not-applicable' : 'off',
      );
    }
  });

  test('the date of death is on, the day after is off (8.3.9)', () => {
    const facts = memberFacts({ contacts: [contact('2025-03-01T15:00:00-05:00')], deceased: '2025-03-05T03:00:00Z' });
    expect([on(facts, '2025-03-04')?.status, on(facts, '2025-03-05')?.status]).toEqual(['on', 'off']);
  });

  test('when the latest contact is refused the next older one within the window decides (8.2)', () => {
    const facts = memberFacts({
      contacts: [
        contact('2025-03-01T15:00:00-05:00'),
        contact('2025-03-10T15:00:00-05:00', { memberEngaged: false, modality: 'phone' }),
      ],
    });
    expect(on(facts, '2025-03-12')).toMatchObject({ status: 'on', lastDay: '2025-03-22' });
  });

  test('a pending contact leaves the day indeterminate, with what is missing as its reason', () => {
    const facts = memberFacts({ contacts: [contact('2025-03-01T15:00:00-05:00', { documentation: [] })] });
    expect(on(facts, '2025-03-05')).toMatchObject({ status: 'indeterminate', reason: 'no-documentation' });
    expect(on(facts, '2025-03-23')?.status).toBe('off');
  });

  test('a contact counts back to its date once it was signed by K, and not before', () => {
    const facts = memberFacts({
      contacts: [
        contact('2025-03-01T15:00:00-05:00', {
          documentation: [{ status: 'final', signedAt: '2025-03-09T12:00:00-05:00', signedBy: [coach], evidence: [] }],
        }),
      ],
    });
    expect(on(facts, '2025-03-05', '2025-03-08T12:00:00Z')?.status).toBe('indeterminate');
    expect(on(facts, '2025-03-05', '2025-03-09T18:00:00Z')?.status).toBe('on');
  });

  test('a coach who left stops supporting the caseload from that day (8.3.1)', () => {
    const role = {
      reference: 'PractitionerRole/1',
      organization: 'Organization/riverside',
      start: '2020-06-01',
      end: '2025-03-09',
    };
    const facts = memberFacts({
      contacts: [contact('2025-03-01T15:00:00-05:00')],
      coaches: new Map([[coach, coachFacts({ roles: [role] })]]),
    });
    expect([on(facts, '2025-03-09')?.status, on(facts, '2025-03-10')?.status]).toEqual(['on', 'off']);
  });

  test('a missing fact about the coach is named, a contradicting one decides', () => {
    const missing = memberFacts({ contacts: [contact('2025-03-01')], coaches: new Map() });
    expect(on(missing, '2025-03-05')).toMatchObject({ status: 'indeterminate', reason: 'missing: Practitioner' });
    const late = coachFacts({
      roles: [
        {
          reference: 'PractitionerRole/1',
          organization: 'Organization/riverside',
          start: '2022-06-01',
          end: undefined,
        },
      ],
      qualifications: [...attestations, ...working],
    });
    const facts = memberFacts({ contacts: [contact('2025-03-01')], coaches: new Map([[coach, late]]) });
    expect(on(facts, '2025-03-05')).toMatchObject({
      status: 'off',
      reason: expect.stringContaining('CR-4 two-years-passed'),
    });
  });

  test.each([
    'masshealth-one-care',
    'masshealth-sco',
    'masshealth-pace',
    'optum-commercial',
    'tufts-commercial',
    'michigan-cmhsp',
  ])('the definition does not bind %s', (product) => {
    const [coverage] = memberFacts().coverages;
    if (!coverage) throw new Error('fixture');
    const facts = memberFacts({ contacts: [contact('2025-03-01')], coverages: [{ ...coverage, product }] });
    expect(seriesOf(facts, rulesets, later).map(({ ruleset: { contactDefinition } }) => contactDefinition)).toEqual([
      'measure',
    ]);
  });

  test('Tufts Together is a MassHealth plan too: the bulletin decides beside the payer\u2019s own file; planType overrides the table', () => {
    const [coverage] = memberFacts().coverages;
    if (!coverage) throw new Error('fixture');
    const names = (more: object) =>
      seriesOf(
        memberFacts({ contacts: [contact('2025-03-01')], coverages: [{ ...coverage, ...more }] }),
        rulesets,
        later,
      ).map(({ ruleset: { name } }) => name);
    expect(names({ product: 'tufts-together' })).toEqual(['masshealth-mce', 'tufts']);
    expect(names({ product: 'tufts-together', planType: 'commercial' })).toEqual(['tufts']);
    expect(names({ product: 'masshealth-mco', planType: 'sco' })).toEqual(['masshealth-one-care-sco']);
    expect(names({ product: 'unknown', planType: 'acpp' })).toEqual(['masshealth-mce']);
    expect(names({ product: 'unknown' })).toEqual([]);
  });
});

describe('spells', () => {
  test('runs of days of one status, with the transition that comes next', () => {
    const facts = memberFacts({
      contacts: [contact('2025-03-01T15:00:00-05:00'), contact('2025-04-01T15:00:00-04:00')],
    });
    const { nextTransition, spells } = spellsOf(facts, firstSeries(facts), '2025-04-05T12:00:00Z');
    expect(spells.map(({ end, start, status }) => [status, start, end])).toEqual([
      ['on', '2025-03-01', '2025-03-22'],
      ['off', '2025-03-23', '2025-03-31'],
      ['on', '2025-04-01', '2025-04-22'],
    ]);
    expect(nextTransition).toBe('2025-04-23');
  });

  test('a contact later on day 22 makes that date on for what is known after it (8.3.3)', () => {
    const facts = memberFacts({
      contacts: [contact('2025-03-01T15:00:00-05:00'), contact('2025-03-23T15:00:00-04:00')],
    });
    const { spells } = spellsOf(facts, firstSeries(facts), '2025-03-24T12:00:00Z');
    expect(spells.map(({ end, start, status }) => [status, start, end])).toEqual([['on', '2025-03-01', '2025-04-13']]);
  });

  test('a coach who left and was hired again between the contact and the day asked about: the last day lies ahead', () => {
    const roles = [
      { reference: 'PractitionerRole/1', organization: employer, start: '2022-03-01', end: '2025-03-03' },
      { reference: 'PractitionerRole/2', organization: employer, start: '2025-03-07', end: undefined },
    ];
    const facts = memberFacts({
      contacts: [contact('2025-03-01T15:00:00-05:00')],
      coaches: new Map([[coach, coachFacts({ roles })]]),
    });
    expect(on(facts, '2025-03-02')).toMatchObject({ status: 'on', lastDay: '2025-03-03' });
    expect(on(facts, '2025-03-05')?.status).toBe('off');
    expect(on(facts, '2025-03-10')).toMatchObject({
      status: 'on',
      lastDay: '2025-03-22',
      reason: '21 days after the contact',
    });
    const { spells } = spellsOf(facts, firstSeries(facts), '2025-03-10T12:00:00Z');
    expect(spells.map(({ end, start, status }) => [status, start, end])).toEqual([
      ['on', '2025-03-01', '2025-03-03'],
      ['off', '2025-03-04', '2025-03-06'],
      ['on', '2025-03-07', '2025-03-22'],
    ]);
  });

  test('a coverage renewed without a day between binds nothing; one with a gap does', () => {
    const [coverage] = memberFacts().coverages;
    if (!coverage) throw new Error('fixture');
    const renewedOn = (start: string) =>
      memberFacts({
        contacts: [contact('2025-03-01T15:00:00-05:00')],
        coverages: [
          { ...coverage, end: '2025-03-10' },
          { ...coverage, reference: 'Coverage/2', start },
        ],
      });
    expect(on(renewedOn('2025-03-11'), '2025-03-05')).toMatchObject({ lastDay: '2025-03-22' });
    expect(on(renewedOn('2025-03-12'), '2025-03-05')).toMatchObject({ lastDay: '2025-03-10', reason: 'coverage ends' });
  });
});

test('CL-2: due soon from seven days left, critical from two, none before', () => {
  const lastDay = localDate('2025-03-22');
  const risks = ['2025-03-14', '2025-03-15', '2025-03-19', '2025-03-20', '2025-03-22'].map((date) =>
    atRisk(lastDay, localDate(date), mce),
  );
  expect(risks).toEqual([
    { daysLeft: 8, risk: 'none' },
    { daysLeft: 7, risk: 'due-soon' },
    { daysLeft: 3, risk: 'due-soon' },
    { daysLeft: 2, risk: 'critical' },
    { daysLeft: 0, risk: 'critical' },
  ]);
});
