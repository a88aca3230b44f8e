import type { Practitioner, PractitionerRole } from '@medplum/fhirtypes';
import { expect, test } from 'vitest';
import { Coaches } from '../../../../src/domain/facts/coaches.ts';
import { codeSystem } from '../../../../src/fhir/canonical.ts';
import { recorded } from '../../../support/recorded.ts';

const coach: Practitioner = { resourceType: 'Practitioner', id: 'coach' };
const role = (more: Partial<PractitionerRole>): PractitionerRole => ({
  resourceType: 'PractitionerRole',
  id: '1',
  practitioner: { reference: 'Practitioner/coach' },
  organization: { reference: 'Organization/riverside' },
  code: [{ coding: [{ system: codeSystem('coach-role'), code: 'recovery-coach' }] }],
  ...more,
});
const held = (more: Partial<PractitionerRole>) =>
  new Coaches([recorded(coach)], [recorded(role(more))]).facts.get('Practitioner/coach')?.roles;

test('a coach who left was a coach until then, also when the role’s record was closed', () => {
  const period = { start: '2023-01-01', end: '2024-06-30' };
  expect(held({ active: false, period })).toEqual(held({ period }));
  expect(held({ active: false, period })).toMatchObject([period]);
});

test('a role whose record was closed before its end was held no longer than that', () => {
  const period = { start: '2024-01-01', end: '2025-12-31' };
  expect(held({ active: false, period })).toMatchObject([{ start: '2024-01-01', end: '2025-01-02T00:00:00Z' }]);
});

test('of a role that is not active and has no end nobody knows until when it was held', () => {
  expect(held({ active: false, period: { start: '2024-01-01' } })).toMatchObject([{ undatedEnd: true }]);
  expect(held({ active: false })).toMatchObject([{ undatedEnd: true }]);
});

test('who may have been a coach there is no other staff, so that the contact is judged and does not vanish', () => {
  const of = (more: Partial<PractitionerRole>) =>
    new Coaches([recorded(coach)], [recorded(role(more))]).isOtherStaffAt(
      'Practitioner/coach',
      'Organization/riverside',
    );
  expect(of({ active: false, period: { start: '2024-01-01' } })).toBe(false);
  expect(of({ active: false, code: [] })).toBe(true);
  expect(of({ code: [] })).toBe(true);
});
