import { describe, expect, test } from 'vitest';
import { notificationOfAdmission } from '../../../src/domain/a-1-notification.ts';
import type { NotificationFact } from '../../../src/domain/facts/authorizations.ts';
import { episode, payer } from '../../support/facts.ts';
import { parameter, question, rulesetWith } from '../../support/questions.ts';

const rules = rulesetWith({ 'A-1': {} }, { notificationDays: parameter(14) });
const sent = (sentAt: string | undefined, more: Partial<NotificationFact> = {}): NotificationFact => ({
  reference: 'Task/1',
  kind: 'notification-of-admission',
  episode,
  payers: [payer],
  sentAt,
  acknowledgedAt: undefined,
  ...more,
});

describe('A-1 "a 14-day window … to submit a notification of admission"', () => {
  test.each([
    ['2025-01-15T23:59:59-05:00', 'met', 'timely'],
    ['2025-01-16T00:00:00-05:00', 'not-met', 'late'],
    ['2025-01-16T04:59:00Z', 'met', 'timely'],
  ])('start 1 January: sent %s is %s', (at, result, status) => {
    const answer = notificationOfAdmission(question(rules, '2025-03-01'), [sent(at)]);
    expect([answer.outcome.result, answer.figures['status']]).toEqual([result, status]);
  });

  test('it is due at 23:59:59 local, in winter and in summer', () => {
    expect(notificationOfAdmission(question(rules, '2025-01-02'), []).figures).toMatchObject({
      dueDate: '2025-01-15',
      dueAt: '2025-01-16T04:59:59.000Z',
    });
    const march = { ...question(rules, '2025-03-01').episode, start: '2025-02-23' };
    expect(notificationOfAdmission(question(rules, '2025-03-01', { episode: march }), []).figures['dueAt']).toBe(
      '2025-03-10T03:59:59.000Z',
    );
  });

  test('nothing sent is open through the last day and overdue on the next', () => {
    const on = (date: string) => notificationOfAdmission(question(rules, date), []).outcome;
    expect(on('2025-01-15')).toEqual({ result: 'indeterminate', reasons: ['notification-due'] });
    expect(on('2025-01-16')).toEqual({ result: 'not-met', reasons: ['notification-overdue'] });
  });

  test('what was sent after D or after K has not happened', () => {
    const early = question(rules, '2025-03-01', { knownAt: '2025-01-10T12:00:00Z' });
    expect(notificationOfAdmission(early, [sent('2025-01-10T12:00:01Z')]).figures['status']).toBe('due');
    expect(notificationOfAdmission(question(rules, '2025-01-09'), [sent('2025-01-10')]).figures['status']).toBe('due');
  });

  test('the earliest sending decides; the acknowledgement is told apart', () => {
    const facts = [sent('2025-01-20'), sent('2025-01-10', { reference: 'Task/2', acknowledgedAt: '2025-01-22' })];
    expect(notificationOfAdmission(question(rules, '2025-01-21'), facts)).toMatchObject({
      evidence: [episode, 'Task/2'],
      figures: { status: 'timely', acknowledged: false },
    });
    expect(notificationOfAdmission(question(rules, '2025-01-22'), facts).figures['acknowledged']).toBe(true);
  });

  test('a month alone is no day: timely where all of it is in the window, late where none is, else open', () => {
    const month = (start: string, at: string) => {
      const began = { ...question(rules, '2025-05-01').episode, start };
      const { figures, outcome } = notificationOfAdmission(question(rules, '2025-05-01', { episode: began }), [
        sent(at),
      ]);
      return [outcome.result, figures['status']];
    };
    expect(month('2025-03-20', '2025-03')).toEqual(['met', 'timely']);
    expect(month('2025-03-01', '2025-03')).toEqual(['indeterminate', 'undated']);
    expect(month('2025-03-01', '2025-04')).toEqual(['not-met', 'late']);
  });

  test('another plan’s notification or another episode’s is none; one that names no plan leaves it open', () => {
    const overdue = question(rules, '2025-02-01');
    for (const more of [{ payers: ['Organization/other'] }, { episode: 'EpisodeOfCare/2' }])
      expect(notificationOfAdmission(overdue, [sent('2025-01-10', more)]).outcome.result).toBe('not-met');
    expect(notificationOfAdmission(overdue, [sent('2025-01-10', { payers: [] })]).outcome).toEqual({
      result: 'indeterminate',
      reasons: ['missing: payer of the notification'],
    });
  });

  test('without the rule, the parameter or the start there is no answer', () => {
    expect(notificationOfAdmission(question(rulesetWith({}), '2025-02-01'), []).outcome.result).toBe('not-applicable');
    expect(notificationOfAdmission(question(rulesetWith({ 'A-1': {} }), '2025-02-01'), []).outcome).toEqual({
      result: 'indeterminate',
      reasons: ['missing-parameter: notificationDays'],
    });
    const undated = { ...question(rules, '2025-02-01').episode, start: undefined };
    expect(
      notificationOfAdmission(question(rules, '2025-02-01', { episode: undated }), [sent('2025-01-10')]).outcome.result,
    ).toBe('indeterminate');
  });
});
