import type { Encounter, PractitionerRole } from '@medplum/fhirtypes';
import { describe, expect, test } from 'vitest';
import { localDate } from '../../../src/base/time.ts';
import { credentialLimit, isCoachQualified } from '../../../src/domain/b-5-coach-qualified.ts';
import { billingDays } from '../../../src/domain/billing.ts';
import { seriesOf } from '../../../src/domain/caseload.ts';
import { contradictionsOf } from '../../../src/domain/contradictions.ts';
import { coachRoster } from '../../../src/domain/cr-6-roster.ts';
import { coachDueOf } from '../../../src/domain/due/credentials.ts';
import { Coaches } from '../../../src/domain/facts/coaches.ts';
import { encounterContacts } from '../../../src/domain/facts/contacts.ts';
import type { CoachFacts } from '../../../src/domain/facts/facts.ts';
import { billingRecords } from '../../support/contradictions.ts';
import {
  attestations,
  coach,
  coachFacts,
  contact,
  employer,
  memberFacts,
  payer,
  ruleset,
  rulesets,
  working,
} from '../../support/facts.ts';
import { local, recorded } from '../../support/recorded.ts';

const mce = ruleset('masshealth-mce');
const asked = { ruleset: mce, payer, organization: employer };
const knownAt = '2026-06-01T12:00:00Z';

const role = (id: string, more: Partial<PractitionerRole> = {}) =>
  recorded<PractitionerRole>({
    resourceType: 'PractitionerRole',
    id,
    practitioner: { reference: coach },
    organization: { reference: employer },
    code: [local('recovery-coach', 'coach-role')],
    period: { start: '2025-01-01' },
    ...more,
  });
const people = (...roles: ReturnType<typeof role>[]) =>
  new Coaches([recorded({ resourceType: 'Practitioner' as const, id: 'coach' })], roles);
/** On the way to CARC, and attested. */
function onTheWay(...roles: ReturnType<typeof role>[]): CoachFacts {
  const found = people(...roles).facts.get(coach) as CoachFacts;
  return { ...found, qualifications: [...attestations, ...working] };
}
const qualified = (of: CoachFacts, date: string) => isCoachQualified(of, localDate(date), asked);

describe('a role that is not active any more', () => {
  const ended = {
    ...role('1', { active: false, period: { start: '2025-01-01', end: '2026-03-31' } }),
    recordedAt: '2026-04-02T09:00:00Z',
  };

  test('stands for the days of its period, as the same role does that is still called active', () => {
    const still = role('1', { period: { start: '2025-01-01', end: '2026-03-31' } });
    for (const one of [ended, still]) {
      expect(qualified(onTheWay(one), '2026-03-31').result).toBe('met');
      expect(qualified(onTheWay(one), '2026-04-01')).toEqual({ result: 'not-met', reasons: ['coach-not-employed'] });
    }
  });

  test('keeps the contacts of its days on the coach’s caseload', () => {
    const encounter: Encounter = {
      resourceType: 'Encounter',
      id: '1',
      status: 'finished',
      class: { code: 'AMB' },
      period: { start: '2026-03-02T10:00:00-05:00' },
      participant: [{ individual: { reference: coach } }],
      episodeOfCare: [{ reference: 'EpisodeOfCare/1' }],
    };
    const contactsWith = (one: ReturnType<typeof role>) =>
      encounterContacts({
        encounters: [recorded(encounter)],
        notes: [],
        provenances: [],
        episodes: [],
        coaches: people(one),
        zone: mce.zone,
      }).map((contact) => contact.coach);
    expect(contactsWith(ended)).toEqual([coach]);
    expect(contactsWith(role('1', { active: false }))).toEqual([coach]);
  });

  test('keeps its hire: a rehire does not begin the two years anew (8.3.16)', () => {
    const first = role('0', { active: false, period: { start: '2020-02-29', end: '2021-01-31' } });
    expect(credentialLimit(onTheWay(first, role('1')), asked)).toBe('2022-02-28');
    expect(qualified(onTheWay(first, role('1')), '2025-06-01').result).toBe('not-met');
  });

  test('without its end leaves its days open, and somebody is asked for it', () => {
    const gone = onTheWay(role('1', { active: false }));
    expect(qualified(gone, '2026-03-02')).toEqual({ result: 'indeterminate', reasons: ['role-not-active'] });
    expect(qualified(gone, '2024-12-31').result).toBe('not-met');
    const found = contradictionsOf(memberFacts({ coaches: new Map([[coach, gone]]) }), rulesets, knownAt);
    expect(found.map(({ code, evidence }) => [code, ...evidence])).toEqual([['role-not-active', 'PractitionerRole/1']]);
  });

  test('without its end employs nobody today: the roster leaves the coach out, and no alert runs', () => {
    const gone = onTheWay(role('1', { active: false }));
    expect(coachRoster([gone], localDate('2026-06-01'), asked, knownAt).rows).toEqual([]);
    const due = coachDueOf({
      coach: gone,
      organization: employer,
      payers: [payer],
      rulesets: [mce],
      knownAt: '2026-12-15T12:00:00Z',
    });
    expect(due.map(({ closed }) => closed)).toEqual(['The coach is no longer employed as a coach.']);
  });
});

test('OR-1: that the member’s coaches have left says nothing of the organisation’s others', () => {
  const roles = coachFacts().roles.map((one) => ({ ...one, end: '2025-03-05' }));
  const facts = memberFacts({
    contacts: [contact('2025-03-01T10:00:00-05:00')],
    coaches: new Map([[coach, coachFacts({ roles })]]),
  });
  const days = { start: localDate('2025-03-06'), end: localDate('2025-03-06') };
  const told = (wholeStaff: boolean) => {
    const [day] = billingDays(facts, { ...billingRecords, wholeStaff }, seriesOf(facts, [mce], knownAt), knownAt, days);
    return day && 'reasons' in day.answer.outcome ? day.answer.outcome.reasons : [];
  };
  expect(told(false)).toEqual(['caseload-off: coach-not-qualified: coach-not-employed', 'coach-not-employed']);
  expect(told(true)).toContain('OR-1 employs-no-coach');
});
