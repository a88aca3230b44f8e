import type { Resource } from '@medplum/fhirtypes';
import { expect, test } from 'vitest';
import { localDate } from '../../../src/base/time.ts';
import { type Account, accountsOf } from '../../../src/domain/accounts.ts';
import { seriesOf } from '../../../src/domain/caseload.ts';
import { ruleFacts } from '../../../src/domain/every-rule/facts.ts';
import type { ToldAnswer } from '../../../src/domain/every-rule/told.ts';
import { evaluateRules, everyRule, heldRules } from '../../../src/domain/every-rule.ts';
import type { MemberFacts } from '../../../src/domain/facts/facts.ts';
import { ruleIds } from '../../../src/domain/rule-ids.ts';
import type { Ruleset } from '../../../src/domain/ruleset.ts';
import {
  attestations,
  coach,
  coachFacts,
  contact,
  employer,
  memberFacts,
  payer,
  qualification,
  rulesets,
  working,
} from '../../support/facts.ts';
import { coded, local, recorded } from '../../support/recorded.ts';

const noon = '2026-01-01T12:00:00Z';

interface Given {
  readonly member?: Partial<MemberFacts>;
  readonly recorded?: readonly Resource[];
  readonly organization?: readonly Resource[];
  readonly product?: string;
  readonly files?: readonly Ruleset[];
}

/** What one rule answers on a day under the files in force. */
function ask(rule: string, date: string, given: Given = {}): readonly ToldAnswer[] {
  const base = memberFacts();
  const member = {
    ...base,
    coverages: base.coverages.map((one) => ({ ...one, product: given.product ?? one.product })),
    ...given.member,
  };
  const files = given.files ?? rulesets;
  const asking = {
    member,
    facts: ruleFacts(
      member.patient,
      (given.recorded ?? []).map((one) => recorded(one)),
      (given.organization ?? []).map((one) => recorded(one)),
    ),
    series: seriesOf(member, files, noon),
    knownAt: noon,
    date: localDate(date),
  };
  return evaluateRules(accountsOf(member, files, noon), asking, new Set([rule])).flatMap(({ rules }) =>
    rules.flatMap(({ told }) => told),
  );
}

const results = (told: readonly ToldAnswer[]) => told.map(({ answer }) => answer.outcome.result);
const reasons = (told: readonly ToldAnswer[]) =>
  told.flatMap(({ answer: { outcome } }) => ('reasons' in outcome ? outcome.reasons : []));

test('every rule that a ruleset may hold has an entry, and every entry is such a rule', () => {
  const held = new Set(rulesets.flatMap(heldRules));
  expect(held.size).toBeGreaterThan(60);
  expect([...held].filter((id) => !(id in everyRule))).toEqual([]);
  expect([...ruleIds].filter((id) => !(id in everyRule))).toEqual([]);
  expect(Object.keys(everyRule).filter((id) => !ruleIds.has(id))).toEqual([]);
});

test('rules come in the order of the domain table, figures that only inform among them', () => {
  const tufts = rulesets.find(({ name }) => name === 'tufts') as Ruleset;
  expect(heldRules(tufts).slice(0, 6)).toEqual(['CT-5', 'CT-6', 'CT-7', 'CL-1', 'T-1', 'T-2']);
});

test('every answer bears the id that it was asked by, under each file, with nobody known and with somebody', () => {
  for (const member of [memberFacts(), memberFacts({ contacts: [contact('2025-03-01')] })])
    for (const file of rulesets) {
      const account: Account = {
        episode: member.episodes[0] as Account['episode'],
        ruleset: file,
        payer,
        coverage: [{ start: undefined, end: undefined, planType: undefined }],
      };
      const series = member.contacts.map(() => ({ ...account, coach }));
      const asking = { member, facts: ruleFacts('Patient/1', [], []), series, knownAt: noon };
      const [found] = evaluateRules([account], { ...asking, date: localDate('2025-03-05') }, undefined);
      for (const { rule, told } of found?.rules ?? []) {
        expect(told.length, rule).toBeGreaterThan(0);
        for (const { answer } of told) expect(answer.rule).toBe(rule);
      }
      expect(found?.rules.map(({ rule }) => rule)).toEqual(heldRules(file));
    }
});

