import { describe, expect, test } from 'vitest';
import { localDate } from '../../../src/base/time.ts';
import { isCoachQualified, qualificationDates } from '../../../src/domain/b-5-coach-qualified.ts';
import { credentialRunway } from '../../../src/domain/cr-4-credential-runway.ts';
import { coachRoster } from '../../../src/domain/cr-6-roster.ts';
import { diplomaOn } from '../../../src/domain/cr-7-diploma.ts';
import { approvedTraining } from '../../../src/domain/cr-8-approved-training.ts';
import type { CoachFacts } from '../../../src/domain/facts/facts.ts';
import type { Ruleset } from '../../../src/domain/ruleset.ts';
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
import { required } from '../../support/questions.ts';

const basis = { basis: 'decision', reason: 'what this test asks' } as const;
const mce = ruleset('masshealth-mce');

function holding(rules: readonly string[], parameters: Partial<Ruleset['parameters']> = {}): Ruleset {
  return {
    ...mce,
    rules: Object.fromEntries(rules.map((rule) => [rule, basis])),
    parameters: { ...required(mce), ...parameters },
  };
}
const asked = (one: Ruleset) => ({ ruleset: one, payer, organization: employer });
const on = (date: string, one: Ruleset, qualifications: ReturnType<typeof carc>[]) =>
  isCoachQualified(coachFacts({ qualifications }), localDate(date), asked(one));
const hired = (start: string, ...more: ReturnType<typeof carc>[]) =>
  coachFacts({
    roles: [{ reference: 'PractitionerRole/1', organization: employer, start, end: undefined }],
    qualifications: [...attestations, ...working, ...more],
  });
const trainings = { approvedTrainings: { value: { coach: ['academy'], supervisor: ['supervisor-course'] }, ...basis } };
const { associateRecoveryMonths, coachRecoveryMonths, trainingHours } = ruleset('michigan-cmhsp').parameters;
const michigan = {
  ...(associateRecoveryMonths ? { associateRecoveryMonths } : {}),
  ...(coachRecoveryMonths ? { coachRecoveryMonths } : {}),
  ...(trainingHours ? { trainingHours } : {}),
};
const alerts = { credentialAlertDays: { value: [180, 90, 30], ...basis } };

