import { describe, expect, test } from 'vitest';
import { addDays, localDate } from '../../../src/base/time.ts';
import { approvalOn, type ServiceHistory } from '../../../src/domain/a-2-first-ninety-days.ts';
import { answer } from '../../../src/domain/answer.ts';
import { credentialLimit, isCoachQualified } from '../../../src/domain/b-5-coach-qualified.ts';
import { billingDays } from '../../../src/domain/billing.ts';
import { seriesOf, spellsOf } from '../../../src/domain/caseload.ts';
import { caseloadOn, contactsOf, prepareCaseload } from '../../../src/domain/cl-1-caseload.ts';
import type { ChargeFact } from '../../../src/domain/facts/authorizations.ts';
import type { Episode, MemberFacts, Role } from '../../../src/domain/facts/facts.ts';
import { indeterminate, met, notMet } from '../../../src/domain/outcome.ts';
import type { Ruleset } from '../../../src/domain/ruleset.ts';
import { coach, coachFacts, contact, employer, episode, memberFacts, payer, ruleset } from '../../support/facts.ts';
import { parameter, question, rulesetWith } from '../../support/questions.ts';

/** Each reading that the documents leave open (domain model, section 6), on a history on which the readings differ. */
const later = '2030-01-01T00:00:00Z';
const mce = ruleset('masshealth-mce');
function read(base: Ruleset, parameters: Partial<Ruleset['parameters']>): Ruleset {
  return { ...base, parameters: { ...base.parameters, ...parameters } };
}

describe('caseloadUnit: whose contacts keep a member on', () => {
  const successor = 'Practitioner/successor';
  const hiredOn = (start: string, end?: string): Role[] => [
    { reference: `PractitionerRole/${start}`, organization: employer, start, end },
  ];
  const units = {
    coach: mce,
    organization: read(mce, { caseloadUnit: parameter('organization' as const) }),
  };
  type Unit = keyof typeof units;
  const manager: Episode = {
    reference: episode,
    organization: employer,
    careManager: [successor],
    start: '2024-01-01',
    end: undefined,
  };
  /** The first coach leaves on 9 March; the successor is hired on the day after. */
  const handover = memberFacts({
    contacts: [contact('2025-03-01T15:00:00-05:00')],
    episodes: [manager],
    coaches: new Map([
      [coach, coachFacts({ roles: hiredOn('2020-06-01', '2025-03-09') })],
      [successor, coachFacts({ practitioner: successor, roles: hiredOn('2025-03-10') })],
    ]),
  });
  const caseloadOf = (unit: Unit, facts: MemberFacts, whose: string, knownAt = later) => {
    const series = seriesOf(facts, [units[unit]], knownAt).find((one) => one.coach === whose);
    if (!series) throw new Error(`no series of ${whose}`);
    return { series, caseload: prepareCaseload(facts, series, knownAt) };
  };
  const status = (unit: Unit, facts: MemberFacts, whose: string, date: string) =>
    caseloadOn(caseloadOf(unit, facts, whose).caseload, localDate(date));

  test('a new coach has nothing of the old one’s, or inherits the clock', () => {
    expect(status('coach', handover, successor, '2025-03-10')?.status).toBe('off');
    expect(status('organization', handover, successor, '2025-03-10')).toMatchObject({
      status: 'on',
      lastDay: '2025-03-22',
      contact: { date: '2025-03-01' },
    });
    expect(status('organization', handover, successor, '2025-03-23')?.status).toBe('off');
  });

  test('the coach whose caseload it is must be qualified on the day, the coach who had the contact on its date', () => {
    expect(status('organization', handover, coach, '2025-03-10')?.status).toBe('off');
    expect(status('organization', handover, successor, '2025-03-09')?.status).toBe('off');
    const unqualified = { ...handover, coaches: new Map(handover.coaches).set(coach, coachFacts({ roles: [] })) };
    expect(status('organization', unqualified, successor, '2025-03-10')?.status).toBe('indeterminate');
  });

  test('the next transition follows the latest contact of any coach', () => {
    const two = memberFacts({
      contacts: [
        contact('2025-03-01T15:00:00-05:00'),
        contact('2025-03-11T15:00:00-04:00', {
          coach: successor,
          documentation: [
            { status: 'final', signedAt: '2025-03-11T16:00:00-04:00', signedBy: [successor], evidence: [] },
          ],
        }),
      ],
      episodes: [manager],
      coaches: new Map([
        [coach, coachFacts()],
        [successor, coachFacts({ practitioner: successor })],
      ]),
    });
    const knownAt = '2025-03-24T12:00:00Z';
    const next = (unit: Unit, whose: string) => {
      const { series } = caseloadOf(unit, two, whose, knownAt);
      const { nextTransition, spells } = spellsOf(two, series, knownAt);
      return [nextTransition, ...spells.map((spell) => `${spell.status} ${spell.start} ${spell.end}`)];
    };
    expect(next('coach', coach)).toEqual([undefined, 'on 2025-03-01 2025-03-22', 'off 2025-03-23 undefined']);
    expect(next('organization', coach)).toEqual(['2025-04-02', 'on 2025-03-01 2025-04-01']);
    expect(next('organization', successor)).toEqual(['2025-04-02', 'on 2025-03-01 2025-04-01']);
  });

  test('spells of a new coach begin with the hire, not with the first contact of another', () => {
    const knownAt = '2025-03-12T12:00:00Z';
    const { series } = caseloadOf('organization', handover, successor, knownAt);
    const { nextTransition, spells } = spellsOf(handover, series, knownAt);
    expect(spells.map(({ end, start, status: is }) => [is, start, end])).toEqual([['on', '2025-03-10', '2025-03-22']]);
    expect(nextTransition).toBe('2025-03-23');
  });

  test('two coaches in one Encounter are one contact, accepted where one of them signed', () => {
    const together = ['2025-03-01T15:00:00-05:00'].flatMap((at) => [
      contact(at, { documentation: [] }),
      contact(at, {
        coach: successor,
        documentation: [{ status: 'final', signedAt: at, signedBy: [successor], evidence: [] }],
      }),
    ]);
    const facts = memberFacts({
      contacts: together,
      coaches: new Map([
        [coach, coachFacts()],
        [successor, coachFacts({ practitioner: successor })],
      ]),
    });
    const { caseload } = caseloadOf('organization', facts, coach);
    expect(caseload.contacts.map(({ contact: one, outcome }) => [one.coach, outcome.result])).toEqual([
      [successor, 'met'],
    ]);
    expect(contactsOf([caseload, caseloadOf('organization', facts, successor).caseload])).toHaveLength(1);
    expect(status('coach', facts, coach, '2025-03-02')?.status).toBe('indeterminate');
  });
});

