import { expect, test } from 'vitest';
import { answer, type Question, type RuleAnswer } from '../../../src/domain/answer.ts';
import type { Authorization } from '../../../src/domain/facts/michigan-authorizations.ts';
import type { Eligibility } from '../../../src/domain/facts/michigan-eligibility.ts';
import type { PeerRoleFact } from '../../../src/domain/facts/michigan-episode.ts';
import type { Service } from '../../../src/domain/facts/michigan-services.ts';
import { m0Billable } from '../../../src/domain/m-0-billable.ts';
import { m1Eligible } from '../../../src/domain/m-1-m-2-eligibility.ts';
import { serviceCode } from '../../../src/domain/m-3-m-4-service-code.ts';
import { m5Units } from '../../../src/domain/m-5-units.ts';
import { m6Funding } from '../../../src/domain/m-6-funding.ts';
import { m7Supports } from '../../../src/domain/m-7-supports.ts';
import { m8ActivityNote } from '../../../src/domain/m-8-activity-note.ts';
import { m11Authorization } from '../../../src/domain/m-11-authorization.ts';
import { m13Performers } from '../../../src/domain/m-13-recovery.ts';
import { m14Trained } from '../../../src/domain/m-14-training.ts';
import { m24Exclusions } from '../../../src/domain/m-24-exclusions.ts';
import { indeterminate } from '../../../src/domain/outcome.ts';
import type { Ruleset } from '../../../src/domain/ruleset.ts';
import { attestations, coach, coachFacts, qualification } from '../../support/facts.ts';
import { as, authorization, begin, eligibility, michigan, service, withoutRules } from '../../support/michigan.ts';

const medicaid = [{ reference: 'Coverage/1', source: 'medicaid', start: '2024-01-01', end: undefined } as const];
const ccar = qualification('ccar-training', { start: '2020-01-01', hours: 40 });
const coaches = new Map([[coach, coachFacts({ qualifications: [...attestations, ccar] })]]);

interface Given {
  readonly of: Service;
  readonly responses: readonly Eligibility[];
  readonly roles: readonly PeerRoleFact[];
  readonly authorizations: readonly Authorization[];
}
const good: Given = {
  of: service(),
  responses: [eligibility()],
  roles: as('coach'),
  authorizations: [authorization()],
};

function partsOf({ authorizations, of, responses, roles }: Given): RuleAnswer[] {
  return [
    m1Eligible(michigan(), responses),
    serviceCode(michigan(), of, roles),
    m5Units(michigan(), [of]),
    m6Funding(michigan(), of, medicaid),
    m7Supports(michigan(), of, roles),
    m8ActivityNote(michigan(), of, roles),
    m11Authorization(michigan(), of, authorizations),
    m13Performers(michigan(), of, roles, coaches),
    m14Trained(michigan(), of, roles, coaches),
    m24Exclusions(michigan(), of),
  ];
}

function billable(more: Partial<Given> = {}): RuleAnswer {
  const given = { ...good, ...more };
  return m0Billable(michigan(), given.of, given.roles, partsOf(given));
}

test('M-0: an hour in person that every rule accepts is four units of T1012', () => {
  expect(billable()).toEqual({
    rule: 'M-0',
    outcome: { result: 'met' },
    evidence: [
      'Claim/1',
      'ClaimResponse/1',
      'Coverage/1',
      `Encounter/${begin}`,
      'Practitioner/coach',
      'PractitionerRole/1',
      'QuestionnaireResponse/1',
    ],
    figures: {
      code: 'T1012',
      minutes: 60,
      modifiers: '',
      preAuthRef: 'PA-1',
      sources: 'medicaid',
      supports: 'emotional',
      units: 4,
    },
  });
});

test.each<[string, Partial<Given>, string, string]>([
  ['M-1', { responses: [eligibility({}, { agreement: false })] }, 'not-met', 'M-1 no-agreement'],
  ['M-3', { of: service({ isGroup: true }) }, 'indeterminate', 'M-3 missing: group size'],
  ['M-5', { of: service({ end: '2025-03-05T10:14:00-05:00' }) }, 'not-met', 'M-5 under-one-unit'],
  [
    'M-6',
    { of: service({ modality: 'phone', clientPresent: false }) },
    'not-met',
    'M-6 client-not-present: block grant or PA2 only',
  ],
  ['M-7', { of: service({ supportCategories: ['financial'] }) }, 'not-met', 'M-7 no-type-of-support'],
  ['M-8', { of: service({ places: [] }) }, 'indeterminate', 'M-8 missing: place of service'],
  ['M-11', { authorizations: [authorization({ number: undefined })] }, 'not-met', 'M-11 authorization-denied'],
  ['M-24', { of: service({ tags: ['clinical'] }) }, 'not-met', 'M-24 clinical-service'],
])('M-0: one obstacle of %s alone decides', (_, given, result, reason) => {
  const { outcome } = billable(given);
  expect(outcome).toEqual({ result, reasons: [reason] });
});