describe('B-5 asks each part only where the ruleset holds its rule', () => {
  test('a ruleset with none of them asks for employment alone', () => {
    expect(on('2025-03-01', holding([]), [])).toEqual({ result: 'met' });
    expect(on('2020-05-31', holding([]), [])).toEqual({ result: 'not-met', reasons: ['coach-not-employed'] });
  });

  test.each([
    ['CR-1', ['missing: recovery-attestation'], qualification('recovery-attestation', { attestedAsOf: '2025-03-01' })],
    ['CR-10', ['missing: board-requirements'], qualification('board-requirements', { attestedAsOf: '2025-03-01' })],
    ['CR-7', ['missing: diploma'], qualification('diploma-exception', { start: '2025-03-01' })],
    ['CR-8', ['missing: approved coach-training'], qualification('academy', { start: '2025-03-01' })],
    ['M-13', ['missing: recovery-attestation'], qualification('recovery-attestation', { attestedAsOf: '2025-03-01' })],
    ['M-14', ['missing: ccar-training'], qualification('ccar-training', { start: '2025-03-01', hours: 40 })],
  ])('%s: absent is indeterminate, on its day met, the day before not met', (rule, reasons, held) => {
    const one = holding([rule], { ...trainings, ...michigan });
    expect(on('2025-03-01', one, [])).toEqual({ result: 'indeterminate', reasons });
    expect(on('2025-03-01', one, [held]).result).toBe('met');
    expect(on('2025-02-28', one, [held]).result).toBe('not-met');
  });

  test.each([
    ['CR-1', 'recovery-attestation', 'CR-1 recovery-not-attested: attestation-ended'],
    ['CR-10', 'board-requirements', 'CR-10 board-requirements-not-attested: attestation-ended'],
  ])('%s: an attestation holds through the end of its period, and another one goes on', (rule, code, reason) => {
    const until = qualification(code, { attestedAsOf: '2024-01-01', end: '2025-02-28' });
    const next = qualification(code, { attestedAsOf: '2025-03-01' });
    const one = holding([rule], { ...trainings, ...michigan });
    expect(on('2025-02-28', one, [until]).result).toBe('met');
    expect(on('2025-03-01', one, [until])).toEqual({ result: 'not-met', reasons: [reason] });
    expect(on('2025-03-01', one, [until, next]).result).toBe('met');
  });

  test('an attestation of fewer than two years meets Michigan’s six months of an associate, and no CR-1', () => {
    const half = qualification('recovery-attestation', { attestedAsOf: '2025-01-01', attestedMonths: 6 });
    const two = qualification('recovery-attestation', { attestedAsOf: '2025-01-01', attestedMonths: 24 });
    expect(on('2025-03-01', holding(['CR-1']), [half])).toEqual({
      result: 'indeterminate',
      reasons: ['missing: recovery-attestation'],
    });
    expect(on('2025-03-01', holding(['CR-1']), [half, two]).result).toBe('met');
    const asks = (associate: boolean, qualifications: ReturnType<typeof carc>[]) =>
      isCoachQualified(
        coachFacts({ qualifications, roles: coachFacts().roles.map((role) => ({ ...role, associate })) }),
        localDate('2025-03-01'),
        asked(holding(['M-13', 'M-14'], michigan)),
      );
    const own = qualification('associate-training', { start: '2024-01-01' });
    expect(asks(true, [half, own])).toEqual({ result: 'met' });
    expect(asks(false, [half, own])).toMatchObject({ result: 'not-met', reasons: ['M-13 recovery-too-short'] });
    expect(asks(false, [two, own])).toMatchObject({ reasons: ['missing: ccar-training'] });
    expect(asks(false, [two, qualification('ccar-training', { start: '2024-01-01', hours: 39 })])).toEqual({
      result: 'not-met',
      reasons: ['M-14 training-hours-short'],
    });
  });

  test('who is associate and coach on the day is asked as a coach, from the day on which one becomes one', () => {
    const half = qualification('recovery-attestation', { attestedAsOf: '2024-06-01', attestedMonths: 6 });
    const [role] = coachFacts().roles;
    const both = coachFacts({
      qualifications: [half],
      roles: role
        ? [
            { ...role, associate: true },
            { ...role, reference: 'PractitionerRole/2', start: '2025-03-02' },
          ]
        : [],
    });
    const one = holding(['M-13'], michigan);
    const result = (date: string) => isCoachQualified(both, localDate(date), asked(one)).result;
    expect([result('2025-03-01'), result('2025-03-02')]).toEqual(['met', 'not-met']);
    expect(qualificationDates(both, asked(one))).toEqual(expect.arrayContaining(['2025-03-02', '2025-12-01']));
    expect([result('2025-11-30'), result('2025-12-01')]).toEqual(['not-met', 'indeterminate']);
  });

  test('CR-2 without CR-3 knows certification only; with it, working counts too', () => {
    expect(on('2025-03-01', holding(['CR-2']), [...working])).toMatchObject({ reasons: ['CR-2 not-certified'] });
    expect(on('2025-03-01', holding(['CR-2', 'CR-3']), [...working]).result).toBe('met');
    expect(on('2025-03-01', holding(['CR-2']), [carc('2021-01-01', '2025-03-01')]).result).toBe('met');
    expect(on('2025-03-02', holding(['CR-2']), [carc('2021-01-01', '2025-03-01')]).result).toBe('not-met');
  });

  test('a waiver cures CR-4 only where CR-5 is held, and only for its payer and period', () => {
    const waived = qualification('academy', {
      start: '2020-01-01',
      waivers: [approvedWaiver(payer, '2024-01-01', '2024-06-30')],
    });
    const four = holding(['CR-4']);
    const five = holding(['CR-4', 'CR-5']);
    expect(on('2024-06-30', four, [waived]).result).toBe('not-met');
    expect(on('2024-06-30', five, [waived]).result).toBe('met');
    expect(on('2024-07-01', five, [waived]).result).toBe('not-met');
    const other = { ...asked(five), payer: 'Organization/other' };
    expect(isCoachQualified(coachFacts({ qualifications: [waived] }), localDate('2024-06-30'), other).result).toBe(
      'not-met',
    );
  });

  test('the two-year limit is a date of change only where CR-4 is held', () => {
    const coach = coachFacts({ qualifications: [] });
    expect(qualificationDates(coach, asked(holding(['CR-4'])))).toContain('2022-06-02');
    expect(qualificationDates(coach, asked(holding([])))).not.toContain('2022-06-02');
  });
});

