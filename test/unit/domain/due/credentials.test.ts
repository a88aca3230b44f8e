import { expect, test } from 'vitest';
import { type CoachDueInput, coachDueDates, coachDueOf } from '../../../../src/domain/due/credentials.ts';
import type { CoachFacts } from '../../../../src/domain/facts/facts.ts';
import {
  approvedWaiver,
  attestations,
  carc,
  coach,
  coachFacts,
  employer,
  payer,
  qualification,
  rulesets,
} from '../../../support/facts.ts';

// Hired on 1 March 2023: the last day is 1 March 2025, so the alerts stand on 2 September, 1 December and 30 January.
const hired = (more: Partial<CoachFacts> = {}): CoachFacts =>
  coachFacts({
    roles: [{ reference: 'PractitionerRole/1', organization: employer, start: '2023-03-01', end: undefined }],
    qualifications: attestations,
    ...more,
  });
const input = (date: string, who: CoachFacts = hired(), payers = [payer]): CoachDueInput => ({
  coach: who,
  organization: employer,
  payers,
  rulesets,
  knownAt: `${date}T17:00:00Z`,
});
const at = (date: string, who?: CoachFacts, payers?: string[]) => coachDueOf(input(date, who, payers))[0];

test('CR-4: opens 180 days before the limit, tells of each alert, is urgent from the last one and stays after the limit', () => {
  expect(at('2024-09-01')).toBeUndefined();
  const told = ['2024-09-02', '2024-11-30', '2024-12-01', '2025-01-29', '2025-01-30', '2025-03-01', '2025-03-02'].map(
    (date) => at(date),
  );
  expect(told.map((item) => [item?.level, /in (\d+) days/.exec(item?.sentence ?? '')?.[1]])).toEqual([
    ['routine', '180'],
    ['routine', '180'],
    ['routine', '90'],
    ['routine', '90'],
    ['urgent', '30'],
    ['urgent', '30'],
    ['urgent', undefined],
  ]);
  expect(told.at(-1)?.sentence).toMatch(/passed on 2025-03-01/);
  expect(new Set(told.map((item) => item?.key)).size).toBe(1);
  expect(told[0]).toMatchObject({ subject: coach, focus: coach, dueDate: '2025-03-01', opensOn: '2024-09-02' });
  expect(told.every((item) => item?.closed === undefined)).toBe(true);
});

test('CR-4: is closed by the certification, by leaving, and by a waiver of every plan that goes past the limit', () => {
  expect(at('2025-02-01', hired({ qualifications: [...attestations, carc('2025-01-15')] }))?.closed).toMatch(
    /certified/,
  );
  expect(at('2025-01-14', hired({ qualifications: [...attestations, carc('2025-01-15')] }))?.closed).toBeUndefined();
  const left = { reference: 'PractitionerRole/1', organization: employer, start: '2023-03-01', end: '2025-01-10' };
  expect(at('2025-01-10', hired({ roles: [left] }))?.closed).toBeUndefined();
  expect(at('2025-01-11', hired({ roles: [left] }))?.closed).toMatch(/no longer employed/);
  const waived = (start: string, end: string | undefined) =>
    hired({
      qualifications: [...attestations, qualification('academy', { waivers: [approvedWaiver(payer, start, end)] })],
    });
  expect(at('2025-02-01', waived('2025-01-01', '2025-12-31'))?.closed).toMatch(/waives/);
  expect(at('2026-01-01', waived('2025-01-01', '2025-12-31'))?.closed).toBeUndefined();
  expect(at('2025-02-01', waived('2025-01-01', '2025-03-01'))?.closed).toBeUndefined();
  expect(at('2025-02-01', waived('2025-01-01', undefined), [payer, 'Organization/other'])?.closed).toBeUndefined();
  expect(at('2025-02-01', waived('2025-01-01', undefined), [])?.closed).toBeUndefined();
});

test('CR-4: no ruleset that holds it, no hire date: nothing is due', () => {
  const noMassHealth = rulesets.filter(({ rules }) => !('CR-4' in rules));
  expect(coachDueOf({ ...input('2025-02-01'), rulesets: noMassHealth })).toEqual([]);
  expect(at('2025-02-01', hired({ roles: [] }))).toBeUndefined();
  expect(coachDueDates(input('2025-02-01', hired({ roles: [] })))).toEqual([]);
});

test('CR-4: its dates are those of the alerts, the day after the limit, and the ends of papers', () => {
  const dates = coachDueDates(input('2024-09-01')).map(({ date }) => date);
  expect(dates).toEqual(['2024-09-02', '2024-12-01', '2025-01-30', '2025-03-02']);
  expect(coachDueDates(input('2025-01-30')).map(({ date }) => date)).toEqual(['2025-03-02']);
});
