import { expect, test } from 'vitest';
import { localDate } from '../../../src/base/time.ts';
import type { Contact } from '../../../src/domain/facts/facts.ts';
import type { EpisodeMode } from '../../../src/domain/facts/michigan-episode.ts';
import { m9PostAcute } from '../../../src/domain/m-9-post-acute.ts';
import { indeterminate, notMet } from '../../../src/domain/outcome.ts';
import { michigan, withoutRules } from '../../support/michigan.ts';
import { judged } from '../../support/questions.ts';

const alone = (acuteCareEnd: string | undefined, more: Partial<EpisodeMode> = {}): EpisodeMode => ({
  episode: 'EpisodeOfCare/1',
  mode: 'stand-alone',
  acuteCareEnd,
  endReason: undefined,
  ...more,
});
const on = (date: string, dates: readonly string[], more: Partial<Contact> = {}) =>
  michigan(date, { contacts: dates.map((one) => judged(one, more)) });
const supplement = { mode: 'supplement' } as const;

test.each([
  ['2025-01-15', '2025-07-14', '2025-07-15'],
  ['2024-08-31', '2025-02-27', '2025-02-28'],
  ['2023-08-31', '2024-02-28', '2024-02-29'],
  ['2024-12-31', '2025-06-29', '2025-06-30'],
])('M-9: acute care ended %s: %s is the last day, %s one too many', (begin, lastDay, after) => {
  const of = (date: string) => m9PostAcute(on(date, []), alone(begin, supplement));
  expect(of(lastDay)).toMatchObject({ outcome: { result: 'met' }, figures: { lastDay } });
  expect(of(after).outcome).toEqual({ result: 'not-met', reasons: ['six-months-passed'] });
});

test('M-9: a month is judged from the day after its last on', () => {
  expect(m9PostAcute(on('2025-02-14', []), alone('2025-01-15'))).toMatchObject({
    outcome: indeterminate('no-month-has-ended'),
    figures: { monthsPassed: 0 },
  });
  expect(m9PostAcute(on('2025-02-15', []), alone('2025-01-15'))).toMatchObject({
    outcome: { result: 'not-met', reasons: ['no-face-to-face-from 2025-01-15'] },
    figures: { monthsPassed: 1, monthsWithout: 1 },
  });
});

test('M-9: while the first month runs it is met by a meeting in it, up to the day asked about, and by nothing else', () => {
  const told = (date: string, meeting: string, more: Partial<Contact> = {}) =>
    m9PostAcute(on(date, [meeting], more), alone('2025-01-15')).outcome;
  expect(told('2025-01-20', '2025-01-20')).toEqual({ result: 'met' });
  expect(told('2025-01-20', '2025-01-15')).toEqual({ result: 'met' });
  const open = indeterminate('no-month-has-ended');
  expect(told('2025-01-20', '2025-01-21')).toEqual(open);
  expect(told('2025-01-20', '2025-01-14')).toEqual(open);
  expect(told('2025-01-20', '2025-01-20', { modality: 'phone' })).toEqual(open);
});

test.each([
  ['2025-01-30', 'not-met'],
  ['2025-01-31', 'met'],
  ['2025-02-27', 'met'],
  ['2025-02-28', 'not-met'],
])('M-9: the month from 31 January to 27 February: a meeting on %s makes it %s', (meeting, result) => {
  expect(m9PostAcute(on('2025-02-28', [meeting]), alone('2025-01-31')).outcome.result).toBe(result);
});

test('M-9: after a short month the months are anchored at the 31st again', () => {
  const told = (last: string) => m9PostAcute(on('2025-04-01', ['2025-02-10', last]), alone('2025-01-31'));
  expect(told('2025-03-30')).toMatchObject({ outcome: { result: 'met' }, figures: { monthsPassed: 2 } });
  expect(told('2025-03-31').outcome).toEqual({ result: 'not-met', reasons: ['no-face-to-face-from 2025-02-28'] });
});

test('M-9: a call is not face to face, and a supplement needs no meeting', () => {
  const call = on('2025-02-20', ['2025-02-01'], { modality: 'phone' });
  expect(m9PostAcute(call, alone('2025-01-15')).outcome.result).toBe('not-met');
  expect(m9PostAcute(call, alone('2025-01-15', supplement))).toMatchObject({
    outcome: { result: 'met' },
    figures: { lastDay: '2025-07-14' },
  });
});

test('M-9: a meeting that is not documented yet leaves its month open, a refused one does not count', () => {
  const told = (outcome: ReturnType<typeof notMet>) =>
    m9PostAcute(michigan('2025-02-20', { contacts: [judged('2025-02-01', {}, outcome)] }), alone('2025-01-15')).outcome;
  expect(told(indeterminate('no-documentation')).result).toBe('indeterminate');
  expect(told(notMet('cancelled')).result).toBe('not-met');
});

test('M-9: a month that the end of the episode cuts short is not judged', () => {
  const question = on('2025-03-20', ['2025-02-01']);
  const ended = (end: string) =>
    m9PostAcute({ ...question, episode: { ...question.episode, end } }, alone('2025-01-15')).outcome.result;
  expect(ended('2025-03-13')).toBe('met');
  expect(ended('2025-03-14')).toBe('not-met');
  // Nor is the first, which then asks for nothing.
  const early = on('2025-02-01', []);
  const first = (end: string) =>
    m9PostAcute({ ...early, episode: { ...early.episode, end } }, alone('2025-01-15')).outcome.result;
  expect([first('2025-02-13'), first('2025-02-14')]).toEqual(['met', 'indeterminate']);
});

test('M-9: what is missing leaves it open; acute care, residential services and other rulesets are not its business', () => {
  const question = on('2025-02-20', []);
  const reasons = (service: EpisodeMode | undefined) => m9PostAcute(question, service).outcome;
  expect(reasons(undefined)).toEqual(indeterminate('missing: serviceMode'));
  expect(reasons(alone('2025-01-15', { mode: undefined }))).toEqual(indeterminate('missing: serviceMode'));
  expect(reasons(alone(undefined))).toEqual(indeterminate('missing: acuteCareEnd'));
  expect(reasons(alone(undefined, supplement)).result).toBe('not-applicable');
  expect(reasons(alone('2025-01-15', { mode: 'residential' })).result).toBe('not-applicable');
  expect(m9PostAcute({ ...question, date: localDate('2025-01-14') }, alone('2025-01-15')).outcome.result).toBe(
    'not-applicable',
  );
  expect(m9PostAcute(withoutRules(), alone('2025-01-15')).outcome.result).toBe('not-applicable');
});

test('M-9: a month that was over before the episode began asks for no encounter, the one in which it began does', () => {
  const from = (start: string) => {
    const question = on('2025-03-20', ['2025-02-20']);
    const { episode } = question;
    return m9PostAcute({ ...question, episode: { ...episode, start } }, alone('2025-01-02'));
  };
  expect(from('2025-02-02')).toMatchObject({ outcome: { result: 'met' }, figures: { monthsPassed: 1 } });
  expect(from('2025-02-01')).toMatchObject({
    outcome: notMet('no-face-to-face-from 2025-01-02'),
    figures: { monthsPassed: 2, monthsWithout: 1 },
  });
});
