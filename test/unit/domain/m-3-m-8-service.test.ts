import { expect, test } from 'vitest';
import { localDate } from '../../../src/base/time.ts';
import type { Question } from '../../../src/domain/answer.ts';
import type { Contact } from '../../../src/domain/facts/facts.ts';
import type { PeerRole } from '../../../src/domain/facts/michigan-episode.ts';
import { type Service, serviceOfContact } from '../../../src/domain/facts/michigan-services.ts';
import { serviceCode } from '../../../src/domain/m-3-m-4-service-code.ts';
import { m5Units } from '../../../src/domain/m-5-units.ts';
import { m6Funding } from '../../../src/domain/m-6-funding.ts';
import { indeterminate, met } from '../../../src/domain/outcome.ts';
import { coach, contact, employer, episode, payer, ruleset } from '../../support/facts.ts';

const base = ruleset('michigan-cmhsp');
const basis = { basis: 'decision', reason: 'a test asks for it' } as const;
const question: Question = {
  ruleset: {
    ...base,
    rules: Object.fromEntries(['M-3', 'M-4', 'M-5', 'M-6'].map((rule) => [rule, basis])),
    parameters: { ...base.parameters, unitMinutes: { value: 15, ...basis } },
  },
  planType: 'cmhsp',
  payer,
  episode: { reference: episode, organization: employer, careManager: [], start: '2024-01-01', end: undefined },
  date: localDate('2025-03-09'),
  knownAt: '2030-01-01T00:00:00Z',
  contacts: [],
};
function service(more: Partial<Service> = {}, of: Partial<Contact> = {}, start = '2025-03-05T10:00:00-05:00'): Service {
  return { ...serviceOfContact([contact(start, of)], employer), ...more };
}
const as = (role: PeerRole) => [
  {
    reference: 'PractitionerRole/1',
    practitioner: coach,
    organization: employer,
    role,
    engagement: undefined,
    start: '2020-01-01',
    end: undefined,
  },
];
const group = (size: number, therapistPresent: boolean, mat: boolean): Partial<Service> => ({
  isGroup: true,
  group: { size, therapistPresent, mat, lead: coach },
});

test.each([
  ['one-on-one', {}, 'coach', 'T1012', ''],
  ['a group of one', group(1, true, true), 'coach', 'T1012', ''],
  ['a group', group(2, false, false), 'coach', 'T1012', 'HQ'],
  ['a therapist in a MAT group', group(5, true, true), 'coach', 'T1012', 'TT'],
  ['a MAT group of a coach', group(5, false, true), 'coach', 'T1012', 'TG HG'],
  ['a MAT group of an associate', group(5, false, true), 'associate', 'T1012', 'HG'],
  ['the client on the phone', { modality: 'phone', clientPresent: false }, 'coach', 'H0038', ''],
] as const)('M-3, M-4: %s', (_, more, role, code, modifiers) => {
  expect(serviceCode(question, service(more), as(role)).figures).toMatchObject({ code, modifiers });
});

test.each([
  ['video', 'indeterminate', 'av-mode'],
  ['text', 'not-met', 'not-listed'],
] as const)('M-4: %s is %s', (modality, result, reason) => {
  const said = serviceCode(question, service({ modality, clientPresent: false }), as('coach')).outcome;
  expect(said).toEqual({ result, reasons: [reason] });
});

test.each([
  ['2025-03-05T10:00:00-05:00', '2025-03-05T10:14:59-05:00', 0],
  ['2025-03-05T10:00:40-05:00', '2025-03-05T10:15:20-05:00', 0],
  ['2025-03-05T10:00:00-05:00', '2025-03-05T10:15:00-05:00', 1],
  ['2025-03-05T10:00:00-05:00', '2025-03-05T10:29:00-05:00', 1],
  ['2025-03-09T01:45:00-05:00', '2025-03-09T03:15:00-04:00', 2],
])('M-5: from %s to %s are %i units', (start, end, units) => {
  expect(m5Units(question, [service({ end }, {}, start)]).figures).toMatchObject({ units });
});

test.each([
  ['in-person', true, 'met', []],
  ['in-person', undefined, 'met', []],
  ['in-person', false, 'not-met', ['member-not-engaged']],
  ['phone', true, 'met', []],
  ['phone', undefined, 'indeterminate', ['missing: memberEngaged']],
  ['phone', false, 'not-met', ['member-not-engaged']],
] as const)(
  'M-3, M-4: a contact %s with memberEngaged %s is %s: no contact with the client is billed',
  (modality, memberEngaged, result, reasons) => {
    const of = serviceOfContact([contact('2025-03-05T10:00:00-05:00', { modality, memberEngaged })], employer);
    const { outcome } = serviceCode(question, of, []);
    expect(outcome).toEqual(result === 'met' ? { result } : { result, reasons });
  },
);

test('M-5: eight and eight minutes on the phone are never summed, in person they are', () => {
  const parts = (more: Partial<Service>) => [
    service({ end: '2025-03-05T10:08:00-05:00', ...more }),
    service({ end: '2025-03-05T11:08:00-05:00', ...more }, {}, '2025-03-05T11:00:00-05:00'),
  ];
  expect(m5Units(question, parts({ modality: 'phone' })).outcome).toMatchObject({ reasons: ['parts-never-summed'] });
  expect(m5Units(question, parts({})).figures).toEqual({ minutes: 16, units: 1 });
});

test('M-6: what another payer funds is not this one’s to pay', () => {
  const of = (payers: string[], more: Partial<Service> = {}) => {
    const blockGrant = { reference: 'Coverage/1', source: 'block-grant' as const, start: '2025-01-01', end: undefined };
    return m6Funding(question, service(more), [{ ...blockGrant, payers }]).outcome;
  };
  const call = { modality: 'phone', clientPresent: false } as const;
  expect(of([payer], call)).toEqual(met);
  expect(of(['Organization/elsewhere', payer], call)).toEqual(met);
  expect(of(['Organization/elsewhere'], call)).toEqual(indeterminate('funding-of-another-payer'));
  expect(of(['Organization/elsewhere'])).toEqual(indeterminate('funding-of-another-payer'));
});

test('M-6: Medicaid pays only with the client present, and nothing is met without a source', () => {
  const medicaid = [{ reference: 'Coverage/1', source: 'medicaid' as const, start: '2025-01-01', end: '2025-03-05' }];
  expect(m6Funding(question, service(), medicaid).outcome.result).toBe('met');
  expect(m6Funding(question, service({ clientPresent: false }), medicaid).outcome.result).toBe('not-met');
  expect(m6Funding(question, service({}, {}, '2025-03-06T10:00:00-05:00'), medicaid).outcome.result).toBe('not-met');
  expect(m6Funding(question, service(), []).outcome.result).toBe('indeterminate');
  const [one] = medicaid;
  const undated = [{ ...one, reference: 'Coverage/1', source: 'medicaid' as const, start: undefined, end: undefined }];
  expect(m6Funding(question, service(), undated).outcome).toEqual({
    result: 'indeterminate',
    reasons: ['missing: Coverage.period.start'],
  });
});