describe('CR-4 "within two years of being hired"', () => {
  const one = holding(['CR-4', 'CR-5'], alerts);
  const runway = (start: string, date: string) => credentialRunway(hired(start), localDate(date), asked(one));

  test.each([
    ['2024-11-22', 191 - 1, undefined],
    ['2024-12-02', 180, 180],
    ['2025-03-01', 91, 180],
    ['2025-03-02', 90, 90],
    ['2025-05-01', 30, 30],
    ['2025-05-31', 0, 30],
  ])('hired 31 May 2023: on %s %i days are left', (date, daysLeft, alert) => {
    const { figures, outcome } = runway('2023-05-31', date);
    expect(outcome.result).toBe('met');
    expect(figures).toMatchObject({ limit: '2025-05-31', daysLeft });
    expect(figures['alert']).toBe(alert);
  });

  test('the anniversary is the last day; after it no days are left and no alert is due', () => {
    const after = runway('2023-05-31', '2025-06-01');
    expect(after.outcome).toMatchObject({
      result: 'not-met',
      reasons: expect.arrayContaining(['CR-4 two-years-passed']),
    });
    expect(after.figures).toEqual({ certified: false, waived: false, limit: '2025-05-31' });
  });

  test('a hire on 29 February ends on 28 February', () => {
    expect(runway('2024-02-29', '2026-02-28')).toMatchObject({ outcome: { result: 'met' }, figures: { daysLeft: 0 } });
    expect(runway('2024-02-29', '2026-03-01').outcome.result).toBe('not-met');
  });

  test('a certified coach has no runway; a missing hire date or alert list is named', () => {
    const certified = credentialRunway(hired('2020-01-01', carc()), localDate('2025-01-01'), asked(one));
    expect(certified.figures).toEqual({ certified: true });
    const unknown = credentialRunway(
      coachFacts({ roles: [], qualifications: [] }),
      localDate('2025-01-01'),
      asked(holding(['CR-4'], alerts)),
    );
    expect(unknown.outcome).toMatchObject({ reasons: ['missing: hire date'] });
    const unset = credentialRunway(hired('2024-01-01'), localDate('2025-01-01'), asked(holding(['CR-4'])));
    expect(unset.outcome).toEqual({ result: 'indeterminate', reasons: ['missing-parameter: credentialAlertDays'] });
    expect(credentialRunway(hired('2024-01-01'), localDate('2025-01-01'), asked(holding([]))).outcome.result).toBe(
      'not-applicable',
    );
  });
});