test('M-0: a coach whose training is not known is not billable yet', () => {
  const parts = partsOf(good).map((part) =>
    part.rule === 'M-14' ? m14Trained(michigan(), good.of, good.roles, new Map()) : part,
  );
  expect(m0Billable(michigan(), good.of, good.roles, parts).outcome).toEqual({
    result: 'indeterminate',
    reasons: ['M-14 missing: ccar-training'],
  });
});

test('M-13 gates M-0 by our reading: a coach not yet two years in recovery bills nothing, unless the ruleset has it inform', () => {
  const since = new Map([
    [
      coach,
      coachFacts({ qualifications: [qualification('recovery-attestation', { attestedAsOf: '2025-03-06' }), ccar] }),
    ],
  ]);
  const under = (question: Question): RuleAnswer => {
    const parts = partsOf(good).filter(({ rule }) => rule !== 'M-13' && rule !== 'M-14');
    const own = [m13Performers, m14Trained].map((rule) => rule(question, good.of, good.roles, since));
    return m0Billable(question, good.of, good.roles, [...parts, ...own]);
  };
  const question = michigan();
  expect(under(question).outcome).toEqual({ result: 'not-met', reasons: ['M-13 recovery-not-attested'] });
  const { 'M-13': held, ...others } = question.ruleset.rules;
  const rules: Ruleset['rules'] = { ...others, ...(held && { 'M-13': { ...held, mode: 'measure' } }) };
  expect(under({ ...question, ruleset: { ...question.ruleset, rules } }).outcome).toEqual({ result: 'met' });
});

test.each<[string, Partial<Service>, PeerRoleFact[], string, string]>([
  ['nobody', { performers: [] }, as('coach'), 'indeterminate', 'missing: performer'],
  [
    'somebody without a role',
    {},
    as('coach', { practitioner: 'Practitioner/other' }),
    'indeterminate',
    'missing: PractitionerRole as coach or associate at the organisation',
  ],
  [
    'a role that ended the day before',
    {},
    as('coach', { end: '2025-03-04' }),
    'not-met',
    'performer-not-in-role-on-the-day',
  ],
  ['a role from the next day', {}, as('coach', { start: '2025-03-06' }), 'not-met', 'performer-not-in-role-on-the-day'],
])('M-0: %s as performer is not billable', (_, more, roles, result, reason) => {
  const told = m0Billable(michigan(), service(more), roles, partsOf(good)).outcome;
  expect(told).toEqual({ result, reasons: [reason] });
});

test('M-0: a role on its last day counts', () => {
  const roles = as('coach', { end: '2025-03-05' });
  expect(m0Billable(michigan(), service(), roles, partsOf(good)).outcome).toEqual({ result: 'met' });
});

test('M-0: several reasons are told at once, gaps beside contradictions', () => {
  const of = service({ places: [], tags: ['clinical'], supportCategories: [] });
  expect(billable({ of, responses: [], authorizations: [] }).outcome).toEqual({
    result: 'not-met',
    reasons: [
      'M-1 missing: eligibility response',
      'M-7 missing: supportCategory',
      'M-8 missing: place of service',
      'M-11 missing: authorization',
      'M-24 clinical-service',
    ],
  });
});

test.each(['M-1', 'M-3', 'M-5', 'M-6', 'M-7', 'M-8', 'M-11', 'M-13', 'M-14', 'M-24'])(
  'M-0: without an answer of %s, or with one that does not apply, it stays open',
  (rule) => {
    const open = { result: 'indeterminate', reasons: [`missing: answer of ${rule}`] };
    const others = partsOf(good).filter((part) => part.rule !== rule);
    expect(m0Billable(michigan(), good.of, good.roles, others).outcome).toEqual(open);
    const idle = answer(rule, { result: 'not-applicable', reasons: ['rule-not-in-ruleset'] });
    expect(m0Billable(michigan(), good.of, good.roles, [...others, idle]).outcome).toEqual(open);
  },
);

test('M-0: an answer of a rule that it does not ask changes nothing, and both warnings are told', () => {
  const further = answer('M-2', indeterminate('missing: c3'), ['Observation/9'], { c3: 'indeterminate' });
  expect(m0Billable(michigan(), good.of, good.roles, [...partsOf(good), further])).toEqual(billable());
  const of = service({
    isGroup: true,
    group: { size: 4, therapistPresent: true, mat: true, lead: coach },
    supportCategories: ['informational'],
  });
  expect(billable({ of, roles: as('associate') }).figures).toMatchObject({
    'M-3-warning': 'therapist-in-mat-group',
    'M-7-warning': 'informational-support-by-associate',
  });
});

test('M-0: without the rule it does not apply', () => {
  expect(m0Billable(withoutRules(), good.of, good.roles, []).outcome.result).toBe('not-applicable');
});

test('M-0: a role of no organisation is none for a service of no organisation', () => {
  const told = m0Billable(
    michigan(),
    service({ organization: undefined }),
    as('coach', { organization: undefined }),
    partsOf(good),
  );
  expect(told.outcome).toEqual(indeterminate('missing: organisation of the service'));
});