describe('groupContacts: when a group session is a contact', () => {
  const readings = ['individual-interaction', 'always', 'never'] as const;
  const said = (individualInteraction: boolean | undefined, memberEngaged = true) =>
    readings.map((reading) => {
      const rules = read(mce, { groupContacts: parameter(reading) });
      const facts = memberFacts({
        contacts: [contact('2025-03-01T15:00:00-05:00', { group: true, individualInteraction, memberEngaged })],
      });
      const [series] = seriesOf(facts, [rules], later);
      return series && caseloadOn(prepareCaseload(facts, series, later), localDate('2025-03-02'))?.status;
    });

  test('by the note, always, or never', () => {
    expect(said(true)).toEqual(['on', 'on', 'off']);
    expect(said(false)).toEqual(['off', 'on', 'off']);
    expect(said(undefined)).toEqual(['indeterminate', 'on', 'off']);
    expect(said(true, false)).toEqual(['off', 'off', 'off']);
  });
});

describe('hireDate: the hire that the two years run from', () => {
  const roles: Role[] = [
    { reference: 'PractitionerRole/other', organization: 'Organization/other', start: '2021-03-01', end: '2022-02-28' },
    { reference: 'PractitionerRole/first', organization: employer, start: '2022-06-01', end: '2023-01-31' },
    { reference: 'PractitionerRole/again', organization: employer, start: '2023-09-01', end: undefined },
  ];
  const asked = (reading: 'current-employer' | 'first-as-coach') => ({
    ruleset: rulesetWith({ 'CR-4': {} }, { hireDate: parameter(reading) }),
    payer,
    organization: employer,
  });
  const on = (date: string, reading: 'current-employer' | 'first-as-coach', held = roles) =>
    isCoachQualified(coachFacts({ roles: held, qualifications: [] }), localDate(date), asked(reading));

  test('by the present employer, whose rehire keeps the first hire (8.3.16), or the first anywhere', () => {
    const someone = coachFacts({ roles, qualifications: [] });
    expect(credentialLimit(someone, asked('current-employer'))).toBe('2024-06-01');
    expect(credentialLimit(someone, asked('first-as-coach'))).toBe('2023-03-01');
    expect(on('2024-06-01', 'current-employer')).toEqual(met);
    expect(on('2024-06-02', 'current-employer')).toEqual(notMet('CR-4 two-years-passed'));
    expect(on('2023-09-01', 'first-as-coach')).toEqual(notMet('CR-4 two-years-passed'));
  });

  test('a hire without a date may be the first: open until then, passed after the limit of the others', () => {
    const undated = [...roles, { ...(roles[2] as Role), reference: 'PractitionerRole/undated', start: undefined }];
    expect(on('2024-06-01', 'current-employer', undated)).toEqual(indeterminate('missing: hire date'));
    expect(on('2024-06-02', 'current-employer', undated).result).toBe('not-met');
    const elsewhere = [{ ...(roles[0] as Role), start: undefined }, ...roles.slice(1)];
    expect(on('2023-09-01', 'current-employer', elsewhere)).toEqual(met);
    expect(on('2023-09-01', 'first-as-coach', elsewhere)).toEqual(indeterminate('missing: hire date'));
  });
});