test('nothing is answered on a day without coverage, nor under another day’s plan', () => {
  expect(ask('CL-1', '2023-12-31')).toEqual([]);
  const ended = memberFacts().coverages.map((one) => ({ ...one, end: '2025-03-01' }));
  expect(ask('CL-1', '2025-03-02', { member: { coverages: ended } })).toEqual([]);
});

test('rules about coaches: one answer each, and open where no coach is known', () => {
  expect(reasons(ask('CR-1', '2025-03-05'))).toEqual(['missing: coach']);
  const both = { contacts: [contact('2025-03-01'), contact('2025-03-02', { coach: 'Practitioner/other' })] };
  const told = ask('CR-1', '2025-03-05', { member: both });
  expect(told.map((one) => [one.coach, one.answer.outcome.result])).toEqual([
    [coach, 'met'],
    ['Practitioner/other', 'indeterminate'],
  ]);
});

test('rules about contacts: those of the window, the 21st day before D in and the 22nd out', () => {
  const contacts = [contact('2025-03-01'), contact('2025-02-28'), contact('2025-03-23')];
  const told = ask('CT-1', '2025-03-22', { member: { contacts } });
  expect(told.map(({ about, on }) => [about, on])).toEqual([['Encounter/2025-03-01', '2025-03-01']]);
  expect(results(ask('CT-1', '2025-05-01', { member: { contacts } }))).toEqual(['not-applicable']);
});

test('CT-2 speaks of remote contacts, CT-3 of those in person, CT-4 of accompaniment, which must say to what', () => {
  const contacts = [
    contact('2025-03-01', { modality: 'phone', memberEngaged: undefined }),
    contact('2025-03-02'),
    contact('2025-03-03', { accompaniment: true }),
  ];
  const on = (rule: string) => ask(rule, '2025-03-05', { member: { contacts } }).map((one) => one.on);
  expect([on('CT-2'), on('CT-3'), on('CT-4')]).toEqual([['2025-03-01'], ['2025-03-03', '2025-03-02'], ['2025-03-03']]);
  expect(reasons(ask('CT-2', '2025-03-05', { member: { contacts } }))).toEqual(['missing: memberEngaged']);
  expect(reasons(ask('CT-4', '2025-03-05', { member: { contacts } }))).toEqual(['missing: accompaniedTo']);
});

test('CL-2: near the last day somebody should act; who is off the caseload cannot fall off it', () => {
  const member = { contacts: [contact('2025-03-01')] };
  const told = (date: string) => ask('CL-2', date, { member });
  expect(results(told('2025-03-05'))).toEqual(['met']);
  expect(reasons(told('2025-03-17'))).toEqual(['due-soon']);
  expect(reasons(told('2025-03-22'))).toEqual(['critical']);
  expect(results(told('2025-03-23'))).toEqual(['not-applicable']);
});

test('CL-1: a measure where the definition of caseload does not bind', () => {
  const told = ask('CL-1', '2025-03-22', {
    member: { contacts: [contact('2025-03-01')] },
    product: 'tufts-commercial',
  });
  expect(told[0]?.answer).toMatchObject({ rule: 'CL-1', figures: { count: expect.any(Number) } });
});

test('B-2 without any coach is not billable, and says why', () => {
  expect(reasons(ask('B-2', '2025-03-05'))).toEqual(['caseload-off: no coach']);
});

test('CR-5: nothing to waive for who is within two years of being hired, else it is asked for', () => {
  const hired = (start: string) => {
    const [role] = coachFacts().roles;
    const roles = role ? [{ ...role, start }] : [];
    const uncertified = coachFacts({ qualifications: [...attestations, ...working], roles });
    const member = { contacts: [contact('2025-03-01')], coaches: new Map([[coach, uncertified]]) };
    return ask('CR-5', '2025-03-05', { member });
  };
  expect(reasons(hired('2024-01-01'))).toEqual(['nothing-to-waive']);
  expect([results(hired('2020-06-01')), reasons(hired('2020-06-01'))]).toEqual([['not-met'], ['CR-5 not-waived']]);
});

