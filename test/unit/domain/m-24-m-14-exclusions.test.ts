import { expect, test } from 'vitest';
import { noDetails, type Qualification } from '../../../src/domain/facts/facts.ts';
import type { PeerRole } from '../../../src/domain/facts/michigan-episode.ts';
import { m13Performers } from '../../../src/domain/m-13-recovery.ts';
import { m14Trained } from '../../../src/domain/m-14-training.ts';
import { m24Exclusions } from '../../../src/domain/m-24-exclusions.ts';
import { met, notMet } from '../../../src/domain/outcome.ts';
import { coach, coachFacts, qualification } from '../../support/facts.ts';
import { as, michigan, service, withoutRules } from '../../support/michigan.ts';
import { parameter } from '../../support/questions.ts';

test.each([
  [[], 'met', {}],
  [['recovery-jeopardy'], 'met', { flag: 'recovery-jeopardy' }],
  [['clinical'], 'not-met', {}],
  [['clinical', 'recovery-jeopardy'], 'not-met', { flag: 'recovery-jeopardy' }],
] as const)('M-24: tags %j are %s', (tags, result, figures) => {
  const told = m24Exclusions(michigan(), service({ tags }));
  expect(told.outcome.result).toBe(result);
  expect(told.figures).toEqual(figures);
});

test('M-24: a blocked charge says why, and without the rule it does not apply', () => {
  expect(m24Exclusions(michigan(), service({ tags: ['clinical'] })).outcome).toMatchObject({
    reasons: ['clinical-service'],
  });
  expect(m24Exclusions(withoutRules(), service()).outcome.result).toBe('not-applicable');
});

test('M-24: ongoing transportation is no recovery support service; a temporary drive, or an untold one, is not refused here', () => {
  const drive = (temporary: boolean | undefined) => {
    const details = { ...noDetails, fidelityTags: [{ tag: 'transport', temporary }] };
    return m24Exclusions(michigan(), service({}, { details })).outcome;
  };
  expect(drive(false)).toEqual(notMet('ongoing-transportation'));
  expect(drive(true)).toEqual(met);
  expect(drive(undefined)).toEqual(met);
});

const trainedBy = (role: PeerRole, ...qualifications: ReturnType<typeof qualification>[]) =>
  m14Trained(michigan(), service(), as(role), new Map([[coach, coachFacts({ qualifications })]])).outcome;
const trained = (role: PeerRole, code: string, start: string | undefined) =>
  trainedBy(role, qualification(code, { start, ...(role === 'coach' ? { hours: 40 } : {}) }));

test.each([
  ['coach', 'ccar-training', '2025-03-05', 'met'],
  ['coach', 'ccar-training', '2025-03-06', 'not-met'],
  ['coach', 'ccar-training', undefined, 'indeterminate'],
  ['coach', 'associate-training', '2020-01-01', 'indeterminate'],
  ['associate', 'associate-training', '2025-03-05', 'met'],
  ['associate', 'associate-training', '2025-03-06', 'not-met'],
  ['associate', 'ccar-training', '2020-01-01', 'met'],
  ['associate', 'ethics', '2020-01-01', 'indeterminate'],
] as const)('M-14: a %s with %s from %s is %s on 5 March', (role, code, start, result) => {
  expect(trained(role, code, start).result).toBe(result);
});

test('M-14: nobody, nobody in a role and no facts about the coach leave it open', () => {
  const coaches = new Map([[coach, coachFacts()]]);
  const reasons = (told: ReturnType<typeof m14Trained>) => ('reasons' in told.outcome ? told.outcome.reasons : []);
  expect(reasons(m14Trained(michigan(), service({ performers: [] }), as('coach'), coaches))).toEqual([
    'missing: performer',
  ]);
  expect(reasons(m14Trained(michigan(), service(), [], coaches))).toEqual(['missing: role of the performer']);
  expect(reasons(m14Trained(michigan(), service(), as('coach'), new Map()))).toEqual(['missing: ccar-training']);
  expect(reasons(m14Trained(michigan(), service({ start: undefined }), as('coach'), coaches))).toEqual([
    'missing: date of service',
  ]);
  expect(m14Trained(withoutRules(), service(), as('coach'), coaches).outcome.result).toBe('not-applicable');
});

