import { describe, expect, test } from 'vitest';
import { localDate } from '../../../src/base/time.ts';
import { lastSupervision } from '../../../src/domain/cr-9-supervision.ts';
import { planConsents } from '../../../src/domain/facts/consents.ts';
import type { FamilyPlan, FamilyState } from '../../../src/domain/facts/family-plans.ts';
import { type Affiliation, organizationFacts } from '../../../src/domain/facts/organizations.ts';
import { billingOrganization, licensedOrganization } from '../../../src/domain/or-1-billing-organization.ts';
import {
  dcfStatus,
  familyPartners,
  planDomainGaps,
  planDomains,
  planOfSafeCare,
} from '../../../src/domain/ps-plan-of-safe-care.ts';
import type { Ruleset } from '../../../src/domain/ruleset.ts';
import { mayExposePlan, wellnessPlanForm } from '../../../src/domain/wp-wellness-plan.ts';
import { coach, coachFacts, employer, ruleset } from '../../support/facts.ts';

const basis = { basis: 'decision', reason: 'what this test asks' } as const;
const mce = ruleset('masshealth-mce');
const holding = (rule: string, parameters: Partial<Ruleset['parameters']> = {}): Ruleset => ({
  ...mce,
  rules: { [rule]: basis },
  parameters: { ...mce.parameters, ...parameters },
});
const none = { ...mce, rules: {} };
const knownAt = '2025-12-31T12:00:00Z';

describe('WP-2 "With the Enrollee\u2019s consent"', () => {
  const consents = (status: 'active' | 'inactive', type: 'permit' | 'deny' = 'permit') =>
    planConsents([
      {
        owner: '',
        recordedAt: knownAt,
        resource: {
          resourceType: 'Consent',
          id: '1',
          status,
          scope: {},
          category: [],
          dateTime: '2025-03-01',
          provision: {
            type: 'permit',
            period: { end: '2025-03-31' },
            actor: [{ role: {}, reference: { reference: 'Organization/plan' } }],
            provision: [{ type, data: [{ meaning: 'instance', reference: { reference: 'CarePlan/1' } }] }],
          },
        },
      },
    ]);
  const ask = (date: string, given: ReturnType<typeof consents>, more = {}) =>
    mayExposePlan(
      {
        ruleset: holding('WP-2'),
        date: localDate(date),
        knownAt,
        plan: 'CarePlan/1',
        recipient: 'Organization/plan',
        alwaysSees: ['Patient/1', coach],
        ...more,
      },
      given,
    ).outcome;

  test('from the day it was given to its last day, for the recipient that it names', () => {
    expect(
      ['2025-02-28', '2025-03-01', '2025-03-31', '2025-04-01'].map((date) => ask(date, consents('active')).result),
    ).toEqual(['indeterminate', 'met', 'met', 'not-met']);
    expect(ask('2025-03-01', consents('active'), { recipient: 'Organization/other' })).toMatchObject({
      reasons: ['recipient-not-in-consent'],
    });
  });

  test('said to the month alone, a permit opens once that is over, and a refusal closes from its first day', () => {
    const inMonth = (type: 'permit' | 'deny') =>
      consents('active', type).map((one) => ({ ...one, given: '2025-03', end: undefined }));
    expect(['2025-03-30', '2025-03-31'].map((date) => ask(date, inMonth('permit')).result)).toEqual([
      'indeterminate',
      'met',
    ]);
    expect(ask('2025-03-01', [...consents('active'), ...inMonth('deny')])).toMatchObject({
      reasons: ['consent-refused'],
    });
  });

  test('a revoked consent, a refusal or none at all exposes nothing, though the member and coach always see it', () => {
    expect(ask('2025-03-01', consents('inactive')).result).toBe('not-met');
    expect(ask('2025-03-01', [...consents('active'), ...consents('active', 'deny')])).toMatchObject({
      reasons: ['consent-refused'],
    });
    expect(ask('2025-03-01', []).result).toBe('indeterminate');
    expect(ask('2025-03-01', [], { recipient: coach }).result).toBe('met');
    expect(ask('2025-03-01', consents('active'), { plan: 'CarePlan/2' }).result).toBe('indeterminate');
    expect(ask('2025-03-01', [], { ruleset: none }).result).toBe('not-applicable');
  });
});