test('A-5: the reviewer’s document is read, and counts for its own episode', () => {
  const attested = (code: string, episode = 'EpisodeOfCare/1'): Resource => ({
    resourceType: 'DocumentReference',
    id: 'criteria',
    status: 'current',
    type: local(code),
    authenticator: { reference: 'Practitioner/reviewer' },
    date: '2025-03-01T12:00:00Z',
    context: { encounter: [{ reference: episode }] },
    content: [{ attachment: {} }],
  });
  const told = (document: Resource) =>
    ask('A-5', '2025-03-05', { member: { contacts: [contact('2025-03-01')] }, recorded: [document] });
  expect(results(told(attested('criteria-met')))).toEqual(['met']);
  expect(reasons(told(attested('criteria-not-met')))).toEqual(['criteria-not-attested']);
  expect(reasons(told(attested('criteria-met', 'EpisodeOfCare/2')))).toEqual(['missing: criteria attestation']);
});

test('CR-8: a supervisor of the organisation is found outside of the member’s records', () => {
  const trained = (code: string) => qualification(code, { start: '2021-01-01' });
  const optum = rulesets.find(({ name }) => name === 'optum') as Ruleset;
  const approved = optum.parameters.approvedTrainings?.value;
  const member = {
    contacts: [contact('2025-03-01')],
    coaches: new Map([[coach, coachFacts({ qualifications: [...attestations, trained(approved?.coach[0] ?? '')] })]]),
  };
  const supervisor: Resource[] = [
    {
      resourceType: 'Practitioner',
      id: 'lead',
      qualification: [{ code: local(approved?.supervisor[0] ?? '', 'qualification'), period: { start: '2021-01-01' } }],
    },
    {
      resourceType: 'PractitionerRole',
      id: 'lead-role',
      practitioner: { reference: 'Practitioner/lead' },
      organization: { reference: employer },
      code: [local('supervisor', 'coach-role')],
    },
  ];
  const told = (organization: readonly Resource[]) =>
    ask('CR-8', '2025-03-05', { member, organization, product: 'optum-commercial' });
  expect(reasons(told([]))).toEqual(['missing: supervisor']);
  expect(results(told(supervisor))).toEqual(['met']);
});

test('WP-1 and WP-2 answer for each wellness plan', () => {
  const plan = (id: string, more: object): Resource => ({
    resourceType: 'CarePlan',
    id,
    status: 'active',
    intent: 'plan',
    subject: { reference: 'Patient/1' },
    ...more,
  });
  const given = {
    product: 'optum-commercial',
    recorded: [plan('told', { description: 'One day after another' }), plan('empty', {})],
  };
  expect(ask('WP-1', '2025-03-05', given).map(({ about, answer }) => [about, answer.outcome.result])).toEqual([
    ['CarePlan/told', 'met'],
    ['CarePlan/empty', 'indeterminate'],
  ]);
  expect(ask('WP-2', '2025-03-05', given).map(({ about }) => about)).toEqual(['CarePlan/told', 'CarePlan/empty']);
  expect(reasons(ask('WP-2', '2025-03-05', { product: 'optum-commercial' }))).toEqual(['no-wellness-plan']);
});

test('PS-2 and PS-3 ask nothing of who is neither pregnant nor a parent', () => {
  const said = (pregnancy: string): Resource[] => [
    {
      resourceType: 'Observation',
      id: 'pregnancy',
      status: 'final',
      code: coded('http://loinc.org', '82810-3'),
      valueCodeableConcept: coded('http://snomed.info/sct', pregnancy),
      effectiveDateTime: '2025-03-01',
    },
    {
      resourceType: 'Observation',
      id: 'parenting',
      status: 'final',
      code: local('parenting'),
      valueBoolean: false,
      effectiveDateTime: '2025-03-01',
    },
  ];
  const told = (rule: string, recorded: readonly Resource[]) =>
    reasons(ask(rule, '2025-03-05', { recorded, product: 'optum-commercial' }));
  const [no, yes] = ['60001007', '77386006'] as const;
  expect([told('PS-2', said(no)), told('PS-3', said(no))]).toEqual([
    ['not-pregnant-or-parenting'],
    ['not-pregnant-or-parenting'],
  ]);
  expect(told('PS-2', said(yes))).toEqual(['missing: active Plan of Safe Care']);
  expect(told('PS-3', [])).toEqual(['missing: dcfStatus']);
});

