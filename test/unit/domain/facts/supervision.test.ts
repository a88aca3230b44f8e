import type { Appointment, AppointmentParticipant } from '@medplum/fhirtypes';
import { expect, test } from 'vitest';
import { supervisions } from '../../../../src/domain/facts/supervision.ts';
import { coaches, coded, local, recorded } from '../../../support/recorded.ts';

const leads = [local('supervisor', 'coach-role')];
const person = (reference: string, more: Partial<AppointmentParticipant> = {}): AppointmentParticipant => ({
  status: 'accepted',
  actor: { reference },
  ...more,
});
const session: Appointment = {
  resourceType: 'Appointment',
  id: '1',
  status: 'fulfilled',
  start: '2025-03-01T20:00:00Z',
  serviceType: [local('non-clinical')],
  participant: [person('PractitionerRole/8', { type: leads }), person('PractitionerRole/7/_history/2')],
};
const facts = (more: Partial<Appointment>) => supervisions([recorded<Appointment>({ ...session, ...more })], coaches);

test('supervisor and coach are people; a role is resolved to its practitioner', () => {
  expect(facts({})).toEqual([
    {
      reference: 'Appointment/1',
      supervisors: ['Practitioner/supervisor'],
      coaches: ['Practitioner/coach'],
      start: '2025-03-01T20:00:00Z',
      fulfilled: true,
      kind: 'non-clinical',
    },
  ]);
});

test('whoever is not said to lead is supervised, also where a foreign system says so', () => {
  const foreign = [coded('urn:other', 'supervisor')];
  expect(facts({ participant: [person('Practitioner/supervisor', { type: foreign })] })[0]).toMatchObject({
    supervisors: [],
    coaches: ['Practitioner/supervisor'],
  });
});

test('who declined took no part, nor did a room or an unknown role', () => {
  const participant = [
    person('Practitioner/supervisor', { type: leads, status: 'declined' }),
    person('Practitioner/coach', { status: 'declined' }),
    person('Practitioner/second', { status: 'needs-action' }),
    person('Location/1'),
    person('PractitionerRole/99'),
    { status: 'accepted' as const },
  ];
  expect(facts({ participant })[0]).toMatchObject({ supervisors: [], coaches: ['Practitioner/second'] });
});

test('an appointment with the member, or entered in error, is none; only a fulfilled one was held', () => {
  expect(facts({ participant: [...session.participant, person('Patient/1')] })).toEqual([]);
  expect(facts({ status: 'entered-in-error' })).toEqual([]);
  for (const status of ['booked', 'noshow', 'cancelled'] as const) expect(facts({ status })[0]?.fulfilled).toBe(false);
});

test('the kind is only what Footbridge’s own code says', () => {
  const { serviceType: _, start: __, ...bare } = session;
  expect(facts({ serviceType: [local('clinical')] })[0]?.kind).toBe('clinical');
  expect(facts({ serviceType: [coded('urn:other', 'clinical')] })[0]?.kind).toBeUndefined();
  expect(supervisions([recorded<Appointment>(bare)], coaches)[0]).toMatchObject({ kind: undefined, start: undefined });
});