describe('WP-1 "do not need to follow a standard template"', () => {
  const form = (hasNarrative: boolean, hasAttachment: boolean) =>
    wellnessPlanForm({ reference: 'CarePlan/1', hasNarrative, hasAttachment }, holding('WP-1'));

  test('a narrative or an attachment is enough, and neither is a gap', () => {
    expect(form(true, false)).toMatchObject({ outcome: { result: 'met' }, evidence: ['CarePlan/1'] });
    expect(form(false, true).outcome.result).toBe('met');
    expect(form(false, false).outcome).toEqual({
      result: 'indeterminate',
      reasons: ['missing: narrative or attachment'],
    });
  });

  test('without a plan it is open; without the rule it does not apply', () => {
    expect(wellnessPlanForm(undefined, holding('WP-1')).outcome).toEqual({
      result: 'indeterminate',
      reasons: ['missing: CarePlan'],
    });
    expect(wellnessPlanForm(undefined, none).outcome.result).toBe('not-applicable');
  });
});

const state = (what: FamilyState['what'], present: boolean | undefined, on: string): FamilyState => ({
  reference: `Observation/${what}-${on}`,
  what,
  present,
  on,
});
const plan: FamilyPlan = {
  reference: 'CarePlan/2',
  status: 'active',
  dcfStatus: undefined,
  infantPlan: undefined,
  domains: planDomains.map((domain) => ({ domain, status: domain === 'income' ? 'declined' : 'no-need' })),
  activities: [],
  start: '2025-03-10',
  end: undefined,
};

describe('PS-1 to PS-3', () => {
  const asked = (rule: string, date = '2025-03-10') => ({ ruleset: holding(rule), date: localDate(date), knownAt });
  const due = (date: string, states: FamilyState[], plans = [plan]) =>
    planOfSafeCare(asked('PS-1', date), states, plans).outcome.result;

  test('a plan is due from the day of the flag and met from the plan\u2019s first day', () => {
    const states = [state('pregnancy', true, '2025-03-05')];
    expect(['2025-03-04', '2025-03-05', '2025-03-09', '2025-03-10'].map((date) => due(date, states))).toEqual([
      'indeterminate',
      'not-met',
      'not-met',
      'met',
    ]);
    expect(due('2025-03-10', states, [{ ...plan, status: 'draft' }])).toBe('not-met');
  });

  test('only a no to both makes it not applicable; the latest word stands', () => {
    const no = [state('pregnancy', true, '2025-01-01'), state('pregnancy', false, '2025-03-01')];
    expect(due('2025-03-10', no)).toBe('indeterminate');
    expect(due('2025-03-10', [...no, state('parenting', false, '2025-03-01')])).toBe('not-applicable');
    expect(due('2025-03-09', [...no, state('parenting', true, '2025-03-01')])).toBe('not-met');
  });

  test('of two words on one day the later instant stands, in whatever order they were recorded', () => {
    const yes = state('pregnancy', true, '2025-03-05T09:00:00-05:00');
    const no = state('pregnancy', false, '2025-03-05T20:00:00Z');
    const none = state('parenting', false, '2025-01-01');
    for (const states of [
      [yes, no, none],
      [none, no, yes],
    ])
      expect(due('2025-03-06', states)).toBe('not-applicable');
    const undated = [state('pregnancy', false, '2025-03-05'), state('pregnancy', true, '2025-03-05')];
    for (const states of [undated, undated.toReversed()]) expect(due('2025-03-06', states)).toBe('not-met');
  });

  test('each domain is answered, and a need has an activity with an owner', () => {
    const gaps = (more: Partial<FamilyPlan>) => planDomainGaps(asked('PS-2'), [{ ...plan, ...more }]).outcome;
    const need = [...plan.domains.slice(0, -1), { domain: 'infant', status: 'need' }];
    const activity = (owners: string[]) => ({ domains: need, activities: [{ domains: ['infant'], owners }] });
    expect(gaps({})).toEqual({ result: 'met' });
    expect(gaps({ domains: plan.domains.slice(0, -1) })).toEqual({
      result: 'indeterminate',
      reasons: ['missing: infant'],
    });
    expect(gaps({ domains: need })).toMatchObject({ reasons: ['need-without-activity: infant'] });
    expect(gaps(activity([]))).toMatchObject({ reasons: ['activity-without-owner: infant'] });
    expect(gaps(activity([coach])).result).toBe('met');
    expect(gaps({ domains: [...plan.domains, { domain: 'infant', status: 'need' }] })).toMatchObject({
      reasons: ['contradicting: infant'],
    });
  });

  test('the DCF status never leaves of itself', () => {
    expect(dcfStatus(asked('PS-3'), [{ ...plan, dcfStatus: 'open-case' }])).toMatchObject({
      outcome: { result: 'met' },
      figures: { status: 'open-case', sendToDcf: false },
    });
    expect(dcfStatus(asked('PS-3'), [plan]).outcome.result).toBe('indeterminate');
  });
});