test('Michigan: each service of the window is judged, and outreach and texts are said not to be listed', () => {
  const member: Partial<MemberFacts> = {
    contacts: [contact('2025-03-05T10:00:00-05:00'), contact('2025-03-04T10:00:00-05:00', { modality: 'text' })],
    support: [
      {
        reference: 'Procedure/outreach',
        coaches: [coach],
        organization: employer,
        start: '2025-03-03T10:00:00-05:00',
        end: undefined,
        status: 'completed',
        category: 'outreach',
        partyType: undefined,
        clientPresent: undefined,
        purposes: [],
        outcome: [],
      },
    ],
  };
  const told = (rule: string) => ask(rule, '2025-03-06', { member, product: 'michigan-cmhsp' });
  const about = (rule: string) => told(rule).map((one) => one.about);
  expect(about('M-0')).toEqual([
    'Encounter/2025-03-05T10:00:00-05:00',
    'Encounter/2025-03-04T10:00:00-05:00',
    'Procedure/outreach',
  ]);
  expect(about('M-3')).toEqual(['Encounter/2025-03-05T10:00:00-05:00']);
  expect(told('M-29').map((one) => [one.about, ...reasons([one])])).toEqual([
    ['Encounter/2025-03-04T10:00:00-05:00', 'not-listed'],
    ['Procedure/outreach', 'not-listed'],
  ]);
  expect(reasons(told('M-18'))).toEqual(['no-such-service-in-the-window']);
});

test('Q-2: the member’s row, over the days of the episode, with the answers of the service’s own rules', () => {
  const given = { member: { contacts: [contact('2025-03-01')] }, product: 'optum-commercial' };
  const [told] = ask('Q-2', '2025-03-05', given);
  expect(told?.answer.figures).toMatchObject({ members: 1, 'O-1.unknown': 1, 'T-4': expect.any(Number) });
  expect(told?.answer.outcome).toMatchObject({ reasons: expect.arrayContaining(['missing: O-1 of 1']) });
  const [episode] = memberFacts().episodes;
  const undated = { episodes: episode ? [{ ...episode, start: undefined }] : [] };
  const open = ask('Q-2', '2025-03-05', { ...given, member: { ...given.member, ...undated } });
  expect(reasons(open)).toEqual(['missing: EpisodeOfCare.period.start']);
});

test('A-3, A-5: nothing is asked for on a day that needs no approval; from the next on they are open', () => {
  const [episode] = memberFacts().episodes;
  const member = {
    contacts: [contact('2025-03-25')],
    episodes: episode === undefined ? [] : [{ ...episode, start: '2025-01-01' }],
  };
  for (const rule of ['A-3', 'A-5']) {
    // The 90th day is 31 March.
    for (const date of ['2025-01-15', '2025-03-31']) {
      const told = ask(rule, date, { member });
      expect([results(told), reasons(told)], `${rule} ${date}`).toEqual([['not-applicable'], ['exempt-from-approval']]);
      expect(told[0]?.answer.figures).toEqual({ approvalFrom: '2025-04-01' });
    }
    expect(results(ask(rule, '2025-04-01', { member })), rule).toEqual(['indeterminate']);
    // A start that nobody knows exempts no day.
    const unknown = { ...member, episodes: member.episodes.map((one) => ({ ...one, start: undefined })) };
    expect(results(ask(rule, '2025-01-15', { member: unknown })), rule).toEqual(['indeterminate']);
  }
  // Tufts' and Optum's own sentence on documents knows no first days.
  expect(results(ask('D-3', '2025-01-15', { member, product: 'optum-commercial' }))).toContain('indeterminate');
});

test('A-1: a plan whose coverage begins after the window was never to be told; one that begins on its last day was', () => {
  const since = (start: string) => ({
    member: { coverages: memberFacts().coverages.map((one) => ({ ...one, start })) },
  });
  // The episode began on 1 January 2024; the window ends on 15 January.
  expect(results(ask('A-1', '2024-03-01', since('2024-01-15')))).toEqual(['not-met']);
  const told = ask('A-1', '2024-03-01', since('2024-01-16'));
  expect([results(told), reasons(told)]).toEqual([['not-applicable'], ['not-covered-within-the-window']]);
});
