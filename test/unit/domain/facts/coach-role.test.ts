import type { Communication, Encounter, Extension, PractitionerRole } from '@medplum/fhirtypes';
import { expect, test } from 'vitest';
import { pairedContacts } from '../../../../src/domain/ct-2-message-pairs.ts';
import { Coaches } from '../../../../src/domain/facts/coaches.ts';
import { encounterContacts } from '../../../../src/domain/facts/contacts.ts';
import type { Message } from '../../../../src/domain/facts/facts.ts';
import { coachMessages } from '../../../../src/domain/facts/messages.ts';
import { structure } from '../../../../src/fhir/canonical.ts';
import { memberFacts } from '../../../support/facts.ts';
import { coded, local, recorded } from '../../../support/recorded.ts';

const zone = 'America/New_York';
const early: Extension = { url: structure('coach-role'), valueCode: 'early-engagement' };
const traditional: Extension = { url: structure('coach-role'), valueCode: 'traditional' };
const role = (id: string, more: Partial<PractitionerRole> = {}) =>
  recorded<PractitionerRole>({
    resourceType: 'PractitionerRole',
    id,
    practitioner: { reference: 'Practitioner/coach' },
    organization: { reference: 'Organization/riverside' },
    code: [local('recovery-coach', 'coach-role')],
    extension: [early],
    period: { start: '2025-01-01', end: '2025-03-31' },
    ...more,
  });
const person = recorded({ resourceType: 'Practitioner' as const, id: 'coach' });

function roleOf(roles: readonly ReturnType<typeof role>[], start: string, extension: Extension[] = []) {
  const encounter: Encounter = {
    resourceType: 'Encounter',
    id: '1',
    status: 'finished',
    class: {},
    period: { start },
    participant: [{ individual: { reference: 'Practitioner/coach' } }],
    episodeOfCare: [{ reference: 'EpisodeOfCare/1' }],
    extension,
  };
  const coaches = new Coaches([person], roles);
  const sources = { encounters: [recorded(encounter)], notes: [], provenances: [], episodes: [], coaches, zone };
  return encounterContacts(sources).map(({ details }) => details.coachRole);
}

test('a contact takes the coach’s way of working from the role in force at it, unless it says so itself', () => {
  expect(roleOf([role('1')], '2025-03-31T23:30:00-04:00')).toEqual(['early-engagement']);
  expect(roleOf([role('1')], '2025-04-01T00:30:00-04:00')).toEqual([undefined]);
  expect(roleOf([role('1')], '2025-03-01T10:00:00-05:00', [traditional])).toEqual(['traditional']);
  expect(
    roleOf([role('1', { organization: { reference: 'Organization/other' } })], '2025-03-01T10:00:00-05:00'),
  ).toEqual([undefined]);
});

test('a supervisor alone is no coach: no contact is theirs, while one who does both has them', () => {
  const start = '2025-03-01T10:00:00-05:00';
  const supervisor = role('1', { code: [local('supervisor', 'coach-role')], extension: [] });
  expect(roleOf([supervisor], start)).toEqual([]);
  const both = role('1', { code: [local('supervisor', 'coach-role'), local('recovery-coach', 'coach-role')] });
  expect(roleOf([both], start)).toEqual(['early-engagement']);
  expect(roleOf([supervisor, role('2')], start)).toEqual(['early-engagement']);
  const facts = (roles: readonly ReturnType<typeof role>[]) => {
    const told = new Coaches([person], roles).facts.get('Practitioner/coach');
    return [told?.roles, told?.supervisorRoles].map((list) => list?.map(({ reference }) => reference));
  };
  expect(facts([supervisor])).toEqual([[], ['PractitionerRole/1']]);
  expect(facts([both])).toEqual([['PractitionerRole/1'], ['PractitionerRole/1']]);
});

test('two roles that say different things say nothing', () => {
  const start = '2025-03-01T10:00:00-05:00';
  expect(roleOf([role('1'), role('2', { extension: [traditional] })], start)).toEqual([undefined]);
  expect(roleOf([role('1'), role('2', { extension: [] })], start)).toEqual(['early-engagement']);
});

test('a pair of messages takes it from the role, too', () => {
  const message = (reference: string, fromMember: boolean): Message => ({
    reference,
    coach: 'Practitioner/coach',
    episodes: ['EpisodeOfCare/1'],
    medium: 'text',
    owner: 'riverside',
    sent: '2025-03-01T15:00:00Z',
    recordedAt: '2025-03-01T15:00:10Z',
    fromMember,
    automatic: false,
    purposes: [],
    goals: [],
  });
  const coaches = new Coaches([person], [role('1')]).facts;
  const facts = memberFacts({
    coaches,
    messages: [message('Communication/1', false), message('Communication/2', true)],
  });
  expect(pairedContacts(facts, 7, zone).map(({ details }) => details.coachRole)).toEqual(['early-engagement']);
});

test('a nurse of the organisation who texts with the member is no coach; who has no role here at all may be one', () => {
  const nurse = role('2', { practitioner: { reference: 'Practitioner/nurse' }, code: [local('nurse', 'other')] });
  const coaches = new Coaches([person], [role('1'), nurse]);
  const written = (from: string) =>
    coachMessages(
      'Patient/1',
      [
        recorded<Communication>({
          resourceType: 'Communication',
          id: '1',
          status: 'completed',
          sender: { reference: from },
          recipient: [{ reference: 'Patient/1' }],
          sent: '2025-03-01T15:00:00Z',
          medium: [coded('http://terminology.hl7.org/CodeSystem/v3-ParticipationMode', 'SMSWRIT')],
        }),
      ],
      [],
      coaches,
      zone,
    ).map((message) => message.coach);
  expect(written('PractitionerRole/1')).toEqual(['Practitioner/coach']);
  expect(written('Practitioner/nurse')).toEqual([]);
  expect(written('Practitioner/stranger')).toEqual(['Practitioner/stranger']);
});
