import { describe, expect, test } from 'vitest';
import { localDate } from '../../../src/base/time.ts';
import type { Waiver } from '../../../src/domain/facts/facts.ts';
import { byDeadline, daysAtRisk, runwayOf, type ServedMember, stopsIn } from '../../../src/domain/runway.ts';
import {
  approvedWaiver,
  attestations,
  carc,
  coachFacts,
  employer,
  payer,
  qualification,
  ruleset,
  working,
} from '../../support/facts.ts';

const mce = ruleset('masshealth-mce');
const hired = (start: string | undefined, ...more: ReturnType<typeof carc>[]) =>
  coachFacts({
    roles: [{ reference: 'PractitionerRole/1', organization: employer, start, end: undefined }],
    qualifications: [...attestations, ...more],
  });
const waiver = (start: string, end: string, from = payer) =>
  qualification('academy', { start: '2020-01-01', waivers: [approvedWaiver(from, start, end)] });
const on = (date: string, coach = hired('2023-05-31', ...working), members: ServedMember[] = []) =>
  runwayOf(coach, mce, employer, localDate(date), members);
const member = (more: Partial<ServedMember> = {}): ServedMember => ({
  payer,
  patient: 'Patient/1',
  coverage: [{ start: localDate('2024-01-01'), end: undefined }],
  episode: { start: localDate('2024-01-01'), end: undefined },
  death: undefined,
  ...more,
});

describe('the deadline', () => {
  test('is hire + 2 years, the last day; the next day it has passed', () => {
    expect(on('2025-05-31')).toMatchObject({
      state: 'working',
      limit: '2025-05-31',
      deadline: '2025-05-31',
      daysLeft: 0,
    });
    expect(on('2025-06-01')).toMatchObject({ state: 'unqualified', deadline: '2025-05-31', daysLeft: -1 });
  });

  test('a hire on 29 February ends on 28 February', () => {
    expect(on('2025-01-01', hired('2024-02-29', ...working))).toMatchObject({ deadline: '2026-02-28' });
  });

  test('of a certified coach is the last day of the certificate, or none; inside two years still hire + 2 years', () => {
    expect(on('2026-01-01', hired('2020-01-01', ...working, carc('2021-01-01')))).toMatchObject({
      state: 'certified',
      deadline: undefined,
      missing: [],
    });
    expect(on('2026-01-01', hired('2020-01-01', ...working, carc('2021-01-01', '2026-03-31'))).deadline).toBe(
      '2026-03-31',
    );
    expect(on('2024-01-01', hired('2023-05-31', ...working, carc('2023-06-01', '2024-03-31'))).deadline).toBe(
      '2025-05-31',
    );
    expect(on('2024-01-01', hired('2023-05-31', carc('2023-06-01', '2024-03-31'))).state).toBe('certified');
  });

  test('a certificate without its number, past two years, is open and not contradicted', () => {
    const numberless = { ...carc('2021-01-01'), number: undefined };
    const line = on('2026-01-01', hired('2020-01-01', ...working, numberless));
    expect(line).toMatchObject({ state: 'indeterminate', deadline: undefined });
    expect(line.missing).toEqual([
      { rule: 'CR-2', reason: 'missing: certification number or issuer' },
      { rule: 'CR-4', reason: 'missing: certification number or issuer' },
    ]);
  });

  test('without a hire date is open and named', () => {
    expect(on('2025-01-01', hired(undefined, ...working))).toMatchObject({
      state: 'indeterminate',
      limit: undefined,
      deadline: undefined,
      missing: expect.arrayContaining([{ rule: 'CR-4', reason: 'missing: hire date' }]),
    });
  });

  test.each([
    ['2024-12-02', 180],
    ['2025-03-02', 90],
    ['2025-05-01', 30],
    ['2024-12-01', undefined],
  ])('on %s the alert is %s', (date, alert) => {
    expect(on(date).alert).toBe(alert);
  });
});

describe('what is missing', () => {
  const reasons = (line: ReturnType<typeof on>) => line.missing.map(({ reason, rule }) => `${rule} ${reason}`);

  test('each part of B-5 by its rule, absent or contradicting', () => {
    const bare = coachFacts({
      roles: [{ reference: 'PractitionerRole/1', organization: employer, start: '2023-05-31', end: undefined }],
      qualifications: [qualification('academy', { start: '2020-01-01' })],
    });
    expect(reasons(on('2025-05-01', bare))).toEqual([
      'CR-1 missing: recovery-attestation',
      'CR-10 missing: board-requirements',
      'CR-2 not-certified',
      'CR-3 missing: ethics',
      'CR-3 missing: supervision',
      'CR-3 missing: further-training',
    ]);
  });

  test('after the limit the waiver too, unless some payer waived', () => {
    expect(reasons(on('2025-06-01'))).toEqual(['CR-2 not-certified', 'CR-4 two-years-passed', 'CR-5 not-waived']);
    const waived = hired('2023-05-31', ...working, waiver('2025-05-01', '2025-09-30'));
    expect(reasons(on('2025-06-01', waived))).toEqual(['CR-2 not-certified', 'CR-4 two-years-passed']);
  });
});