test('M-14: of two performers one who is trained is enough', () => {
  const other = 'Practitioner/other';
  const roles = [...as('coach'), ...as('coach', { reference: 'PractitionerRole/2', practitioner: other })];
  const coaches = new Map([
    [other, coachFacts({ qualifications: [qualification('ccar-training', { start: '2024', hours: 40 })] })],
  ]);
  expect(m14Trained(michigan(), service({ performers: [coach, other] }), roles, coaches).outcome).toEqual({
    result: 'met',
  });
});

test('M-14: where M-13 gates, the performer who is trained is one who is long enough in recovery', () => {
  const other = 'Practitioner/other';
  const roles = [...as('coach'), ...as('coach', { reference: 'PractitionerRole/2', practitioner: other })];
  const ccar = qualification('ccar-training', { start: '2024-01-01', hours: 40 });
  const short = qualification('ccar-training', { start: '2024-01-01', hours: 39 });
  const attested = (asOf: string) => qualification('recovery-attestation', { attestedAsOf: asOf });
  const ask = (first: Qualification[], second: Qualification[]) => {
    const coaches = new Map([
      [coach, coachFacts({ qualifications: first })],
      [other, coachFacts({ qualifications: second })],
    ]);
    const both = service({ performers: [coach, other] });
    return [m13Performers, m14Trained].map((rule) => rule(michigan(), both, roles, coaches).outcome);
  };
  const met = { result: 'met' };
  expect(ask([attested('2024-01-01'), ccar], [])).toEqual([met, met]);
  expect(ask([attested('2024-01-01'), short], [attested('2025-03-06'), ccar])).toEqual([
    met,
    { result: 'not-met', reasons: ['training-hours-short'] },
  ]);
  expect(ask([attested('2024-01-01'), short], [ccar])).toEqual([
    met,
    { result: 'indeterminate', reasons: ['missing: recovery-attestation'] },
  ]);
  expect(ask([attested('2025-03-06'), ccar], [ccar])).toEqual([
    { result: 'indeterminate', reasons: ['missing: recovery-attestation'] },
    met,
  ]);
});

const part = (start: string, hours: number | undefined) => qualification('ccar-training', { start, hours });

test.each([
  ['40 hours', [part('2024-01-01', 40)], 'met', undefined],
  ['39 hours', [part('2024-01-01', 39)], 'not-met', 'training-hours-short'],
  ['39.5 hours', [part('2024-01-01', 39.5)], 'not-met', 'training-hours-short'],
  ['two parts of 20 hours', [part('2024-01-01', 20), part('2025-03-05', 20)], 'met', undefined],
  [
    'a second part on the day after',
    [part('2024-01-01', 20), part('2025-03-06', 20)],
    'not-met',
    'training-hours-short',
  ],
  ['one course entered twice', [part('2024-01-01', 20), part('2024-01-01', 20)], 'not-met', 'training-hours-short'],
  ['hours that nobody told', [part('2024-01-01', undefined)], 'indeterminate', 'missing: hours of ccar-training'],
  [
    '39 hours and some that nobody told',
    [part('2024-01-01', 39), part('2024-02-01', undefined)],
    'indeterminate',
    'missing: hours of ccar-training',
  ],
  ['40 hours and some that nobody told', [part('2024-01-01', 40), part('2024-02-01', undefined)], 'met', undefined],
] as const)('M-14: a coach with %s is %3$s', (_what, parts, result, reason) => {
  const outcome = trainedBy('coach', ...parts);
  expect(outcome.result).toBe(result);
  expect('reasons' in outcome ? outcome.reasons[0] : undefined).toBe(reason);
});

test('M-14: the number is the ruleset’s: another one, none at all, and none for an associate', () => {
  const question = michigan();
  const { trainingHours, ...without } = question.ruleset.parameters;
  const coaches = new Map([[coach, coachFacts({ qualifications: [part('2024-01-01', 39)] })]]);
  const ask = (role: PeerRole, parameters: typeof question.ruleset.parameters) =>
    m14Trained({ ...question, ruleset: { ...question.ruleset, parameters } }, service(), as(role), coaches).outcome;
  expect(trainingHours?.value).toBe(40);
  expect(ask('coach', { ...without, trainingHours: parameter(39) }).result).toBe('met');
  expect(ask('coach', without)).toMatchObject({ reasons: ['missing-parameter: trainingHours'] });
  expect(ask('associate', without).result).toBe('met');
});