describe('PS-4 "partnerships with local service providers"', () => {
  const affiliation = (id: string, more: Partial<Affiliation> = {}): Affiliation => ({
    reference: `OrganizationAffiliation/${id}`,
    organization: employer,
    partner: 'Organization/partner',
    active: true,
    categories: [id],
    agreements: [],
    start: '2025-03-01',
    end: '2025-03-31',
    ...more,
  });
  const dcf = affiliation('dcf');
  const early = affiliation('early-intervention');
  const ask = (date: string, given: Affiliation[], one = holding('PS-4')) =>
    familyPartners({ ruleset: one, date: localDate(date), knownAt }, given);

  test('one partner of each kind, from the first to the last day of both', () => {
    expect(
      ['2025-02-28', '2025-03-01', '2025-03-31', '2025-04-01'].map((date) => ask(date, [dcf, early]).outcome.result),
    ).toEqual(['indeterminate', 'met', 'met', 'indeterminate']);
    expect(ask('2025-03-01', [dcf, early]).evidence).toEqual([dcf.reference, early.reference]);
  });

  test('one affiliation may be both, and open ends hold every day', () => {
    const both = affiliation('both', { categories: ['dcf', 'early-intervention'], start: undefined, end: undefined });
    expect(ask('2030-01-01', [both]).outcome.result).toBe('met');
  });

  test('what is missing is named; an inactive one is none', () => {
    expect(ask('2025-03-01', [dcf, { ...early, active: false }]).outcome).toEqual({
      result: 'indeterminate',
      reasons: ['missing: affiliation with early-intervention'],
    });
    expect(ask('2025-03-01', []).outcome).toMatchObject({
      reasons: ['missing: affiliation with dcf', 'missing: affiliation with early-intervention'],
    });
    expect(ask('2025-03-01', [dcf, early], none).outcome.result).toBe('not-applicable');
  });
});

