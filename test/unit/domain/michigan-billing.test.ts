import type { ChargeItem, Resource } from '@medplum/fhirtypes';
import { expect, test } from 'vitest';
import { accountsOf } from '../../../src/domain/accounts.ts';
import type { ChargeFact } from '../../../src/domain/facts/authorizations.ts';
import { type Contact, type MemberFacts, type SupportActivity } from '../../../src/domain/facts/facts.ts';
import { factsFrom } from '../../../src/domain/facts/from-fhir.ts';
import { type JudgedService, michiganServices } from '../../../src/domain/michigan-billing.ts';
import { michiganFacts } from '../../../src/domain/michigan-facts.ts';
import {
  attestations,
  coach,
  coachFacts,
  contact,
  employer,
  episode,
  qualification,
  rulesets,
} from '../../support/facts.ts';
import { michiganMember, michiganVisit } from '../../support/michigan-member.ts';
import { blockGrant, coverage, facts, judged, knownAt, reasons, visit } from '../../support/michigan-services.ts';
import { recorded } from '../../support/recorded.ts';

const told = (services: readonly JudgedService[]) =>
  services.map(({ answer: { outcome }, code, modifiers, units }) => [outcome.result, code, modifiers.join(' '), units]);
test('an hour in person is four units of T1012, with the answer of every rule', () => {
  const [service, ...more] = judged();
  expect(more).toEqual([]);
  expect(service).toMatchObject({ date: '2025-03-05', code: 'T1012', modifiers: [], units: 4, linked: [] });
  expect(service?.answer).toMatchObject({ rule: 'M-0', outcome: { result: 'met' } });
  expect(service?.answer.evidence).toEqual(
    expect.arrayContaining(['Claim/1', 'ClaimResponse/1', 'QuestionnaireResponse/1', visit().reference]),
  );
  expect(service?.parts.map(({ rule }) => rule)).toEqual([
    'M-1',
    'M-2',
    'M-3',
    'M-5',
    'M-6',
    'M-7',
    'M-8',
    'M-11',
    'M-13',
    'M-14',
    'M-24',
  ]);
});

test('a ruleset without M-0 has no services', () => {
  expect(judged({ coverages: [{ ...coverage, product: 'masshealth-mco' }] })).toEqual([]);
});

const second = (from: string, to: string, more: Partial<Contact> = {}): Contact =>
  visit(from, to, more, { partOf: visit().reference });

test('8 and 8 minutes of one interrupted service are one unit, told once; of two services they are none', () => {
  const linked = judged({ contacts: [visit('10:00', '10:08'), second('10:20', '10:28')] });
  expect(told(linked)).toEqual([['met', 'T1012', '', 1]]);
  expect(linked[0]?.linked.map(({ reference }) => reference)).toEqual([visit('10:20').reference]);
  expect(linked[0]?.answer.evidence).toEqual(expect.arrayContaining([visit('10:20').reference]));
  expect(told(judged({ contacts: [visit('10:00', '10:08'), visit('10:20', '10:28')] }))).toEqual(
    [
      ['not-met', 'T1012', '', undefined],
      ['not-met', 'T1012', '', undefined],
    ].map(([result, code, modifiers]) => [result, code, modifiers, 0]),
  );
});

test('a third part goes on with the second', () => {
  const third = visit('10:40', '10:48', {}, { partOf: visit('10:20').reference });
  const contacts = [visit('10:00', '10:08'), second('10:20', '10:28'), third];
  expect(told(judged({ contacts }))).toEqual([['met', 'T1012', '', 1]]);
  expect(judged({ contacts })[0]?.answer.figures['minutes']).toBe(24);
});

test.each<[string, Partial<Contact>]>([
  ['by telephone', { modality: 'phone' }],
  ['by another coach', { coach: 'Practitioner/other' }],
  ['cancelled', { status: 'cancelled' }],
])('a part %s is never summed', (_, more) => {
  const services = judged({ contacts: [visit('10:00', '10:08'), second('10:20', '10:28', more)] });
  expect(services.map(({ answer, units }) => [answer.outcome.result, units])).toEqual([
    ['not-met', 0],
    ['not-met', 0],
  ]);
});

