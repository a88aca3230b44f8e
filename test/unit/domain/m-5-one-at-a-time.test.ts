import type { Resource } from '@medplum/fhirtypes';
import { describe, expect, test } from 'vitest';
import { accountsOf } from '../../../src/domain/accounts.ts';
import { isLongerThanADay } from '../../../src/domain/at-once.ts';
import { contradictionsOf } from '../../../src/domain/contradictions.ts';
import { noDetails } from '../../../src/domain/facts/facts.ts';
import { factsFrom } from '../../../src/domain/facts/from-fhir.ts';
import { m5Units } from '../../../src/domain/m-5-units.ts';
import { michiganServices } from '../../../src/domain/michigan-billing.ts';
import { michiganFacts } from '../../../src/domain/michigan-facts.ts';
import { indeterminate, met, notMet, type Outcome } from '../../../src/domain/outcome.ts';
import { supportWork } from '../../../src/domain/t-4-support-work.ts';
import { at, codes, status } from '../../support/contradictions.ts';
import { coach, contact, employer, ruleset, rulesets } from '../../support/facts.ts';
import { michigan, service } from '../../support/michigan.ts';
import { michiganMember, michiganVisit } from '../../support/michigan-member.ts';
import { question } from '../../support/questions.ts';
import { recorded } from '../../support/recorded.ts';

const zone = 'America/Detroit';
const knownAt = '2025-04-01T12:00:00Z';

test.each<[string, string | undefined, boolean]>([
  ['2025-03-05T10:00:00-05:00', '2025-03-06T10:00:00-05:00', false],
  ['2025-03-05T10:00:00-05:00', '2025-03-06T10:00:01-05:00', true],
  // The clock goes forward on 9 March: 24 hours elapse by 11 o'clock.
  ['2025-03-08T10:00:00-05:00', '2025-03-09T11:00:00-04:00', false],
  ['2025-03-08T10:00:00-05:00', '2025-03-09T11:00:01-04:00', true],
  ['2025-03-05', '2025-03-06', false],
  ['2025-03-05', '2025-03-07', true],
  ['2025-03-05T23:00:00-05:00', '2025-03-06', false],
  ['2025-03-05T23:00:00-05:00', '2025-03-07', true],
  ['2025-03-05', '2025-03', false],
  ['2025-03', '2025-06-30', false],
  ['2025-03-05', undefined, false],
])('from %s to %s is longer than a day: %s', (start, end, expected) => {
  expect(isLongerThanADay(zone, { start, end })).toBe(expected);
});

describe('what lasts longer than a day', () => {
  const endless = (start: string) => contact(start, { details: { ...noDetails, end: '2025-03-09T15:00:00-05:00' } });

  test('CT-1: is pending under the bulletin, and a person is asked to correct it', () => {
    const eightDays = { contacts: [endless(at)] };
    expect(status(eightDays, '2025-03-02')).toMatchObject({ status: 'indeterminate', reason: 'longer-than-a-day' });
    expect(codes(eightDays)).toEqual(['contact-longer-than-a-day']);
    expect(codes({ contacts: [endless('2025-03-08T15:00:00-05:00')] })).toEqual([]);
    expect(codes({ contacts: [{ ...endless(at), status: 'cancelled' }] })).toEqual([]);
  });

  test('M-5: has no units', () => {
    const long = service({ end: '2025-03-13T10:00:00-05:00' });
    expect(m5Units(michigan('2025-03-14'), [long]).outcome).toEqual(indeterminate('longer-than-a-day'));
    const whole = service({ end: '2025-03-06T10:00:00-05:00' });
    expect(m5Units(michigan('2025-03-14'), [whole])).toMatchObject({ outcome: met, figures: { units: 96 } });
  });

  const work = (end: string) => ({
    reference: 'Procedure/1',
    coaches: [coach],
    organization: employer,
    start: '2025-03-01T10:00:00-05:00',
    end,
    status: 'completed',
    category: 'support-without-member' as const,
    partyType: undefined,
    clientPresent: undefined,
    purposes: ['housing'],
    outcome: [],
  });

  test('T-4: is support work of no known duration, and a person is asked to correct it', () => {
    const t4 = (end: string) => {
      return supportWork(question(ruleset('optum'), '2025-03-01'), [work(end)]).outcome;
    };
    expect(t4('2025-03-02T10:00:00-05:00')).toEqual(met);
    expect(t4('2025-03-02T10:00:01-05:00')).toEqual(indeterminate('missing: purpose or duration of support work'));
    expect(codes({ support: [work('2025-03-09T10:00:00-05:00')] })).toEqual(['activity-longer-than-a-day']);
    expect(codes({ support: [work('2025-03-01T12:00:00-05:00')] })).toEqual([]);
  });
});