describe('CR-6 "keep a record of each employed Peer Recovery Coach\u2019s certification details"', () => {
  const one = holding(['CR-6']);
  const coaches = [
    coachFacts({ practitioner: 'Practitioner/b', qualifications: [carc('2021-01-01', '2025-03-01'), ...working] }),
    coachFacts({ practitioner: 'Practitioner/a', qualifications: [] }),
    coachFacts({ practitioner: 'Practitioner/gone', roles: [] }),
  ];
  const roster = (date: string) => coachRoster(coaches, localDate(date), asked(one), '2025-04-01T12:00:00Z');

  test('tells number, issuer and period as they were on a past date, and the status after a lapse', () => {
    expect(roster('2025-03-01').rows).toMatchObject([
      {
        coach: 'Practitioner/a',
        number: undefined,
        issuer: undefined,
        start: undefined,
        end: undefined,
        status: 'none',
      },
      {
        coach: 'Practitioner/b',
        number: 'CARC-1',
        issuer: 'Organization/board',
        start: '2021-01-01',
        end: '2025-03-01',
        status: 'certified',
      },
    ]);
    expect(roster('2025-03-02')).toMatchObject({
      answer: { outcome: { result: 'met' }, figures: { coaches: 2, certified: 0, working: 1, none: 1 } },
      rows: [{}, { coach: 'Practitioner/b', number: undefined, status: 'working' }],
    });
  });

  test('tells role, first hire and B-5’s answer, for a payer with a waiver its own', () => {
    const both = holding(['CR-2', 'CR-4', 'CR-5', 'CR-6']);
    const waivers = [approvedWaiver(payer, '2024-01-01', '2024-06-30')];
    const roles = ['2023-01-01', '2021-03-01'].map((start, index) => ({
      reference: `PractitionerRole/${index}`,
      organization: employer,
      codes: index === 0 ? ['supervisor', 'recovery-coach'] : ['recovery-associate'],
      start,
      end: index === 0 ? undefined : '2022-01-01',
    }));
    const coach = coachFacts({ roles, qualifications: [qualification('academy', { waivers })] });
    const rows = (date: string) =>
      coachRoster([coach], localDate(date), { ...asked(both), payer: '' }, '2025-04-01T12:00:00Z').rows;
    expect(rows('2024-06-30')).toMatchObject([
      {
        roles: ['recovery-coach', 'supervisor'],
        hired: '2021-03-01',
        qualified: { result: 'not-met' },
        waivers: [{ payer, qualified: { result: 'met' } }],
      },
    ]);
    expect(rows('2024-07-01')).toMatchObject([{ waivers: [] }]);
  });

  test('a certification without its number makes the record incomplete', () => {
    const incomplete = coachFacts({ qualifications: [qualification('carc', { issuer: 'Organization/board' })] });
    expect(
      coachRoster([incomplete], localDate('2025-01-01'), asked(one), '2025-04-01T12:00:00Z').answer.outcome.result,
    ).toBe('indeterminate');
  });

  test('K\u2019s date in the ruleset\u2019s zone is the last that can be asked for', () => {
    const until = (date: string) => coachRoster(coaches, localDate(date), asked(one), '2025-04-02T02:00:00Z').answer;
    expect(until('2025-04-01').outcome.result).toBe('met');
    expect(until('2025-04-02').outcome).toMatchObject({ reasons: ['date-in-the-future'] });
  });
});

describe('CR-7 and CR-8', () => {
  const coach = coachFacts({ qualifications: [qualification('academy', { start: '2025-03-01' })] });
  const supervisor = coachFacts({
    practitioner: 'Practitioner/s',
    roles: [],
    supervisorRoles: coachFacts().roles,
    qualifications: [qualification('supervisor-course', { start: '2025-03-05' })],
  });
  const asks = (date: string, supervisors = [supervisor], one = holding(['CR-8'], trainings)) =>
    approvedTraining(coach, supervisors, localDate(date), one).outcome;

  test('the coach\u2019s and one active supervisor\u2019s approved training count from their completion', () => {
    expect([asks('2025-03-04').result, asks('2025-03-05').result]).toEqual(['not-met', 'met']);
    expect(asks('2025-03-05', [])).toEqual({ result: 'indeterminate', reasons: ['missing: supervisor'] });
    const left = {
      ...supervisor,
      roles: coachFacts().roles,
      supervisorRoles: coachFacts().roles.map((role) => ({ ...role, end: '2025-03-05' })),
    };
    expect(asks('2025-03-05', [left]).result).toBe('met');
    expect(asks('2025-03-06', [left])).toEqual({ result: 'not-met', reasons: ['CR-8 no-active-supervisor'] });
    expect(asks('2025-03-05', [supervisor], holding(['CR-8']))).toMatchObject({
      reasons: ['missing-parameter: approvedTrainings'],
    });
  });

  test('a coach who is a trained supervisor too is not her own', () => {
    const both = {
      ...coach,
      supervisorRoles: coachFacts().roles,
      qualifications: [...coach.qualifications, ...supervisor.qualifications],
    };
    const own = (supervisors: CoachFacts[]) =>
      approvedTraining(both, supervisors, localDate('2025-03-05'), holding(['CR-8'], trainings)).outcome;
    expect(own([both])).toEqual({ result: 'indeterminate', reasons: ['missing: supervisor'] });
    expect(own([both, supervisor]).result).toBe('met');
  });

  test('do not apply to a ruleset without them', () => {
    expect(asks('2025-03-05', [supervisor], mce).result).toBe('not-applicable');
    expect(diplomaOn(coach, localDate('2025-03-05'), mce).outcome.result).toBe('not-applicable');
    expect(diplomaOn(coach, localDate('2025-03-05'), holding(['CR-7'])).outcome).toMatchObject({
      result: 'indeterminate',
    });
  });
});
