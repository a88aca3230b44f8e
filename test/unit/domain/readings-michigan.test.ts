import { describe, expect, test } from 'vitest';
import { type Service, serviceOfContact } from '../../../src/domain/facts/michigan-services.ts';
import { serviceCode } from '../../../src/domain/m-3-m-4-service-code.ts';
import { m6Funding } from '../../../src/domain/m-6-funding.ts';
import { indeterminate } from '../../../src/domain/outcome.ts';
import type { Ruleset } from '../../../src/domain/ruleset.ts';
import { coach, contact, employer, payer } from '../../support/facts.ts';
import { michigan } from '../../support/michigan.ts';
import { parameter } from '../../support/questions.ts';

describe('clientPhone and groupPrecedence: Michigan’s codes', () => {
  const under = (parameters: Partial<Ruleset['parameters']>) => {
    const base = michigan();
    return { ...base, ruleset: { ...base.ruleset, parameters: { ...base.ruleset.parameters, ...parameters } } };
  };
  const phone = serviceOfContact([contact('2025-03-05T10:00:00-05:00', { modality: 'phone' })], employer);
  const individual = under({ clientPhone: parameter('individual' as const) });
  const medicaid = [
    { reference: 'Coverage/1', source: 'medicaid' as const, payer, start: '2024-01-01', end: undefined },
  ];

  test('a client’s call is H0038 without Medicaid, or a one-on-one T1012 that Medicaid may pay', () => {
    const said = [michigan(), individual].map((asked) => [
      serviceCode(asked, phone, []).figures['code'],
      m6Funding(asked, phone, medicaid).outcome.result,
    ]);
    expect(said).toEqual([
      ['H0038', 'not-met'],
      ['T1012', 'met'],
    ]);
    const collateral: Service = { ...phone, kind: 'collateral', modality: undefined, partyType: 'family' };
    expect(serviceCode(individual, collateral, []).figures['code']).toBe('H0038');
    expect(m6Funding(individual, collateral, medicaid).outcome.result).toBe('not-met');
  });

  test('a MAT group with the therapist is TT, or the lead’s TG HG or HG, both with a warning', () => {
    const group = (therapistPresent: boolean, mat: boolean | undefined): Service => ({
      ...serviceOfContact([contact('2025-03-05T10:00:00-05:00', { group: true })], employer),
      group: { size: 6, therapistPresent, mat, lead: coach },
    });
    const as = (role: 'coach' | 'associate') => [
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
    const other = under({ groupPrecedence: parameter('medication-assisted' as const) });
    const warning = 'therapist-in-mat-group';
    expect(serviceCode(michigan(), group(true, true), as('coach')).figures).toMatchObject({ modifiers: 'TT', warning });
    expect(serviceCode(other, group(true, true), as('coach')).figures).toMatchObject({ modifiers: 'TG HG', warning });
    expect(serviceCode(other, group(true, true), as('associate')).figures).toMatchObject({ modifiers: 'HG', warning });
    expect(serviceCode(other, group(true, false), as('coach')).figures['modifiers']).toBe('TT');
    expect(serviceCode(other, group(false, false), as('coach')).figures['modifiers']).toBe('HQ');
    expect(serviceCode(michigan(), group(true, undefined), as('coach')).figures['modifiers']).toBe('TT');
    expect(serviceCode(other, group(true, undefined), as('coach')).outcome).toEqual(indeterminate('missing: mat'));
  });
});