test('a part on the next day is a service of its own', () => {
  const start = '2025-03-06T10:00:00-05:00';
  const next = contact(start, {
    details: { ...visit().details, end: '2025-03-06T10:20:00-05:00', partOf: visit().reference },
  });
  expect(judged({ contacts: [visit('10:00', '10:08'), next] }).map(({ date, units }) => [date, units])).toEqual([
    ['2025-03-05', 0],
    ['2025-03-06', 1],
  ]);
});

test('every part of an interrupted service must be documented, and be charged as the first is', () => {
  const open = second('10:20', '10:28', { documentation: [] });
  expect(reasons(judged({ contacts: [visit('10:00', '10:08'), open] }))).toEqual(['M-8 no-documentation']);
  const group = { size: 4, therapistPresent: true, mat: false, lead: coach };
  const inGroup = visit('10:20', '10:28', { group: true }, { partOf: visit().reference, group });
  expect(reasons(judged({ contacts: [visit('10:00', '10:08'), inGroup] }))).toEqual([
    'M-3 linked-parts-of-different-codes',
  ]);
});

const collateral = (more: Partial<SupportActivity> = {}): SupportActivity => ({
  reference: 'Procedure/1',
  coaches: [coach],
  organization: employer,
  start: '2025-03-05T15:00:00-05:00',
  end: '2025-03-05T15:30:00-05:00',
  status: 'completed',
  category: 'collateral',
  partyType: 'family',
  clientPresent: false,
  purposes: ['housing'],
  outcome: [],
  ...more,
});
const noted = new Map([
  [
    'Procedure/1',
    {
      supportCategories: ['informational'],
      tags: [],
      parties: ['RelatedPerson/1'],
      overseers: [],
      activities: [],
      documentation: [{ status: 'final' as const, signedAt: '2025-03-06T22:00:00Z', signedBy: [coach], evidence: [] }],
    },
  ],
]);

test('half an hour with the family is two units of H0038 for block grant, and nothing for Medicaid', () => {
  const only = { contacts: [], support: [collateral()] };
  expect(told(judged(only, { activities: noted, fundings: blockGrant }))).toEqual([['met', 'H0038', '', 2]]);
  expect(reasons(judged(only, { activities: noted }))).toEqual(['M-6 client-not-present: block grant or PA2 only']);
});

test('work at another organisation, or without a date, is none of this episode', () => {
  const support = [collateral({ organization: 'Organization/other' }), collateral({ start: undefined })];
  expect(judged({ contacts: [], support })).toEqual([]);
});

test('what may belong to either of two episodes is charged in neither', () => {
  const [one] = facts().episodes;
  const episodes = [one, { ...one, reference: 'EpisodeOfCare/2' }] as MemberFacts['episodes'];
  const services = judged(
    { episodes, contacts: [], support: [collateral()] },
    { activities: noted, fundings: blockGrant },
  );
  expect(services.map(({ account }) => account.episode.reference)).toEqual([episode, 'EpisodeOfCare/2']);
  for (const { answer } of services)
    expect(answer.outcome).toEqual({ result: 'indeterminate', reasons: ['ambiguous-episode', 'two-episodes-at-once'] });
  expect(reasons(judged({ contacts: [visit('10:00', '11:00', { episodeProblem: 'ambiguous-episode' })] }))).toEqual([
    'ambiguous-episode',
  ]);
});

test.each<[string, Partial<MemberFacts>, string]>([
  ['after a death', { deceased: '2025-03-04' }, 'deceased'],
  ['after the coverage', { coverages: [{ ...coverage, end: '2025-03-04' }] }, 'coverage-not-active'],
  [
    'after the episode',
    {
      episodes: [
        { reference: episode, organization: employer, careManager: [], start: '2024-01-01', end: '2025-03-04' },
      ],
    },
    'episode-ended',
  ],
])('a contact %s is not billable', (_, member, reason) => {
  expect(judged(member)[0]?.answer.outcome).toEqual({ result: 'not-met', reasons: [reason] });
});