describe('OR-1, OR-2 and CR-9', () => {
  const organizations = organizationFacts([
    {
      owner: '',
      recordedAt: knownAt,
      resource: {
        resourceType: 'Organization',
        id: 'riverside',
        identifier: [{ type: { coding: [{ code: 'SL' }] }, value: 'L-1', period: { end: '2025-03-31' } }],
      },
    },
  ]);
  const left = coachFacts({
    roles: [{ reference: 'PractitionerRole/1', organization: employer, start: '2020-06-01', end: '2025-03-31' }],
  });
  const bills = (date: string, organization: string | undefined, one = holding('OR-1')) =>
    billingOrganization({ ruleset: one, date: localDate(date), organization }, organizations, [left]).outcome;

  test('an organisation bills while it employs a coach; a solo practitioner never does; PACE does not ask', () => {
    expect([bills('2025-03-31', employer).result, bills('2025-04-01', employer).result]).toEqual(['met', 'not-met']);
    expect(bills('2025-03-31', coach)).toEqual({ result: 'not-met', reasons: ['solo-practitioner'] });
    expect(bills('2025-03-31', undefined).result).toBe('indeterminate');
    expect(bills('2025-03-31', 'Organization/unknown')).toMatchObject({ reasons: ['missing: Organization'] });
    expect(bills('2025-03-31', coach, ruleset('masshealth-pace')).result).toBe('not-applicable');
  });

  test('whether an organisation employs a coach is open while nobody says since when, or that the coach goes on', () => {
    const open = (more: object, role: object = {}) =>
      billingOrganization(
        { ruleset: holding('OR-1'), date: localDate('2025-03-31'), organization: employer },
        organizations,
        [coachFacts({ ...more, roles: left.roles.map((one) => ({ ...one, ...role })) })],
      ).outcome;
    expect(open({}, { start: undefined })).toEqual({ result: 'indeterminate', reasons: ['missing: hire date'] });
    expect(open({ inactive: true }, { end: undefined })).toMatchObject({ reasons: ['practitioner-not-active'] });
    expect(open({}, { end: undefined, undatedEnd: true })).toMatchObject({ reasons: ['role-not-active'] });
  });

  test('the licence holds through its last day', () => {
    const licensed = (date: string, facts = organizations) =>
      licensedOrganization({ ruleset: holding('OR-2'), date: localDate(date), organization: employer }, facts).outcome;
    expect([licensed('2025-03-31').result, licensed('2025-04-01').result]).toEqual(['met', 'not-met']);
    const undated = organizations.map((one) => ({
      ...one,
      licences: [{ number: 'L', start: undefined, end: undefined }],
    }));
    expect(licensed('2025-03-31', undated)).toMatchObject({ reasons: ['missing: licence period'] });
  });

  test('supervision is overdue on the day after the interval; its date is local', () => {
    const session = {
      reference: 'Appointment/1',
      supervisors: ['Practitioner/s'],
      coaches: [coach],
      start: '2025-03-02T02:00:00Z',
      fulfilled: true,
      kind: undefined,
    };
    const one = holding('CR-9', { supervisionDays: { value: 30, ...basis } });
    const ask = (date: string, more = {}) =>
      lastSupervision(coach, [{ ...session, ...more }], { date: localDate(date), knownAt, ruleset: one });
    expect(ask('2025-03-31')).toMatchObject({ outcome: { result: 'met' }, figures: { last: '2025-03-01', days: 30 } });
    expect(ask('2025-04-01').outcome.result).toBe('not-met');
    expect(ask('2025-02-28').outcome.result).toBe('indeterminate');
    expect(ask('2025-03-31', { fulfilled: false }).outcome.result).toBe('indeterminate');
  });

  describe('CR-9 "direct supervision from a supervisor"', () => {
    const session = {
      reference: 'Appointment/1',
      supervisors: ['Practitioner/s'],
      coaches: [coach],
      start: '2024-02-29T15:00:00Z',
      fulfilled: true,
      kind: undefined,
    };
    const rules = holding('CR-9', { supervisionDays: { value: 30, ...basis } });
    const ask = (sessions: (typeof session)[], more: { date?: string; knownAt?: string; ruleset?: Ruleset } = {}) =>
      lastSupervision(coach, sessions, {
        date: localDate(more.date ?? '2024-03-30'),
        knownAt: more.knownAt ?? knownAt,
        ruleset: more.ruleset ?? rules,
      });

    test('thirty days from 29 February, over the change to summer time', () => {
      expect(ask([session])).toMatchObject({ outcome: { result: 'met' }, figures: { last: '2024-02-29', days: 30 } });
      expect(ask([session], { date: '2024-03-31' }).outcome).toEqual({
        result: 'not-met',
        reasons: ['supervision-overdue'],
      });
    });

    test('a session that the coach led herself is none, unless somebody else led it, too', () => {
      const alone = { ...session, supervisors: [coach] };
      expect(ask([alone]).outcome).toEqual({ result: 'indeterminate', reasons: ['missing: supervision'] });
      expect(ask([{ ...alone, supervisors: [coach, 'Practitioner/s'] }]).outcome.result).toBe('met');
    });

    test('the latest session by D counts, in whatever order they come', () => {
      const later = { ...session, reference: 'Appointment/2', start: '2024-03-15T15:00:00Z' };
      const after = { ...session, reference: 'Appointment/3', start: '2024-03-31T15:00:00Z' };
      for (const given of [
        [session, later, after],
        [after, later, session],
      ])
        expect(ask(given)).toMatchObject({ evidence: ['Appointment/2'], figures: { last: '2024-03-15', days: 15 } });
    });

    test('a session that begins after K has not happened', () => {
      expect(ask([session], { knownAt: '2024-02-29T15:00:00Z' }).outcome.result).toBe('met');
      expect(ask([session], { knownAt: '2024-02-29T14:59:59Z' }).outcome).toEqual({
        result: 'indeterminate',
        reasons: ['missing: supervision'],
      });
    });

    test('without a supervisor, or of another coach, it is none', () => {
      expect(ask([{ ...session, supervisors: [] }]).outcome.result).toBe('indeterminate');
      expect(ask([{ ...session, coaches: ['Practitioner/other'] }]).outcome.result).toBe('indeterminate');
    });

    test('without the interval it is open, and without the rule it does not apply', () => {
      const { supervisionDays: _, ...parameters } = rules.parameters;
      expect(ask([session], { ruleset: { ...rules, parameters } }).outcome).toEqual({
        result: 'indeterminate',
        reasons: ['missing-parameter: supervisionDays'],
      });
      expect(ask([session], { ruleset: none }).outcome.result).toBe('not-applicable');
    });
  });
});
