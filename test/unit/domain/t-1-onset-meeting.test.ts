import { describe, expect, test } from 'vitest';
import type { Question } from '../../../src/domain/answer.ts';
import type { CarePlanFact } from '../../../src/domain/facts/care-plans.ts';
import { indeterminate, notMet } from '../../../src/domain/outcome.ts';
import { goalsMeeting, wellnessPlanMeeting } from '../../../src/domain/t-1-onset-meeting.ts';
import { coach } from '../../support/facts.ts';
import { judged, parameter, question, rulesetWith } from '../../support/questions.ts';

const patient = 'Patient/1';
const rules = rulesetWith({ 'T-1': {}, 'O-2': {} }, { onsetReleaseDays: parameter(29) });
const plan = (encounter: string, more: Partial<CarePlanFact> = {}): CarePlanFact => ({
  reference: 'CarePlan/1',
  kind: 'wellness',
  status: 'active',
  encounter,
  contributors: [patient, coach],
  goals: [],
  partOf: [],
  start: undefined,
  end: undefined,
  ...more,
});
const meetingOn = (date: string) => judged(`${date}T10:00:00-05:00`);
function ask(date: string, meeting: string, more: Partial<Question> = {}, planMore: Partial<CarePlanFact> = {}) {
  const contact = meetingOn(meeting);
  return wellnessPlanMeeting(question(rules, date, { contacts: [contact], ...more }), patient, [
    plan(contact.contact.reference, planMore),
  ]);
}

describe('T-1 "at least one in-person meeting at the onset … to develop the Wellness Plan"', () => {
  test('a meeting by start + 29 releases all days, before it too', () => {
    expect(ask('2025-01-02', '2025-01-30')).toMatchObject({
      outcome: { result: 'met' },
      figures: { meeting: '2025-01-30', releaseBy: '2025-01-30' },
    });
  });

  test('a later meeting releases only the days from it on', () => {
    expect(ask('2025-01-30', '2025-01-31').outcome).toEqual({
      result: 'not-met',
      reasons: ['before-the-onset-meeting'],
    });
    expect(ask('2025-01-31', '2025-01-31').outcome.result).toBe('met');
  });

  test('without a meeting days are held until start + 29 has passed', () => {
    const on = (date: string, knownAt: string) =>
      wellnessPlanMeeting(question(rules, date, { knownAt }), patient, []).outcome;
    expect(on('2025-01-02', '2025-01-30T20:00:00Z')).toEqual(indeterminate('held-for-onset-meeting'));
    expect(on('2025-01-02', '2025-01-31T20:00:00Z')).toEqual(notMet('no-onset-meeting'));
  });

  test('no meeting releases anything after the episode has ended, and none is waited for', () => {
    const episode = { ...question(rules, '2025-01-02').episode, end: '2025-01-10' };
    expect(ask('2025-01-02', '2025-01-10', { episode }).outcome.result).toBe('met');
    expect(ask('2025-01-02', '2025-01-11', { episode }).outcome).toEqual(notMet('no-onset-meeting'));
    const without = (knownAt: string) =>
      wellnessPlanMeeting(question(rules, '2025-01-02', { episode, knownAt }), patient, []).outcome;
    expect(without('2025-01-10T20:00:00Z')).toEqual(indeterminate('held-for-onset-meeting'));
    expect(without('2025-01-11T20:00:00Z')).toEqual(notMet('no-onset-meeting'));
  });

  test.each([
    ['by video', { modality: 'video' as const }],
    ['of class VR', { details: { ...meetingOn('2025-01-05').contact.details, encounterClass: 'VR' } }],
  ])('a meeting %s is none', (_name, more) => {
    const contact = judged('2025-01-05', more);
    const asked = question(rules, '2025-01-06', { contacts: [contact] });
    expect(wellnessPlanMeeting(asked, patient, [plan(contact.contact.reference)]).outcome.result).toBe('not-met');
  });

  test('a refused meeting and one before the start are none, a pending one leaves days open', () => {
    expect(ask('2025-01-06', '2024-12-31').outcome.result).toBe('not-met');
    for (const [outcome, result] of [
      [notMet('cancelled'), 'not-met'],
      [indeterminate('no-documentation'), 'indeterminate'],
    ] as const)
      expect(
        ask('2025-01-06', '2025-01-05', { contacts: [{ ...meetingOn('2025-01-05'), outcome }] }).outcome.result,
      ).toBe(result);
  });

  test.each([
    ['of another meeting', { encounter: 'Encounter/other' }, 'missing: CarePlan of the meeting'],
    ['of another kind', { kind: 'safe-care' as const }, 'missing: CarePlan of the meeting'],
    ['without the member', { contributors: [coach] }, 'missing: member and coach as contributors of the CarePlan'],
  ])('a plan %s leaves it open', (_name, more, reason) => {
    expect(ask('2025-01-06', '2025-01-05', {}, more).outcome).toEqual(indeterminate(reason));
  });
});

describe('O-2 "to develop initial goals"', () => {
  const contact = meetingOn('2025-01-05');
  const goal = { reference: 'Goal/1', lifecycleStatus: 'active', achievement: undefined, setAt: undefined };
  const asked = question(rules, '2025-01-06', { contacts: [contact] });

  test('one goal of the meeting is enough, set there or in its plan', () => {
    expect(goalsMeeting(asked, [], [{ ...goal, setAt: contact.contact.reference }]).outcome.result).toBe('met');
    expect(goalsMeeting(asked, [plan(contact.contact.reference, { goals: ['Goal/1'] })], [goal]).outcome.result).toBe(
      'met',
    );
  });

  test('a plan without a goal, or a goal of no meeting, leaves it open', () => {
    expect(goalsMeeting(asked, [plan(contact.contact.reference)], [goal]).outcome).toEqual(
      indeterminate('missing: Goal of the meeting'),
    );
  });

  test('without the rule or the parameter there is no answer', () => {
    expect(goalsMeeting(question(rulesetWith({}), '2025-01-06'), [], []).outcome.result).toBe('not-applicable');
    expect(goalsMeeting(question(rulesetWith({ 'O-2': {} }), '2025-01-06'), [], []).outcome).toEqual(
      indeterminate('missing-parameter: onsetReleaseDays'),
    );
  });
});