describe('a waiver counts for its own payer only', () => {
  const coach = hired(
    '2023-05-31',
    ...working,
    waiver('2025-05-01', '2025-07-31'),
    waiver('2025-08-01', '2025-09-30'),
    waiver('2025-05-01', '2025-06-15', 'Organization/other'),
  );

  test('until its end, followed through the one that continues it; the others stop at the limit', () => {
    const line = on('2025-05-20', coach, [member(), member({ payer: 'Organization/third' })]);
    expect(line).toMatchObject({ state: 'working', deadline: '2025-05-31' });
    expect(line.payers).toMatchObject([
      { payer, waivedUntil: '2025-09-30', lastDay: '2025-09-30' },
      { payer: 'Organization/other', waivedUntil: '2025-06-15', lastDay: '2025-06-15', members: 0 },
      { payer: 'Organization/third', waivedUntil: undefined, lastDay: '2025-05-31' },
    ]);
  });

  test('past the limit the state is waived, by the payer whose waiver ends first', () => {
    expect(on('2025-06-10', coach)).toMatchObject({ state: 'waived', deadline: '2025-06-15' });
    expect(on('2025-06-16', coach)).toMatchObject({ state: 'waived', deadline: '2025-09-30' });
    expect(on('2025-10-01', coach)).toMatchObject({ state: 'unqualified', deadline: '2025-05-31', payers: [] });
  });

  test.each([{ approved: undefined }, { document: undefined }])('with %j it moves no last day', (gap) => {
    const [asked] = waiver('2025-05-01', '2025-09-30').waivers;
    const gone = hired(
      '2023-05-31',
      ...working,
      qualification('ethics', { waivers: [{ ...asked, ...gap } as Waiver] }),
    );
    const [before, after] = ['2025-05-20', '2025-06-10'].map((date) => on(date, gone, [member()]));
    expect(before).toMatchObject({ deadline: '2025-05-31', payers: [{ lastDay: '2025-05-31', memberDays: 21 }] });
    expect(after).toMatchObject({ state: 'indeterminate', deadline: '2025-05-31', daysLeft: -10 });
    expect(after?.payers).toMatchObject([{ waivedUntil: undefined, lastDay: undefined, memberDays: 0 }]);
  });

  test('who must stop in a month: at the limit, or at the end of a waiver', () => {
    expect(
      ['2025-05', '2025-06', '2025-07', '2025-09'].map((month) => stopsIn(on('2025-05-20', coach), month)),
    ).toEqual([true, true, false, true]);
  });
});

describe('days at risk', () => {
  const last = localDate('2025-05-31');

  test('the window after the last day, cut off by coverage, episode and death', () => {
    const until = (end: string) => ({ start: localDate('2024-01-01'), end: localDate(end) });
    expect(daysAtRisk(member(), last, 21)).toBe(21);
    expect(daysAtRisk(member({ coverage: [until('2025-06-05')] }), last, 21)).toBe(5);
    expect(
      daysAtRisk(
        member({ coverage: [until('2025-06-05'), { start: localDate('2025-06-08'), end: undefined }] }),
        last,
        21,
      ),
    ).toBe(19);
    expect(daysAtRisk(member({ episode: until('2025-06-01') }), last, 21)).toBe(1);
    expect(daysAtRisk(member({ death: localDate('2025-05-30') }), last, 21)).toBe(0);
  });

  test('add up over the members of a payer; a member with two episodes is one', () => {
    const line = on('2025-05-20', undefined, [member(), member(), member({ patient: 'Patient/2' })]);
    expect(line.payers).toMatchObject([{ members: 2, memberDays: 63 }]);
  });

  test('are none where nobody must stop, or where the coach has stopped', () => {
    const certified = hired('2020-01-01', ...working, carc('2021-01-01'));
    expect(on('2025-05-20', certified, [member()]).payers).toMatchObject([{ members: 1, memberDays: 0 }]);
    expect(on('2025-06-20', undefined, [member()]).payers).toMatchObject([{ lastDay: undefined, memberDays: 0 }]);
  });
});

test('lines stand by deadline, those without one last', () => {
  const lines = [
    on('2025-01-01', hired('2020-01-01', ...working, carc('2021-01-01'))),
    on('2025-01-01'),
    on('2025-01-01', hired('2022-01-01', ...working)),
  ];
  expect(lines.sort(byDeadline).map(({ deadline }) => deadline)).toEqual(['2024-01-01', '2025-05-31', undefined]);
});