describe('two services of one coach at the same time', () => {
  const rowsOf = (...more: Resource[]) => [...michiganMember, ...more].map((one) => recorded(one, 'detroit-recovery'));
  const told = (...more: Resource[]): Record<string, Outcome> => {
    const rows = rowsOf(...more);
    const facts = factsFrom('client', rows, zone);
    return Object.fromEntries(
      accountsOf(facts, rulesets, knownAt)
        .flatMap((account) => michiganServices(facts, michiganFacts(rows), account, knownAt))
        .map(({ answer, service: { reference } }) => [reference, answer.outcome]),
    );
  };
  const flagged = (...more: Resource[]) =>
    contradictionsOf(factsFrom('client', rowsOf(...more), zone), rulesets, knownAt).map(({ code }) => code);
  const other = (from: string, to: string, more: Parameters<typeof michiganVisit>[1] = {}) =>
    michiganVisit('other', {
      period: { start: `2025-03-05T${from}:00-05:00`, end: `2025-03-05T${to}:00-05:00` },
      ...more,
    });
  const both = indeterminate('another-service-at-the-same-time');

  test.each([
    ['10:00', '11:00'],
    ['10:59', '11:30'],
    ['09:00', '10:01'],
    ['10:20', '10:40'],
  ])('M-0: from 10:00 to 11:00 and from %s to %s neither is billable, and a person is asked', (from, to) => {
    const twice = [michiganVisit(), other(from, to)];
    expect(told(...twice)).toEqual({ 'Encounter/visit': both, 'Encounter/other': both });
    expect(flagged(...twice)).toEqual(['services-at-once']);
  });

  test.each([
    ['11:00', '12:00'],
    ['09:00', '10:00'],
  ])('M-0: one from %s to %s follows or goes before', (from, to) => {
    const twice = [michiganVisit(), other(from, to)];
    expect(told(...twice)).toEqual({ 'Encounter/visit': met, 'Encounter/other': met });
    expect(flagged(...twice)).toEqual([]);
  });

  test('M-0: what did not take place, or is refused for another reason, takes no time', () => {
    const cancelled = other('10:00', '11:00', { status: 'cancelled' });
    expect(told(michiganVisit(), cancelled)).toMatchObject({ 'Encounter/visit': met });
    expect(flagged(michiganVisit(), cancelled)).toEqual([]);
    const planned = other('10:00', '11:00', { status: 'planned' });
    expect(told(michiganVisit(), planned)).toMatchObject({ 'Encounter/visit': met });
    // Five minutes are charged to nobody; that both took place is still wrong.
    const short = other('10:00', '10:05');
    expect(told(michiganVisit(), short)).toEqual({
      'Encounter/visit': met,
      'Encounter/other': notMet('M-5 under-one-unit'),
    });
    expect(flagged(michiganVisit(), short)).toEqual(['services-at-once']);
  });

  test('M-0: one that is charged already keeps the other open', () => {
    const charge: Resource = {
      resourceType: 'ChargeItem',
      id: '1',
      status: 'billed',
      code: { coding: [{ code: 'T1012' }] },
      subject: { reference: 'Patient/client' },
      service: [{ reference: 'Encounter/other' }],
    };
    expect(told(michiganVisit(), other('10:30', '11:30'), charge)).toEqual({
      'Encounter/visit': both,
      'Encounter/other': notMet('already-charged', 'another-service-at-the-same-time'),
    });
  });

  test('under a day rate nobody is asked', () => {
    const hour = (start: string) => contact(start, { details: { ...noDetails, end: '2025-03-01T16:00:00-05:00' } });
    expect(codes({ contacts: [hour(at), hour('2025-03-01T15:30:00-05:00')] })).toEqual([]);
  });
});