describe('exemptDayCount and exemptRestart: how the 90 days are counted', () => {
  const plan = (parameters: Partial<Ruleset['parameters']>) =>
    rulesetWith(
      { 'A-2': {} },
      {
        exemptDays: parameter(90),
        exemptAlertDay: parameter(60),
        postExemption: parameter('prior-auth' as const),
        ...parameters,
      },
    );
  const charge = (at: string, more: Partial<ChargeFact> = {}): ChargeFact => ({
    reference: `ChargeItem/${at}`,
    status: 'billed',
    organization: employer,
    episode,
    at,
    codes: ['H2016'],
    quantity: 1,
    services: [],
    ...more,
  });
  const nothing: ServiceHistory = { episodes: [], charges: [], judged: [] };
  const daily = (count: number, from = '2025-01-01', more: Partial<ChargeFact> = {}) =>
    Array.from({ length: count }, (_, index) => charge(addDays(localDate(from), index), more));
  const billed = plan({ exemptDayCount: parameter('billed-days' as const) });
  const once = plan({ exemptRestart: parameter('once' as const) });
  const ask = (rules: Ruleset, date: string, history: Partial<ServiceHistory> = {}) =>
    approvalOn(question(rules, date), [], { ...nothing, ...history });

  test('1 April is the 91st date, and may be the 46th that is billed', () => {
    const everyOther = Array.from({ length: 45 }, (_, index) => charge(addDays(localDate('2025-01-01'), index * 2)));
    expect(ask(plan({}), '2025-04-01', { charges: everyOther }).outcome).toEqual(notMet('no-authorization'));
    expect(ask(billed, '2025-04-01', { charges: everyOther })).toMatchObject({
      outcome: met,
      figures: { status: 'exempt', serviceDay: 46, daysLeft: 44 },
    });
  });

  test('the 90th billed day is exempt and the 91st is not; a date counts once, a planned or foreign charge not at all', () => {
    const extra = [
      charge('2025-01-01', { reference: 'ChargeItem/twice' }),
      charge('2025-04-01', { status: 'planned', reference: 'ChargeItem/planned' }),
      charge('2025-04-02', { organization: 'Organization/other' }),
      charge('2024-12-31'),
    ];
    expect(ask(billed, '2025-05-01', { charges: [...daily(89), ...extra] })).toMatchObject({
      outcome: met,
      figures: { serviceDay: 90, daysLeft: 0, alert: 'exemption-ends' },
    });
    expect(ask(billed, '2025-05-01', { charges: [...daily(90), ...extra] }).outcome).toEqual(
      notMet('no-authorization'),
    );
    expect(ask(billed, '2025-05-01', { charges: daily(58) }).figures['alert']).toBeUndefined();
    expect(ask(billed, '2025-05-01', { charges: daily(59) }).figures['alert']).toBe('exemption-ends');
  });

  test('a charge of unknown status may be the 90th: open', () => {
    const charges = [...daily(89), charge('2025-04-10', { status: 'unknown' })];
    expect(ask(billed, '2025-05-01', { charges }).outcome).toEqual(
      indeterminate('missing: whether earlier days are billed'),
    );
  });

  test('earlier days that may be billed and are not yet use it up too', () => {
    const judged = (outcome: typeof met) =>
      Array.from({ length: 90 }, (_, index) => ({
        date: addDays(localDate('2025-01-01'), index),
        answer: answer('B-2', outcome),
      }));
    expect(ask(billed, '2025-05-01', { judged: judged(met) }).outcome.result).toBe('not-met');
    expect(ask(billed, '2025-05-01', { judged: judged(notMet('caseload-off')) }).outcome.result).toBe('met');
    expect(ask(billed, '2025-05-01', { judged: judged(indeterminate('open')) }).outcome.result).toBe('indeterminate');
  });

  test('a ledger of one month knows the billable days before it', () => {
    const rules = read(mce, {
      exemptDayCount: parameter('billed-days' as const),
      postExemption: parameter('prior-auth' as const),
    });
    const contacts = Array.from({ length: 30 }, (_, index) =>
      contact(`${addDays(localDate('2025-01-01'), index * 7)}T12:00:00-05:00`),
    );
    const facts = memberFacts({
      contacts,
      episodes: [{ reference: episode, organization: employer, careManager: [], start: '2025-01-01', end: undefined }],
    });
    const organizations = [{ reference: employer, active: true, types: ['prov'], licences: [] }];
    const more = { organizations, authorizations: [], charges: [], plans: [], goals: [] };
    const days = (start: string, end: string) =>
      billingDays(facts, more, seriesOf(facts, [rules], later), later, {
        start: localDate(start),
        end: localDate(end),
      }).map(({ answer: { outcome }, date }) => [date, outcome.result]);
    expect(days('2025-03-30', '2025-04-02')).toEqual([
      ['2025-03-30', 'met'],
      ['2025-03-31', 'met'],
      ['2025-04-01', 'not-met'],
      ['2025-04-02', 'not-met'],
    ]);
  });

  test('a second episode begins anew, or goes on from the first at the organisation', () => {
    const own = question(once, '2025-02-01').episode;
    const first = { ...own, reference: 'EpisodeOfCare/0', start: '2024-10-01', end: '2024-11-15' };
    const elsewhere = { ...first, organization: 'Organization/other' };
    expect(ask(plan({}), '2025-02-01', { episodes: [first, own] }).outcome).toEqual(met);
    expect(ask(once, '2025-02-01', { episodes: [first, own] })).toMatchObject({
      outcome: notMet('no-authorization'),
      figures: { lastExemptDate: '2024-12-29', approvalFrom: '2024-12-30' },
      evidence: ['EpisodeOfCare/0', own.reference],
    });
    expect(ask(once, '2025-02-01', { episodes: [elsewhere, own] }).outcome).toEqual(met);
    expect(ask(once, '2025-02-01', { episodes: [own] }).outcome).toEqual(met);
  });

  test('an earlier episode without a start, or one that ends before it, leaves the exemption open and not what lies after it', () => {
    const own = question(once, '2025-02-01').episode;
    const undated = { ...own, reference: 'EpisodeOfCare/0', start: undefined };
    const reversed = { ...own, reference: 'EpisodeOfCare/0', start: '2024-12-01', end: '2024-11-01' };
    expect(ask(once, '2025-02-01', { episodes: [undated, own] }).outcome).toEqual(
      indeterminate('missing: EpisodeOfCare.period.start'),
    );
    expect(ask(once, '2025-02-01', { episodes: [reversed, own] }).outcome).toEqual(
      indeterminate('episode-end-before-start'),
    );
    expect(ask(once, '2025-04-01', { episodes: [undated, own] }).outcome.result).toBe('not-met');
  });

  test('without the history these readings are open, never exempt', () => {
    expect(approvalOn(question(billed, '2025-02-01'), []).outcome).toEqual(indeterminate('missing: charges'));
    expect(approvalOn(question(once, '2025-02-01'), []).outcome).toEqual(indeterminate('missing: earlier episodes'));
  });
});