test('after a death that nobody has dated, work for the client is open, and a contact with the client tells otherwise', () => {
  const known = {
    deceasedWithoutDate: true,
    coaches: new Map([
      [
        coach,
        coachFacts({
          qualifications: [...attestations, qualification('ccar-training', { start: '2020-01-01', hours: 40 })],
        }),
      ],
    ]),
    support: [collateral({ start: '2025-03-06T15:00:00-05:00', end: '2025-03-06T15:30:00-05:00' })],
  };
  const of = (member: Partial<MemberFacts>) =>
    judged(member, { activities: noted, fundings: blockGrant }).map(({ answer: { outcome } }) => outcome);
  expect(of({ ...known, contacts: [] })).toEqual([{ result: 'indeterminate', reasons: ['missing: date of death'] }]);
  const [visited, call] = of(known);
  expect([visited?.result, call?.result]).toEqual(['met', 'indeterminate']);
});

test('on the day of death a contact is billable', () => {
  expect(judged({ deceased: '2025-03-05' })[0]?.answer.outcome).toEqual({ result: 'met' });
});

const charge = (more: Partial<ChargeFact> = {}): ChargeFact => ({
  reference: 'ChargeItem/1',
  status: 'billable',
  organization: employer,
  episode,
  at: '2025-03-05',
  codes: ['T1012'],
  quantity: 4,
  services: [visit().reference],
  ...more,
});

test.each<[string, Partial<ChargeFact>, string, readonly string[]]>([
  ['charged', {}, 'not-met', ['already-charged']],
  ['charged and billed', { status: 'billed' }, 'not-met', ['already-charged']],
  [
    'charged in an unknown way',
    { status: 'unknown' },
    'indeterminate',
    ['missing: status of a ChargeItem of the service'],
  ],
  ['planned only', { status: 'planned' }, 'met', []],
  ['charged by another organisation', { organization: 'Organization/other' }, 'met', []],
  ['beside another charge', { services: ['Encounter/other'] }, 'met', []],
  [
    'of a day with a charge of its code for nobody knows which service',
    { services: [] },
    'indeterminate',
    ['missing: service of a ChargeItem of the day'],
  ],
  ['beside such a charge of another day', { services: [], at: '2025-03-06' }, 'met', []],
  ['beside such a charge of another code', { services: [], codes: ['H0038'] }, 'met', []],
  ['beside such a charge of another episode', { services: [], episode: 'EpisodeOfCare/other' }, 'met', []],
])('a service %s', (_, more, result, expected) => {
  const services = judged({}, { charges: [charge(more)] });
  expect(services[0]?.answer.outcome.result).toBe(result);
  expect(reasons(services)).toEqual(expected);
});

test('a message pair is told as not listed, and every obstacle is told at once', () => {
  const text = visit('10:00', '10:20', { modality: 'text' });
  const [service] = judged({ contacts: [text], deceased: '2025-03-04' }, { authorizations: [] });
  expect(service?.answer.outcome).toEqual({
    result: 'not-met',
    reasons: expect.arrayContaining(['M-4 not-listed', 'M-11 missing: authorization', 'deceased']),
  });
});

test('out of resources as they are sent: an hour at home, and its second part after a break', () => {
  const versions = (...more: Resource[]) =>
    [...michiganMember, ...more].map((one) => recorded(one, 'detroit-recovery'));
  const services = (...more: Resource[]): JudgedService[] => {
    const rows = versions(...more);
    const read = factsFrom('client', rows, 'America/Detroit');
    return accountsOf(read, rulesets, knownAt).flatMap((account) =>
      michiganServices(read, michiganFacts(rows), account, knownAt),
    );
  };
  expect(told(services(michiganVisit()))).toEqual([['met', 'T1012', '', 4]]);
  const rest = michiganVisit('rest', {
    partOf: { reference: 'Encounter/visit' },
    period: { start: '2025-03-05T11:30:00-05:00', end: '2025-03-05T11:44:00-05:00' },
  });
  const first = michiganVisit('visit', {
    period: { start: '2025-03-05T10:00:00-05:00', end: '2025-03-05T10:46:00-05:00' },
  });
  expect(told(services(first, rest))).toEqual([['met', 'T1012', '', 4]]);
  const item: ChargeItem = {
    resourceType: 'ChargeItem',
    id: '1',
    status: 'billed',
    code: { coding: [{ code: 'T1012' }] },
    subject: { reference: 'Patient/client' },
    supportingInformation: [{ reference: 'Encounter/rest' }],
  };
  expect(reasons(services(first, rest, item))).toEqual(['already-charged']);
});
